"""Situations of 321, 322 and 324 where more than one hub lies between the nodes and the private endpoint."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from the_way import endpoint_subnet, half, hub_network, route_over_appliance
from worlds import HUB_SUBSCRIPTION, SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = "recorded_private_endpoint"
_NETWORK = "Microsoft.Network/virtualNetworks"
_NODES = "clivnet000005"
_OF_HUBS = f"{HUB_SUBSCRIPTION}/resourceGroups/hub-network/providers/Microsoft.Network"
_WAN = (
    "/subscriptions/00000000-0000-0000-0000-0000000000ee/resourceGroups/"
    "RG_wan-hub_6a5b1c7e-0000-0000-0000-000000000001/providers/Microsoft.Network/virtualNetworks/"
    "HV_wan-hub_9d2f4e8a-0000-0000-0000-000000000002"
)


def situations() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "private_endpoint_behind_two_hubs",
        "The private endpoint is behind two hubs, and routes lead from the nodes over an appliance in each",
    )
    _two_hubs(world)
    yield world

    world = Composed(_PRIVATE, "two_hubs_not_connected", "The peering of the two hubs is Disconnected")
    hub, _ = _two_hubs(world)
    _peering(hub, "hub-data")["properties"]["peeringState"] = "Disconnected"
    world.edit("hub-vnet's half of its peering with hub-data is Disconnected")
    yield world

    world = Composed(
        _PRIVATE,
        "two_hubs_block_forwarded_traffic",
        "The second hub does not allow traffic that the first one forwards",
    )
    _, second = _two_hubs(world)
    _peering(second, "hub-vnet")["properties"]["allowForwardedTraffic"] = False
    world.edit("hub-data's half of its peering with hub-vnet does not allow forwarded traffic")
    yield world

    world = Composed(_PRIVATE, "second_hub_not_readable", "The second hub may not be read")
    _, second = _two_hubs(world)
    world.refuse(second["id"], below=True)
    yield world

    world = Composed(_PRIVATE, "first_hub_leads_nowhere", "The first hub's appliance has no route on to the second hub")
    hub, _ = _two_hubs(world)
    for subnet in hub["properties"]["subnets"]:
        subnet["properties"].pop("routeTable", None)
    world.edit("the appliance's subnet in hub-vnet has no route table")
    yield world

    world = Composed(
        _PRIVATE, "private_endpoint_behind_virtual_wan", "Both networks are connected to a hub of a virtual WAN"
    )
    spoke = _data_spoke(world)
    half(world, world.find(_NETWORK, _NODES), _WAN, "10.110.0.0/23", "Connected")
    half(world, spoke, _WAN, "10.110.0.0/23", "Connected")
    for network in (world.find(_NETWORK, _NODES), spoke):
        peering = network["properties"]["virtualNetworkPeerings"][-1]
        peering["name"] = "RemoteVnetToHubPeering_9d2f4e8a-0000-0000-0000-000000000002"
        peering["id"] = f"{network['id']}/virtualNetworkPeerings/{peering['name']}"
        peering["properties"] |= {"allowForwardedTraffic": False, "useRemoteGateways": True}
    world.edit("both networks peer with the hub of a virtual WAN, which is in a subscription of Microsoft's")
    yield world


def _data_spoke(world: Composed) -> Any:
    """The endpoint is in a spoke of its own that peers with nobody yet."""
    hub = hub_network(world)
    spoke = world.copy_of(hub, "hub-vnet", "data-spoke")
    spoke["properties"]["addressSpace"]["addressPrefixes"] = ["10.200.0.0/16"]
    spoke["properties"]["subnets"][0]["properties"]["addressPrefix"] = "10.200.0.0/24"
    for network in (world.find(_NETWORK, _NODES), hub, spoke):
        network["properties"]["virtualNetworkPeerings"] = []
    endpoint_subnet(world, f"{spoke['id']}/subnets/endpoints", "10.200.0.")
    return spoke


def _two_hubs(world: Composed) -> tuple[Any, Any]:
    """Nodes' network - hub-vnet - hub-data - data-spoke, with routes over an appliance in each hub."""
    spoke = _data_spoke(world)
    nodes, hub = world.find(_NETWORK, _NODES), world.find(_NETWORK, "hub-vnet")
    second = world.copy_of(hub, "hub-vnet", "hub-data")
    second["properties"]["addressSpace"] = {"addressPrefixes": ["10.101.0.0/16"]}
    for network, prefix in ((hub, "10.100.0.0/24"), (second, "10.101.0.0/24")):
        [subnet] = network["properties"]["subnets"]
        subnet |= {"name": "appliances", "id": f"{network['id']}/subnets/appliances"}
        subnet["properties"]["addressPrefix"] = prefix
    links = ((nodes, "192.168.0.0/16"), (hub, "10.100.0.0/16"), (second, "10.101.0.0/16"), (spoke, "10.200.0.0/16"))
    for (near, near_space), (far, far_space) in pairwise(links):
        half(world, near, far["id"], far_space, "Connected")
        half(world, far, near["id"], near_space, "Connected")
    route_over_appliance(world)
    _route(world, hub, "to-data", "10.200.0.0/16", "10.101.0.68")
    _route(world, second, "to-nodes", "192.168.0.0/16", "10.100.0.68")
    return hub, second


def _route(world: Composed, network: Any, name: str, prefix: str, hop: str) -> None:
    """A route of the appliance's subnet in a hub."""
    nodes_routes = world.resources[
        f"{SUBSCRIPTION}/resourcegroups/clitest000001/providers/microsoft.network/routetables/nodes-routes"
    ]
    table = copy.deepcopy(nodes_routes)
    table |= {"name": f"{network['name']}-routes", "id": f"{_OF_HUBS}/routeTables/{network['name']}-routes"}
    [route] = table["properties"]["routes"]
    route |= {"name": name, "id": f"{table['id']}/routes/{name}"}
    route["properties"] |= {"addressPrefix": prefix, "nextHopIpAddress": hop}
    world.put(table)
    network["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table["id"]}
    world.edit(f"the appliance's subnet in {network['name']} routes {prefix} to {hop}")


def _peering(network: Any, remote: str) -> Any:
    return next(
        item
        for item in network["properties"]["virtualNetworkPeerings"]
        if item["properties"]["remoteVirtualNetwork"]["id"].endswith(f"/{remote}")
    )
