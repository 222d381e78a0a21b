"""The registry's rules leave out an address that nodes leave from.

What is read
    The registry's `publicNetworkAccess`, `networkRuleSet` and, with an older API version that still returns them,
    its subnet rules; for every node pool all the addresses it leaves from: the load balancer's (managed, own, or
    whole prefixes), the NAT gateway's of its subnet, or the public IP prefix of its nodes. An address that a pull
    error quotes (`client with IP`) replaces what Azure shows: it is what the registry saw.

Why pulls fail
    With `defaultAction` Deny the registry answers 403 to every address outside `ipRules`: `failed to fetch
    anonymous token: ... 403 Forbidden`, or `client with IP '...' is not allowed access`. Where a cluster leaves
    from several addresses and only some are allowed, pulls fail now and then, or in one pool only. Addresses of
    Services and ingress are not egress addresses, and the operator's own address does not matter.

What to do
    Add every missing address or prefix to the registry's rules, or use a private endpoint. Rules need the Premium
    tier and take a few minutes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import UnseenError, same
from aksacr.semantics.admission import (
    admits_everyone,
    allowed_ranges,
    has_service_endpoint,
    is_closed,
    outside,
)
from aksacr.semantics.egress import Egress, egress
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of
from aksacr.semantics.quoted_clients import is_quoted, quoted_for

from ._wording import EGRESS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, seen, subscription_words

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.name_resolution import Resolution


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    if is_closed(registry):
        return not_applicable(f"Public network access of {registry.name} is Disabled: its IP rules are not applied.")
    if admits_everyone(registry):
        why = "default action Allow"
        if not same(registry.default_action, "Allow"):
            why = f"its tier is {registry.sku}, and only Premium has rules"
        return passed(
            f"{registry.name} admits every public address ({why}).",
            seen(registry.id, "properties.networkRuleSet.defaultAction", registry.default_action),
        )
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private":
        return not_applicable(
            f"Node pool {pool.name} reaches the registry by its private endpoint, where IP rules do not apply."
        )
    if resolution.leads_nowhere:
        return not_applicable(
            f"Node pool {pool.name} does not resolve {resolution.name}; its requests never reach the rules."
        )
    if has_service_endpoint(facts, pool):
        return not_applicable(
            f"Node pool {pool.name}: its subnet has a service endpoint, and is judged by it; see AKA204."
        )
    quoted = quoted_for(facts, pool)
    if outside(facts.registry, quoted):
        return _refused_as_quoted(facts, pool, outside(facts.registry, quoted))
    found = egress(facts, pool)
    if found.kind == "none":
        return not_applicable(f"Node pool {pool.name} has no way out to the public registry ({found.reason}).")
    if found.kind == "unknowable" and quoted:
        return passed(
            f"The error quotes {listed(_text(item) for item in quoted)} as the address that {facts.registry.name} saw, "
            "and its rules admit that now: a change of the rules takes a few minutes.",
            _quoted(facts),
            _rules(facts),
        )
    if found.kind == "unknowable":
        return not_applicable(
            f"Node pool {pool.name}: Azure does not show the address it leaves from ({found.reason}); see AKA203."
        )
    missing = outside(facts.registry, found.ipv4)
    if missing and resolution.kind == "unknowable" and not is_quoted(facts, missing):
        return _hangs_on_names(facts, pool, found, missing, resolution)
    return _refused(facts, pool, found, missing) if missing else _admitted(facts, pool, found)


def _hangs_on_names(
    facts: Facts, pool: NodePool, found: Egress, missing: list[IPv4Network], resolution: Resolution
) -> Verdict:
    return unknown(
        f"Node pool {pool.name} leaves from {listed(_text(item) for item in missing)} ({found.through}), which the "
        f"rules of {facts.registry.name} do not admit. Whether its requests go there at all is up to DNS server "
        f"{listed(resolution.servers)}: where it answers with a private endpoint's address, the rules do not matter.",
        evidence=(*_addresses(found), _rules(facts)),
    )


def _admitted(facts: Facts, pool: NodePool, found: Egress) -> Verdict:
    addresses = listed(_text(item) for item in found.ipv4)
    return passed(
        f"Node pool {pool.name} leaves from {addresses} ({found.through}), which the rules of {facts.registry.name} "
        "admit.",
        *_addresses(found),
        _rules(facts),
    )


def _refused(facts: Facts, pool: NodePool, found: Egress, missing: list[IPv4Network]) -> Verdict:
    registry = facts.registry
    names = listed(_text(item) for item in missing)
    allowed = allowed_ranges(facts.registry)
    some = len(found.ipv4) > len(missing) or any(rule.overlaps(item) for rule in allowed for item in missing)
    whole = (
        f"one of {len(found.ipv4)} addresses" if len(missing) == 1 else f"{len(missing)} of {len(found.ipv4)} addresses"
    )
    by = f"{found.through}, {whole}" if some and len(found.ipv4) > 1 else found.through
    often = "now and then" if some else "always"
    others = _strangers(facts, found)
    rest = f" The rules name {listed(others, 3)}, from which no node of this pool leaves." if others else ""
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} leaves from {names} ({by}), which {registry.name} does not admit: its default action "
        f"is Deny and no IP rule covers {'it' if len(missing) == 1 else 'them'}. Pulls are {often} refused with "
        f"403.{rest}",
        evidence=(
            *_addresses(found),
            _rules(facts),
            seen(registry.id, "properties.networkRuleSet.defaultAction", registry.default_action),
        ),
        fixes=(_allow(facts, missing),),
    )


def _refused_as_quoted(facts: Facts, pool: NodePool, refused: list[IPv4Network]) -> Verdict:
    names = listed(_text(item) for item in refused)
    shown = _missing_as_shown(facts, pool)
    too = f" Of those that Azure shows, {listed(_text(item) for item in shown)} would be refused, too." if shown else ""
    return Verdict(
        Status.FAIL,
        f"{facts.registry.name} saw the client address {names}, as its refusal quotes it, and its rules do not admit "
        f"{'it' if len(refused) == 1 else 'them'}. If the error is this cluster's, node pool {pool.name} leaves from "
        f"an address that Azure does not show.{too}",
        evidence=(_quoted(facts), _rules(facts)),
        fixes=(
            replace(
                _allow(facts, [*refused, *shown]),
                caveat=f"Make sure first that {names} is yours (a firewall, proxy or NAT of this cluster), and that "
                "the error came from this cluster: the rule opens the registry to it.",
            ),
        ),
    )


def _missing_as_shown(facts: Facts, pool: NodePool) -> list[IPv4Network]:
    try:
        return outside(facts.registry, egress(facts, pool).ipv4)
    except UnseenError:
        return []


def _quoted(facts: Facts) -> Evidence:
    return seen("the pull error", "client with IP", list(facts.quoted_clients))


def _strangers(facts: Facts, found: Egress) -> list[str]:
    return [
        _text(rule) for rule in allowed_ranges(facts.registry) if not any(rule.overlaps(item) for item in found.ipv4)
    ]


def _allow(facts: Facts, missing: list[IPv4Network]) -> Fix:
    registry = facts.registry
    where = ("-g", registry.id.resource_group, "-n", registry.name, *subscription_words(facts, registry.id))
    return Fix(
        f"Admit {listed(_text(item) for item in missing)} at {registry.name}",
        tuple(az("acr", "network-rule", "add", *where, "--ip-address", _text(item)) for item in missing),
        caveat="Takes a few minutes. The address must stay the cluster's: prefer addresses or prefixes of your own.",
        needs=f"Contributor on {registry.name}",
    )


def _rules(facts: Facts) -> Evidence:
    return seen(facts.registry.id, "properties.networkRuleSet.ipRules", list(facts.registry.ip_rules))


def _addresses(found: Egress) -> list[Evidence]:
    return [
        seen(
            item.id,
            "properties.ipPrefix" if item.range.num_addresses > 1 else "properties.ipAddress",
            _text(item.range),
        )
        for item in found.addresses
        if item.range is not None
    ]


def _text(item: IPv4Network | IPv6Network) -> str:
    return str(item.network_address) if item.num_addresses == 1 else str(item)


if TYPE_CHECKING:
    from ipaddress import IPv6Network

CHECK = Check(
    code="AKA201",
    name="egress-address-not-allowed",
    title="The registry's rules admit every address the nodes leave from",
    explains=("forbidden-403", "forbidden-firewall"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*EGRESS_READ, *NAMES_READ))),
    docs=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks",
        "https://learn.microsoft.com/azure/aks/egress-outboundtype",
    ),
)
