"""Another linked zone answers before the registry's private zone.

What is read
    Every private DNS zone linked to the nodes' virtual network whose name ends in the registry suffix, with its
    records.

Why pulls fail
    Azure DNS answers from the linked zone with the longest matching name. A zone `azurecr.io` that somebody made
    hides the whole public zone; a zone `<region>.data.privatelink.azurecr.io`, or one named after the registry,
    hides the records of the right zone. What such a zone lacks does not exist for the nodes: `no such host`.

What to do
    Unlink the zone that shadows, once its records are in the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, not_applicable, passed
from aksacr.facts import UnseenError, same
from aksacr.semantics.endpoints import connection_of_address
from aksacr.semantics.name_resolution import Resolution, links_to, registry_names, resolve, unseen_zones
from aksacr.semantics.pools import network_of

from ._wording import ENDPOINTS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, seen

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    login = resolve(facts, vnet)
    if login.kind in {"unknowable", "unanswered"}:
        return not_applicable(f"Node pool {pool.name}: custom DNS servers answer for {vnet.name}; see AKA305.")
    links, _ = links_to(facts, login.answered_for)
    others = [zone for zone, _ in links if not same(zone.name, facts.cloud.private_link_zone)]
    names = registry_names(facts) if login.kind == "private" and others else (login.name,)
    found = [login, *(resolve(facts, vnet, name) for name in names[1:])]
    shadowed = [item for item in found if _is_shadowed(facts, item)]
    if not shadowed and (unseen := unseen_zones(facts, vnet, login.answered_for)):
        raise UnseenError(unseen[0])
    if not others:
        return passed(f"Node pool {pool.name}: no other zone of registry names is linked to {login.answered_for.name}.")
    if not shadowed:
        words = listed(zone.name for zone in others)
        return passed(f"Node pool {pool.name}: zone {words} is linked too, and hides no name of {facts.registry.name}.")
    return _fault(facts, pool, vnet, shadowed)


def _is_shadowed(facts: Facts, item: Resolution) -> bool:
    if item.zone_id is None or same(item.zone_id.name, facts.cloud.private_link_zone):
        return False
    if item.kind == "private":
        return not any(connection_of_address(facts, address) for address in item.addresses)
    return item.kind == "nxdomain"


def _fault(facts: Facts, pool: NodePool, vnet: VirtualNetwork, shadowed: list[Resolution]) -> Verdict:
    zones = listed(dict.fromkeys(item.zone_id.name for item in shadowed if item.zone_id))
    words = listed(f"{item.name} ({listed(item.addresses) or 'no such host'})" for item in shadowed)
    return Verdict(
        Status.FAIL,
        f"Zone {zones} is linked to {shadowed[0].answered_for.name} and answers node pool {pool.name} for {words} "
        f"before {facts.cloud.private_link_zone} is asked. Nodes do not find {facts.registry.name}.",
        evidence=tuple(seen(item.zone_id or "", f"answers for {item.name}", list(item.addresses)) for item in shadowed),
        fixes=(
            Fix(
                f"Remove the link of zone {zones} to {vnet.name}, or put the registry's records into that zone",
                manual=True,
                caveat="Other names may live in the zone that shadows: look at its records first.",
                needs=f"Private DNS Zone Contributor on {zones}",
            ),
        ),
    )


CHECK = Check(
    code="AKA304",
    name="private-dns-zone-shadowed",
    title="No second zone hides the registry's records",
    explains=("dns-nxdomain",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *NAMES_READ, *ENDPOINTS_READ),
    docs=("https://learn.microsoft.com/azure/dns/private-dns-overview",),
)
