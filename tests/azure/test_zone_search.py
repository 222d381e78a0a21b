"""Zones in subscriptions that nothing names: read where no linked zone was found, and only there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.azure import zone_search
from aksacr.azure.recording import Recording
from aksacr.facts import Seen, ZoneSearch

from .worlds import collected, document, judged, world_of

if TYPE_CHECKING:
    from .worlds import ListeningWorld

FAR = "00000000-0000-0000-0000-0000000000fa"
OTHER = "00000000-0000-0000-0000-0000000000fb"


def _lists(azure: ListeningWorld) -> list[str]:
    """The subscriptions whose zones were listed, and "" for the list of subscriptions itself."""
    paths = [request.path.lower().rstrip("/") for request in azure.asked]
    return [
        path.split("/")[2] if path.endswith("privatednszones") else ""
        for path in paths
        if path == "/subscriptions" or path.endswith("providers/microsoft.network/privatednszones")
    ]


def _with_far_zone(content: dict[str, Any], healthy: str) -> dict[str, Any]:
    """The zone, link and records of a healthy fixture, in a subscription that nothing names."""
    own = content["target"]["cluster"].split("/")[2]
    found = {key: body for key, body in document(healthy)["resources"].items() if "/privatednszones/" in key}
    zone = rf"{own}(?=/resourcegroups/[^/]+/providers/microsoft\.network/privatednszones)"
    moved = json.loads(re.sub(zone, FAR, json.dumps(found), flags=re.IGNORECASE))
    return {**content, "resources": {**content["resources"], **moved}}


def _with_empty_subscription(content: dict[str, Any], subscription: str) -> dict[str, Any]:
    body = {"id": f"/subscriptions/{subscription}", "subscriptionId": subscription, "displayName": "Payroll"}
    return {**content, "resources": {**content["resources"], f"/subscriptions/{subscription}": body}}


def _refusing(content: dict[str, Any], path: str, status: int = 403) -> dict[str, Any]:
    return {**content, "refused": [*content["refused"], {"path": path, "below": False, "status": status}]}


def _zones_of(subscription: str) -> str:
    return f"/subscriptions/{subscription}/providers/microsoft.network/privatednszones"


async def test_a_zone_that_nothing_names_is_found() -> None:
    azure = world_of(_with_far_zone(document("private_dns_zone_not_linked"), "recorded_private_endpoint"))
    verdicts = judged(await collected(azure))
    assert verdicts.statuses["AKA301"] == "pass"
    assert sorted(_lists(azure)) == sorted(dict.fromkeys(_lists(azure))), "each subscription is asked once"


async def test_nothing_more_is_asked_where_a_linked_zone_was_found() -> None:
    azure = world_of(_with_empty_subscription(document("recorded_private_endpoint"), OTHER))
    facts = await collected(azure)
    assert facts.zone_search == Seen(ZoneSearch())
    assert "" not in _lists(azure)
    assert OTHER not in _lists(azure)


async def test_nothing_more_is_asked_of_a_registry_without_endpoints() -> None:
    azure = world_of(_with_empty_subscription(document("recorded_public_attached"), OTHER))
    await collected(azure)
    assert "" not in _lists(azure)


async def test_a_fault_says_where_zones_were_looked_for() -> None:
    content = _with_empty_subscription(document("private_dns_zone_not_linked"), FAR)
    content = _refusing(_with_empty_subscription(content, OTHER), _zones_of(OTHER))
    verdicts = judged(await collected(world_of(content)))
    assert verdicts.statuses["AKA301"] == "fail"
    assert "zones were looked for in 2 subscriptions; 1 more refused the list" in verdicts.messages["AKA301"]


async def test_a_list_that_the_hub_s_subscription_refuses_leaves_it_open() -> None:
    content = document("private_dns_zone_not_linked")
    [network] = [body for body in content["resources"].values() if body.get("type", "").endswith("virtualNetworks")][:1]
    hub = network["id"].replace(content["target"]["cluster"].split("/")[2], OTHER) + "-hub"
    peering: dict[str, Any] = {"id": f"{network['id']}/virtualNetworkPeerings/hub", "name": "hub"}
    peering["properties"] = {"remoteVirtualNetwork": {"id": hub}, "peeringState": "Connected"}
    network["properties"]["virtualNetworkPeerings"] = [peering]
    verdicts = judged(await collected(world_of(_refusing(content, _zones_of(OTHER)))))
    assert verdicts.statuses["AKA301"] == "unknown"


async def test_without_the_list_of_subscriptions_it_is_open() -> None:
    content = _refusing(document("private_dns_zone_not_linked"), "/subscriptions", status=500)
    assert judged(await collected(world_of(content))).statuses["AKA301"] == "unknown"


async def test_only_so_many_subscriptions_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zone_search, "MOST_SUBSCRIPTIONS", 1)
    content = _with_empty_subscription(document("private_dns_zone_not_linked"), FAR)
    azure = world_of(_with_empty_subscription(content, OTHER))
    verdicts = judged(await collected(azure))
    assert len({FAR, OTHER} & set(_lists(azure))) == 1
    assert "; 1 more were not asked" in verdicts.messages["AKA301"]


@pytest.mark.parametrize("fixture", ["private_dns_zone_not_linked", "private_dns_zone_linked_to_other_network"])
async def test_a_saved_run_is_judged_alike_and_names_no_other_subscription(fixture: str) -> None:
    azure, recording = world_of(_with_empty_subscription(document(fixture), OTHER)), Recording()
    facts = await collected(azure, recording)
    saved = recording.world(facts, azure.now)
    assert b"Payroll" not in saved
    assert judged(await collected(world_of(json.loads(saved)))).messages == judged(facts).messages
