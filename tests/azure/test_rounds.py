"""How many reads wait for each other: a run is bound by round trips, so hubs and policies are read early."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from aksacr.azure.gather import from_world
from aksacr.scenarios import every_scenario
from aksacr.standin.transport import WorldTransport

from .worlds import document, resources, world_of

if TYPE_CHECKING:
    from aksacr.scenarios import Scenario

# Cluster, scale set, virtual network, NAT gateway, its address: the longest chain without firewalls and hubs.
LONGEST = "nat_gateway_address_allowed"
MOST_MORE = 2


async def chain_of(content: dict[str, object]) -> int:
    world = world_of(content)
    run = asyncio.create_task(from_world(world, WorldTransport(world), image=None))  # each counts for itself
    return (await run).longest_chain


@pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
async def test_firewalls_and_hubs_cost_two_rounds_at_most(scenario: Scenario) -> None:
    assert await chain_of(document(scenario.name)) <= await chain_of(document(LONGEST)) + MOST_MORE


async def test_a_second_hub_costs_one_round_more_than_the_first() -> None:
    one, two = document("private_endpoint_behind_hub"), document("private_endpoint_behind_two_hubs")
    assert await chain_of(two) <= await chain_of(one) + 1


async def test_a_parent_policy_costs_no_round_of_its_own() -> None:
    alone, below = document("firewall_admits_registry"), document("firewall_rule_in_parent_policy")
    [child, _] = sorted(resources(below, "firewallpolicies"), key=lambda body: "basePolicy" not in body["properties"])
    assert "basePolicy" in child["properties"]
    assert await chain_of(below) == await chain_of(alone)


async def test_a_policy_of_another_subscription_is_read_with_its_rules_at_once() -> None:
    """No list of the firewall's subscription shows it: its body and its rules come in one round, its parent's next."""
    content = document("firewall_rule_in_parent_policy")
    alone = await chain_of(content)
    refused = "/subscriptions/00000000-0000-0000-0000-0000000000bb/providers/microsoft.network/firewallpolicies"
    content["refused"] = [*content["refused"], {"path": refused, "below": False, "status": 403}]
    assert await chain_of(content) == alone + 1
