"""What stands behind a user-defined route: an Azure Firewall that was found, or something that Azure does not show.

Rules (Azure routing): a route for a service tag (`AzureContainerRegistry`, a region's before all, then `AzureCloud`)
goes before the default route; longer prefixes go before it too, and may take all of the internet together. An Azure
Firewall is known by its private address and the virtual network that holds it: two networks may use the same addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, look, same

from .prefixes import holds_address
from .remembering import remembered

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, Facts, ResourceId, Route, Subnet, VirtualNetwork

REGISTRY_TAG = "AzureContainerRegistry"
STORAGE_TAG = "Storage"
FIREWALL_SUBNET = "AzureFirewallSubnet"
_LARGE = 8  # the shortest prefixes, 1/256 of all addresses and more
# The public addresses in blocks of the smallest size that counts. The registry's public endpoint is IPv4.
_PARTS = [
    part
    for part in IPv4Network("0.0.0.0/0").subnets(new_prefix=_LARGE)
    if not part.is_private and not part.is_multicast and not part.is_reserved
]


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


@remembered
def public_route(facts: Facts, subnet: Subnet, tag: str, region: str) -> Route | None:
    """The user-defined route of a subnet that packets to a public service take, if there is one.

    `tag` is the service's tag, `region` where the service is. Raises `UnseenError` when the table was not seen, and
    when its routes part the internet: Azure does not show in which part the service's addresses lie.
    """
    if subnet.route_table_id is None:
        return None
    table = look(facts.route_tables, subnet.route_table_id).value
    routes = {route.prefix.lower(): route for route in reversed(table.routes if table else ())}
    for name in (f"{tag}.{region}", tag, f"AzureCloud.{region}", "AzureCloud"):
        if name.lower() in routes:
            return routes[name.lower()]
    return _route_of_internet(subnet, table.routes if table else ())


def _route_of_internet(subnet: Subnet, routes: tuple[Route, ...]) -> Route | None:
    """The route that takes all public addresses, alone or together with others to the same hop."""
    large = [(network, route) for route in routes if (network := _large(route.prefix)) is not None]
    if not large:
        return None
    taken = [_longest(large, part) for part in _PARTS]
    if len({_hop(route) for route in taken}) == 1:
        return taken[0]
    part = max(large, key=lambda item: item[0].prefixlen)[1]
    does = "drops" if same(part.next_hop_type, "None") else "sends"
    to = "" if does == "drops" else f" to {part.next_hop_type} {part.next_hop_address}".rstrip()
    reason = f"route {part.name} {does} {part.prefix}{to}; Azure does not show whether the registry is in it"
    raise UnseenError(Unseen(str(subnet.route_table_id), "", reason))


def _longest(routes: list[tuple[IPv4Network, Route]], part: IPv4Network) -> Route | None:
    fitting = [item for item in routes if part.subnet_of(item[0])]
    return max(fitting, key=lambda item: item[0].prefixlen)[1] if fitting else None


def _large(prefix: str) -> IPv4Network | None:
    """A prefix that the registry's addresses may well lie in; None for a smaller, private or other one."""
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return None
    is_small = network.prefixlen > _LARGE or network.is_private or network.is_multicast
    return network if isinstance(network, IPv4Network) and not is_small else None


def _hop(route: Route | None) -> tuple[str, str]:
    """Where a route leads; without one Azure's own leads to the internet."""
    return ("internet", "") if route is None else (route.next_hop_type.lower(), route.next_hop_address)


def _not_asked(network: ResourceId) -> Unseen:
    source = f"/subscriptions/{network.subscription_id}/providers/Microsoft.Network/azureFirewalls"
    return Unseen(source, "Microsoft.Network/azureFirewalls/read", "was not read in this run")
