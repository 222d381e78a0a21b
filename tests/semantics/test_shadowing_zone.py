"""A zone of another name that answers before the private link zone: only that is the fault."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.catalogue import every_check
from aksacr.check import Status
from aksacr.facts import Seen, Unseen
from aksacr.runner import run

from .building import link, records, with_endpoint, zone_id, zones
from .zoning import zoned

CODES = frozenset({"AKA301", "AKA304"})
SHADOW = zone_id(name="azurecr.io")


@pytest.mark.parametrize(("linked", "status"), [("vnet1", Status.PASS), ("vnet2", Status.FAIL)])
def test_the_right_zone_behind_it_is_linked_or_not(linked: str, status: Status) -> None:
    changes: dict[str, Any] = {
        "registry": with_endpoint(public_network_access="Disabled"),
        "zones": zones(zone_id(), SHADOW),
        "zone_links": {zone_id(): Seen((link(linked),)), SHADOW: Seen((link(zone=SHADOW),))},
        "zone_records": {zone_id(): records(shopacr="10.1.0.9"), SHADOW: records()},
    }
    judged = {item.check.code: item.verdict for item in run(zoned(**changes), every_check(), only=CODES)}
    assert judged["AKA301"].status is status
    assert judged["AKA304"].status is Status.FAIL


HERE = zone_id().subscription_id
HIDDEN = Unseen("/subscriptions/1/x", "Microsoft.Network/privateDnsZones/read", "denied (AuthorizationFailed)")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.PASS),
        ({"zones": {HERE: HIDDEN}}, Status.UNKNOWN),
        ({"zones": {"00000000-0000-0000-0000-0000000000bb": HIDDEN}}, Status.PASS),
        ({"zone_links": {SHADOW: HIDDEN}}, Status.UNKNOWN),
        ({"zone_links": {SHADOW: Seen(())}}, Status.PASS),
    ],
)
def test_a_zone_that_could_not_be_seen_may_hide_the_right_one(changes: dict[str, Any], status: Status) -> None:
    whole = {
        "registry": with_endpoint(),
        "zones": {"where the zones are": zones(zone_id(), SHADOW)[HERE], **changes.get("zones", {})},
        "zone_links": {zone_id(): Seen((link(),)), SHADOW: Seen(()), **changes.get("zone_links", {})},
    }
    judged = {item.check.code: item.verdict for item in run(zoned(**whole), every_check(), only=CODES)}
    assert (judged["AKA301"].status, judged["AKA304"].status) == (Status.PASS, status)


def test_a_shadow_that_is_seen_is_a_fault_whatever_else_is_not() -> None:
    whole: dict[str, Any] = {
        "registry": with_endpoint(),
        "zones": {**zones(zone_id(), SHADOW), "other": HIDDEN},
        "zone_links": {zone_id(): Seen((link(),)), SHADOW: Seen((link(zone=SHADOW),))},
        "zone_records": {zone_id(): records(shopacr="10.1.0.9"), SHADOW: records()},
    }
    judged = {item.check.code: item.verdict for item in run(zoned(**whole), every_check(), only=CODES)}
    assert judged["AKA304"].status is Status.FAIL
