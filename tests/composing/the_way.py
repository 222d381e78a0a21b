"""Situations of 202 and 3xx: private endpoints, private DNS, peerings."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from worlds import HUB_SUBSCRIPTION, SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = "recorded_private_endpoint"
_ATTACHED = "recorded_public_attached"
_GROUP = f"{SUBSCRIPTION}/resourceGroups/clitest000001"
_HUB = f"{HUB_SUBSCRIPTION}/resourceGroups/hub-network/providers/Microsoft.Network/virtualNetworks/hub-vnet"
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_NETWORK = "Microsoft.Network/virtualNetworks"


def situations() -> Iterator[Composed]:
    yield from _zones()
    yield from _dns_servers()
    yield from _closed()
    yield from _peerings()
    yield from _clouds()


def _zones() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "private_dns_zone_not_linked",
        "The nodes' virtual network is not linked to the registry's private DNS zone",
    )
    world.drop(world.find(_LINK))
    world.edit("virtual network link removed")
    yield world

    world = Composed(
        _PRIVATE,
        "private_dns_zone_linked_to_other_network",
        "The zone is linked to a network whose name only begins like the nodes'",
    )
    link = world.find(_LINK)
    link["properties"]["virtualNetwork"]["id"] += "0"
    world.edit("the link is to clivnet0000050")
    yield world

    world = Composed(
        _PRIVATE,
        "private_dns_zone_of_same_name_without_record",
        "The network is linked to another zone of the same name, which lacks the record",
    )
    zone = world.find("Microsoft.Network/privateDnsZones")
    other = world.copy_of(zone, "resourceGroups/clitest000001", "resourceGroups/other-team")
    link = world.find(_LINK)
    world.drop(link)
    world.put({**copy.deepcopy(link), "id": f"{other['id']}/virtualNetworkLinks/{link['name']}"})
    yield world

    world = Composed(_PRIVATE, "private_dns_zones_not_readable", "Private DNS zones may not be read")
    world.refuse(f"{SUBSCRIPTION}/providers/Microsoft.Network/privateDnsZones")
    world.refuse(f"{_GROUP}/providers/Microsoft.Network/privateDnsZones", below=True)
    yield world


def _dns_servers() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE, "dns_server_in_linked_hub", "The network asks a DNS server in a hub that is linked to the zone"
    )
    hub_network(world)
    world.find(_NETWORK, "clivnet000005")["properties"]["dhcpOptions"] = {"dnsServers": ["10.100.0.4"]}
    world.find(_LINK)["properties"]["virtualNetwork"]["id"] = _HUB
    world.edit("DNS server 10.100.0.4 in the hub; the zone is linked to the hub only")
    yield world

    world = Composed(_PRIVATE, "dns_server_on_premises", "The network asks a DNS server that Azure does not place")
    world.find(_NETWORK)["properties"]["dhcpOptions"] = {"dnsServers": ["172.20.1.10"]}
    world.edit("DNS server 172.20.1.10")
    yield world


def _closed() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "public_access_disabled_without_endpoint",
        "The registry is closed to the public and has no private endpoint",
    )
    world.registry["properties"]["privateEndpointConnections"] = []
    for body in [body for key, body in world.resources.items() if "/privateendpoint" in key]:
        world.drop(body)
    world.edit("private endpoint and its connection removed")
    yield world

    world = Composed(
        _PRIVATE,
        "private_endpoint_elsewhere_public_side_open",
        "A private endpoint serves another network; the cluster uses the open public side and is healthy",
    )
    move_endpoint(world)
    world.drop(world.find(_LINK))
    world.registry["properties"] |= {
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
    }
    world.edit("public side open, endpoint in a network that has nothing to do with the cluster")
    yield world


def _peerings() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "private_endpoint_in_peered_network",
        "The private endpoint is in a peered network, Connected on both sides",
    )
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    yield world

    world = Composed(_PRIVATE, "peering_disconnected", "The other half of the peering was deleted")
    move_endpoint(world)
    peer(world, "Disconnected", None)
    yield world

    world = Composed(_PRIVATE, "peering_initiated_only", "The peering was created on the nodes' side only")
    move_endpoint(world)
    peer(world, "Initiated", None)
    yield world

    world = Composed(_PRIVATE, "peering_other_side_not_readable", "The private endpoint's network may not be read")
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    world.refuse(_HUB, below=True)
    yield world

    world = Composed(
        _PRIVATE, "private_endpoint_behind_hub", "The private endpoint is in a spoke; both spokes are peered with a hub"
    )
    _spoke(world, "Connected")
    yield world

    world = Composed(
        _PRIVATE, "hub_peering_disconnected", "The hub's peering with the endpoint's spoke is Disconnected"
    )
    _spoke(world, "Disconnected")
    yield world


def _clouds() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "china_private_dns_zone_not_linked",
        "In Azure China, the network is not linked to privatelink.azurecr.cn",
    )
    world.drop(world.find(_LINK))
    world.document["cloud"] = {"name": "AzureChinaCloud", "registrySuffix": "azurecr.io"}
    world.replace_everywhere("azurecr.io", "azurecr.cn")
    yield world

    world = Composed(_ATTACHED, "ids_in_other_case", "Azure answers ids in upper case here and in lower case there")
    world.cluster["id"] = world.cluster["id"].lower()
    world.registry["id"] = world.registry["id"].upper()
    identity = world.cluster["properties"]["identityProfile"]["kubeletidentity"]
    identity["resourceId"] = identity["resourceId"].upper()
    identity["objectId"] = identity["objectId"].upper()
    for assignment in world.pull_assignments():
        assignment["properties"]["scope"] = assignment["properties"]["scope"].upper()
    world.edit("letter case of ids")
    yield world


def hub_network(world: Composed) -> Any:
    network = copy.deepcopy(world.find(_NETWORK, "clivnet000005"))
    network |= {"id": _HUB, "name": "hub-vnet"}
    network["properties"]["addressSpace"] = {"addressPrefixes": ["10.100.0.0/16"]}
    subnet = network["properties"]["subnets"][0]
    subnet |= {"id": f"{_HUB}/subnets/endpoints", "name": "endpoints"}
    subnet["properties"]["addressPrefix"] = "10.100.0.0/24"
    network["properties"]["subnets"] = [subnet]
    world.put(network)
    world.edit("a hub network in another subscription")
    peer(world, "Connected", "Connected")
    return network


def peer(world: Composed, here: str, there: str | None) -> None:
    """Peer the nodes' network with the hub, in these states; None leaves the hub's half out."""
    half(world, world.find(_NETWORK, "clivnet000005"), _HUB, "10.100.0.0/16", here)
    if there:
        half(world, world.resources[_HUB.lower()], world.find(_NETWORK, "clivnet000005")["id"], "192.168.0.0/16", there)


def half(world: Composed, network: Any, remote: str, prefix: str, state: str) -> None:
    name = f"to-{remote.rsplit('/', 1)[-1]}"
    body = world.part("peering", f"{network['id']}/virtualNetworkPeerings/{name}")
    del world.resources[body["id"].lower()]
    space = {"addressPrefixes": [prefix]}
    body["properties"] |= {
        "peeringState": state,
        "remoteVirtualNetwork": {"id": remote},
        "allowVirtualNetworkAccess": True,
        "remoteAddressSpace": space,
        "remoteVirtualNetworkAddressSpace": space,
    }
    network["properties"].setdefault("virtualNetworkPeerings", []).append(body)


def move_endpoint(world: Composed, *, keep_in_place: bool = False) -> None:
    """Put the private endpoint into a hub network, without any peering; or make the hub and leave it where it is."""
    hub_network(world)
    for key in (_HUB.lower(), f"{_GROUP}/providers/{_NETWORK}/clivnet000005".lower()):
        world.resources[key]["properties"]["virtualNetworkPeerings"] = []
    if keep_in_place:
        return
    endpoint_subnet(world, f"{_HUB}/subnets/endpoints", "10.100.0.")


def endpoint_subnet(world: Composed, subnet: str, start: str) -> None:
    old = f"{_GROUP}/providers/Microsoft.Network/virtualNetworks/clivnet000005/subnets/testsubnet000004"
    for key, body in list(world.resources.items()):
        if any(part in key for part in ("/privateendpoints/", "/networkinterfaces/", "/privatednszones/")):
            text = json.dumps(body).replace(old, subnet).replace("192.168.1.", start)
            world.resources[key] = json.loads(text)
    world.edit(f"the private endpoint is in {subnet}")


def _spoke(world: Composed, state: str) -> None:
    """Nodes' network - hub - a spoke with the endpoint, and a route of the nodes over an appliance in the hub."""
    route_over_appliance(world)
    hub_network(world)
    hub = world.resources[_HUB.lower()]
    spoke = world.copy_of(hub, "hub-vnet", "data-spoke")
    spoke["properties"]["addressSpace"] = {"addressPrefixes": ["10.200.0.0/16"]}
    spoke["properties"]["subnets"][0]["properties"]["addressPrefix"] = "10.200.0.0/24"
    spoke["properties"]["virtualNetworkPeerings"] = []
    half(world, hub, spoke["id"], "10.200.0.0/16", state)
    half(world, spoke, hub["id"], "10.100.0.0/16", state)
    endpoint_subnet(world, f"{spoke['id']}/subnets/endpoints", "10.200.0.")


def route_over_appliance(world: Composed) -> None:
    table = world.part("routeTable", f"{_GROUP}/providers/Microsoft.Network/routeTables/nodes-routes")
    table["properties"] = {
        "provisioningState": "Succeeded",
        "disableBgpRoutePropagation": True,
        "routes": [
            {
                "name": "to-spokes",
                "id": f"{table['id']}/routes/to-spokes",
                "properties": {
                    "provisioningState": "Succeeded",
                    "addressPrefix": "10.0.0.0/8",
                    "nextHopType": "VirtualAppliance",
                    "nextHopIpAddress": "10.100.0.68",
                },
            }
        ],
    }
    for subnet in world.find(_NETWORK, "clivnet000005")["properties"]["subnets"]:
        if subnet["name"] == "clisubnet000006":
            subnet["properties"]["routeTable"] = {"id": table["id"]}
    world.edit("the nodes' subnet routes 10.0.0.0/8 to 10.100.0.68")
