"""Worlds that differ from a recorded one in a route, a rule or a record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from console import FIXTURES, run

if TYPE_CHECKING:
    from pathlib import Path


def recorded(name: str) -> dict[str, Any]:
    return json.loads((FIXTURES / name / "world.json").read_text(encoding="utf-8"))


def only(world: dict[str, Any], part: str) -> Any:
    (found,) = [body for key, body in world["resources"].items() if part in key]
    return found


def verdicts(tmp_path: Path, world: dict[str, Any]) -> dict[str, Any]:
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world), encoding="utf-8")
    report = json.loads(run("check", "--snapshot", str(file), "-o", "json", home=tmp_path).out)
    return {check["code"]: check for check in report["checks"]}


@pytest.mark.parametrize(
    ("routes", "code", "status"),
    [
        ([("0.0.0.0/0", "None")], "AKA341", "fail"),
        ([("0.0.0.0/0", "VnetLocal")], "AKA341", "fail"),
        ([("0.0.0.0/1", "None")], "AKA341", "unknown"),
        ([("0.0.0.0/1", "None"), ("AzureContainerRegistry", "Internet")], "AKA341", "pass"),
        ([("10.0.0.0/8", "None")], "AKA341", "pass"),
        ([("Storage.WestUS", "None")], "AKA351", "fail"),
        ([("Storage.EastUS", "None")], "AKA351", "pass"),
    ],
)
def test_routes_that_drop(routes: list[tuple[str, str]], code: str, status: str, tmp_path: Path) -> None:
    world = recorded("recorded_public_attached")
    table = only(world, "/routetables/")
    table["properties"]["routes"] = [
        {
            "name": name,
            "id": f"{table['id']}/routes/{name}",
            "properties": {"addressPrefix": prefix, "nextHopType": hop},
        }
        for name, (prefix, hop) in zip("ab", routes, strict=False)
    ]
    assert verdicts(tmp_path, world)[code]["status"] == status


def test_an_ip_rule_without_an_address_admits_nothing(tmp_path: Path) -> None:
    world = recorded("egress_address_not_allowed")
    registry = next(body for key, body in world["resources"].items() if key.endswith("/registries/clireg000002"))
    registry["properties"]["networkRuleSet"]["ipRules"].append({"action": "Allow"})
    assert verdicts(tmp_path, world)["AKA201"]["status"] == "fail"


def test_a_record_that_is_half_stale_loses_only_what_is_stale(tmp_path: Path) -> None:
    world = recorded("recorded_private_endpoint")
    record = world["resources"][next(key for key in world["resources"] if key.endswith("/a/testreg000002"))]
    record["properties"]["aRecords"].append({"ipv4Address": "10.9.9.9"})
    check = verdicts(tmp_path, world)["AKA303"]
    assert check["status"] == "fail"
    assert "10.9.9.9" in check["message"]
    assert "192.168.1.5" not in check["message"] + json.dumps(check["fixes"])
