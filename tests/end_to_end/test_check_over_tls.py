"""`aksacr check` against the stand-in: real SDK, azure-identity's client secret flow, real sockets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from console import FIXTURES, Ended, run

from aksacr.standin.server import StandIn
from aksacr.standin.world import World

if TYPE_CHECKING:
    from pathlib import Path

RECORDED: dict[str, tuple[str, str, str, int, list[str]]] = {
    "recorded_public_attached": ("cliakstest000001", "clireg000002", "clear", 0, []),
    "recorded_service_principal": ("cliakstest000003", "clireg000002", "blocked", 1, ["AKA111", "AKA101"]),
    "recorded_private_endpoint": ("cliakstest000001", "testreg000002", "clear", 0, []),
}
GROUP = "clitest000001"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def world(name: str) -> World:
    file = FIXTURES / name / "world.json"
    return World.parse(file.read_bytes(), str(file))


def check(azure: StandIn, home: Path, *words: str, **environment: str) -> Ended:
    settings = {**azure.environment(), **environment}
    return run("check", "--cloud", azure.url, *words, home=home, environment=settings)


@pytest.mark.parametrize("name", list(RECORDED))
def test_recorded_worlds_give_their_verdict(name: str, tmp_path: Path) -> None:
    cluster, registry, outcome, status, causes = RECORDED[name]
    with StandIn(world(name)) as azure:
        ended = check(azure, tmp_path, "-g", GROUP, "-n", cluster, "--acr", registry, "-o", "json")
        methods = {request.method for request in azure.requests if "/oauth2/" not in request.target}
    report: dict[str, Any] = json.loads(ended.out)
    assert (report["verdict"]["outcome"], ended.status) == (outcome, status)
    assert report["verdict"]["rootCauses"] == causes
    assert report["verdict"]["exitStatus"] == status
    assert methods == {"GET"}


@pytest.mark.parametrize(
    "registry",
    [
        "CLIREG000002",
        "clireg000002.azurecr.io",
        f"/subscriptions/{SUBSCRIPTION}/RESOURCEGROUPS/clitest000001/providers/microsoft.containerregistry/registries/clireg000002",
    ],
)
def test_registry_by_name_login_server_and_id_in_any_case(registry: str, tmp_path: Path) -> None:
    with StandIn(world("recorded_public_attached")) as azure:
        words = ("-g", GROUP.upper(), "-n", "CLIAKSTEST000001", "--acr", registry, "--subscription", SUBSCRIPTION)
        ended = check(azure, tmp_path, *words, "-o", "json", "--query", "target.registry.loginServer")
    assert (ended.status, json.loads(ended.out)) == (0, "clireg000002.azurecr.io")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-g", "clitest00001", "-n", "cliakstest000001", "--acr", "clireg000002"), 'resource group "clitest00001"'),
        (("-g", GROUP, "-n", "cliakstest", "--acr", "clireg000002"), '"cliakstest000001"'),
        (("-g", GROUP, "-n", "cliakstest000001", "--acr", "clireg2"), '"clireg000002"'),
        (
            ("-g", GROUP, "-n", "cliakstest000001", "--acr", "clireg000002", "--subscription", "prod"),
            'no subscription "prod"',
        ),
        (
            ("-g", GROUP, "-n", "cliakstest000001", "--acr", "clireg000002", "--subscription", SUBSCRIPTION[:-1] + "9"),
            "no subscription 00000000-0000-0000-0000-000000000009",
        ),
    ],
)
def test_what_is_not_there_is_named_with_its_neighbours(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with StandIn(world("recorded_public_attached")) as azure:
        ended = check(azure, tmp_path, *words)
    assert ended.status == 4
    assert ended.out == ""
    assert said in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_refused_credentials_end_with_one_line(tmp_path: Path) -> None:
    with StandIn(world("recorded_public_attached")) as azure:
        words = ("-g", GROUP, "-n", "cliakstest000001", "--acr", "clireg000002")
        ended = check(azure, tmp_path, *words, AZURE_CLIENT_SECRET="wrong-secret-value")
    assert (ended.status, ended.out) == (5, "")
    assert "AADSTS7000215" in ended.err
    assert "wrong-secret-value" not in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_no_credentials_at_all(tmp_path: Path) -> None:
    with StandIn(world("recorded_public_attached")) as azure:
        trust = {name: value for name, value in azure.environment().items() if not name.startswith("AZURE")}
        words = ("check", "--cloud", azure.url, "-g", GROUP, "-n", "cliakstest000001", "--acr", "clireg000002")
        ended = run(*words, home=tmp_path, environment={**trust, "PATH": "/usr/bin:/bin"})
    assert (ended.status, ended.out) == (5, "")
    assert "az login" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_every_format_ends_with_the_same_status(tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "egress_address_not_allowed" / "world.json")
    statuses = {
        kind: run("check", "--snapshot", snapshot, "-o", kind, home=tmp_path).status
        for kind in ("text", "json", "markdown", "none")
    }
    assert statuses == {"text": 1, "json": 1, "markdown": 1, "none": 1}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--fail-on", "never"), 0),
        (("--skip", "egress-address-not-allowed"), 0),
        (("--only", "aka101"), 0),
        (("--only", "AKA201"), 1),
    ],
)
def test_judging_options(words: tuple[str, ...], status: int, tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "egress_address_not_allowed" / "world.json")
    assert run("check", "--snapshot", snapshot, "-o", "none", *words, home=tmp_path).status == status


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        ("", 3),
        ("AKA203,AKA343,AKA351", 0),
        ("egress-address-unknown, aka343, layer-endpoint-unreachable", 0),
        ("all", 0),
        ("AKA203", 3),
        ("AKA101", 3),
    ],
)
def test_allowed_blindness(allowed: str, status: int, tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "egress_through_appliance" / "world.json")
    words = ("--allow-unknown", allowed) if allowed else ()
    assert run("check", "--snapshot", snapshot, "-o", "none", *words, home=tmp_path).status == status


def test_a_warning_fails_only_when_asked(tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "service_principal_secret_expires_soon" / "world.json")
    assert run("check", "--snapshot", snapshot, "-o", "none", home=tmp_path).status == 0
    assert run("check", "--snapshot", snapshot, "-o", "none", "--fail-on", "warning", home=tmp_path).status == 1


def test_collect_then_judge_elsewhere(tmp_path: Path) -> None:
    saved = tmp_path / "snapshot.json"
    with StandIn(world("peering_disconnected")) as azure:
        words = ("-g", GROUP, "-n", "cliakstest000001", "--acr", "testreg000002")
        live = check(azure, tmp_path, *words, "-o", "json")
        collected = run(
            "collect", "--cloud", azure.url, *words, "--to", str(saved), home=tmp_path, environment=azure.environment()
        )
    assert collected.status == 0
    assert collected.out == ""
    judged = run("check", "--snapshot", str(saved), "-o", "json", home=tmp_path)
    statuses = [{item["code"]: item["status"] for item in json.loads(ended.out)["checks"]} for ended in (live, judged)]
    assert statuses[0] == statuses[1]
    assert judged.status == live.status == 1


def test_reports_go_to_files_and_only_the_result_to_stdout(tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "recorded_public_attached" / "world.json")
    words = ("--report", f"json={tmp_path / 'r.json'}", "--report", f"markdown={tmp_path / 'r.md'}", "-o", "none")
    ended = run("check", "--snapshot", snapshot, *words, home=tmp_path)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert json.loads((tmp_path / "r.json").read_text())["schemaVersion"] == "1.0"
    assert "AKA101" in (tmp_path / "r.md").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check",), "-g/--resource-group"),
        (("check", "-g", "x", "-n", "y"), "--acr"),
        (("check", "--snapshot", "absent.json"), "absent.json"),
        (("check", "--snapshot", ".", "-o", "json"), "could not be read"),
        (("check", "--only", "AKA999", "--snapshot", "x"), "AKA999"),
        (("check", "--report", "pdf=x", "--snapshot", "x"), "pdf=x"),
        (("check", "--report", "json=/nowhere/x.json", "--snapshot", "x"), "/nowhere"),
        (("check", "-o", "yaml"), "yaml"),
        (("collect", "-g", "x", "-n", "y", "--acr", "z", "--to", "/nowhere/x"), "/nowhere"),
        (("checks", "pull-role-mising"), "pull-role-missing"),
        (("demo", "nothing-like-it"), "nothing-like-it"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ended = run(*words, home=tmp_path)
    assert ended.status == 2
    assert ended.out == ""
    assert said in ended.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ends too early"),
        (b'{"format": "aksacr-world", "version": 1, "resources": {', "line 1"),
        (b"\xff\xfe\x00", "snapshot"),
        (b'{"schemaVersion": "1.0"}', "aksacr"),
        (b'{"format": "aksacr-world", "version": 99, "resources": {}}', "99"),
        (b'{"format": "aksacr-world", "version": 1, "resources": []}', "resources"),
    ],
)
def test_a_file_that_is_no_snapshot(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.json"
    file.write_bytes(content)
    ended = run("check", "--snapshot", str(file), home=tmp_path)
    assert ended.status == 2
    assert ended.out == ""
    assert "snapshot.json" in ended.err
    assert said in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_snapshot_of_another_cluster(tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "recorded_public_attached" / "world.json")
    ended = run("check", "--snapshot", snapshot, "-n", "other", home=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert '"cliakstest000001"' in ended.err


@pytest.mark.parametrize("cloud", ["AzureCluod", "http://plain.example", "https://localhost:9"])
def test_a_cloud_that_is_not_there(cloud: str, tmp_path: Path) -> None:
    ended = run("check", "-g", "x", "-n", "y", "--acr", "z", "--cloud", cloud, home=tmp_path)
    assert (ended.status, ended.out) == (4, "")
    assert len(ended.err.strip().splitlines()) == 1
