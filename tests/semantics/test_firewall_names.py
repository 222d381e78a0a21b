"""What an Azure Firewall makes of host names itself: where it connects to, and what a network rule stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aksacr.facts import AzureFirewall, DnsSettings, Facts, FirewallPolicy, ResourceId, Seen
from aksacr.semantics.azure_firewall import RuleSource, passage, passage_through
from aksacr.semantics.firewall_matching import NameView, Target, doubt
from aksacr.semantics.firewall_names import name_view

from .building import (
    REFUSED,
    connection,
    facts,
    link,
    network_id,
    networks,
    peering,
    records,
    registry,
    resource,
    vnet,
    zone_id,
)
from .building import zones as zone_table
from .test_azure_firewall import NODES, application, collection, network

ADDRESS = "10.9.0.5"
PUBLIC = Target("shopacr.azurecr.io", "AzureContainerRegistry", frozenset({"westeurope"}))
PRIVATE = replace(PUBLIC, address=ADDRESS)
POLICY = resource("Microsoft.Network/firewallPolicies", "child")
PARENT = resource("Microsoft.Network/firewallPolicies", "parent")
PROXY, NO_PROXY = DnsSettings(proxy=True), DnsSettings()


def firewall(policy: ResourceId | None = None, dns: DnsSettings = NO_PROXY) -> AzureFirewall:
    home = ResourceId(f"{network_id('hub')}/subnets/AzureFirewallSubnet")
    return AzureFirewall(resource("Microsoft.Network/azureFirewalls", "fw"), "fw", home, (), (), policy, (), dns)


def world(*linked: str, address: str = ADDRESS, **changes: Any) -> Facts:
    """A private endpoint whose zone is linked to these networks; the firewall sits in `hub`."""
    made = facts(
        registry=registry(endpoint_connections=(connection(),)),
        virtual_networks=networks(vnet(), vnet("hub", prefixes=("10.8.0.0/16",))),
        zones=zone_table(zone_id()),
        zone_links={zone_id(): Seen(tuple(link(name) for name in linked))},
        zone_records={zone_id(): records(shopacr=address)},
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("found", "sure"),
    [
        (world("vnet1", "hub"), True),
        (world("vnet1"), False),
        (world("vnet1", "hub", address="10.9.0.99"), False),
        (world(zone_links={zone_id(): REFUSED}), False),
        (world("hub", virtual_networks=networks(vnet())), False),
        (world("hub", virtual_networks={**networks(vnet()), network_id("hub"): REFUSED}), False),
        (world("hub", virtual_networks={**networks(vnet()), network_id("hub"): Seen(None)}), False),
    ],
)
def test_a_name_leads_the_firewall_where_its_own_network_resolves_it(found: Facts, sure: bool) -> None:
    view = name_view(found, firewall(), PRIVATE)
    assert view.connects.value is (True if sure else None)
    assert view.listed == view.connects
    assert bool(view.connects.doubts) is not sure


def test_the_dns_servers_of_its_network_are_not_its_own() -> None:
    asking = vnet("hub", prefixes=("10.8.0.0/16",), dns_servers=("10.0.0.9",))
    found = world("hub", virtual_networks=networks(vnet(), asking))
    assert name_view(found, firewall(), PRIVATE).connects.value is True


def test_dns_servers_of_its_own_answer_otherwise() -> None:
    view = name_view(world("hub"), firewall(dns=DnsSettings(servers=("10.0.0.9",))), PRIVATE)
    assert (view.connects.value, "10.0.0.9" in str(view.connects.doubts)) == (None, True)
    # A server in a network that is seen answers by that network's links.
    near, far = DnsSettings(servers=("10.8.0.4",)), DnsSettings(servers=("10.1.0.4",))
    assert name_view(world("hub"), firewall(dns=near), PRIVATE).connects.value is True
    peered = vnet("hub", peering("vnet1", prefixes=("10.1.0.0/16",)), prefixes=("10.8.0.0/16",))
    found = world("hub", virtual_networks=networks(vnet(), peered))
    assert name_view(found, firewall(dns=far), PRIVATE).connects.value is None
    azure = DnsSettings(servers=("168.63.129.16",))
    assert name_view(world("hub"), firewall(dns=azure), PRIVATE).connects.value is True


@pytest.mark.parametrize(
    ("child", "parent", "sure"),
    [
        (Seen(FirewallPolicy(POLICY, "child", None, (), PROXY)), None, True),
        (Seen(FirewallPolicy(POLICY, "child", None, (), NO_PROXY)), None, False),
        (Seen(FirewallPolicy(POLICY, "child", None, ())), None, False),
        (Seen(FirewallPolicy(POLICY, "child", PARENT, ())), Seen(FirewallPolicy(PARENT, "p", None, (), PROXY)), False),
        (
            Seen(FirewallPolicy(POLICY, "child", PARENT, (), NO_PROXY)),
            Seen(FirewallPolicy(PARENT, "p", None, (), PROXY)),
            False,
        ),
        (Seen(FirewallPolicy(POLICY, "child", PARENT, ())), Seen(FirewallPolicy(PARENT, "p", POLICY, ())), False),
        (Seen(FirewallPolicy(POLICY, "child", PARENT, ())), REFUSED, False),
        (REFUSED, None, False),
        (Seen(None), None, False),
    ],
)
def test_a_name_in_a_network_rule_needs_the_dns_proxy(child: Any, parent: Any, sure: bool) -> None:
    table = {POLICY: child} | ({} if parent is None else {PARENT: parent})
    view = name_view(facts(firewall_policies=table), firewall(POLICY), PUBLIC)
    assert view.listed.value is (True if sure else None)
    assert view.connects.value is True, (
        "an application rule leads to whatever the firewall finds, as the public name does"
    )


@pytest.mark.parametrize(("dns", "sure"), [(PROXY, True), (NO_PROXY, False)])
def test_a_firewall_without_policy_has_settings_of_its_own(dns: DnsSettings, sure: bool) -> None:
    assert name_view(facts(), firewall(dns=dns), PUBLIC).listed.value is (True if sure else None)


def verdict(rule: Any, view: NameView, target: Target = PUBLIC, action: str = "Allow") -> str:
    return passage([RuleSource("p", (collection(rule, action=action),))], {}, NODES, target, view).verdict


def test_where_the_firewall_goes_matters_to_what_a_name_allows() -> None:
    lost = NameView(doubt("elsewhere"), doubt("elsewhere"))
    by_name, by_listed_name = application("shopacr.azurecr.io"), network(target_names=("shopacr.azurecr.io",))
    for rule in (by_name, by_listed_name):
        assert verdict(rule, NameView()) == "allowed"
        assert verdict(rule, lost) == "undecidable"
    # What goes by address, or denies by the name that the client gives, does not hang on it.
    assert verdict(network("10.9.0.0/24"), lost, PRIVATE) == "allowed"
    assert verdict(by_name, lost, action="Deny") == "denied"
    assert verdict(application("other.azurecr.io"), lost) == "denied"


def test_facts_are_judged_with_what_the_firewall_finds() -> None:
    rule = FirewallPolicy(POLICY, "child", None, (collection(application("*.azurecr.io")),), NO_PROXY)
    for linked, expected in ((("vnet1", "hub"), "allowed"), (("vnet1",), "undecidable")):
        found = world(*linked, firewall_policies={POLICY: Seen(rule)})
        assert passage_through(found, firewall(POLICY), NODES, PRIVATE).verdict == expected
