"""DNS servers that nodes cannot ask, or that answer nothing or differently: words, evidence and fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Fix, Status, Verdict, az, unknown
from aksacr.facts import UnseenError, look
from aksacr.semantics.dns_rules import DNS_PORT, DNS_TAG, Asking, asking
from aksacr.semantics.dns_servers import AZURE_DNS, NameServer, name_servers
from aksacr.semantics.dns_ways import lost_servers

from ._firewall import EXTENSION
from ._lost_servers import lost_evidence, lost_fixes, lost_words
from ._security_groups import (
    Door,
    allow_fix,
    denial_words,
    doubt_words,
    of_all_pools,
    remove_fix,
    rule_evidence,
    rule_words,
)
from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aksacr.check import Evidence
    from aksacr.facts import AzureFirewall, Facts, NodePool, VirtualNetwork
    from aksacr.semantics.dns_ways import LostServer
    from aksacr.semantics.name_resolution import Resolution
    from aksacr.semantics.security_rules import Decision

TIMEOUT = ("dns-timeout",)
_DNS = Door(DNS_PORT, "*", "AllowDns")


def unheard(facts: Facts, pool: NodePool, vnet: VirtualNetwork) -> Verdict | None:
    """The verdict where the nodes of a pool get no answer from their DNS servers, or from some; None where from all.

    Raises `UnseenError` where what was not seen may keep them from it, and what was seen does not.
    """
    rules: tuple[Asking, ...] = ()
    followed: tuple[NameServer, ...] = ()
    unreached: tuple[LostServer, ...] = ()
    gap: UnseenError | None = None
    try:
        rules = asking(facts, pool)
    except UnseenError as error:
        gap = error
    try:
        followed = name_servers(facts, vnet)
    except UnseenError as error:
        gap = gap or error
    try:
        unreached = lost_servers(facts, pool)
    except UnseenError as error:
        gap = gap or error
    cut_off = [item for item in rules if item.is_cut_off]
    silent = _silent(followed)
    servers = vnet.dns_servers or (AZURE_DNS,)
    lost = {item.server for item in cut_off} | {item.address for item in silent} | {item.server for item in unreached}
    if lost.issuperset(servers):
        return _unanswered(facts, pool, vnet, cut_off, silent, unreached)
    if gap is not None:
        raise gap
    doubtful = [item for item in rules if item.of_kind("open") and not item.is_cut_off]
    if doubtful:
        return _open(pool, doubtful[0])
    halved = [item for item in rules if item.denied]
    return _partly(facts, pool, vnet, halved, silent, unreached) if halved or silent or unreached else None


def _silent(followed: Sequence[NameServer]) -> list[NameServer]:
    """The servers at which nothing answers: a firewall that asks several answers while one of them does."""
    answering = {item.address for item in followed if item.answers}
    return [item for item in followed if item.address not in answering]


def _unanswered(
    facts: Facts,
    pool: NodePool,
    vnet: VirtualNetwork,
    cut_off: list[Asking],
    silent: list[NameServer],
    unreached: tuple[LostServer, ...],
) -> Verdict:
    login = facts.registry.login_server
    server = (vnet.dns_servers or (AZURE_DNS,))[0]
    why = _why(facts, pool, vnet, cut_off, silent, unreached)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: {why}. Its nodes resolve no name, and pulls fail with `lookup "
        f"{login} on {server}:{DNS_PORT}: i/o timeout`.",
        evidence=(_servers(vnet), *_evidence(facts, cut_off, silent), *_lost_evidence(facts, pool, unreached)),
        fixes=tuple(dict.fromkeys([*_fixes(facts, pool, cut_off, silent), *_lost_fixes(facts, pool, unreached)])),
        explains=TIMEOUT,
    )


def _partly(
    facts: Facts,
    pool: NodePool,
    vnet: VirtualNetwork,
    halved: list[Asking],
    silent: list[NameServer],
    unreached: tuple[LostServer, ...],
) -> Verdict:
    why = _why(facts, pool, vnet, halved, silent, unreached)
    return Verdict(
        Status.WARN,
        f"Node pool {pool.name}: {why}. Names are resolved in another way, by another server or "
        "protocol, after a wait: now and then a pull times out.",
        evidence=(_servers(vnet), *_evidence(facts, halved, silent), *_lost_evidence(facts, pool, unreached)),
        fixes=tuple(dict.fromkeys([*_fixes(facts, pool, halved, silent), *_lost_fixes(facts, pool, unreached)])),
        explains=TIMEOUT,
    )


def _why(
    facts: Facts,
    pool: NodePool,
    vnet: VirtualNetwork,
    denied: list[Asking],
    silent: list[NameServer],
    unreached: tuple[LostServer, ...],
) -> str:
    words = [
        f"{denial_words(item.of_kind('deny'), _what(item))} to {_named(item.server)}, which {vnet.name} asks for names"
        for item in denied
    ]
    words += [
        f"{vnet.name} asks {item.words} for names, and {_whose(item)} DNS proxy is off: nothing answers there"
        for item in silent
    ]
    words += [lost_words(facts, pool, vnet, item) for item in unreached]
    return "; ".join(words)


def _lost_evidence(facts: Facts, pool: NodePool, unreached: tuple[LostServer, ...]) -> list[Evidence]:
    return [each for item in unreached for each in lost_evidence(facts, pool, item)]


def _lost_fixes(facts: Facts, pool: NodePool, unreached: tuple[LostServer, ...]) -> list[Fix]:
    return [each for item in unreached for each in lost_fixes(facts, pool, item)]


def _whose(item: NameServer) -> str:
    by_another = item.silent_at is not None and item.silent_at is not item.firewall
    return f"Azure Firewall {item.silent_at.name}'s" if by_another and item.silent_at else "its"


def _what(item: Asking) -> str:
    return f"{' and '.join(protocol.upper() for protocol in item.denied)} {DNS_PORT}"


def _named(server: str) -> str:
    return f"Azure DNS ({server})" if server == AZURE_DNS else f"DNS server {server}"


def _servers(vnet: VirtualNetwork) -> Evidence:
    return seen(vnet.id, "properties.dhcpOptions.dnsServers", list(vnet.dns_servers))


def _evidence(facts: Facts, denied: list[Asking], silent: list[NameServer]) -> list[Evidence]:
    rules = [rule_evidence(decision) for item in denied for decision in item.of_kind("deny")]
    firewalls = [item.silent_at for item in silent if item.silent_at is not None]
    return [*rules, *(_proxy_off(facts, firewall) for firewall in firewalls)]


def _proxy_off(facts: Facts, firewall: AzureFirewall) -> Evidence:
    if firewall.policy_id is None:
        return seen(firewall.id, "properties.additionalProperties.Network.DNS.EnableProxy", firewall.dns.proxy)
    policy = look(facts.policy_heads, firewall.policy_id).value
    return seen(firewall.policy_id, "properties.dnsSettings.enableProxy", policy.dns.proxy if policy else None)


def _fixes(facts: Facts, pool: NodePool, denied: list[Asking], silent: list[NameServer]) -> tuple[Fix, ...]:
    by_rule: dict[tuple[object, ...], tuple[Decision, list[str]]] = {}
    for item in denied:
        for decision in item.of_kind("deny"):
            key = (decision.group.id, decision.rule.name.lower(), _family(item.server))
            by_rule.setdefault(key, (decision, []))[1].append(item.server)
    rules = [fix for decision, servers in by_rule.values() for fix in _admit(facts, pool, decision, servers)]
    proxies = [_turn_on(facts, item.silent_at) for item in silent if item.silent_at is not None]
    return tuple(dict.fromkeys([*rules, *proxies]))


def _family(server: str) -> str:
    return ":" if ":" in server else "."


def _admit(facts: Facts, pool: NodePool, decision: Decision, servers: list[str]) -> tuple[Fix, ...]:
    own = tuple(server for server in servers if server != AZURE_DNS)
    targets = [*([own] if own else []), *([(DNS_TAG,)] if AZURE_DNS in servers else [])]
    met = of_all_pools(facts, pool, decision, lambda other: _met(facts, other, servers), _family(servers[0]))
    names = [_named(server) for server in servers]
    return (*remove_fix(facts, decision), allow_fix(facts, *met, names, targets, _DNS))


def _met(facts: Facts, pool: NodePool, servers: list[str]) -> list[Decision]:
    """The rules that keep a pool from the same DNS servers."""
    return [each for item in asking(facts, pool) if item.server in servers for each in item.of_kind("deny")]


def _turn_on(facts: Facts, firewall: AzureFirewall) -> Fix:
    holder = firewall.policy_id or firewall.id
    command = ("network", "firewall", "policy", "update") if firewall.policy_id else ("network", "firewall", "update")
    where = ("-g", holder.resource_group, "-n", holder.name, *subscription_words(facts, holder))
    every = f" It holds for every firewall of policy {holder.name}." if firewall.policy_id else ""
    return Fix(
        f"Turn the DNS proxy of Azure Firewall {firewall.name} on",
        (az(*command, *where, "--enable-dns-proxy", "true"),),
        caveat=f"{EXTENSION}{every} The registry's private zone must be linked to the firewall's network.",
        needs=f"Network Contributor on {holder.name}",
    )


def _open(pool: NodePool, item: Asking) -> Verdict:
    decision = item.of_kind("open")[0]
    return unknown(
        f"Node pool {pool.name}: {rule_words(decision)} bears on port {DNS_PORT} of {_named(item.server)} "
        f"{doubt_words(decision)}. Azure does not show whether that holds for every node: look at the effective "
        "security rules of a node, or allow it by a rule before.",
        evidence=(rule_evidence(decision),),
    )


def differing_words(vnet: VirtualNetwork, found: Resolution) -> str:
    """What the DNS servers of a network answer, where they differ: each by the network that it sits in."""
    answers = [
        f"{listed(each.servers)} in {each.answered_for.name} answers {_answer(each)}" for each in found.differing
    ]
    return f"the DNS servers of {vnet.name} differ on {found.name}: {listed(answers)}"


def _answer(item: Resolution) -> str:
    return {"private": listed(item.addresses), "public": "its public address"}.get(item.kind, "`no such host`")
