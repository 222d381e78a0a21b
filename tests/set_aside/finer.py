"""Finer points of the way to a private endpoint: the way back, Windows pools, ports, endpoints that were lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .doors import ENDPOINT
from .estate import private
from .examination import cluster
from .networks import endpoint_in_hub, guard, half, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .way import over_a_hub, proxy

if TYPE_CHECKING:
    from .estate import Estate


@cluster(
    "The nodes' network has grown, the second pool is in the new range, and the hub's half does not know it",
    "peering out of sync where a pool is: answers do not come back",
    "blocked",
    "AKA323",
    pools={"AKA323": ("apps",)},
)
def answers_do_not_come_back(title: str) -> Estate:
    estate = private(HARBOUR, title)
    hub = endpoint_in_hub(estate)
    estate.nodes["properties"]["addressSpace"] = {"addressPrefixes": ["10.61.0.0/16", "10.64.0.0/16"]}
    estate.subnet("snet-apps")["properties"]["addressPrefix"] = "10.64.2.0/24"
    known = {"addressPrefixes": ["10.61.0.0/16"]}
    half(estate, estate.nodes, hub, peeringSyncLevel="LocalNotInSync")
    half(estate, hub, estate.nodes, peeringSyncLevel="RemoteNotInSync", remoteAddressSpace=known)
    return estate


@cluster(
    "The endpoint was cut off by its registry, and its record is left",
    "a connection that is Disconnected is not approved again, but made anew",
    "blocked",
    "AKA311",
)
def endpoint_disconnected(title: str) -> Estate:
    estate = private(ORCHARD, title)
    for body in (
        estate.registry["properties"]["privateEndpointConnections"][0],
        estate.find("Microsoft.ContainerRegistry/registries/privateEndpointConnections"),
    ):
        body["properties"]["privateLinkServiceConnectionState"]["status"] = "disconnected"
    return estate


@cluster(
    "One pool is Windows, which the proxy does not apply to",
    "a cluster's proxy is for Linux pools",
    "blocked",
    "AKA344",
    pools={"AKA344": ("system",)},
)
def windows_pool_without_proxy(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.pool("apps").update(osType="Windows", osSKU="Windows2022")
    estate.cluster["properties"]["httpProxyConfig"] = proxy("192.168.0.0/16")
    return estate


@cluster(
    "noProxy names the registry's domain without a dot, in capitals",
    "a domain in noProxy covers what is under it",
    "clear",
    AKA344="pass",
)
def no_proxy_by_domain(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.cluster["properties"]["httpProxyConfig"] = proxy("AZURECR.IO")
    return estate


@cluster(
    "The proxy is configured and turned off",
    "a proxy that is not enabled is not in the way",
    "clear",
    AKA344="pass|not-applicable",
)
def proxy_turned_off(title: str) -> Estate:
    estate = private(ORCHARD, title)
    estate.cluster["properties"]["httpProxyConfig"] = proxy() | {"enabled": False}
    return estate


@cluster(
    "The subnets have the registry's service endpoint, and the private endpoint serves them",
    "a service endpoint does not bear on private addresses",
    "clear",
    AKA204="pass|not-applicable",
)
def service_endpoint_beside_private_endpoint(title: str) -> Estate:
    estate = private(QUARRY, title)
    for name in ("snet-nodes", "snet-apps"):
        estate.subnet(name)["properties"]["serviceEndpoints"] = [ENDPOINT]
    return estate


@cluster(
    "The endpoint's subnet applies groups, and its group has the default rules only",
    "peered networks are the virtual network to a rule",
    "clear",
    AKA332="pass",
)
def default_rules_at_the_endpoint(title: str) -> Estate:
    estate = private(HARBOUR, title)
    hub = endpoint_in_hub(estate)
    peer(estate, estate.nodes, hub)
    subnet = estate.subnet("endpoints", hub)
    subnet["properties"]["privateEndpointNetworkPolicies"] = "NetworkSecurityGroupEnabled"
    guard(estate, subnet)
    return estate


@cluster(
    "A rule denies from a source port that no node asks from",
    "source ports of rules",
    "clear",
    AKA332="pass",
)
def rule_of_a_source_port(title: str) -> Estate:
    estate = private(ORCHARD, title)
    denies = rule(100, "Deny", "VirtualNetwork") | {"sourcePortRange": "443"}
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), denies)
    return estate


@cluster(
    "A rule denies lists of prefixes and ports, among which are the endpoint and HTTPS",
    "lists of prefixes and ports in a rule",
    "blocked",
    "AKA332",
)
def rule_of_lists(title: str) -> Estate:
    estate = private(QUARRY, title)
    denies = rule(150, "Deny") | {
        "destinationPortRanges": ["80", "440-444"],
        "destinationAddressPrefixes": ["10.0.0.0/8", "192.168.1.0/29"],
    }
    del denies["destinationPortRange"], denies["destinationAddressPrefix"]
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), denies)
    return estate


@cluster(
    "A way over a hub's appliance, all open",
    "a hub, an appliance and routes make a way, whose rules are not shown",
    "undetermined",
    AKA321="pass",
    AKA322="pass",
    AKA324="pass",
    AKA331="unknown",
)
def over_an_appliance(title: str) -> Estate:
    estate = private(HARBOUR, title)
    over_a_hub(estate)
    return estate


@cluster(
    "The second pool's network may not be read; the first pool's group denies the endpoint",
    "what is known to fail fails, beside what may not be read",
    "blocked",
    "AKA332",
    pools={"AKA332": ("system",)},
)
def one_denied_one_not_readable(title: str) -> Estate:
    estate = private(ORCHARD, title)
    own = network(estate, "Orchard.Apps", "172.23.0.0/16", pods="172.23.4.0/24")
    peer(estate, estate.nodes, own)
    estate.put_pool_in("apps", own["properties"]["subnets"][0]["id"])
    guard(estate, estate.subnet("snet-nodes"), rule(300, "Deny", "*", port="443"))
    estate.refuse(own["id"], below=True)
    return estate


@cluster(
    "Routes keep the endpoint's range in the network, before a shorter one that drops it",
    "the longest route decides, with route tables in force at the endpoint",
    "clear",
    AKA331="pass",
)
def kept_in_the_network(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.subnet("snet-endpoints")["properties"]["privateEndpointNetworkPolicies"] = "Enabled"
    for name in ("snet-nodes", "snet-apps"):
        routes(
            estate,
            estate.subnet(name),
            (estate.in_space("0.0/16"), "None", ""),
            (estate.in_space("1.0/24"), "VnetLocal", ""),
        )
    return estate


@cluster(
    "No access by the peering's setting, and rules that allow the endpoint by its address",
    "the setting takes the peer out of a service tag, and no more",
    "clear",
    AKA324="pass",
    wrong="AKA324 fails by the setting alone, whatever the security rules allow",
)
def allowed_by_rule_in_spite_of_the_peering(title: str) -> Estate:
    estate = private(HARBOUR, title)
    hub = endpoint_in_hub(estate)
    half(estate, estate.nodes, hub, allowVirtualNetworkAccess=False)
    half(estate, hub, estate.nodes)
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), rule(100, "Allow", "10.90.1.0/24", port="443", protocol="Tcp"))
    return estate


@cluster(
    "A rule's destination has host bits set",
    "bits beyond the mask do not count",
    "blocked",
    "AKA332",
)
def prefix_with_host_bits(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), rule(100, "Deny", estate.in_space("1.77/24"), port="443"))
    return estate
