"""Edges between two ways: service endpoints beside firewalls, two zones, two endpoints, two address families."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .doors import ENDPOINT, admit_subnets
from .estate import private, public
from .examination import cluster
from .networks import endpoint_in_hub, guard, half, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, outbound, public_address, public_prefix

if TYPE_CHECKING:
    from .estate import Estate

FINE = "pass|not-applicable"
_POOLS = ("snet-nodes", "snet-apps")


@cluster("Our half is Connected, the hub's is Disconnected", "one half of a peering is down", "blocked", "AKA322")
def one_half_down(title: str) -> Estate:
    estate = private(HARBOUR, title)
    hub = endpoint_in_hub(estate)
    half(estate, estate.nodes, hub)
    half(estate, hub, estate.nodes, peeringState="Disconnected")
    return estate


@cluster(
    "The hub's half is for subnets among which the endpoint's is not",
    "a peering of some subnets leaves the endpoint out",
    "blocked",
    "AKA324",
)
def endpoint_subnet_left_out(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    ours, theirs = ["snet-nodes", "snet-apps"], ["shared"]
    half(estate, estate.nodes, hub, peerCompleteVnets=False, localSubnetNames=ours, remoteSubnetNames=theirs)
    half(estate, hub, estate.nodes, peerCompleteVnets=False, localSubnetNames=theirs, remoteSubnetNames=ours)
    return estate


@cluster(
    "Everything is sent home through a gateway",
    "forced tunnelling leaves Azure",
    "undetermined",
    AKA203="unknown",
    AKA201="unknown|not-applicable",
)
def forced_tunnelling(title: str) -> Estate:
    estate = public(ORCHARD, title, ORCHARD.address)
    outbound(estate, "userDefinedRouting")
    for name in _POOLS:
        routes(estate, estate.subnet(name), ("0.0.0.0/0", "VirtualNetworkGateway", ""))
    return estate


@cluster(
    "Own NAT gateways with prefixes and no addresses, all admitted",
    "a NAT gateway may leave by prefixes",
    "clear",
    AKA201="pass",
)
def nat_gateway_by_prefix(title: str) -> Estate:
    estate = public(HARBOUR, title, "20.91.150.0/29", "20.91.150.8/29")
    outbound(estate, "userAssignedNATGateway")
    gateway = estate.part("natGateway", f"{HARBOUR.scope}/Microsoft.Network/natGateways/nat", HARBOUR.region)
    prefix = public_prefix(estate, "nat-prefix", "20.91.150.0/28")
    gateway["properties"] |= {"publicIpAddresses": [], "publicIpPrefixes": [{"id": prefix["id"].lower()}]}
    for name in _POOLS:
        estate.subnet(name)["properties"]["natGateway"] = {"id": gateway["id"]}
    return estate


@cluster(
    "A managed NAT gateway of the second version, whose address is admitted",
    "the outbound type managedNATGatewayV2",
    "clear",
    AKA201="pass",
    AKA341="pass",
)
def managed_nat_of_the_second_version(title: str) -> Estate:
    estate = public(QUARRY, title, "20.27.3.3")
    address = public_address(estate, "managed-nat", "20.27.3.3")
    outbound(estate, "managedNATGatewayV2", natGatewayProfile={"effectiveOutboundIPs": [{"id": address["id"]}]})
    return estate


@cluster(
    "An outbound type of the future",
    "an outbound type that is not known",
    "undetermined",
    AKA203="unknown",
    AKA201="unknown|not-applicable",
)
def outbound_type_of_the_future(title: str) -> Estate:
    estate = public(ORCHARD, title, ORCHARD.address)
    outbound(estate, "managedEgressFabric")
    return estate


def _two_families(estate: Estate) -> None:
    for number, name in ((0, "snet-nodes"), (2, "snet-apps")):
        properties = estate.subnet(name)["properties"]
        del properties["addressPrefix"]
        properties["addressPrefixes"] = [f"fd00:61:{number}::/64", estate.in_space(f"{number}.0/24")]
    estate.nodes["properties"]["addressSpace"]["addressPrefixes"].append("fd00:61::/32")
    estate.cluster["properties"]["networkProfile"]["ipFamilies"] = ["IPv4", "IPv6"]


@cluster(
    "Subnets of two address families; a rule denies the IPv4 range of one",
    "a subnet may have several prefixes",
    "blocked",
    "AKA332",
    pools={"AKA332": ("apps",)},
)
def two_families_denied(title: str) -> Estate:
    estate = private(HARBOUR, title)
    _two_families(estate)
    denies = rule(300, "Deny", "VirtualNetwork", source=estate.in_space("2.0/24"), port="443")
    for name in _POOLS:
        guard(estate, estate.subnet(name), denies)
    return estate


@cluster(
    "Subnets of two address families; the endpoint's group lets their IPv4 ranges in, and nothing else",
    "a private endpoint is asked over IPv4",
    "clear",
    AKA332="pass",
)
def two_families_let_in(title: str) -> Estate:
    estate = private(QUARRY, title)
    _two_families(estate)
    subnet = estate.subnet("snet-endpoints")
    subnet["properties"]["privateEndpointNetworkPolicies"] = "Enabled"
    guard(
        estate,
        subnet,
        rule(100, "Allow", source="192.168.0.0/22", port="443", direction="Inbound"),
        rule(200, "Deny", direction="Inbound"),
    )
    return estate


def _zone_by_hand(estate: Estate, scope: str, login: str, data: str) -> None:
    """The nodes' link is to a zone of the same name in another group, with records made by hand."""
    old, new = (f"{place}/Microsoft.Network/privateDnsZones" for place in (estate.site.scope, scope))
    link = estate.link
    for body, address in ((estate.zone, ""), (link, ""), (estate.login, login), (estate.data, data)):
        made = json.loads(json.dumps(body).replace(old, new))
        if address:
            made["properties"]["aRecords"] = [{"ipv4Address": address}]
        estate.put(made)
    estate.drop(link)


