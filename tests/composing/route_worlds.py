"""Situations of 203, 321, 331 and 343: route tables that keep peerings' routes out, or part the public addresses."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from the_way import move_endpoint, peer, route_over_appliance
from what_is_admitted import deny
from worlds import SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = "recorded_private_endpoint"
_ATTACHED = "recorded_public_attached"
_ADDRESS = "20.59.64.39"
_HOP = "10.100.0.68"
_NODES_ROUTES = f"{SUBSCRIPTION}/resourcegroups/clitest000001/providers/microsoft.network/routetables/nodes-routes"


def situations() -> Iterator[Composed]:
    yield from _kept_out()
    yield from _public()


def _kept_out() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "peering_routes_kept_out",
        "The nodes' route table keeps the routes of peerings out, and the private endpoint is in a peered network",
    )
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    _keep_out(world, "All")
    yield world

    world = Composed(
        _PRIVATE,
        "peering_routes_let_in",
        "The nodes' route table says that it lets the routes of peerings in, and the endpoint is in a peered network",
    )
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    _keep_out(world, "None")
    yield world

    world = Composed(
        _PRIVATE,
        "peering_routes_kept_out_endpoint_at_home",
        "The nodes' route table keeps the routes of peerings out; the endpoint is in the nodes' own network",
    )
    _keep_out(world, "All")
    yield world


def _keep_out(world: Composed, value: str) -> None:
    """A route table without a route that bears on the endpoint."""
    route_over_appliance(world)
    properties = world.resources[_NODES_ROUTES]["properties"]
    properties["disablePeeringRoute"] = value
    properties["routes"][0]["properties"]["addressPrefix"] = "10.250.0.0/16"
    world.edit(f"disablePeeringRoute of nodes-routes is {value}; its one route is for 10.250.0.0/16")


def _public() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "public_route_may_hold_registry",
        "A route sends some public addresses to an appliance, and the registry admits the load balancer's address",
    )
    _routes(world, ("partner", "20.0.0.0/11", "VirtualAppliance"))
    deny(world, _ADDRESS)
    yield world

    world = Composed(
        _ATTACHED,
        "private_ranges_to_appliance",
        "Routes send every private range to an appliance, and the registry admits the load balancer's address: all is "
        "well",
    )
    ranges = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
    own = ("own-address", f"{_ADDRESS}/32", "VirtualAppliance")
    _routes(world, *((f"private-{at}", each, "VirtualAppliance") for at, each in enumerate(ranges)), own)
    deny(world, _ADDRESS)
    yield world

    world = Composed(
        _ATTACHED,
        "service_tag_routes_past_appliance",
        "The default route leads to an appliance; routes for service tags take the registry and its layers past it",
    )
    _routes(
        world,
        ("default", "0.0.0.0/0", "VirtualAppliance"),
        ("partner", "203.0.113.0/24", "Internet"),
        ("registry", "AzureContainerRegistry", "Internet"),
        ("layers", "Storage", "Internet"),
    )
    deny(world, _ADDRESS)
    yield world

    world = Composed(
        _ATTACHED,
        "service_tag_route_to_appliance",
        "A route for the registry's service tag leads to an appliance, and all else to the internet",
    )
    _routes(world, ("registry", "AzureContainerRegistry", "VirtualAppliance"))
    deny(world, _ADDRESS)
    yield world


def _routes(world: Composed, *routes: tuple[str, str, str]) -> None:
    table = world.find("Microsoft.Network/routeTables")
    like: Any = table["properties"]["routes"][0]
    for name, prefix, hop in routes:
        route = copy.deepcopy(like) | {"name": name, "id": f"{table['id']}/routes/{name}"}
        route["properties"] |= {"addressPrefix": prefix, "nextHopType": hop, "nextHopIpAddress": _HOP}
        if hop != "VirtualAppliance":
            del route["properties"]["nextHopIpAddress"]
        table["properties"]["routes"].append(route)
    world.edit(f"routes of {table['name']}: {', '.join(f'{prefix} to {hop}' for _, prefix, hop in routes)}")
