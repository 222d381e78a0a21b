"""Private clusters that look broken and are healthy."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .estate import private
from .examination import cluster
from .layers import restrict_storage
from .networks import endpoint_in_hub, guard, half, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import outbound

if TYPE_CHECKING:
    from .estate import Estate

FINE = "pass|not-applicable"


@cluster(
    "Everything is denied, after HTTPS to the endpoints is allowed; other rules deny other things before",
    "the first rule that matches ends it",
    "clear",
    AKA332="pass",
)
def denied_after_allowed(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        guard(
            estate,
            estate.subnet(name),
            rule(4096, "Deny"),
            rule(200, "Allow", estate.in_space("1.0/28"), port="443", protocol="TCP"),
            rule(190, "Deny", estate.in_space("1.16/28"), port="443"),
            rule(180, "Deny", "VirtualNetwork", port="442-442"),
            rule(170, "Deny", "VirtualNetwork", source=estate.in_space("9.0/24")),
            rule(168, "Allow", "AzurePlatformDNS"),
            rule(160, "Deny", direction="Inbound"),
        )
    return estate


@cluster(
    "The default route leads to an appliance, beside the endpoint's own route",
    "an endpoint's own route is longer than a default route",
    "clear",
    AKA331=FINE,
    AKA341=FINE,
)
def default_route_to_appliance(title: str) -> Estate:
    estate = private(QUARRY, title)
    outbound(estate, "userDefinedRouting")
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("0.0.0.0/0", "VirtualAppliance", "192.168.9.4"))
    return estate


@cluster(
    "The group of the endpoint's subnet denies all, in a subnet that applies route tables only",
    "security groups at an endpoint count where policies say so",
    "clear",
    AKA332="pass",
)
def group_not_in_force_at_the_endpoint(title: str) -> Estate:
    estate = private(ORCHARD, title)
    subnet = estate.subnet("snet-endpoints")
    subnet["properties"]["privateEndpointNetworkPolicies"] = "RouteTableEnabled"
    guard(estate, subnet, rule(100, "Deny", direction="Inbound"))
    return estate


@cluster(
    "An empty zone is linked, falls back to public names, and the public side is open",
    "fallback to the internet of a link",
    "clear",
    AKA302=FINE,
)
def empty_zone_that_falls_back(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.drop(estate.login)
    estate.drop(estate.data)
    estate.link["properties"]["resolutionPolicy"] = "NxDomainRedirect"
    estate.admit(HARBOUR.address)
    return estate


@cluster(
    "The peering is out of sync by a range that the endpoint is not in, and takes no forwarded traffic",
    "out of sync and forwarded traffic do not matter here",
    "clear",
    AKA323="pass",
    AKA324="pass",
)
def peering_out_of_sync_elsewhere(title: str) -> Estate:
    estate = private(ORCHARD, title)
    hub = endpoint_in_hub(estate)
    known = {"addressPrefixes": ["10.90.0.0/16"]}
    hub["properties"]["addressSpace"] = {"addressPrefixes": ["10.90.0.0/16", "10.91.0.0/16"]}
    half(
        estate,
        estate.nodes,
        hub,
        peeringSyncLevel="RemoteNotInSync",
        remoteAddressSpace=known,
        allowForwardedTraffic=False,
    )
    half(estate, hub, estate.nodes, peeringSyncLevel="LocalNotInSync", allowForwardedTraffic=False)
    return estate


@cluster(
    "A peering that tells no sync level, as older versions answer",
    "what is not told is not out of sync",
    "clear",
    AKA323="pass",
)
def sync_level_not_told(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for body in peer(estate, estate.nodes, endpoint_in_hub(estate)):
        del body["properties"]["peeringSyncLevel"]
    return estate


@cluster(
    "A peering of some subnets that covers both pools' and the endpoint's",
    "peering of some subnets, with all that matter",
    "clear",
    AKA324="pass",
)
def peering_of_the_right_subnets(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    ours, theirs = ["snet-Nodes", "snet-apps"], ["ENDPOINTS"]
    half(estate, estate.nodes, hub, peerCompleteVnets=False, localSubnetNames=ours, remoteSubnetNames=theirs)
    half(estate, hub, estate.nodes, peerCompleteVnets=False, localSubnetNames=theirs, remoteSubnetNames=ours)
    return estate


@cluster(
    "A second endpoint waits for approval, beside the approved one that serves the nodes",
    "an endpoint that serves others is no fault",
    "clear",
    AKA311="pass",
)
def second_endpoint_pending(title: str) -> Estate:
    estate = private(ORCHARD, title)
    second = copy.deepcopy(estate.registry["properties"]["privateEndpointConnections"][0])
    old, new = "59f404576d2643a59fdc2bc43667619f", "0a1b2c3d4e5f40718293a4b5c6d7e8f9"
    second["id"], second["name"] = second["id"].replace(old, new), second["name"].replace(old, new)
    second["properties"]["privateEndpoint"]["id"] = (
        "/subscriptions/77777777-0000-4000-8000-000000000007/resourceGroups/partner/providers/"
        "Microsoft.Network/privateEndpoints/partner-acr"
    )
    second["properties"]["privateLinkServiceConnectionState"] = {"status": "Pending", "description": "please"}
    estate.registry["properties"]["privateEndpointConnections"].insert(0, second)
    estate.put(copy.deepcopy(second))
    return estate


@cluster(
    "A zone of the data endpoint's region is linked, too, and holds the record",
    "a second zone that answers right",
    "clear",
    AKA304="pass",
    AKA302="pass",
)
def second_zone_with_the_record(title: str) -> Estate:
    estate = private(HARBOUR, title)
    name = "swedencentral.data.privatelink.azurecr.io"
    zone, link, record = copy.deepcopy(estate.zone), copy.deepcopy(estate.link), copy.deepcopy(estate.data)
    zone |= {"id": zone["id"].replace("privatelink.azurecr.io", name), "name": name}
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    record |= {"id": f"{zone['id']}/A/harbourimages", "name": "harbourimages"}
    for body in (zone, link, record):
        estate.put(body)
    return estate


@cluster(
    "A private zone azurecr.io exists, and is linked to another network",
    "a zone that is not linked here hides nothing",
    "clear",
    AKA304="pass",
)
def hiding_zone_elsewhere(title: str) -> Estate:
    estate = private(QUARRY, title)
    zone, link = copy.deepcopy(estate.zone), copy.deepcopy(estate.link)
    zone |= {"id": zone["id"].replace("privatelink.azurecr.io", "azurecr.io"), "name": "azurecr.io"}
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    link["properties"]["virtualNetwork"]["id"] = f"{estate.nodes['id']}-lab"
    estate.put(zone)
    estate.put(link)
    return estate


@cluster(
    "The login server's record is a wildcard that points at the endpoint",
    "a wildcard is a record",
    "clear",
    AKA302="pass",
    AKA303="pass",
)
def record_is_a_wildcard(title: str) -> Estate:
    estate = private(ORCHARD, title)
    record = copy.deepcopy(estate.login)
    estate.drop(estate.login)
    record |= {"id": record["id"].replace("/A/orchardacr07", "/A/*"), "name": "*"}
    record["properties"]["fqdn"] = "*.privatelink.azurecr.io."
    estate.put(record)
    return estate


@cluster(
    "The network names Azure's own resolver as its DNS server",
    "168.63.129.16 is Azure DNS",
    "clear",
    AKA305="pass|not-applicable",
    AKA301="pass",
)
def azure_dns_by_address(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": ["168.63.129.16"]}
    return estate


@cluster(
    "Routes drop the endpoint's neighbours, and its whole range where only its own route counts",
    "routes for other prefixes, and shorter ones than the endpoint's own",
    "clear",
    AKA331="pass",
)
def other_prefixes_dropped(title: str) -> Estate:
    estate = private(QUARRY, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(
            estate,
            estate.subnet(name),
            (estate.in_space("1.0/30"), "None", ""),
            (estate.in_space("1.6/32"), "None", ""),
            (estate.in_space("1.0/24"), "None", ""),
        )
    return estate


@cluster(
    "No egress at all, and the registry by its private endpoint",
    "a private path needs no egress",
    "clear",
    AKA341=FINE,
    AKA351=FINE,
)
def isolated_with_endpoint(title: str) -> Estate:
    estate = private(HARBOUR, title)
    outbound(estate, "none")
    for name in ("snet-nodes", "snet-apps"):
        estate.subnet(name)["properties"]["defaultOutboundAccess"] = False
        guard(estate, estate.subnet(name), rule(4000, "Deny", "Internet"))
    return estate


@cluster(
    "A service endpoint policy keeps storage from the nodes, whose layers come by the private endpoint",
    "layers of a private endpoint are not asked of storage",
    "clear",
    AKA351=FINE,
)
def storage_policy_beside_endpoint(title: str) -> Estate:
    estate = private(QUARRY, title)
    restrict_storage(estate, "snet-nodes", "snet-apps")
    return estate


@cluster(
    "Another company's private endpoint, and a zone for another network; the cluster uses the open public side",
    "an endpoint that serves others does not matter",
    "clear",
    AKA301=FINE,
    AKA321=FINE,
    AKA202=FINE,
)
def endpoint_for_others(title: str) -> Estate:
    estate = private(ORCHARD, title)
    hub = endpoint_in_hub(estate)
    estate.link["properties"]["virtualNetwork"]["id"] = hub["id"]
    estate.admit(ORCHARD.address)
    return estate


@cluster(
    "The zone has 4,000 records of other registries, and this one's among them",
    "a long zone",
    "clear",
    AKA302="pass",
)
def long_zone(title: str) -> Estate:
    estate = private(ORCHARD, title)
    for number in range(4000):
        record = copy.deepcopy(estate.data) if number % 2 else copy.deepcopy(estate.login)
        name = record["name"].replace("orchardacr07", f"registry{number:04}")
        record |= {"id": record["id"].rpartition("/")[0] + f"/{name}", "name": name}
        estate.put(record)
    return estate


@cluster(
    "A network of the same name in another group, with the fault; a second link of the zone for it",
    "networks of one name are told apart by their ids",
    "clear",
    AKA301="pass",
    AKA322=FINE,
)
def network_of_the_same_name(title: str) -> Estate:
    estate = private(HARBOUR, title)
    twin = network(estate, "vnet1", "10.61.0.0/16", scope=HARBOUR.scope.replace("Rg-Harbour", "Rg-Harbour2"))
    twin["properties"]["dhcpOptions"] = {"dnsServers": ["10.61.200.4"]}
    link = copy.deepcopy(estate.link)
    link |= {"name": "twin", "id": link["id"].replace("/to-nodes", "/twin")}
    link["properties"]["virtualNetwork"]["id"] = twin["id"]
    link["properties"]["virtualNetworkLinkState"] = "InProgress"
    estate.put(link)
    return estate


@cluster(
    "A route drops a range of public addresses, and all that a pull needs is private",
    "a private path needs no egress",
    "clear",
    AKA331="pass",
    AKA341=FINE,
)
def public_range_dropped(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("20.0.0.0/8", "None", ""))
    return estate
