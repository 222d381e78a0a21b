"""Whether packets find their way from a node pool to its DNS servers, where Azure places those in a virtual network.

Rules are those of `routing`: a peering carries traffic only while both halves are Connected; of routes the longest
wins, and of equal ones the user's. Azure DNS is reached whatever routes say (learn.microsoft.com: what is IP address
168.63.129.16). A server that no network holds may be behind a gateway, whose routes Azure does not show here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.facts import UnseenError, same

from .appliances import networks_with
from .dns_servers import AZURE_DNS
from .hub_ways import by_known_states
from .pools import network_of
from .prefixes import prefix_length
from .remembering import remembered
from .routing import peering_to, user_route, way

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, ResourceId, Route, VirtualNetwork

    from .routing import Way

_DROPS = {"none", "internet"}  # the internet takes no packets to an address of a virtual network


@dataclass(frozen=True, slots=True)
class LostServer:
    """A DNS server in network `home` that a pool's packets do not get to: `route` drops them, or `way` is broken."""

    server: str
    home: ResourceId
    way: Way
    route: Route | None = None


@remembered
def lost_servers(facts: Facts, pool: NodePool) -> tuple[LostServer, ...]:
    """The DNS servers of a pool's network that its nodes do not reach. Raises `UnseenError` when that was not seen."""
    vnet = network_of(facts, pool)
    servers = dict.fromkeys(item for item in vnet.dns_servers if item != AZURE_DNS)
    found = [_lost(facts, pool, vnet, server) for server in servers]
    return tuple(item for item in found if item is not None)


def _lost(facts: Facts, pool: NodePool, vnet: VirtualNetwork, server: str) -> LostServer | None:
    lost: LostServer | None = None
    for home in networks_with(vnet, server):
        by_peering = by_known_states(way(facts, vnet, home))
        route = user_route(facts, pool, server)
        if by_peering.kind == "unseen" and by_peering.gap is not None and not by_peering.halves:
            raise UnseenError(by_peering.gap)
        is_broken = by_peering.kind == "broken"
        decides = route is not None and (is_broken or _outranks(vnet, home, route, server))
        if route is not None and decides and route.next_hop_type.lower() in _DROPS:
            lost = LostServer(server, home, by_peering, route)
        elif is_broken and (route is None or _is_of_no_use(vnet, home, route)):
            lost = LostServer(server, home, by_peering)
        else:
            return None
    return lost


def _outranks(vnet: VirtualNetwork, home: ResourceId, route: Route, server: str) -> bool:
    """Whether a user's route is as long as the one that Azure has for the server's network, or longer."""
    peering = peering_to(vnet, home)
    known = vnet.prefixes if peering is None else (*peering.remote_prefixes, *peering.current_remote_prefixes)
    return prefix_length(route.prefix, server) >= max((prefix_length(item, server) for item in known), default=-1)


def _is_of_no_use(vnet: VirtualNetwork, home: ResourceId, route: Route) -> bool:
    """Whether a route does not get packets past a peering that is down: its appliance is behind it, too."""
    if same(route.next_hop_type, "VnetLocal"):
        return True
    hop = route.next_hop_address
    return same(route.next_hop_type, "VirtualAppliance") and networks_with(vnet, hop) == [home]
