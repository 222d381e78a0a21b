"""Facts that remember which of their fields were looked at, and the facts of every fixture."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from aksacr.azure.gather import from_world
from aksacr.facts import Facts
from aksacr.scenarios import every_scenario
from aksacr.standin.transport import WorldTransport
from aksacr.standin.world import World

if TYPE_CHECKING:
    from collections.abc import Generator

FIELDS = frozenset(field.name for field in fields(Facts))
_touched: ContextVar[set[str] | None] = ContextVar("touched", default=None)


@dataclass(frozen=True, slots=True)
class WatchedFacts(Facts):
    """Facts whose every reading of a field is noted, by whatever function reads it."""

    def __getattribute__(self, name: str) -> object:
        touched = _touched.get()
        if touched is not None and name in FIELDS:
            touched.add(name)
        return object.__getattribute__(self, name)


@contextmanager
def watching() -> Generator[set[str]]:
    """The names of the fields that are read inside."""
    touched: set[str] = set()
    token = _touched.set(touched)
    try:
        yield touched
    finally:
        _touched.reset(token)


def facts_in(world: World) -> WatchedFacts:
    """The facts of a world, through the real SDK."""
    found = asyncio.run(from_world(world, WorldTransport(world), image=None)).facts
    return WatchedFacts(**{name: getattr(found, name) for name in FIELDS})


@cache
def facts_of_every_fixture() -> dict[str, WatchedFacts]:
    """By the fixture's name; collected once for all tests of this folder."""
    return {scenario.name: facts_in(scenario.world()) for scenario in every_scenario()}


def selected_networks() -> dict[str, WatchedFacts]:
    """Registries that admit selected networks and have a private endpoint: every check has much to look at there."""
    return {
        "selected networks, endpoint elsewhere": _endpoint_elsewhere(),
        "selected networks, endpoint in the nodes' network": _endpoint_here(),
    }


def _endpoint_here() -> WatchedFacts:
    document = _document("recorded_private_endpoint")
    _select_networks(document)
    return facts_in(World.parse(json.dumps(document).encode(), "selected networks"))


def _endpoint_elsewhere() -> WatchedFacts:
    """No link to the zone, and the subnet leaves by a NAT gateway and has a route table."""
    document = _document("private_endpoint_elsewhere_public_side_open")
    other = _document("nat_gateway_address_allowed")["resources"]
    wanted = ("/natgateways/", "/routetables/", "/publicipaddresses/nat-egress")
    brought = {key: body for key, body in other.items() if any(word in key for word in wanted)}
    document["resources"] |= brought
    ids = {key.split("/")[-2]: body["id"] for key, body in brought.items()}
    pool = _one(document, "managedclusters")["properties"]["agentPoolProfiles"][0]["vnetSubnetID"].lower()
    network = _one(document, pool.split("/subnets/")[0].rsplit("/", 1)[-1])
    subnet = next(item for item in network["properties"]["subnets"] if item["id"].lower() == pool)
    subnet["properties"] |= {"natGateway": {"id": ids["natgateways"]}, "routeTable": {"id": ids["routetables"]}}
    _select_networks(document)
    return facts_in(World.parse(json.dumps(document).encode(), "selected networks"))


def _select_networks(document: dict[str, Any]) -> None:
    _one(document, "registries")["properties"] |= {
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
    }


def _document(name: str) -> dict[str, Any]:
    folder = next(scenario.folder for scenario in every_scenario() if scenario.name == name)
    return json.loads((folder / "world.json").read_bytes())


def _one(document: dict[str, Any], kind: str) -> dict[str, Any]:
    """The body of the one resource whose id ends in `kind` or in `kind/<name>`."""
    bodies = document["resources"].items()
    [found] = [body for key, body in bodies if key.endswith(f"/{kind}") or key.split("/")[-2] == kind]
    return found
