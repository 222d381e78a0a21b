"""DNS servers of the company's own, and the way to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .estate import private
from .examination import cluster
from .networks import guard, half, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY

if TYPE_CHECKING:
    from .estate import Estate


def servers_in_linked_hub(estate: Estate) -> Any:
    """Nodes ask 10.90.4.4 in a hub that is linked to the zone; they are not linked themselves. Without a peering."""
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", dns="10.90.4.0/24")
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": ["10.90.4.4"]}
    estate.link["properties"]["virtualNetwork"]["id"] = hub["id"]
    return hub


@cluster(
    "The DNS server is in the nodes' own network, which is linked",
    "a server in a linked network sees the zone",
    "clear",
    AKA305="pass",
)
def server_in_own_network(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": [estate.in_space("2.250")]}
    return estate


@cluster(
    "The DNS server is in a peered, linked hub; the nodes' network is not linked",
    "the link of the server's network counts",
    "clear",
    AKA305="pass",
    AKA301="pass|not-applicable",
)
def server_in_linked_hub(title: str) -> Estate:
    estate = private(ORCHARD, title)
    peer(estate, estate.nodes, servers_in_linked_hub(estate))
    return estate


@cluster(
    "The peering with the DNS server's hub is Disconnected: no name is resolved",
    "the DNS server cannot be reached",
    "blocked",
    "AKA305",
)
def server_behind_lost_peering(title: str) -> Estate:
    estate = private(QUARRY, title)
    half(estate, estate.nodes, servers_in_linked_hub(estate), peeringState="Disconnected")
    return estate


@cluster(
    "The nodes' group denies port 53 to the DNS server's network",
    "the DNS server cannot be reached",
    "blocked",
    "AKA305",
)
def server_behind_a_rule(title: str) -> Estate:
    estate = private(HARBOUR, title)
    peer(estate, estate.nodes, servers_in_linked_hub(estate))
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), rule(200, "Deny", "10.90.4.0/24", port="53"))
    return estate


@cluster(
    "A route drops the DNS server's range",
    "the DNS server cannot be reached",
    "blocked",
    "AKA305",
)
def server_behind_a_route(title: str) -> Estate:
    estate = private(ORCHARD, title)
    peer(estate, estate.nodes, servers_in_linked_hub(estate))
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("10.90.4.0/24", "None", ""))
    return estate


@cluster(
    "The scale sets' network interfaces name a DNS server of their own, which Azure does not place",
    "servers of a network interface come before the network's",
    "undetermined",
    AKA305="unknown",
)
def servers_of_the_interfaces(title: str) -> Estate:
    estate = private(QUARRY, title)
    for pool in ("system", "apps"):
        profile = estate.scale_set(pool)["properties"]["virtualMachineProfile"]["networkProfile"]
        for interface in profile["networkInterfaceConfigurations"]:
            interface["properties"]["dnsSettings"] = {"dnsServers": ["10.3.3.3"]}
    return estate
