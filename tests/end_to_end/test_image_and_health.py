"""The image that is named, and clusters that do not run or show nothing that pulls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from console import FIXTURES, run

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "clireg000002.azurecr.io"


def report_of(tmp_path: Path, world: dict[str, Any], *words: str) -> dict[str, Any]:
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world), encoding="utf-8")
    return json.loads(run("check", "--snapshot", str(file), "-o", "json", *words, home=tmp_path).out)


def recorded() -> dict[str, Any]:
    return json.loads((FIXTURES / "recorded_public_attached" / "world.json").read_text(encoding="utf-8"))


def cluster_of(world: dict[str, Any]) -> dict[str, Any]:
    return world["resources"][world["target"]["cluster"].lower()]["properties"]


def check_of(report: dict[str, Any], code: str) -> dict[str, Any]:
    return next(check for check in report["checks"] if check["code"] == code)


@pytest.mark.parametrize(
    ("image", "status", "says"),
    [
        ("web:1.2", "pass", LOGIN),
        (f"{LOGIN}/team/web:1.2", "pass", LOGIN),
        (f"{LOGIN.upper()}/team/web", "pass", LOGIN),
        (f"{LOGIN}:443/web@sha256:{'0' * 64}", "pass", LOGIN),
        ("team/web", "pass", LOGIN),
        ("clireg000002/web:1.2", "warn", "docker.io"),
        ("clireg000002.azureacr.io/web", "fail", "slip"),
        ("clireg000002.westus.data.azurecr.io/web", "fail", "layers"),
        ("clireg000002azurecr.io/web", "fail", "slip"),
        ("clireg00002.azurecr.io/web", "fail", "one character off"),
        ("clireg000003.azurecr.io/web", "fail", "--acr clireg000003.azurecr.io"),
        ("clireg000002.azurecr.cn/web", "fail", "another cloud"),
        ("clireg000002.privatelink.azurecr.io/web", "fail", "certificate"),
        ("clireg000002.azurecr.io.evil.example/web", "fail", "nothing that is judged here"),
        ("other.azurecr.io/web:1", "fail", "--acr other.azurecr.io"),
        ("docker.io/library/nginx", "fail", "nothing that is judged here"),
        ("localhost/web", "fail", "nothing that is judged here"),
    ],
)
def test_the_host_of_the_image(image: str, status: str, says: str, tmp_path: Path) -> None:
    check = check_of(report_of(tmp_path, recorded(), "--image", image), "AKA402")
    assert check["status"] == status
    assert says in check["message"] + json.dumps(check["fixes"])


def test_a_login_server_with_a_label_is_not_the_name_without_it(tmp_path: Path) -> None:
    world = recorded()
    registry = world["resources"][world["target"]["registry"].lower()]
    registry["properties"]["loginServer"] = "clireg000002-a1b2c3.azurecr.io"
    check = check_of(report_of(tmp_path, world, "--image", f"{LOGIN}/web:1"), "AKA402")
    assert check["status"] == "fail"
    assert "clireg000002-a1b2c3.azurecr.io" in check["message"]
    mine = check_of(report_of(tmp_path, world, "--image", "clireg000002-a1b2c3.azurecr.io/web:1"), "AKA402")
    assert mine["status"] == "pass"


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (LOGIN, "without a repository"),
        (f"https://{LOGIN}/web", "scheme"),
        (f"{LOGIN}/Web:1", "capital"),
        (f"{LOGIN}/web:1:2", "InvalidImageName"),
        (f"{LOGIN}/we b", "InvalidImageName"),
        (f"{LOGIN}/web@sha256:12", "InvalidImageName"),
        ("<registry>.azurecr.io/web", "placeholder"),
    ],
)
def test_a_text_that_is_no_image_is_refused(image: str, says: str, tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "recorded_public_attached" / "world.json")
    ended = run("check", "--snapshot", snapshot, "--image", image, home=tmp_path)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert says in ended.err


@pytest.mark.parametrize("pools", [None, []])
def test_a_cluster_without_node_pools_is_not_clear(pools: list[Any] | None, tmp_path: Path) -> None:
    world = recorded()
    cluster_of(world)["agentPoolProfiles"] = pools
    report = report_of(tmp_path, world)
    assert (report["verdict"]["outcome"], report["verdict"]["exitStatus"]) == ("undetermined", 3)
    assert "no node pool" in check_of(report, "AKA601")["message"]
    assert check_of(report, "AKA341")["status"] == "not-applicable"


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"powerState": {"code": "Stopped"}}, "fail", "is Stopped"),
        ({"provisioningState": "Deleting"}, "fail", "is Deleting"),
        ({"provisioningState": "Stopping"}, "fail", "is Stopping"),
        ({"provisioningState": "Starting"}, "unknown", "is Starting"),
        ({"provisioningState": "Upgrading"}, "pass", "under way (Upgrading)"),
        ({"provisioningState": "Canceled"}, "warn", "is Canceled"),
        ({"powerState": None}, "unknown", "does not say"),
    ],
)
def test_states_of_a_cluster(change: dict[str, Any], status: str, says: str, tmp_path: Path) -> None:
    world = recorded()
    cluster_of(world).update(change)
    check = check_of(report_of(tmp_path, world), "AKA601")
    assert check["status"] == status
    assert says in check["message"]


def test_all_pools_stopped_is_a_fault_that_starts_them(tmp_path: Path) -> None:
    world = recorded()
    cluster_of(world)["agentPoolProfiles"][0]["powerState"] = {"code": "Stopped"}
    check = check_of(report_of(tmp_path, world), "AKA601")
    assert check["status"] == "fail"
    (command,) = check["fixes"][0]["commands"]
    assert command.startswith("az aks nodepool start ")


def test_a_stopped_cluster_is_mended_before_its_role(tmp_path: Path) -> None:
    world = recorded()
    cluster_of(world)["powerState"] = {"code": "Stopped"}
    registry = world["target"]["registry"].lower()
    for key in [key for key in world["resources"] if key.startswith(registry) and "/roleassignments/" in key]:
        del world["resources"][key]
    assert report_of(tmp_path, world)["verdict"]["rootCauses"] == ["AKA601", "AKA101"]


@pytest.mark.parametrize("state", ["Succeeded", "Creating", "Failed"])
def test_without_an_identity_one_reason_says_what_would_show_it(state: str, tmp_path: Path) -> None:
    world = recorded()
    del cluster_of(world)["identityProfile"]
    cluster_of(world)["provisioningState"] = state
    report = report_of(tmp_path, world)
    unknown = [check for check in report["checks"] if check["status"] == "unknown" and check["code"] < "AKA6"]
    gaps = {(gap["source"], gap["action"], gap["reason"]) for check in unknown for gap in check["unseen"]}
    ((_, action, reason),) = gaps
    assert len(unknown) > 5
    assert state in reason
    assert ("run again" in action) if state == "Creating" else ("az aks update" in action)


def test_windows_scale_sets_are_found_by_their_name(tmp_path: Path) -> None:
    """AKS names them aks<pool>; one without tags is placed by that."""
    world = recorded()
    pool = cluster_of(world)["agentPoolProfiles"][0]
    pool |= {"name": "win1", "osType": "Windows"}
    key = next(key for key in world["resources"] if key.endswith("-vmss"))
    scale_set = world["resources"].pop(key)
    scale_set |= {"id": scale_set["id"].replace(scale_set["name"], "akswin1"), "name": "akswin1", "tags": {}}
    world["resources"][scale_set["id"].lower()] = scale_set
    report = report_of(tmp_path, world)
    assert check_of(report, "AKA121")["status"] == "pass"
    assert check_of(report, "AKA341")["status"] == "pass"
