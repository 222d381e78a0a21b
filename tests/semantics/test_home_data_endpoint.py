"""A private endpoint without an address for the home region's data endpoint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.check import Status

from .test_name_server_verdicts import verdicts

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = re.compile(r"\.data(\.|$)")


def _drop_record(content: dict[str, Any]) -> None:
    kept = {key: body for key, body in content["resources"].items() if not DATA.search(key.split("/")[-1])}
    assert len(kept) == len(content["resources"]) - 1
    content["resources"] = kept


def _drop_member(content: dict[str, Any]) -> None:
    [interface] = [body for key, body in content["resources"].items() if key.split("/")[-2] == "networkinterfaces"]
    held = interface["properties"]["ipConfigurations"]
    left = [
        item
        for item in held
        if item["properties"]["privateLinkConnectionProperties"]["requiredMemberName"].lower() == "registry"
    ]
    assert len(left) == 1 < len(held)
    interface["properties"]["ipConfigurations"] = left
    for key, body in content["resources"].items():
        if key.split("/")[-2] == "privateendpoints":
            body["properties"].pop("customDnsConfigs", None)


def _both(content: dict[str, Any]) -> None:
    _drop_member(content)
    _drop_record(content)


def _untold(content: dict[str, Any]) -> None:
    _both(content)
    for key, body in content["resources"].items():
        if key.split("/")[-2] == "networkinterfaces":
            del body["properties"]["ipConfigurations"][0]["properties"]["privateLinkConnectionProperties"]


@pytest.mark.parametrize(
    ("change", "status"),
    [(_drop_member, Status.PASS), (_both, Status.FAIL), (_untold, Status.PASS)],
    ids=["a record answers all the same", "neither address nor record", "what the address is for is not shown"],
)
async def test_the_home_region_s_data_endpoint(change: Callable[[dict[str, Any]], None], status: Status) -> None:
    found = (await verdicts("recorded_private_endpoint", change))["AKA302"]
    assert found.status is status
    if status is Status.FAIL:
        assert "testreg000002.westus.data.azurecr.io" in found.message
        assert all(not fix.commands for fix in found.fixes)
