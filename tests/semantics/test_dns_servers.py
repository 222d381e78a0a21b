"""Which servers answer for names, and by which network's links: Azure Firewalls and the servers that they ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aksacr.facts import AzureFirewall, DnsSettings, FirewallPolicy, ResourceId, Seen, UnseenError
from aksacr.semantics.dns_servers import AZURE_DNS, dns_settings, name_servers
from aksacr.semantics.name_resolution import resolve

from .building import (
    REFUSED,
    SUBSCRIPTION,
    link,
    network_id,
    networks,
    peering,
    registry,
    resource,
    subnet,
    vnet,
)
from .zoning import zoned

HOP, IN_DATA, OUTSIDE = "10.100.0.4", "10.101.0.4", "192.168.7.53"
ON, OFF, SILENT = DnsSettings(proxy=True, servers=()), DnsSettings(proxy=False, servers=()), DnsSettings()
FIREWALL_SUBNET = ResourceId(f"{network_id('hub')}/subnets/AzureFirewallSubnet")
POLICY = resource("Microsoft.Network/firewallPolicies", "hub-policy")
PARENT = resource("Microsoft.Network/firewallPolicies", "company-policy")
SUB = SUBSCRIPTION.rsplit("/", 1)[-1]


def firewall(dns: DnsSettings = SILENT, policy_id: ResourceId | None = POLICY, address: str = HOP) -> AzureFirewall:
    made = resource("Microsoft.Network/azureFirewalls", "hub-firewall")
    return AzureFirewall(made, "hub-firewall", FIREWALL_SUBNET, (address,), (), policy_id, (), dns)


def policy(dns: DnsSettings, policy_id: ResourceId = POLICY, base: ResourceId | None = None) -> FirewallPolicy:
    return FirewallPolicy(policy_id, policy_id.name, base, (), dns)


def heads(*policies: FirewallPolicy) -> dict[ResourceId, Any]:
    return {item.id: Seen(item) for item in policies}


def asking(dns: DnsSettings = ON, *servers: str, linked: str = "hub", **changes: Any) -> tuple[Any, Any]:
    """A spoke that asks a firewall in a hub, which peers with a third network."""
    spoke = vnet("vnet1", peering("hub", prefixes=("10.100.0.0/16",)), dns_servers=servers or (HOP,))
    hub = vnet("hub", peering("data", prefixes=("10.101.0.0/16",)), prefixes=("10.100.0.0/16",))
    home = subnet("AzureFirewallSubnet", "hub", prefixes=("10.100.0.0/26",))
    hub = replace(hub, subnets=(home, subnet("servers", "hub", prefixes=("10.100.1.0/24",))), dns_servers=(OUTSIDE,))
    tables: dict[str, Any] = {
        "virtual_networks": networks(spoke, hub, vnet("data", prefixes=("10.101.0.0/16",))),
        "firewalls": {SUB: Seen((firewall(),))},
        "policy_heads": heads(policy(dns)),
    }
    return zoned(link(linked), **{**tables, **changes}), spoke


# --- what holds for a firewall ---


@pytest.mark.parametrize(
    ("own", "parent", "expected"),
    [
        (ON, None, ON),
        (SILENT, None, OFF),
        (DnsSettings(proxy=True, servers=None), None, ON),
        (DnsSettings(proxy=None, servers=(OUTSIDE,)), None, DnsSettings(proxy=False, servers=(OUTSIDE,))),
        # What the policy says itself counts, whatever its parent says.
        (OFF, DnsSettings(proxy=True, servers=(OUTSIDE,)), OFF),
        (ON, DnsSettings(proxy=False, servers=(OUTSIDE,)), ON),
        # What it leaves out does not matter where the parent says nothing else than the default.
        (SILENT, SILENT, OFF),
        (SILENT, OFF, OFF),
        (DnsSettings(proxy=True, servers=None), ON, ON),
    ],
)
def test_settings_of_a_policy(own: DnsSettings, parent: DnsSettings | None, expected: DnsSettings) -> None:
    above = () if parent is None else (policy(parent, PARENT),)
    made = heads(policy(own, base=PARENT if above else None), *above)
    assert dns_settings(firewall(), made) == expected


@pytest.mark.parametrize(
    ("own", "parent", "words"),
    [
        (SILENT, ON, "neither on nor off, its parent company-policy turns it on"),
        (DnsSettings(proxy=True), DnsSettings(servers=(OUTSIDE,)), f"its parent company-policy names {OUTSIDE}"),
    ],
)
def test_what_may_be_inherited_is_not_decided(own: DnsSettings, parent: DnsSettings, words: str) -> None:
    with pytest.raises(UnseenError, match=words):
        dns_settings(firewall(), heads(policy(own, base=PARENT), policy(parent, PARENT)))


def test_a_policy_that_was_not_seen_is_no_policy_without_settings() -> None:
    for made in ({}, {POLICY: REFUSED}, {POLICY: Seen(None)}, heads(policy(SILENT, base=PARENT))):
        with pytest.raises(UnseenError):
            dns_settings(firewall(), made)
    assert dns_settings(firewall(), heads(policy(ON, base=PARENT))) == ON  # the parent no longer matters


def test_policies_in_a_ring_end() -> None:
    made = heads(policy(SILENT, base=PARENT), policy(SILENT, PARENT, base=POLICY))
    assert dns_settings(firewall(), made) == OFF


def test_a_firewall_without_policy_says_it_itself() -> None:
    assert dns_settings(firewall(DnsSettings(proxy=True), None), {}) == ON
    assert dns_settings(firewall(SILENT, None), {}) == OFF
    assert dns_settings(firewall(DnsSettings(proxy=True)), heads(policy(OFF))) == OFF  # the policy's word counts


# --- what names resolve to ---


@pytest.mark.parametrize(
    ("dns", "linked", "kind", "answered_for"),
    [
        (ON, "hub", "private", "hub"),
        (ON, "vnet1", "public", "hub"),  # the nodes' own link is nobody's question
        (OFF, "hub", "unanswered", "vnet1"),
        (SILENT, "hub", "unanswered", "vnet1"),
        (DnsSettings(proxy=True, servers=(AZURE_DNS,)), "hub", "private", "hub"),
        (DnsSettings(proxy=True, servers=("10.100.1.9",)), "hub", "private", "hub"),
        (DnsSettings(proxy=True, servers=(IN_DATA,)), "data", "private", "data"),
        (DnsSettings(proxy=True, servers=(IN_DATA,)), "hub", "public", "data"),
        (DnsSettings(proxy=True, servers=(OUTSIDE,)), "hub", "unknowable", "vnet1"),
        (DnsSettings(proxy=True, servers=(AZURE_DNS, IN_DATA)), "hub", "unknowable", "vnet1"),
    ],
)
def test_a_firewall_answers_by_its_settings(dns: DnsSettings, linked: str, kind: str, answered_for: str) -> None:
    facts, spoke = asking(dns, linked=linked)
    found = resolve(facts, spoke)
    assert (found.kind, found.answered_for.name, found.servers) == (kind, answered_for, (HOP,))


def test_a_public_registry_is_not_found_either_where_nothing_answers() -> None:
    facts, spoke = asking(OFF, registry=registry())
    assert resolve(facts, spoke).kind == "unanswered"
    assert resolve(facts, spoke).leads_nowhere


def test_other_servers_answer_in_the_place_of_a_silent_one() -> None:
    facts, spoke = asking(OFF, HOP, "10.100.1.9")
    assert resolve(facts, spoke).kind == "private"
    assert [(item.address, item.answers) for item in name_servers(facts, spoke)] == [(HOP, False), ("10.100.1.9", True)]


def test_servers_that_differ_are_told_with_their_networks() -> None:
    facts, spoke = asking(ON, HOP, "10.1.0.53", linked="vnet1")
    found = resolve(facts, spoke)
    told = [(item.servers, item.answered_for.name, item.kind) for item in found.differing]
    assert found.kind == "unknowable"
    assert told == [((f"{HOP} (Azure Firewall hub-firewall)",), "hub", "public"), (("10.1.0.53",), "vnet1", "private")]


def test_an_upstream_firewall_that_does_not_answer_silences_the_first() -> None:
    """The hub's firewall asks itself by way of no other: a ring has no answer that can be told."""
    facts, spoke = asking(DnsSettings(proxy=True, servers=(HOP,)))
    with pytest.raises(UnseenError, match="lead back to itself"):
        resolve(facts, spoke)


