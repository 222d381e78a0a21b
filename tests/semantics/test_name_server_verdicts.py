"""What is told of DNS servers: the verdicts, their words and their commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from judging import ROOT

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.check import Status, Verdict
from aksacr.runner import run
from aksacr.standin.transport import WorldTransport
from aksacr.standin.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

OFF, DIFFER, BY_RULE = "dns_proxy_of_firewall_off", "dns_servers_differ", "nsg_blocks_azure_dns"
ON = "dns_proxy_of_firewall_in_linked_hub"


async def verdicts(name: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Verdict]:
    """The verdicts of a fixture's world after a change."""
    content = json.loads((ROOT / name / "world.json").read_bytes())
    change(content)
    world = World.parse(json.dumps(content).encode(), name)
    gathered = await from_world(world, WorldTransport(world), image=None)
    return {item.check.code: item.verdict for item in run(gathered.facts, every_check())}


def one(content: dict[str, Any], kind: str, name: str = "") -> dict[str, Any]:
    """The properties of the one resource of a kind (of that name)."""
    found = [
        body["properties"]
        for key, body in content["resources"].items()
        if key.split("/")[-2] == kind and key.endswith(name.lower())
    ]
    assert len(found) == 1
    return found[0]


def unchanged(content: dict[str, Any]) -> None:
    del content


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, Status.FAIL),
        ({"Network.DNS.EnableProxy": "false"}, Status.FAIL),
        ({"Network.DNS.EnableProxy": "true"}, Status.PASS),
        ({"Network.DNS.EnableProxy": "True", "Network.DNS.Servers": ""}, Status.PASS),
        ({"Network.DNS.EnableProxy": "true", "Network.DNS.Servers": "168.63.129.16"}, Status.PASS),
        ({"Network.DNS.EnableProxy": "true", "Network.DNS.Servers": "10.9.9.9, 10.9.9.8"}, Status.UNKNOWN),
        ({"Network.DNS.EnableProxy": "perhaps"}, Status.UNKNOWN),
    ],
)
async def test_a_classic_firewall_has_its_own_settings(said: dict[str, str], status: Status) -> None:
    def change(content: dict[str, Any]) -> None:
        firewall = one(content, "azurefirewalls")
        del firewall["firewallPolicy"]
        firewall["additionalProperties"] = said

    found = (await verdicts(ON, change))["AKA305"]
    assert found.status is status
    if status is Status.FAIL:
        [command] = [command for fix in found.fixes for command in fix.commands]
        assert command.startswith("az network firewall update -g hub-network -n hub-firewall --subscription ")
        assert command.endswith("--enable-dns-proxy true")


async def test_a_policy_below_another_leaves_open_what_it_may_inherit() -> None:
    def change(content: dict[str, Any]) -> None:
        [(key, body)] = [
            item for item in content["resources"].items() if item[0].endswith("/firewallpolicies/hub-policy")
        ]
        parent = json.loads(json.dumps(body).replace("hub-policy", "company-policy"))
        content["resources"][key.replace("hub-policy", "company-policy")] = parent
        body["properties"] |= {"basePolicy": {"id": parent["id"]}}
        parent["properties"]["dnsSettings"] = {"enableProxy": True}

    found = (await verdicts(OFF, change))["AKA305"]
    assert found.status is Status.UNKNOWN
    assert "its parent company-policy turns it on" in found.message


@pytest.mark.parametrize(
    ("servers", "status"),
    [(["172.30.0.4", "192.168.0.53"], Status.WARN), (["172.30.0.4"], Status.FAIL)],
)
async def test_one_silent_server_of_several_is_a_warning(servers: list[str], status: Status) -> None:
    def change(content: dict[str, Any]) -> None:
        one(content, "virtualnetworks", "clivnet000005")["dhcpOptions"] = {"dnsServers": servers}

    found = (await verdicts(OFF, change))["AKA305"]
    assert found.status is status
    assert [fix.summary for fix in found.fixes] == ["Turn the DNS proxy of Azure Firewall hub-firewall on"]


@pytest.mark.parametrize(("protocol", "status"), [("Udp", Status.WARN), ("Tcp", Status.WARN), ("*", Status.FAIL)])
async def test_a_rule_for_one_protocol_is_a_warning(protocol: str, status: Status) -> None:
    def change(content: dict[str, Any]) -> None:
        [rule] = one(content, "networksecuritygroups")["securityRules"]
        rule["properties"]["protocol"] = protocol

    found = (await verdicts(BY_RULE, change))["AKA305"]
    assert found.status is status
    assert "AzurePlatformDNS" in str(found.evidence[-1].value)


async def test_a_rule_for_some_of_the_nodes_is_not_decided() -> None:
    def change(content: dict[str, Any]) -> None:
        [rule] = one(content, "networksecuritygroups")["securityRules"]
        rule["properties"]["sourceAddressPrefix"] = "10.240.0.0/17"

    assert (await verdicts(BY_RULE, change))["AKA305"].status is Status.UNKNOWN


async def test_without_a_free_number_the_rule_is_made_by_hand() -> None:
    def change(content: dict[str, Any]) -> None:
        [rule] = one(content, "networksecuritygroups")["securityRules"]
        rule["properties"]["priority"] = 100

    fixes = (await verdicts(BY_RULE, change))["AKA305"].fixes
    assert all(fix.manual and not fix.commands for fix in fixes)
    assert any("No priority number under 100 is free" in fix.summary for fix in fixes)


async def test_servers_that_differ_are_not_called_unplaced() -> None:
    found = await verdicts(DIFFER, unchanged)
    for code in ("AKA202", "AKA305"):
        assert (
            "192.168.0.53 in clivnet000005 answers 192.168.1.5 and 10.100.0.4 in hub-vnet answers its"
            in found[code].message
        )
    assert found["AKA202"].status is Status.UNKNOWN
    [fix] = found["AKA305"].fixes
    assert "/hub-vnet " in fix.commands[0]


async def test_servers_that_differ_and_all_lead_there_are_a_question() -> None:
    def change(content: dict[str, Any]) -> None:
        properties = one(content, "registries")
        properties |= {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Allow", "ipRules": []}}

    found = (await verdicts(DIFFER, change))["AKA305"]
    assert (found.status, found.fixes) == (Status.UNKNOWN, ())


async def test_the_zone_is_linked_where_the_question_is_answered() -> None:
    found = (await verdicts("dns_server_in_hub_that_is_not_linked", unchanged))["AKA202"]
    assert found.status is Status.FAIL
    assert "--virtual-network /subscriptions/00000000-0000-0000-0000-0000000000bb" in found.fixes[0].commands[0]


async def test_a_record_in_a_shadowing_zone_has_the_name_that_it_has_there() -> None:
    found = (await verdicts("private_dns_zone_shadowed", unchanged))["AKA302"]
    [command] = found.fixes[0].commands
    assert command.endswith("-z westus.data.privatelink.azurecr.io -n testreg000002 -a 192.168.1.4")
    assert found.evidence[0].path == "A[testreg000002]"


REASONS = (
    *("AKA301", "AKA302", "AKA303", "AKA305", "AKA306", "AKA311"),
    *("AKA321", "AKA322", "AKA323", "AKA324", "AKA331", "AKA332"),
)


async def test_checks_of_private_endpoints_give_one_reason_where_there_is_none() -> None:
    found = await verdicts("recorded_public_attached", unchanged)
    assert {(found[code].status, found[code].message) for code in REASONS} == {
        (Status.NOT_APPLICABLE, "clireg000002 has no private endpoint.")
    }
