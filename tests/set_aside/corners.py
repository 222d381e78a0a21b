"""Corners: DNS servers in a row, tiers and keys, half-removed things, IPv6, pools in networks of their own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .doors import admit_subnets
from .estate import private, public
from .examination import cluster
from .networks import endpoint_in_hub, guard, network, peer, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .way import over_a_hub
from .ways_out import outbound, public_address

if TYPE_CHECKING:
    from .estate import Estate

FINE = "pass|not-applicable"


@cluster(
    "Two DNS servers in two hubs, the first linked to the zone, the second not",
    "every DNS server answers for its own network",
    "at-risk",
    "AKA305",
    AKA305="warn",
)
def second_server_not_linked(title: str) -> Estate:
    estate = private(HARBOUR, title)
    first = network(estate, "vnet-HubA", "10.90.0.0/16", dns="10.90.4.0/24")
    second = network(estate, "vnet-HubB", "10.92.0.0/16", dns="10.92.4.0/24")
    peer(estate, estate.nodes, first)
    peer(estate, estate.nodes, second)
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": ["10.90.4.4", "10.92.4.4"]}
    estate.link["properties"]["virtualNetwork"]["id"] = first["id"]
    return estate


@cluster(
    "Azure's own resolver, and a DNS server that Azure does not place after it",
    "DNS servers that cannot be placed",
    "undetermined",
    AKA305="unknown",
)
def azure_dns_and_another(title: str) -> Estate:
    estate = private(ORCHARD, title)
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": ["168.63.129.16", "10.3.3.3"]}
    return estate


@cluster(
    "A registry of the Standard tier has address rules, which only Premium applies",
    "rules of a tier that ignores them",
    "at-risk",
    "AKA205",
    AKA205="warn",
    AKA201=FINE,
)
def rules_of_a_lower_tier(title: str) -> Estate:
    estate = public(QUARRY, title, "198.51.100.0/24")
    estate.registry["sku"] = {"name": "Standard", "tier": "Standard"}
    return estate


@cluster(
    "The registry's rules name a subnet without service endpoint, and nodes come by the private endpoint",
    "subnet rules do not bear on private endpoints",
    "clear",
    AKA204=FINE,
    AKA201=FINE,
)
def subnet_rule_beside_private_endpoint(title: str) -> Estate:
    estate = private(ORCHARD, title)
    estate.admit("203.0.113.99")
    admit_subnets(estate, "snet-nodes")
    return estate


@cluster(
    "The hub between the two networks was deleted, and the halves that led there still say Connected",
    "the other side of a peering is gone",
    "blocked",
    "AKA322",
)
def hub_deleted(title: str) -> Estate:
    estate = private(QUARRY, title)
    over_a_hub(estate)
    estate.drop(estate.find("Microsoft.Network/virtualNetworks", "vnet-Hub"))
    return estate


@cluster(
    "The cluster leaves by an IPv6 address alone, and the registry's rules are for IPv4",
    "registry rules know IPv4 only",
    "undetermined",
    AKA203="unknown",
)
def leaves_by_ipv6(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    address = public_address(estate, "egress-v6", "2603:1020:5:2::1f")
    address["properties"]["publicIPAddressVersion"] = "IPv6"
    settings = estate.cluster["properties"]["networkProfile"]
    settings["loadBalancerProfile"]["effectiveOutboundIPs"] = [{"id": address["id"]}]
    settings["ipFamilies"] = ["IPv6"]
    return estate


@cluster(
    "A rule denies Azure's public addresses, the registry's among them",
    "AzureCloud holds registries",
    "blocked",
    "AKA342",
)
def azure_denied(title: str) -> Estate:
    estate = public(ORCHARD, title)
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), rule(300, "Deny", "azurecloud", port="0-65535"))
    return estate


@cluster(
    "The second pool is in a network of its own, peered and linked",
    "a pool in another network, all in order",
    "clear",
    AKA301="pass",
    AKA322="pass",
)
def pool_in_linked_network(title: str) -> Estate:
    estate = private(QUARRY, title)
    own = network(estate, "quarry-apps", "10.66.0.0/16", pods="10.66.4.0/24")
    peer(estate, estate.nodes, own)
    estate.put_pool_in("apps", own["properties"]["subnets"][0]["id"])
    link = copy.deepcopy(estate.link)
    link |= {"name": "to-apps", "id": link["id"].replace("/to-nodes", "/to-apps")}
    link["properties"]["virtualNetwork"]["id"] = own["id"].upper()
    estate.put(link)
    return estate


@cluster(
    "The zone has the record of harbourimage, whose name only begins like the registry's",
    "records are told apart by their whole name",
    "blocked",
    "AKA302",
)
def record_of_shorter_name(title: str) -> Estate:
    estate = private(HARBOUR, title)
    record = copy.deepcopy(estate.login)
    estate.drop(estate.login)
    estate.put(record | {"id": record["id"][:-1], "name": record["name"][:-1]})
    return estate


@cluster(
    "A connection is listed whose endpoint is gone, before the one that serves the nodes",
    "an endpoint that serves nobody is no fault",
    "clear",
    AKA311="pass",
)
def connection_without_endpoint(title: str) -> Estate:
    estate = private(ORCHARD, title)
    connections = estate.registry["properties"]["privateEndpointConnections"]
    gone = copy.deepcopy(connections[0])
    gone["name"] = "OrchardAcr07.deadbeef"
    gone["id"] = gone["id"].rpartition("/")[0] + "/OrchardAcr07.deadbeef"
    del gone["properties"]["privateEndpoint"]
    gone["properties"]["privateLinkServiceConnectionState"]["status"] = "Disconnected"
    connections.insert(0, gone)
    estate.put(copy.deepcopy(gone))
    return estate


@cluster(
    "A network-isolated cluster has its images of Microsoft's from a registry of AKS, and this one by its endpoint",
    "the bootstrap registry is another registry",
    "clear",
    AKA341=FINE,
    AKA202=FINE,
)
def bootstrap_from_cache(title: str) -> Estate:
    estate = private(HARBOUR, title)
    outbound(estate, "none")
    scope = HARBOUR.scope.replace(HARBOUR.group, HARBOUR.node_group)
    estate.cluster["properties"]["bootstrapProfile"] = {
        "artifactSource": "Cache",
        "containerRegistryId": f"{scope}/Microsoft.ContainerRegistry/registries/bootstrap7f3a",
    }
    return estate


@cluster(
    "The peered hub is in another part of the world",
    "global peering carries private endpoints",
    "clear",
    AKA322="pass",
    AKA324="pass",
)
def endpoint_far_away(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    hub["location"] = "southafricanorth"
    peer(estate, estate.nodes, hub, allowForwardedTraffic=False)
    return estate


@cluster(
    "The load balancer has no outbound address, and nothing else leads out",
    "an outbound path without an address",
    "blocked",
    "AKA341",
)
def no_outbound_address(title: str) -> Estate:
    estate = public(ORCHARD, title)
    estate.cluster["properties"]["networkProfile"]["loadBalancerProfile"]["effectiveOutboundIPs"] = []
    return estate
