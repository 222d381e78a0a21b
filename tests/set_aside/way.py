"""The way to a private endpoint: approval, peerings, routes, security rules."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .estate import private, public
from .examination import cluster
from .networks import endpoint_in_hub, guard, half, move_endpoint, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY

if TYPE_CHECKING:
    from .estate import Estate


@cluster("The only private endpoint was rejected", "endpoint not approved", "blocked", "AKA311")
def endpoint_rejected(title: str) -> Estate:
    estate = private(QUARRY, title)
    for body in (
        estate.registry["properties"]["privateEndpointConnections"][0],
        estate.find("Microsoft.ContainerRegistry/registries/privateEndpointConnections"),
    ):
        body["properties"]["privateLinkServiceConnectionState"]["status"] = "Rejected"
    return estate


@cluster(
    "Two networks peer with one hub, and nothing in the hub forwards between them",
    "peering is not transitive",
    "blocked",
    "AKA321",
)
def spokes_without_a_way(title: str) -> Estate:
    estate = private(HARBOUR, title)
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", shared="10.90.0.0/24")
    spoke = network(estate, "vnet-Data", "10.95.0.0/16", endpoints="10.95.1.0/24")
    move_endpoint(estate, spoke["properties"]["subnets"][0], "10.95.1.")
    peer(estate, estate.nodes, hub)
    peer(estate, spoke, hub)
    return estate


@cluster("The hub's half of the peering was deleted", "half of a peering is gone", "blocked", "AKA322")
def other_half_gone(title: str) -> Estate:
    estate = private(QUARRY, title)
    half(estate, estate.nodes, endpoint_in_hub(estate), peeringState="Disconnected")
    return estate


@cluster(
    "The second pool's network has only begun its peering with the endpoint's",
    "a peering made on one side only, for one pool",
    "blocked",
    "AKA322",
    pools={"AKA322": ("apps",)},
)
def one_pool_initiated(title: str) -> Estate:
    estate = private(ORCHARD, title)
    own = network(estate, "Orchard.Apps", "172.23.0.0/16", scope=ORCHARD.scope, pods="172.23.4.0/24")
    half(estate, own, estate.nodes, peeringState="Initiated")
    estate.put_pool_in("apps", own["properties"]["subnets"][0]["id"])
    link = copy.deepcopy(estate.link)
    link |= {"name": "to-apps", "id": link["id"].replace("/to-nodes", "/to-apps")}
    link["properties"]["virtualNetwork"]["id"] = own["id"]
    estate.put(link)
    return estate


@cluster(
    "The hub's space has grown, the endpoint is in the new range, and the nodes' half does not know it",
    "peering out of sync where the endpoint is",
    "blocked",
    "AKA323",
)
def new_range_not_known(title: str) -> Estate:
    estate = private(HARBOUR, title)
    hub = endpoint_in_hub(estate)
    known = {"addressPrefixes": ["10.91.0.0/16"]}
    half(estate, estate.nodes, hub, peeringSyncLevel="RemoteNotInSync", remoteAddressSpace=known)
    half(estate, hub, estate.nodes, peeringSyncLevel="LocalNotInSync")
    return estate


@cluster(
    "The nodes' half of the peering allows no access to the other network",
    "peering without network access",
    "blocked",
    "AKA324",
)
def access_not_allowed_here(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    half(estate, estate.nodes, hub, allowVirtualNetworkAccess=False)
    half(estate, hub, estate.nodes)
    return estate


@cluster(
    "An appliance in the hub forwards, and the endpoint's network does not take forwarded traffic",
    "forwarded traffic off on the way over a hub",
    "blocked",
    "AKA324",
)
def forwarded_traffic_refused(title: str) -> Estate:
    estate = private(HARBOUR, title)
    spoke = over_a_hub(estate)
    spoke["properties"]["virtualNetworkPeerings"][0]["properties"]["allowForwardedTraffic"] = False
    return estate


def over_a_hub(estate: Estate) -> Any:
    """The endpoint is in a spoke behind a hub, and routes lead from the nodes over an appliance there."""
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", appliances="10.90.2.0/24")
    spoke = network(estate, "vnet-Data", "10.95.0.0/16", endpoints="10.95.1.0/24")
    move_endpoint(estate, spoke["properties"]["subnets"][0], "10.95.1.")
    peer(estate, estate.nodes, hub)
    peer(estate, spoke, hub)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("10.0.0.0/8", "VirtualAppliance", "10.90.2.4"))
    return spoke


@cluster(
    "The peering covers the first pool's subnet only",
    "a peering of some subnets leaves a pool out",
    "blocked",
    "AKA324",
    pools={"AKA324": ("apps",)},
)
def peering_of_other_subnet(title: str) -> Estate:
    estate = private(ORCHARD, title)
    hub = endpoint_in_hub(estate)
    half(
        estate,
        estate.nodes,
        hub,
        peerCompleteVnets=False,
        localSubnetNames=["SNET-nodes"],
        remoteSubnetNames=["endpoints"],
    )
    half(
        estate,
        hub,
        estate.nodes,
        peerCompleteVnets=False,
        localSubnetNames=["endpoints"],
        remoteSubnetNames=["SNET-nodes"],
    )
    return estate


@cluster("The peering is for IPv6 only", "no IPv4 over the peering", "blocked", "AKA324")
def peering_for_ipv6(title: str) -> Estate:
    estate = private(HARBOUR, title)
    peer(estate, estate.nodes, endpoint_in_hub(estate), peerCompleteVnets=False, enableOnlyIPv6Peering=True)
    return estate


@cluster(
    "A route drops the login server's address for one pool",
    "a route to None, as long as the endpoint's own",
    "blocked",
    "AKA331",
    pools={"AKA331": ("apps",)},
)
def one_pool_dropped(title: str) -> Estate:
    estate = private(QUARRY, title)
    routes(estate, estate.subnet("snet-apps"), (estate.in_space("1.5/32"), "None", ""))
    return estate


@cluster(
    "The endpoint's subnet applies route tables, and the nodes' drop its range",
    "route tables in force end the endpoint's own route",
    "blocked",
    "AKA331",
)
def subnet_dropped_with_policies(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.subnet("snet-endpoints")["properties"]["privateEndpointNetworkPolicies"] = "RouteTableEnabled"
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), (estate.in_space("1.0/24"), "None", ""))
    return estate


@cluster(
    "The second pool's group denies the network before it allows HTTPS",
    "outbound rule of the nodes' subnet",
    "blocked",
    "AKA332",
    pools={"AKA332": ("apps",)},
)
def one_pool_denied(title: str) -> Estate:
    estate = private(ORCHARD, title)
    guard(
        estate,
        estate.subnet("snet-apps"),
        rule(300, "Deny", "virtualnetwork"),
        rule(310, "Allow", "VirtualNetwork", port="443", protocol="Tcp"),
    )
    return estate


@cluster(
    "The endpoint's subnet applies groups, and its group lets one pool in",
    "inbound rule at the endpoint, policies on",
    "blocked",
    "AKA332",
    pools={"AKA332": ("apps",)},
)
def one_pool_denied_at_the_endpoint(title: str) -> Estate:
    estate = private(QUARRY, title)
    subnet = estate.subnet("snet-endpoints")
    subnet["properties"]["privateEndpointNetworkPolicies"] = "Enabled"
    guard(
        estate,
        subnet,
        rule(100, "Allow", source=estate.in_space("0.0/24"), port="443", protocol="tcp", direction="Inbound"),
        rule(200, "Deny", direction="Inbound"),
    )
    return estate


@cluster(
    "The cluster's proxy takes the registry's names: a wildcard in noProxy counts for nothing",
    "noProxy takes suffixes, not wildcards",
    "blocked",
    "AKA344",
)
def no_proxy_by_wildcard(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.cluster["properties"]["httpProxyConfig"] = proxy("*.azurecr.io", "10.61.0.0/16")
    return estate


@cluster(
    "noProxy has the login server, and not the data endpoint",
    "noProxy must leave the data endpoint alone, too",
    "blocked",
    "AKA344",
)
def no_proxy_without_data(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.cluster["properties"]["httpProxyConfig"] = proxy("quarryregistry.azurecr.io")
    return estate


def proxy(*exceptions: str) -> dict[str, Any]:
    address = "http://10.61.9.9:8080/"
    return {
        "httpProxy": address,
        "httpsProxy": address,
        "noProxy": ["localhost", "127.0.0.1", "169.254.169.254", *exceptions],
    }


@cluster(
    "The registry is closed, admits the nodes' address, and has no private endpoint",
    "closed public access overrides every address rule",
    "blocked",
    "AKA202",
)
def closed_with_address_rules(title: str) -> Estate:
    estate = public(ORCHARD, title, ORCHARD.address)
    estate.registry["properties"]["publicNetworkAccess"] = "Disabled"
    return estate
