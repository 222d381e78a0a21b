"""Clusters of which the right answer is that it cannot be known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .estate import private, public
from .examination import cluster
from .networks import endpoint_in_hub, guard, half, move_endpoint, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, outbound, public_prefix

if TYPE_CHECKING:
    from .estate import Estate


@cluster(
    "The zone is in the hub's subscription, where nothing may be read",
    "a zone that may not be read",
    "undetermined",
    AKA301="unknown",
    AKA202="pass|unknown|not-applicable",
)
def zone_not_readable(title: str) -> Estate:
    estate = private(HARBOUR, title)
    old = f"{HARBOUR.scope}/Microsoft.Network/privateDnsZones"
    new = f"{HARBOUR.hub_scope}/Microsoft.Network/privateDnsZones"
    for key, body in list(estate.resources.items()):
        if "privatednszone" in key:
            del estate.resources[key]
            estate.put(json.loads(json.dumps(body).replace(old, new)))
    estate.refuse(f"/subscriptions/{HARBOUR.hub_subscription}", below=True)
    return estate


@cluster(
    "The endpoint's network is in a subscription that may not be read; our half is Connected",
    "the other half of a peering may not be read",
    "undetermined",
    AKA322="unknown|pass",
    AKA321="pass|unknown",
)
def endpoint_network_not_readable(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    peer(estate, estate.nodes, hub)
    estate.refuse(hub["id"], below=True)
    return estate


@cluster(
    "The firewall's policy is in a subscription that may not be read",
    "firewall rules that may not be read",
    "undetermined",
    AKA343="unknown",
)
def policy_not_readable(title: str) -> Estate:
    estate = public(ORCHARD, title)
    body = firewall(estate, names("*.azurecr.io", "*.blob.core.windows.net"))
    body["properties"]["firewallPolicy"]["id"] = (
        "/subscriptions/c0ffee00-1111-4222-8333-444455556666/resourceGroups/SecOps/providers/"
        "Microsoft.Network/firewallPolicies/Corporate"
    )
    estate.refuse("/subscriptions/c0ffee00-1111-4222-8333-444455556666", below=True)
    return estate


@cluster(
    "Both networks connect to a hub of a virtual WAN",
    "routes of a virtual WAN are not shown",
    "undetermined",
    AKA321="unknown|pass",
    AKA331="unknown|pass|not-applicable",
)
def behind_virtual_wan(title: str) -> Estate:
    estate = private(HARBOUR, title)
    spoke = network(estate, "vnet-Data", "10.95.0.0/16", endpoints="10.95.1.0/24")
    move_endpoint(estate, spoke["properties"]["subnets"][0], "10.95.1.")
    hub = {
        "id": (
            "/subscriptions/5be9d1c4-2222-4333-8444-555566667777/resourceGroups/RG_hub-se_1f0c2a3b/providers/"
            "Microsoft.Network/virtualNetworks/HV_hub-se_8d7e6f50"
        ),
        "name": "HV_hub-se_8d7e6f50",
        "properties": {"addressSpace": {"addressPrefixes": ["10.99.0.0/23"]}},
    }
    for near in (estate.nodes, spoke):
        half(estate, near, hub, useRemoteGateways=True, allowForwardedTraffic=False)
    return estate


@cluster(
    "The way to the endpoint's network is a route to the hub's gateway",
    "ways that are learnt from a gateway",
    "undetermined",
    AKA322="pass|unknown|not-applicable",
)
def behind_a_gateway(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", GatewaySubnet="10.90.255.0/27")
    spoke = network(estate, "vnet-Data", "10.95.0.0/16", endpoints="10.95.1.0/24")
    move_endpoint(estate, spoke["properties"]["subnets"][0], "10.95.1.")
    for near in (estate.nodes, spoke):
        half(estate, near, hub, useRemoteGateways=True)
        half(estate, hub, near, allowGatewayTransit=True)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("10.95.0.0/16", "VirtualNetworkGateway", ""))
    return estate


@cluster(
    "User-defined routing without a default route in the table; the hub's gateway may announce one",
    "a default route by BGP is not shown",
    "undetermined",
    AKA341="unknown|pass|not-applicable",
)
def default_route_by_bgp(title: str) -> Estate:
    estate = public(HARBOUR, title)
    outbound(estate, "userDefinedRouting")
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", GatewaySubnet="10.90.255.0/27")
    half(estate, estate.nodes, hub, useRemoteGateways=True)
    half(estate, hub, estate.nodes, allowGatewayTransit=True)
    for name in ("snet-nodes", "snet-apps"):
        estate.subnet(name)["properties"]["defaultOutboundAccess"] = False
        routes(estate, estate.subnet(name), ("10.200.0.0/16", "VirtualAppliance", "10.90.4.4"), bgp=True)
    return estate


@cluster(
    "A rule denies a service tag that is not known here",
    "what a tag holds is not shown",
    "undetermined",
    AKA342="unknown",
)
def unknown_tag(title: str) -> Estate:
    estate = public(ORCHARD, title)
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), rule(100, "Deny", "AzureArtifactFabric", port="443"))
    return estate


@cluster(
    "The peering's state is a word of the future",
    "a state that is not known is not a fault",
    "undetermined",
    AKA322="unknown",
)
def peering_state_of_the_future(title: str) -> Estate:
    estate = private(HARBOUR, title)
    peer(estate, estate.nodes, endpoint_in_hub(estate), peeringState="Migrating")
    return estate


@cluster(
    "The endpoint connection's status is a word of the future",
    "a status that is not known is not a fault",
    "undetermined",
    AKA311="unknown",
)
def connection_status_of_the_future(title: str) -> Estate:
    estate = private(QUARRY, title)
    for body in (
        estate.registry["properties"]["privateEndpointConnections"][0],
        estate.find("Microsoft.ContainerRegistry/registries/privateEndpointConnections"),
    ):
        body["properties"]["privateLinkServiceConnectionState"]["status"] = "Rebinding"
    return estate


@cluster(
    "The registry's default action is a word of the future",
    "an action that is not known admits and denies nothing",
    "undetermined",
    AKA201="unknown",
)
def default_action_of_the_future(title: str) -> Estate:
    estate = public(ORCHARD, title, "203.0.113.99")
    estate.registry["properties"]["networkRuleSet"]["defaultAction"] = "Audit"
    return estate


@cluster(
    "A route's kind of next hop is a word of the future",
    "a next hop that is not known leads nowhere known",
    "undetermined",
    AKA331="unknown",
)
def next_hop_of_the_future(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), (estate.in_space("1.5/32"), "ServiceMesh", ""))
    return estate


@cluster(
    "The endpoint's subnet has a policy word of the future, and a group that denies all",
    "whether a group is in force is not known",
    "undetermined",
    AKA332="unknown",
)
def policy_of_the_future(title: str) -> Estate:
    estate = private(QUARRY, title)
    subnet = estate.subnet("snet-endpoints")
    subnet["properties"]["privateEndpointNetworkPolicies"] = "ApplicationSecurityEnabled"
    guard(estate, subnet, rule(100, "Deny", direction="Inbound"))
    return estate


@cluster(
    "The zone lacks the record, and the link's resolution policy is a word of the future",
    "whether a missing record falls back is not known",
    "undetermined",
    AKA302="unknown",
)
def resolution_policy_of_the_future(title: str) -> Estate:
    estate = private(ORCHARD, title)
    estate.drop(estate.login)
    estate.drop(estate.data)
    estate.link["properties"]["resolutionPolicy"] = "NxDomainRecursive"
    estate.open()
    return estate


@cluster(
    "The load balancer leaves by a prefix in a subscription that may not be read",
    "addresses that may not be read",
    "undetermined",
    AKA201="unknown|not-applicable",
)
def own_prefix_not_readable(title: str) -> Estate:
    estate = public(QUARRY, title, "20.91.200.0/24")
    made = public_prefix(estate, "Egress", "20.91.200.16/28", QUARRY.hub_scope)
    profile = estate.cluster["properties"]["networkProfile"]["loadBalancerProfile"]
    profile["effectiveOutboundIPs"] = [{"id": made["id"].lower()}]
    estate.refuse(f"/subscriptions/{QUARRY.hub_subscription}", below=True)
    return estate


@cluster(
    "One DNS server is in a linked hub, the other is nowhere in Azure",
    "DNS servers that cannot be placed",
    "undetermined",
    AKA305="unknown",
)
def one_dns_server_on_premises(title: str) -> Estate:
    estate = private(ORCHARD, title)
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", dns="10.90.4.0/24")
    peer(estate, estate.nodes, hub)
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": ["10.90.4.4", "10.3.3.3"]}
    estate.link["properties"]["virtualNetwork"]["id"] = hub["id"]
    return estate


@cluster(
    "A proxy carries the requests, and the registry admits the load balancer's address only",
    "a proxy's own address is not shown",
    "undetermined",
    AKA203="unknown",
    AKA201="unknown|not-applicable",
)
def behind_a_proxy(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    estate.cluster["properties"]["httpProxyConfig"] = {
        "httpProxy": "http://10.61.9.9:8080/",
        "httpsProxy": "http://10.61.9.9:8080/",
        "noProxy": ["localhost", "127.0.0.1", "169.254.169.254"],
    }
    return estate


@cluster(
    "A route as long as the peering's leads to an appliance in the hub",
    "a route that takes the peering's place",
    "undetermined",
    AKA331="unknown",
)
def route_over_the_peering(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    hub["properties"]["subnets"][0]["properties"]["privateEndpointNetworkPolicies"] = "Enabled"
    peer(estate, estate.nodes, hub)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("10.90.0.0/16", "VirtualAppliance", "10.90.2.4"))
    return estate