@cluster(
    "The nodes are linked to another zone of that name, whose records were made by hand and are right",
    "the zone that is linked answers, whoever keeps it",
    "clear",
    AKA301="pass",
    AKA302="pass",
    AKA303="pass",
)
def zone_kept_by_hand(title: str) -> Estate:
    estate = private(HARBOUR, title)
    other_group = HARBOUR.scope.replace(HARBOUR.group, "Rg-Dns")
    _zone_by_hand(estate, other_group, estate.in_space("1.5"), estate.in_space("1.4"))
    return estate


@cluster(
    "The nodes are linked to another zone of that name, whose records were made by hand and have the addresses swapped",
    "login server and data endpoint have addresses of their own",
    "blocked",
    "AKA303",
)
def records_swapped(title: str) -> Estate:
    estate = private(QUARRY, title)
    other_group = QUARRY.scope.replace(QUARRY.group, "Rg-Dns")
    _zone_by_hand(estate, other_group, estate.in_space("1.4"), estate.in_space("1.5"))
    return estate


@cluster(
    "The zone that is linked to the nodes is in a readable subscription that nothing else names",
    "a zone may be in any subscription that the caller can read",
    "clear",
    AKA301="pass",
)
def zone_in_unnamed_subscription(title: str) -> Estate:
    estate = private(HARBOUR, title)
    _zone_by_hand(estate, HARBOUR.hub_scope, estate.in_space("1.5"), estate.in_space("1.4"))
    return estate


def _second_endpoint(estate: Estate, subnet: Any, start: str) -> None:
    """Another approved endpoint, `acr-second`, at `start`4 and `start`5."""
    old = estate.subnet("snet-endpoints")["id"]
    for body in (estate.endpoint, estate.interface, estate.registry["properties"]["privateEndpointConnections"][0]):
        text = json.dumps(body).replace("acr-endpoint", "acr-second").replace("ACR-ENDPOINT", "ACR-SECOND")
        text = text.replace(old, subnet["id"]).replace(old.lower(), subnet["id"].lower())
        text = text.replace(estate.in_space("1."), start)
        made = json.loads(text.replace("59f404576d2643a59fdc2bc43667619f", "1122334455667788990011223344aabb"))
        if "privateEndpointConnections" in made["type"]:
            estate.registry["properties"]["privateEndpointConnections"].append(made)
        estate.put(made)


@cluster(
    "The records point at the endpoint of the peered hub, although one is in the nodes' network, too",
    "any endpoint within reach will do",
    "clear",
    AKA303="pass",
    AKA322="pass",
)
def endpoint_of_the_hub_is_used(title: str) -> Estate:
    estate = private(ORCHARD, title)
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", endpoints="10.90.1.0/24")
    peer(estate, estate.nodes, hub)
    _second_endpoint(estate, hub["properties"]["subnets"][0], "10.90.1.")
    for record, last in ((estate.login, "5"), (estate.data, "4")):
        record["properties"]["aRecords"] = [{"ipv4Address": f"10.90.1.{last}"}]
    return estate


@cluster(
    "Azure writes disabled in small letters",
    "settings compare without regard to case",
    "blocked",
    "AKA202",
)
def closed_in_small_letters(title: str) -> Estate:
    estate = public(HARBOUR, title)
    estate.registry["properties"]["publicNetworkAccess"] = "disabled"
    return estate


@cluster(
    "Rules deny other protocols, and the public addresses of registry and storage, which nobody asks",
    "a tag of public addresses does not hold a private endpoint",
    "clear",
    AKA332="pass",
    AKA342=FINE,
    AKA351=FINE,
)
def public_tags_denied(title: str) -> Estate:
    estate = private(QUARRY, title)
    for name in _POOLS:
        guard(
            estate,
            estate.subnet(name),
            rule(100, "Deny", protocol="Icmp"),
            rule(101, "Deny", protocol="Udp"),
            rule(102, "Deny", "AzureContainerRegistry"),
            rule(103, "Deny", "Storage"),
            rule(104, "Deny", "AzureFrontDoor.FirstParty"),
        )
    return estate


@cluster(
    "The firewall on the default route knows no registry; service endpoints take registry and storage past it",
    "a service endpoint's routes are longer than a default route",
    "clear",
    AKA343=FINE,
    AKA204=FINE,
    AKA201=FINE,
)
def service_endpoints_past_the_firewall(title: str) -> Estate:
    estate = public(HARBOUR, title, "203.0.113.99")
    firewall(estate, names("mcr.microsoft.com"))
    admit_subnets(estate, *_POOLS)
    storage = ENDPOINT | {"service": "Microsoft.Storage"}
    for name in _POOLS:
        estate.subnet(name)["properties"]["serviceEndpoints"] = [ENDPOINT, storage]
    return estate


@cluster(
    "The firewall admits the registry and not storage, and a service endpoint takes storage past it",
    "a service endpoint's routes are longer than a default route",
    "clear",
    AKA343=FINE,
    AKA351="pass",
)
def storage_past_the_firewall(title: str) -> Estate:
    estate = public(ORCHARD, title)
    firewall(estate, names("*.azurecr.io"))
    for name in _POOLS:
        estate.subnet(name)["properties"]["serviceEndpoints"] = [ENDPOINT | {"service": "Microsoft.Storage"}]
    return estate
