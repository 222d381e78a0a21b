"""Route tables that keep out the routes which peerings bring.

Rules (Azure, `disablePeeringRoute` of route tables, a preview; learn.microsoft.com/azure/virtual-network/
configure-disable-peering-route-propagation): All keeps the peerings' routes, IPv4 and IPv6, out of the table's subnets,
and next hops are to be in the subnet's own network then. The page does not say whether the /32 route of a private
endpoint in a peer stays, nor whether a next hop in a peer is still reached.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, look, same

from .appliances import networks_with

if TYPE_CHECKING:
    from aksacr.facts import Facts, Route, Subnet, VirtualNetwork

_BROUGHT = {"", "none"}


def without_peering_routes(facts: Facts, subnet: Subnet) -> Unseen | None:
    """Why a subnet may lack the routes that peerings bring (`disablePeeringRoute`); None where it has them.

    Raises `UnseenError` when its route table was not seen.
    """
    if subnet.route_table_id is None:
        return None
    table = look(facts.route_tables, subnet.route_table_id).value
    if table is None or table.disable_peering_route.lower() in _BROUGHT:
        return None
    setting = f'disablePeeringRoute of the route table of subnet {subnet.name} is "{table.disable_peering_route}"'
    does = "which keeps the routes that peerings bring out of it"
    known = same(table.disable_peering_route, "All")
    return Unseen(table.id.text, "", f"{setting}, {does if known else 'which is not known here'}")


def next_hop_gap(facts: Facts, vnet: VirtualNetwork, subnet: Subnet, route: Route) -> Unseen | None:
    """Why it is open whether the appliance of a route of `subnet` (of `vnet`) is reached; None where it is not.

    Raises `UnseenError` when the route table was not seen.
    """
    in_peers = [hop for hop in route.next_hop_address.split(", ") if _is_in_a_peer(vnet, hop)]
    gap = without_peering_routes(facts, subnet) if in_peers else None
    if gap is None:
        return None
    return replace(
        gap, reason=f"{gap.reason}; route {route.name} leads to {in_peers[0]}, in a network that peers with it"
    )


def _is_in_a_peer(vnet: VirtualNetwork, address: str) -> bool:
    homes = networks_with(vnet, address)
    return bool(homes) and vnet.id not in homes
