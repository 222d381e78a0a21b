"""What stands behind a user-defined route: an Azure Firewall that was found, or something that Azure does not show.

Rules (Azure routing): an Azure Firewall is known by its private address and the virtual network that holds it: two
networks may use the same addresses. `public_routes` says which route requests to the registry take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, same

from .prefixes import holds_address
from .remembering import remembered

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, Facts, ResourceId, Route, VirtualNetwork

FIREWALL_SUBNET = "AzureFirewallSubnet"


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
    return bool(homes) and not any(same(name, FIREWALL_SUBNET) for name in homes)


def _not_asked(network: ResourceId) -> Unseen:
    source = f"/subscriptions/{network.subscription_id}/providers/Microsoft.Network/azureFirewalls"
    return Unseen(source, "Microsoft.Network/azureFirewalls/read", "was not read in this run")
