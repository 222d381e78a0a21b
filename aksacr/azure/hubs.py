"""Reads the virtual networks between the nodes and a private endpoint, where the two networks do not peer.

A hub that peers with both is read as soon as both are known. Further ones are found from both ends at once, so that a
chain of them costs no more rounds of reads than it must: from the nodes by the routes that lead to appliances, from the
endpoint by its network's own peerings. `aksacr.semantics.hub_ways` makes ways of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import ResourceId, Seen, same
from aksacr.semantics.appliances import networks_with
from aksacr.semantics.hub_ways import MOST_HUBS
from aksacr.semantics.prefixes import holds_address
from aksacr.semantics.routing import is_virtual_hub

from .dataflow import together

if TYPE_CHECKING:
    from aksacr.facts import Subnet, VirtualNetwork

    from .collect import Collection

_MOST_PEERS = 8  # of the endpoint's network, read ahead; one with more is a hub itself


class Between:
    """Reads what is between networks. Everything it reads lands in the collection's own tables."""

    def __init__(self, tables: Collection) -> None:
        self._tables = tables

    async def read(self, start: VirtualNetwork, subnet: Subnet, end_id: ResourceId) -> None:
        """Read the hubs between a subnet of nodes and the network of an endpoint."""
        around = _neighbours(start)
        if end_id == start.id or end_id in around:
            return
        end = await self._network(end_id)
        if end is None:
            return
        ends = _neighbours(end)
        if start.id in ends:
            return
        shared = [self._tables.networks(hub) for hub in around & ends]
        middle = set[ResourceId]() if shared else await self._ahead(subnet, ends)
        await together(*shared, self._follow(start, subnet, (ends, middle), MOST_HUBS))

    async def _ahead(self, subnet: Subnet, ends: set[ResourceId]) -> set[ResourceId]:
        """The networks around the hubs of the endpoint's network; these are read, when the nodes' routes need one."""
        if not await self._hops(subnet) or len(ends) > _MOST_PEERS:
            return set()
        hubs = await together(*(self._network(hub) for hub in ends))
        return {item for hub in hubs if hub is not None for item in _neighbours(hub)}

    async def _follow(
        self, here: VirtualNetwork, subnet: Subnet, known: tuple[set[ResourceId], set[ResourceId]], left: int
    ) -> None:
        """Read where a subnet's routes lead, network after network, until one peers with the endpoint's."""
        hops = await self._hops(subnet)
        nexts = {(hop, network) for hop in hops for network in networks_with(here, hop)}
        await together(*(self._onward(here, hop, network, known, left) for hop, network in nexts))

    async def _onward(
        self,
        here: VirtualNetwork,
        hop: str,
        network_id: ResourceId,
        known: tuple[set[ResourceId], set[ResourceId]],
        left: int,
    ) -> None:
        ends, middle = known
        is_here = network_id == here.id
        if left == 0 or (not is_here and network_id not in _neighbours(here)):
            return
        there = here if is_here else await self._network(network_id)
        if there is None or (not is_here and there.id in ends):
            return
        home = next((item for item in there.subnets if holds_address(item.prefixes, hop)), None)
        likely = _neighbours(there) & (middle | ends)
        onward = [self._follow(there, home, known, left - 1)] if home is not None else []
        await together(*onward, *(self._tables.networks(item) for item in sorted(likely)[:_MOST_PEERS]))

    async def _hops(self, subnet: Subnet) -> set[str]:
        """The appliances that a subnet's routes lead to, but for the nodes themselves."""
        if subnet.route_table_id is None:
            return set()
        table = await self._tables.route_tables(subnet.route_table_id)
        routes = table.value.routes if isinstance(table, Seen) and table.value else ()
        hops = {route.next_hop_address for route in routes if same(route.next_hop_type, "VirtualAppliance")}
        return {hop for hop in hops if not holds_address(subnet.prefixes, hop)}

    async def _network(self, network_id: ResourceId) -> VirtualNetwork | None:
        found = await self._tables.networks(network_id)
        return found.value if isinstance(found, Seen) else None


def _neighbours(vnet: VirtualNetwork) -> set[ResourceId]:
    """The networks that one peers with. Hubs of a virtual WAN are Microsoft's, and no permission shows them."""
    return {peering.remote_id for peering in vnet.peerings if not is_virtual_hub(peering)}
