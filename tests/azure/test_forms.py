"""A body of another form is told by the key that is to blame, and by nothing that stands in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from console import FIXTURES, run

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"


def judged(tmp_path: Path, what: str, path: tuple[str | int, ...], value: Any) -> tuple[int, str, str]:
    world = json.loads((FIXTURES / "recorded_private_endpoint" / "world.json").read_text(encoding="utf-8"))
    key = world["target"].get(what, "").lower() or next(key for key in world["resources"] if key.endswith(what))
    body = world["resources"][key]
    for step in path[:-1]:
        body = body[step]
    if value is None:
        del body[path[-1]]
    else:
        body[path[-1]] = value
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world), encoding="utf-8")
    ended = run("check", "--snapshot", str(file), "-o", "json", home=tmp_path)
    return ended.status, ended.out, ended.err


@pytest.mark.parametrize(
    ("what", "path", "value", "says"),
    [
        ("cluster", ("properties",), None, "properties is missing"),
        ("cluster", ("properties",), SECRET, "properties is no object"),
        ("cluster", ("properties", "powerState"), SECRET, "properties.powerState is a text"),
        ("cluster", ("properties", "powerState", "code"), 7, "properties.powerState.code is a number"),
        ("cluster", ("properties", "agentPoolProfiles", 0, "name"), None, "agentPoolProfiles[].name is missing"),
        ("cluster", ("properties", "agentPoolProfiles", 0, "count"), [SECRET], "agentPoolProfiles[0].count"),
        ("cluster", ("identity",), [SECRET], "identity"),
        ("cluster", ("id",), None, "its id is missing"),
        ("registry", ("properties",), None, "properties.loginServer is missing"),
        ("registry", ("properties", "loginServer"), None, "properties.loginServer is missing"),
        ("registry", ("properties", "publicNetworkAccess"), {"a": SECRET}, "properties.publicNetworkAccess is"),
        ("registry", ("sku", "name"), 7, "sku.name is a number"),
    ],
)
def test_a_target_that_cannot_be_read_names_the_key(
    what: str, path: tuple[str | int, ...], value: Any, says: str, tmp_path: Path
) -> None:
    status, out, err = judged(tmp_path, what, path, value)
    assert (status, out, err.count("\n")) == (4, "", 1)
    assert says in err
    assert SECRET not in err


@pytest.mark.parametrize(
    ("what", "path", "value", "says"),
    [
        ("/virtualnetworks/clivnet000005", ("properties", "addressSpace"), SECRET, "properties.addressSpace is a text"),
        ("/a/testreg000002", ("properties", "aRecords"), SECRET, "properties.aRecords is a text"),
    ],
)
def test_anything_else_is_unknown_and_names_the_key(
    what: str, path: tuple[str | int, ...], value: Any, says: str, tmp_path: Path
) -> None:
    status, out, err = judged(tmp_path, what, path, value)
    report = json.loads(out)
    gaps = [gap["reason"] for check in report["checks"] for gap in check["unseen"]]
    assert status in {1, 3}
    assert not [check for check in report["checks"] if check["status"] == "crash"]
    assert [reason for reason in gaps if "in a form that aksacr does not know" in reason and says in reason]
    assert SECRET not in out + err
