"""Collection as a whole: whatever the pages and the letters, the same facts; it only reads, and each thing once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.facts import Seen, Unseen
from aksacr.scenarios import Scenario, every_scenario

from .worlds import SCENARIOS, collected, document, folded, judged, resources, run_on, world, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

each_scenario = pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
PRIVATE = "recorded_private_endpoint"
PUBLIC = "recorded_public_attached"


@each_scenario
async def test_pages_of_one_give_the_same_facts(scenario: Scenario) -> None:
    whole, pages = await run_on(scenario.name), world(scenario.name)
    pages.page_size = 1
    assert await collected(pages) == whole.facts
    if scenario.name != "role_assignments_not_readable":
        assert len(pages.asked) > len(whole.asked), "no list had a second page: this proves nothing"


@each_scenario
async def test_collecting_is_deterministic_and_reads_each_thing_once(scenario: Scenario) -> None:
    first, second = await run_on(scenario.name), world(scenario.name)
    assert await collected(second) == first.facts
    asked = Counter((request.path.lower(), tuple(sorted(request.query.items()))) for request in first.asked)
    assert {request.method for request in first.asked} == {"GET"}
    assert [read for read, times in asked.items() if times > 1] == []


@each_scenario
async def test_letter_case_never_changes_a_verdict(scenario: Scenario) -> None:
    found = judged(await collected(world_of(folded(document(scenario.name), str.upper, only_ids=False))))
    assert found.statuses == scenario.expected, found.messages


@pytest.mark.parametrize("fold", [str.lower, str.swapcase])
@pytest.mark.parametrize("name", [PUBLIC, PRIVATE, "private_endpoint_behind_hub", "pull_role_through_group"])
async def test_letter_case_of_ids_never_changes_a_verdict(name: str, fold: Callable[[str], str]) -> None:
    found = judged(await collected(world_of(folded(document(name), fold, only_ids=True))))
    assert found.statuses == SCENARIOS[name].expected, found.messages


async def test_a_world_in_upper_case_is_another_file() -> None:
    before = document(PRIVATE)
    after = folded(before, str.upper, only_ids=False)
    assert after["resources"] != before["resources"]
    assert after["resources"].keys() == before["resources"].keys()


@pytest.mark.parametrize("name", [PUBLIC, PRIVATE])
async def test_a_provider_that_is_not_registered_has_nothing_there(name: str) -> None:
    """A subscription that never had private DNS answers 409: there are no zones in it, and nothing was refused."""
    content = document(name)
    subscription = content["target"]["cluster"].split("/")[2]
    content["refused"] = [
        {
            "path": f"/subscriptions/{subscription}/providers/microsoft.network/privatednszones",
            "status": 409,
            "body": {"error": {"code": "MissingSubscriptionRegistration", "message": "not registered"}},
        }
    ]
    azure = world_of(content)
    found = await collected(azure)
    assert found.zones[subscription] == Seen(
        (), f"/subscriptions/{subscription}/providers/Microsoft.Network/privateDnsZones"
    )
    assert {request.method for request in azure.asked} == {"GET"}
    assert judged(found).statuses == SCENARIOS[name].expected


async def test_one_refusal_leaves_all_other_facts_alone() -> None:
    content = document(PRIVATE)
    [network] = resources(content, "virtualnetworks")
    content["refused"] = [{"path": network["id"].lower(), "below": False, "status": 403}]
    whole, found = (await run_on(PRIVATE)).facts, await collected(world_of(content))
    [gap] = found.virtual_networks.values()
    assert isinstance(gap, Unseen)
    assert gap.action == "Microsoft.Network/virtualNetworks/read"
    assert found.endpoint_addresses == whole.endpoint_addresses
    assert found.zone_links == whole.zone_links
    assert found.role_assignments == whole.role_assignments


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_failing_reads_are_as_unseen_as_refused_ones(status: int) -> None:
    content = document(PRIVATE)
    [zone] = resources(content, "privatednszones")
    content["refused"] = [
        {"path": f"{zone['id']}/virtualNetworkLinks", "status": status, "headers": {"retry-after": "0"}}
    ]
    found = judged(await collected(world_of(content)))
    assert (found.statuses["AKA202"], found.statuses["AKA301"]) == ("unknown", "unknown")


async def test_nothing_is_read_for_what_the_cluster_does_not_have() -> None:
    """A managed-identity cluster asks Graph nothing; a registry open to all is not read a second time."""
    paths = [request.path.lower() for request in (await run_on(PUBLIC)).asked]
    assert not [path for path in paths if path.startswith("/v1.0/")]
    assert not [path for path in paths if path.endswith("/providers/microsoft.compute/virtualmachines")]
    assert not [path for path in paths if path.endswith("/roleeligibilityscheduleinstances")], "it holds a role"
    assert not [path for path in paths if path.endswith("/azurefirewalls")], "no route leads to an appliance"
    assert (
        len([path for path in paths if "/microsoft.containerregistry/registries/" in path and path.count("/") == 8])
        == 1
    )


async def test_a_cluster_in_a_network_of_its_own_takes_its_subnet_from_the_scale_set() -> None:
    found = (await run_on(PUBLIC)).facts
    [pool] = found.cluster.node_pools
    assert pool.subnet_id is None
    subnet = found.subnet_id(pool)
    assert isinstance(subnet, Seen)
    assert subnet.value.parent in found.virtual_networks


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"identityProfile": None, "provisioningState": "Creating"}, "neither a kubelet identity"),
        ({"nodeResourceGroup": None}, ""),
        ({"agentPoolProfiles": None}, ""),
        ({"networkProfile": None}, ""),
    ],
    ids=["identityProfile", "nodeResourceGroup", "agentPoolProfiles", "networkProfile"],
)
async def test_a_cluster_that_is_being_created_may_lack_anything(change: dict[str, Any], reason: str) -> None:
    content = document(PUBLIC)
    [cluster] = resources(content, "managedclusters")
    for name, value in change.items():
        cluster["properties"].pop(name, None)
        if value is not None:
            cluster["properties"][name] = value
    found = judged(await collected(world_of(content)))
    assert "fail" not in found.statuses.values()
    assert "crash" not in found.statuses.values()
    assert reason in found.messages["AKA101"]
