"""The DNS settings of an Azure Firewall and its policy, and inspection of TLS, from the bodies that Azure sends."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.network import models

from aksacr.azure.firewalls import decode_firewall, decode_group, read_policies
from aksacr.facts import DnsSettings

from .answering import SUBSCRIPTION, OneAnswer, answer, resource, session_with

FIREWALL = resource("Microsoft.Network/azureFirewalls", "fw")
POLICY = resource("Microsoft.Network/firewallPolicies", "policy")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, DnsSettings()),
        ({"Network.DNS.EnableProxy": "true"}, DnsSettings(proxy=True)),
        (
            {"network.dns.enableproxy": "False", "Network.DNS.Servers": "10.0.0.4, 10.0.0.5"},
            DnsSettings(proxy=False, servers=("10.0.0.4", "10.0.0.5")),
        ),
    ],
)
def test_a_classic_firewall_keeps_its_dns_settings_as_texts(settings: dict[str, str], expected: DnsSettings) -> None:
    body: dict[str, Any] = {"id": FIREWALL.text, "name": "fw", "properties": {"additionalProperties": settings}}
    assert decode_firewall(models.AzureFirewall(body)).dns == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (None, DnsSettings()),
        ({"servers": [], "enableProxy": True}, DnsSettings(proxy=True, servers=())),
        ({"servers": ["10.0.1.0"]}, DnsSettings(servers=("10.0.1.0",))),
    ],
)
async def test_a_policy_has_dns_settings_or_leaves_them_to_its_parent(settings: Any, expected: DnsSettings) -> None:
    properties = {} if settings is None else {"dnsSettings": settings}
    body = {"value": [{"id": POLICY.text, "name": "policy", "properties": properties}]}
    found = await read_policies(session_with(OneAnswer(answer(200, body))), SUBSCRIPTION)
    assert [policy.dns for policy in found.value] == [expected]


@pytest.mark.parametrize("inspects", [True, False])
def test_a_rule_may_inspect_tls(inspects: bool) -> None:
    rule = {"ruleType": "ApplicationRule", "name": "r", "targetFqdns": ["*.azurecr.io"], "terminateTLS": inspects}
    kind = "FirewallPolicyFilterRuleCollection"
    collection = {"ruleCollectionType": kind, "name": "c", "action": {"type": "Allow"}, "rules": [rule]}
    group = models.FirewallPolicyRuleCollectionGroup({"name": "g", "properties": {"ruleCollections": [collection]}})
    assert [rule.inspects_tls for found in decode_group(group) for rule in found.rules] == [inspects]
