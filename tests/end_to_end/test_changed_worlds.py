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


def _peering_with(**changes: Any) -> dict[str, Any]:
    """The healthy world of an endpoint in a peered network, with the nodes' half of the peering changed."""
    world = recorded("private_endpoint_in_peered_network")
    nodes = next(body for key, body in world["resources"].items() if key.endswith("/virtualnetworks/clivnet000005"))
    nodes["properties"]["virtualNetworkPeerings"][0]["properties"] |= changes
    return world


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({"enableOnlyIPv6Peering": True}, "properties.enableOnlyIPv6Peering", True),
        ({"allowVirtualNetworkAccess": False}, "properties.allowVirtualNetworkAccess", False),
        (
            {"peerCompleteVnets": False, "localSubnetNames": ["other"], "remoteSubnetNames": ["endpoints"]},
            "properties.localSubnetNames",
            ["other"],
        ),
    ],
)
def test_a_half_that_blocks_says_so_with_azures_own_value(
    changes: dict[str, Any], path: str, value: Any, tmp_path: Path
) -> None:
    check = verdicts(tmp_path, _peering_with(**changes))["AKA324"]
    assert check["status"] == "fail"
    assert [(item["path"], item["value"]) for item in check["evidence"]] == [(path, value)]


def test_an_ipv6_peering_is_mended_by_hand(tmp_path: Path) -> None:
    [fix] = verdicts(tmp_path, _peering_with(enableOnlyIPv6Peering=True))["AKA324"]["fixes"]
    assert fix["manual"]
    assert fix["commands"] == []
    assert (
        fix["summary"] == "Turn enableOnlyIPv6Peering of peering to-hub-vnet of clivnet000005 off: the address is IPv4"
    )
    assert fix["needs"] == "Network Contributor on clivnet000005"


def test_a_peering_of_the_right_subnets_lets_it_through(tmp_path: Path) -> None:
    subnets = {"localSubnetNames": ["CLISUBNET000006"], "remoteSubnetNames": ["endpoints"]}
    check = verdicts(tmp_path, _peering_with(peerCompleteVnets=False, **subnets))["AKA324"]
    assert check["status"] == "pass"


@pytest.mark.parametrize(("hop", "status"), [("VirtualApplianceEcmp", "unknown"), ("SomethingNew", "unknown")])
def test_a_route_to_a_next_hop_that_cannot_be_judged(hop: str, status: str, tmp_path: Path) -> None:
    world = recorded("route_drops_private_endpoint")
    table = only(world, "/routetables/")
    route = table["properties"]["routes"][0]["properties"]
    route |= {"nextHopType": hop, "nextHop": {"nextHopIpAddresses": ["192.168.0.4", "192.168.0.5"]}}
    check = verdicts(tmp_path, world)["AKA331"]
    assert check["status"] == status
    assert hop in check["message"]


@pytest.mark.parametrize(
    ("prefix", "words", "mended"),
    [
        ("192.168.1.5/32", "route update", 1),
        ("192.168.1.5", "route update", 1),
        ("192.168.0.0/16", "route create", 2),  # the addresses of the login server and of the data endpoint
    ],
)
def test_the_route_that_is_given_is_no_second_one_for_its_prefix(
    prefix: str, words: str, mended: int, tmp_path: Path
) -> None:
    world = recorded("route_drops_private_endpoint")
    only(world, "/routetables/")["properties"]["routes"][0]["properties"]["addressPrefix"] = prefix
    for body in world["resources"].values():
        for subnet in [body, *body.get("properties", {}).get("subnets", ())]:
            if "/subnets/testsubnet" in subnet.get("id", ""):
                subnet["properties"]["privateEndpointNetworkPolicies"] = "Enabled"
    [fix] = verdicts(tmp_path, world)["AKA331"]["fixes"]
    commands = fix["commands"]
    assert len(commands) == mended
    for command in commands:
        assert f" {words} " in command
        assert command.endswith("--next-hop-type VnetLocal")
        assert ("-n to-firewall " in command) == (words == "route update")
    login = [command for command in commands if "--address-prefix 192.168.1.5/32" in command]
    assert len(login) == (words == "route create")
