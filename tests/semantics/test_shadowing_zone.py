"""A zone of another name that answers before the private link zone: only that is the fault."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.catalogue import every_check
from aksacr.check import Status
from aksacr.facts import Seen
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