@pytest.mark.parametrize(
    "changes",
    [
        {"firewalls": {SUB: REFUSED}},
        {"firewalls": {}},
        {"firewalls": {SUB: Seen(())}},  # deallocated, or not to be seen: nobody else has an address there
        {"firewalls": {SUB: Seen((firewall(address="10.100.0.5"),))}},
        {"policy_heads": {POLICY: REFUSED}},
        {"policy_heads": {}},
    ],
    ids=["list refused", "list not asked", "no firewall", "another address", "policy refused", "policy not asked"],
)
def test_what_was_not_seen_of_a_firewall_leaves_the_name_open(changes: dict[str, Any]) -> None:
    facts, spoke = asking(ON, **changes)
    with pytest.raises(UnseenError):
        resolve(facts, spoke)


def test_a_server_beside_the_firewalls_subnet_asks_for_no_firewall() -> None:
    facts, spoke = asking(ON, "10.100.1.9", firewalls={}, policy_heads={})
    assert resolve(facts, spoke).kind == "private"


def test_upstream_servers_keep_the_words_of_the_firewall() -> None:
    facts, spoke = asking(DnsSettings(proxy=True, servers=(IN_DATA,)))
    [server] = name_servers(facts, spoke)
    assert server.words == f"{HOP} (Azure Firewall hub-firewall, which asks {IN_DATA})"
    assert server.network is not None
    assert server.network.name == "data"
