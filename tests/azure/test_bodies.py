"""Every body that the fixtures hold, through the SDK's own deserialisers and ours."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.azure import authorization, compute, managed_cluster, network, private_dns, registries
from aksacr.facts import Fact, ResourceId, Seen
from aksacr.scenarios import every_scenario

from .answering import REGISTRY, SUBSCRIPTION, session_with
from .worlds import document, run_on, world_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from aksacr.azure.session import Session

    Read = Callable[[Session, ResourceId], Coroutine[Any, Any, Fact[object]]]


async def _cluster(session: Session, at: ResourceId) -> Fact[object]:
    return Seen(await managed_cluster.get(session, at.subscription_id, at.resource_group, at.name))


async def _registry(session: Session, at: ResourceId) -> Fact[object]:
    return Seen(await registries.get(session, at))


# How a body of each type is read. Where a list is read, the id of a body of it leads to the list.
READS: dict[str, Read] = {
    "microsoft.containerservice/managedclusters": _cluster,
    "microsoft.containerregistry/registries": _registry,
    "microsoft.network/virtualnetworks": network.read_virtual_network,
    "microsoft.network/routetables": network.read_route_table,
    "microsoft.network/natgateways": network.read_nat_gateway,
    "microsoft.network/publicipaddresses": network.read_public_address,
    "microsoft.network/publicipprefixes": network.read_public_address,
    "microsoft.network/privateendpoints": network.read_private_endpoint,
    "microsoft.network/networkinterfaces": network.read_interface,
    "microsoft.network/privateendpoints/privatednszonegroups": lambda session, at: network.read_zone_group_zones(
        session, at.parent
    ),
    "microsoft.network/privatednszones": lambda session, at: private_dns.read_zones(
        session, at.subscription_id, at.name.split(".", 1)[1]
    ),
    "microsoft.network/privatednszones/virtualnetworklinks": lambda session, at: private_dns.read_links(
        session, at.parent
    ),
    "microsoft.network/privatednszones/a": lambda session, at: private_dns.read_records(session, at.parent),
    "microsoft.compute/virtualmachinescalesets": lambda session, at: compute.read_scale_sets(
        session, at.subscription_id, at.resource_group
    ),
    "microsoft.compute/virtualmachines": lambda session, at: compute.read_virtual_machines(
        session, at.subscription_id, at.resource_group
    ),
    "microsoft.authorization/roledefinitions": lambda session, at: authorization.read_definition(
        session, SUBSCRIPTION, at.text
    ),
}


@cache
def bodies() -> dict[str, dict[str, tuple[str, str]]]:
    """By type, every body that differs from the others, with the fixture and the id that lead to it."""
    found: defaultdict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for scenario in every_scenario():
        for body in document(scenario.name)["resources"].values():
            if "id" in body:
                kind = ResourceId(body["id"]).type
                found[kind].setdefault(json.dumps(body, sort_keys=True), (scenario.name, body["id"]))
    return found


@pytest.mark.parametrize("kind", READS)
async def test_every_body_of_the_fixtures_decodes(kind: str) -> None:
    assert bodies()[kind], f"no fixture holds a body of type {kind}"
    for text, (_, found) in bodies()[kind].items():
        azure = world_of({"format": "aksacr-world", "version": 1, "resources": {found.lower(): json.loads(text)}})
        fact = await READS[kind](session_with(azure), ResourceId(found))
        assert isinstance(fact, Seen), f"{found}: {fact}"
        assert fact.value, found


async def test_every_assignment_of_the_fixtures_decodes() -> None:
    facts = (await run_on("recorded_public_attached")).facts
    assignments = facts.role_assignments.value
    assert len(assignments) > 100
    assert all(len(item.role_guid) == 36 and item.principal_id and item.principal_type for item in assignments)
    assert {item.scope.type for item in assignments} >= {"", "microsoft.management/managementgroups", REGISTRY.type}
    assert any(item.condition for item in assignments)
