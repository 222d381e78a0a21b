"""What stands behind a user-defined route: an Azure Firewall that was found, or something that Azure does not show.

Rules (Azure routing): a route for a service tag (`AzureContainerRegistry`, a region's before all, then `AzureCloud`)
goes before the default route; 0.0.0.0/1 and 128.0.0.0/1 together go before 0.0.0.0/0. An Azure Firewall is known by
its private address and the virtual network that holds it: two networks may use the same addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, look, same

from .name_resolution import holds_address
from .remembering import remembered

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, Facts, ResourceId, Route, Subnet, VirtualNetwork

REGISTRY_TAG = "AzureContainerRegistry"
STORAGE_TAG = "Storage"
_DEFAULT_ROUTE = "0.0.0.0/0"  # the registry's public endpoint is IPv4: ::/0 does not bear on it
_FIREWALL_SUBNET = "AzureFirewallSubnet"
_LARGE = 8  # the shortest prefixes, 1/256 of all addresses and more
_HALVES = ("0.0.0.0/1", "128.0.0.0/1")


@dataclass(frozen=True, slots=True)
class Appliance:
    """The next hop of a route.

    `firewall` is None where no Azure Firewall of that address was found; `gap` says what may not be read, so that there
    could be one.
    """

    route: Route
    network_id: ResourceId | None = None
    firewall: AzureFirewall | None = None
    gap: Unseen | None = None

    @property
    def hop(self) -> str:
        """`VirtualAppliance 10.9.0.4`."""
        return f"{self.route.next_hop_type} {self.route.next_hop_address}".strip()

    @property
    def is_gateway(self) -> bool:
        """Whether the route leads out of Azure, by a virtual network gateway (VPN or ExpressRoute)."""
        return same(self.route.next_hop_type, "VirtualNetworkGateway")


def networks_with(vnet: VirtualNetwork, address: str) -> list[ResourceId]:
    """The networks that an address lies in, as seen from `vnet`: itself, or those it is peered with."""
    if holds_address(vnet.prefixes, address):
        return [vnet.id]
    return [
        peering.remote_id
        for peering in vnet.peerings
        if holds_address((*peering.remote_prefixes, *peering.current_remote_prefixes), address)
    ]


@remembered
def appliance_behind(facts: Facts, vnet: VirtualNetwork, route: Route) -> Appliance:
    """What a route of a subnet of `vnet` leads to."""
    if not same(route.next_hop_type, "VirtualAppliance"):
        return Appliance(route)
    networks = networks_with(vnet, route.next_hop_address)
    if _is_beside_firewalls(vnet, route.next_hop_address):
        return Appliance(route, vnet.id)
    gap: Unseen | None = None
    for network in networks:
        found = facts.firewalls.get(network.subscription_id.lower(), _not_asked(network))
        if isinstance(found, Unseen):
            gap = found if gap is None else gap
            continue
        for firewall in found.value:
            at_home = firewall.subnet_id is not None and firewall.subnet_id.parent == network
            if at_home and route.next_hop_address in firewall.private_addresses:
                return Appliance(route, network, firewall)
    return Appliance(route, networks[0] if networks else None, gap=gap)


def _is_beside_firewalls(vnet: VirtualNetwork, address: str) -> bool:
    """Whether an address is in a subnet of `vnet` that holds no Azure Firewall: one has a subnet of its own."""
    homes = [subnet.name for subnet in vnet.subnets if holds_address(subnet.prefixes, address)]
    return bool(homes) and not any(same(name, _FIREWALL_SUBNET) for name in homes)


@remembered
def public_route(facts: Facts, subnet: Subnet, tag: str, region: str) -> Route | None:
    """The user-defined route of a subnet that packets to a public service take, if there is one.

    `tag` is the service's tag, `region` where the service is. Raises `UnseenError` when the table was not seen.
    """
    if subnet.route_table_id is None:
        return None
    table = look(facts.route_tables, subnet.route_table_id).value
    routes = {route.prefix.lower(): route for route in reversed(table.routes if table else ())}
    for name in (f"{tag}.{region}", tag, f"AzureCloud.{region}", "AzureCloud"):
        if name.lower() in routes:
            return routes[name.lower()]
    low, high = (routes.get(half) for half in _HALVES)
    if low and high and _hop(low) == _hop(high):
        return low
    return routes.get(_DEFAULT_ROUTE)


def dropped_in_part(facts: Facts, subnet: Subnet, tag: str) -> Route | None:
    """A route that drops a large part of the internet, in which the service may lie, unless its tag has a route.

    Raises `UnseenError` when the table was not seen.
    """
    if subnet.route_table_id is None:
        return None
    table = look(facts.route_tables, subnet.route_table_id).value
    region = facts.registry.location
    tagged = public_route(facts, subnet, tag, region)
    if tagged is not None and "/" not in tagged.prefix:
        return None
    dropping = [route for route in (table.routes if table else ()) if same(route.next_hop_type, "None")]
    return next((route for route in dropping if _is_large(route.prefix)), None)


def _is_large(prefix: str) -> bool:
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return False
    return network.version == 4 and 0 < network.prefixlen <= _LARGE and not network.is_private


def _hop(route: Route) -> tuple[str, str]:
    return route.next_hop_type.lower(), route.next_hop_address


def _not_asked(network: ResourceId) -> Unseen:
    source = f"/subscriptions/{network.subscription_id}/providers/Microsoft.Network/azureFirewalls"
    return Unseen(source, "Microsoft.Network/azureFirewalls/read", "was not read in this run")
