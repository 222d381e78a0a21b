"""Private DNS zones of the registry: which one holds its records, and how a network is linked to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Fix, az
from aksacr.facts import Seen
from aksacr.semantics.name_resolution import private_link_name, private_link_zones, record_in

from ._wording import listed, subscription_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aksacr.facts import Facts, ResourceId, VirtualNetwork


def zone_with_record(facts: Facts, name: str) -> ResourceId | None:
    """The zone of the private link name that holds the record of a registry's name, as far as records were seen."""
    alias = private_link_name(facts, name)
    for zone in private_link_zones(facts):
        if isinstance(facts.zone_records.get(zone), Seen) and record_in(facts, zone, alias) is not None:
            return zone
    return None


def link_command(facts: Facts, zone: ResourceId, network: VirtualNetwork) -> str:
    """The command that links a virtual network to a zone."""
    where = ("-g", zone.resource_group, *subscription_words(facts, zone), "--zone-name", zone.name)
    return az(
        *("network", "private-dns", "link", "vnet", "create", *where, "--name", network.name),
        *("--virtual-network", network.id, "--registration-enabled", "false"),
    )


def link_servers(facts: Facts, name: str, home: VirtualNetwork, servers: Sequence[str]) -> Fix:
    """Link the zone to the network that DNS servers sit in: that of the nodes is not asked for its links."""
    zone = zone_with_record(facts, name) or next(iter(private_link_zones(facts)), None)
    return Fix(
        f"Link {facts.cloud.private_link_zone} to {home.name}, where DNS server {listed(servers)} is answered",
        () if zone is None else (link_command(facts, zone, home),),
        manual=zone is None,
        caveat="The servers must forward to 168.63.129.16. A network can be linked to one zone of a name only.",
        needs=f"Private DNS Zone Contributor on the zone and Network Contributor on {home.name}",
    )
