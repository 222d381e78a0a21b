"""An Azure Firewall on the nodes' way does not let requests for the registry through.

What is read
    The routes of every node pool's subnet, the Azure Firewall behind an appliance route, its policy with all parents
    (or its classic rules), the IP groups that rules name, what the nodes resolve the registry's names to, and the
    regions of a Premium registry's replicas.

Why pulls fail
    A firewall denies what no rule allows. A pull needs the login server and, for layers, the registry's data
    endpoints or Azure Storage, all on HTTPS 443. The FQDN tag AzureKubernetesService covers mcr.microsoft.com, not
    your registry. What application rules deny is cut off in the TLS handshake: `EOF`, `connection reset by peer`,
    `TLS handshake timeout`; other packets are dropped: `i/o timeout`. Network rules come before all application
    rules, and a parent policy's rules before its child's.

What to do
    Add an application rule for the names (Https:443), or for a private endpoint a network rule for its addresses,
    in the firewall's policy. An appliance that is no Azure Firewall cannot be read: its owner must allow the same. A
    route to a virtual network gateway leads out of Azure: ask those who run the networks behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from aksacr.check import Check, Fix, Gap, Status, Verdict, across_pools, not_applicable, passed, unknown
from aksacr.facts import ResourceId, Unseen, same
from aksacr.semantics.azure_firewall import rule_sources
from aksacr.semantics.crossings import Crossing, crossings, passages, route_words
from aksacr.semantics.pools import subnet_of

from ._firewall import admit, ask, overrule, policy_or_rules, to_allow, where
from ._wording import (
    ENDPOINTS_READ,
    FIREWALL_READ,
    NAMES_READ,
    REGISTRY_READ,
    REPLICAS_READ,
    for_each_pool,
    listed,
    seen,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import AzureFirewall, Facts, NodePool, Subnet
    from aksacr.semantics.azure_firewall import Passage
    from aksacr.semantics.firewall_matching import Doubt, Target


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    subnet = subnet_of(facts, pool)
    found = crossings(facts, pool)
    if not found:
        return not_applicable(
            f"Node pool {pool.name}: no route of subnet {subnet.name} takes its pulls through an appliance."
        )
    by_firewall: dict[str, list[Crossing]] = {}
    for crossing in found:
        by_firewall.setdefault(crossing.appliance.route.next_hop_address, []).append(crossing)
    verdicts = [_through(facts, pool, subnet, several) for several in by_firewall.values()]
    return across_pools([(pool.name, verdict) for verdict in verdicts])


def _through(facts: Facts, pool: NodePool, subnet: Subnet, found: list[Crossing]) -> Verdict:
    firewall = found[0].appliance.firewall
    if firewall is None:
        return _no_firewall(pool, subnet, found)
    judged = passages(facts, pool, found)
    denied = [passage for item, passage in judged if passage.verdict == "denied" and item.certain]
    if denied:
        return _denied(facts, pool, subnet, found, denied)
    open_ends = [(item, passage) for item, passage in judged if passage.verdict != "allowed"]
    if open_ends:
        return _open(pool, subnet, firewall, open_ends)
    return _allowed(pool, found, firewall, [passage for _, passage in judged])


def _no_firewall(pool: NodePool, subnet: Subnet, found: list[Crossing]) -> Verdict:
    appliance = found[0].appliance
    targets = [item.target for item in found]
    if appliance.is_gateway:
        return _out_of_azure(pool, subnet, found, targets)
    gap = None if appliance.gap is None else Gap.of(appliance.gap)
    why = f"Azure Firewalls there: {gap.reason}" if gap else "it is no Azure Firewall that was found"
    return unknown(
        f"Node pool {pool.name}: {route_words(appliance.route)} of subnet {subnet.name} takes its pulls through an "
        f"appliance whose rules are not seen ({why}). It must allow {to_allow(subnet, targets)}.",
        *((gap,) if gap else ()),
        evidence=_route_evidence(subnet, found),
        fixes=(ask(subnet, appliance.hop, targets),),
    )


def _out_of_azure(pool: NodePool, subnet: Subnet, found: list[Crossing], targets: list[Target]) -> Verdict:
    route = route_words(found[0].appliance.route)
    return unknown(
        f"Node pool {pool.name}: {route} of subnet {subnet.name} takes its pulls out of Azure, by the virtual "
        "network gateway (VPN or ExpressRoute) to the networks behind it. Azure does not show "
        f"what these let through. They must allow {to_allow(subnet, targets)}.",
        evidence=_route_evidence(subnet, found),
        fixes=(ask(subnet, "the network behind the virtual network gateway (on-premises)", targets),),
    )


def _allowed(pool: NodePool, found: list[Crossing], firewall: AzureFirewall, passages: list[Passage]) -> Verdict:
    names = listed(where(item.target) for item in found)
    rules = listed(dict.fromkeys(passage.by.words for passage in passages if passage.by))
    return passed(
        f"Node pool {pool.name}: Azure Firewall {firewall.name} lets it reach {names} ({rules}).",
        *(_rule_evidence(firewall, passage) for passage in passages),
    )


def _open(pool: NodePool, subnet: Subnet, firewall: AzureFirewall, found: list[tuple[Crossing, Passage]]) -> Verdict:
    doubts = list(dict.fromkeys(each for _, passage in found for each in passage.doubts))
    gaps = [Gap.of(each) for each in doubts if isinstance(each, Unseen)]
    words = [each.reason if isinstance(each, Unseen) else each for each in doubts if not _is_hidden(each)]
    if any(passage.verdict == "denied" for _, passage in found):
        words.append("what the nodes' own DNS servers answer: the firewall denies the public address")
    targets = [item.target for item, _ in found]
    hidden = [f"{_named(each)} could not be read ({each.reason})" for each in doubts if _is_hidden(each)]
    reasons = "; ".join([*hidden, *words])
    return unknown(
        f"Node pool {pool.name}: whether Azure Firewall {firewall.name} lets it reach "
        f"{listed(where(target) for target in targets)} cannot be told: {reasons}. It must allow "
        f"{to_allow(subnet, targets)}.",
        *gaps,
        evidence=_route_evidence(subnet, [item for item, _ in found]),
    )


def _is_hidden(doubt: Doubt) -> TypeGuard[Unseen]:
    """Whether a permission is wanting; else the reason speaks for itself."""
    return isinstance(doubt, Unseen) and bool(doubt.action)


def _named(gap: Unseen) -> str:
    source = ResourceId(gap.source)
    return f"the rules of {source.segments[-2]}" if same(source.name, "ruleCollectionGroups") else source.name


def _denied(facts: Facts, pool: NodePool, subnet: Subnet, found: list[Crossing], denied: list[Passage]) -> Verdict:
    appliance = found[0].appliance
    firewall = appliance.firewall
    targets = [passage.target for passage in denied]
    names = listed(where(target) for target in targets)
    login = any(same(target.name, facts.registry.login_server) for target in targets)
    then = "Pulls are cut off or time out." if login else "Manifests are read and every layer fails."
    why = listed(dict.fromkeys(_why(facts, firewall, passage) for passage in denied))
    return Verdict(
        Status.FAIL,
        f"Azure Firewall {firewall.name if firewall else ''} does not let node pool {pool.name} "
        f"({listed(subnet.prefixes)}) reach {names}: {why}. It is on the way by {route_words(appliance.route)} of "
        f"subnet {subnet.name}. {then}",
        evidence=(
            *_route_evidence(subnet, found),
            *(_rule_evidence(firewall, passage) for passage in denied if firewall),
        ),
        fixes=_fixes(facts, firewall, subnet, denied),
    )


def _why(facts: Facts, firewall: AzureFirewall | None, passage: Passage) -> str:
    if passage.by is not None:
        return f"{passage.by.words} denies it"
    if firewall is None:
        return ""
    policies = [source.name for source in rule_sources(firewall, facts.firewall_policies) if source.policy_id]
    return f"no rule of policy {' or '.join(reversed(policies))} allows it" if policies else "no rule of it allows that"


def _fixes(facts: Facts, firewall: AzureFirewall | None, subnet: Subnet, denied: list[Passage]) -> tuple[Fix, ...]:
    by_rule = {passage.by.words: passage.by for passage in denied if passage.by is not None}
    fixes = [
        overrule(decision, subnet, [item.target for item in denied if item.by is not None and item.by.words == words])
        for words, decision in by_rule.items()
    ]
    unmatched = [passage.target for passage in denied if passage.by is None]
    if firewall is not None and unmatched:
        fixes += admit(facts, firewall, subnet, unmatched)
    return tuple(fixes)


def _route_evidence(subnet: Subnet, found: list[Crossing]) -> tuple[Evidence, ...]:
    route = found[0].appliance.route
    value = f"{route.prefix} to {route.next_hop_type} {route.next_hop_address}".strip()
    return (seen(subnet.route_table_id or subnet.id, f"properties.routes[{route.name}]", value),)


def _rule_evidence(firewall: AzureFirewall, passage: Passage) -> Evidence:
    decision = passage.by
    if decision is None:
        return seen(policy_or_rules(firewall), f"rules for {where(passage.target)}, TCP 443", "none")
    path = f"{decision.collection.group_name}/{decision.collection.name}/{decision.rule.name}".lstrip("/")
    return seen(decision.source.policy_id or firewall.id, f"ruleCollections[{path}].action", decision.collection.action)


CHECK = Check(
    code="AKA343",
    name="firewall-rules-missing",
    title="The Azure Firewall on the way admits the registry",
    explains=("timeout-public-ip", "timeout-private-ip", "tls-handshake-timeout", "connection-eof"),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        REGISTRY_READ,
        REPLICAS_READ,
        *NAMES_READ,
        *ENDPOINTS_READ,
        "Microsoft.Network/routeTables/read",
        *FIREWALL_READ,
    ),
    docs=(
        "https://learn.microsoft.com/azure/firewall/rule-processing",
        "https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules",
    ),
)
