"""The nodes' virtual network is not linked to the private DNS zone that holds the registry's records.

What is read
    The registry's private endpoints and the zones they write their records to; the private DNS zones named
    `privatelink.azurecr.io` (or its twin of another cloud) in the subscriptions of cluster, registry, endpoints and
    node subnets; their virtual network links and A records; the DNS servers of each node pool's virtual network. Where
    none is linked: those of every subscription that you can read (200 at most), too. A list of zones that is refused
    counts where the network, one of its peers, or a zone of the registry's endpoints is. A zone that may not be read
    counts only where the linked one does not answer: it could hold the record that this one
    lacks, and then this is the fault, and else AKA302 alone. It cannot be linked beside a zone of its own name.

Why pulls fail
    The name of a registry with a private endpoint is an alias into the private link zone. A virtual network that is
    not linked to that zone resolves it to the public address, where the registry answers 403 (or the firewall drops
    the packet: `dial tcp <public address>:443: i/o timeout`). A network linked to another zone of the same name,
    without the record, gets `no such host`. Peering does not carry zone links.

What to do
    Link the virtual network to the zone. A network can be linked to one zone of a name only: where it is linked to
    another one already, put the registry's records there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import Seen, Unseen, UnseenError, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.endpoints import has_approved_connection
from aksacr.semantics.name_resolution import (
    Resolution,
    is_complete,
    links_to,
    private_link_zones,
    relative_name,
    resolve,
)
from aksacr.semantics.pools import network_of

from ._private_zones import link_command, zone_with_record
from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    for_each_pool,
    listed,
    no_endpoint,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, ResourceId, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    if not has_approved_connection(facts):
        return no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    resolution = resolve(facts, vnet)
    if resolution.kind == "private":
        return _linked(pool, vnet, resolution)
    if resolution.kind == "public" and public_side(facts, pool) == "open":
        return not_applicable(
            f"Node pool {pool.name} (virtual network {vnet.name}) is admitted by the public endpoint of "
            f"{facts.registry.name} and needs no private zone."
        )
    if resolution.by_custom_servers:
        return not_applicable(f"Node pool {pool.name}: custom DNS servers answer for {vnet.name}; see AKA305.")
    unfinished = [link for _, link in links_to(facts, vnet)[0] if not is_complete(link)]
    if resolution.kind == "public" and unfinished:
        return not_applicable(f"Node pool {pool.name}: link {unfinished[0].name} is not complete; see AKA306.")
    if resolution.kind == "nxdomain" and (behind := _behind_another(facts, vnet, resolution)) is not None:
        hidden_by = resolution.zone_id.name if resolution.zone_id else ""
        return passed(
            f"{vnet.name} is linked to {behind.name}, which has the record; zone {hidden_by} answers first, see AKA304."
        )
    if resolution.kind == "nxdomain" and not _is_elsewhere(facts, resolution):
        zone = resolution.zone_id.name if resolution.zone_id else ""
        return passed(f"{vnet.name} is linked to {zone}; what that zone lacks is told by AKA302 and AKA304.")
    if resolution.kind == "public" and public_side(facts, pool) == "unknowable":
        return unknown(
            f"Node pool {pool.name}: virtual network {vnet.name} is not linked to the registry's private zone, and it "
            "cannot be told whether the public endpoint admits the pool; see AKA203."
        )
    return _fault(facts, pool, vnet, resolution)


def _behind_another(facts: Facts, vnet: VirtualNetwork, resolution: Resolution) -> ResourceId | None:
    """The zone with the record that is linked as it should be, while a zone of another name answers before it."""
    home = zone_with_record(facts, resolution.name)
    if resolution.zone_id is None or same(resolution.zone_id.name, facts.cloud.private_link_zone):
        return None
    linked = [zone for zone, link in links_to(facts, vnet)[0] if zone == home and is_complete(link)]
    return linked[0] if linked else None


def _is_elsewhere(facts: Facts, resolution: Resolution) -> bool:
    """Whether another zone of the private link name has the record that the linked one lacks. Raises `UnseenError`."""
    home = zone_with_record(facts, resolution.name)
    if home is None:
        for zone in private_link_zones(facts):
            if isinstance(records := facts.zone_records.get(zone), Unseen):
                raise UnseenError(records)
    return home is not None and home != resolution.zone_id


def _linked(pool: NodePool, vnet: VirtualNetwork, resolution: Resolution) -> Verdict:
    link = resolution.link.name if resolution.link else ""
    through = f" (its DNS servers sit in {resolution.answered_for.name})" if resolution.by_custom_servers else ""
    zone = resolution.zone_id.name if resolution.zone_id else ""
    return passed(
        f"Virtual network {vnet.name} of node pool {pool.name}{through} is linked to {zone} by {link} and resolves "
        f"{resolution.name} to {listed(resolution.addresses)}.",
        *_evidence(resolution),
    )


def _fault(facts: Facts, pool: NodePool, vnet: VirtualNetwork, resolution: Resolution) -> Verdict:
    name, zone = resolution.name, facts.cloud.private_link_zone
    home = zone_with_record(facts, name)
    if resolution.kind == "nxdomain":
        what = f"is linked to a {zone} zone without a record of {name}, so that nodes get `no such host`"
    else:
        what = f"is linked to no {zone} zone, so that nodes resolve {name} to its public address"
        what += f", which does not admit them ({_looked_in(facts)})"
    where = f" The record is in the zone of resource group {home.resource_group}." if home else ""
    return Verdict(
        Status.FAIL,
        f"Virtual network {vnet.name} of node pool {pool.name} {what}.{where}",
        evidence=tuple(_evidence(resolution)),
        fixes=(_fix(facts, vnet, resolution, home),),
    )


def _looked_in(facts: Facts) -> str:
    """`zones were looked for in 4 subscriptions; 1 more refused the list`."""
    asked, refused = len(facts.zones), sum(isinstance(fact, Unseen) for fact in facts.zones.values())
    seen_in = asked - refused
    words = f"zones were looked for in {seen_in} subscription{'' if seen_in == 1 else 's'}"
    words += f"; {refused} more refused the list" if refused else ""
    left_out = facts.zone_search.value.left_out
    return words + (f"; {left_out} more were not asked" if left_out else "")


def _fix(facts: Facts, vnet: VirtualNetwork, resolution: Resolution, home: ResourceId | None) -> Fix:
    if resolution.zone_id is not None:
        return _add_records(facts, resolution.zone_id)
    zone = home or next(iter(private_link_zones(facts)), None)
    if zone is None:
        return Fix(
            f"Make a private DNS zone {facts.cloud.private_link_zone}, give the registry's private endpoint a DNS "
            f"zone group with it, and link it to {vnet.name}",
            manual=True,
            needs="Private DNS Zone Contributor, and Network Contributor on the endpoint",
        )
    return Fix(
        f"Link {vnet.name} to zone {zone.name} in resource group {zone.resource_group}",
        (link_command(facts, zone, vnet),),
        caveat="From then on the zone answers for this network: a registry without a record there is not found.",
        needs=f"Private DNS Zone Contributor on {zone.resource_group} and Network Contributor on {vnet.name}",
    )


def _add_records(facts: Facts, zone: ResourceId) -> Fix:
    where = ("-g", zone.resource_group, *subscription_words(facts, zone), "-z", zone.name)
    known = {
        (label, str(item.address))
        for fact in facts.endpoint_addresses.values()
        if isinstance(fact, Seen)
        for item in fact.value
        for label in (relative_name(facts, name) for name in item.names)
    }
    return Fix(
        f"Put the records of {facts.registry.name} into the zone that is linked ({zone.name}, resource group "
        f"{zone.resource_group}); a network can be linked to one zone of a name only",
        tuple(
            az("network", "private-dns", "record-set", "a", "add-record", *where, "-n", label, "-a", address)
            for label, address in sorted(known)
        ),
        manual=not known,
        caveat="A DNS zone group on the private endpoint keeps the records right by itself.",
        needs=f"Private DNS Zone Contributor on {zone.resource_group}",
    )


def _evidence(resolution: Resolution) -> list[Evidence]:
    vnet = resolution.answered_for
    if resolution.zone_id is None or resolution.link is None:
        return [seen(vnet.id, "private DNS zones linked, of the registry's name", [])]
    return [
        seen(resolution.link.id, "properties.virtualNetwork.id", vnet.id.text),
        seen(resolution.zone_id, f"A[{resolution.name}]", list(resolution.addresses)),
    ]


CHECK = Check(
    code="AKA301",
    name="private-dns-zone-not-linked",
    title="The nodes' VNet is linked to the registry's private DNS zone",
    explains=("forbidden-403", "timeout-public-ip"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ))),
    docs=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",
        "https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links",
    ),
)
