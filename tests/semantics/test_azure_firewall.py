"""What an Azure Firewall lets through: single rules by tables, the order of all rules by properties."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksacr.facts import AzureFirewall, FirewallPolicy, FirewallRule, FirewallRuleCollection, ResourceId, Seen, Unseen
from aksacr.semantics.azure_firewall import Passage, RuleSource, passage, rule_sources
from aksacr.semantics.firewall_matching import ANY_HOST, Target

if TYPE_CHECKING:
    import random

NODES = ("10.1.0.0/24",)
LOGIN = Target("shop.azurecr.io", "AzureContainerRegistry", frozenset({"westeurope"}))
BLOBS = Target("*.blob.core.windows.net", "Storage", frozenset({"westeurope"}))
PRIVATE = replace(LOGIN, address="10.9.0.5")
GROUP = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/ipGroups/nodes")
POLICY = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/firewallPolicies/child")
PARENT = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/firewallPolicies/parent")
REFUSED = Unseen("somewhere", "Microsoft.Network/ipGroups/read", "denied (AuthorizationFailed)")


def application(*names: str, **changes: Any) -> FirewallRule:
    made = FirewallRule(
        name="rule",
        kind="application",
        protocols=("Https:443",),
        sources=("*",),
        source_ip_group_ids=(),
        target_names=names,
        target_tags=(),
        target_urls=(),
        web_categories=(),
        destinations=(),
        ip_group_ids=(),
        ports=(),
    )
    return replace(made, **changes)


def network(*destinations: str, **changes: Any) -> FirewallRule:
    made = replace(application(), kind="network", protocols=("TCP",), destinations=destinations, ports=("443",))
    return replace(made, **changes)


def collection(
    *rules: FirewallRule, action: str = "Allow", group: int = 300, priority: int = 200
) -> FirewallRuleCollection:
    return FirewallRuleCollection(f"collection{priority}", rules[0].kind, "group", action, group, priority, rules)


def through(*collections: FirewallRuleCollection, target: Target = LOGIN, groups: Any = None) -> Passage:
    return passage([RuleSource("policy", collections, policy_id=POLICY)], groups or {}, NODES, target)


@pytest.mark.parametrize(
    ("rule", "target", "verdict"),
    [
        (application("shop.azurecr.io"), LOGIN, "allowed"),
        (application("SHOP.AzureCR.io"), LOGIN, "allowed"),
        (application("*.azurecr.io"), LOGIN, "allowed"),
        (application("*azurecr.io"), LOGIN, "allowed"),
        (application("*"), LOGIN, "allowed"),
        (application("azurecr.io"), LOGIN, "denied"),
        (application("shop2.azurecr.io"), LOGIN, "denied"),
        (application("*.shop.azurecr.io"), LOGIN, "denied"),
        (application("shop.*.io"), LOGIN, "denied"),
        (application("shop.azurecr.io", protocols=("Http:80",)), LOGIN, "denied"),
        (application("shop.azurecr.io", protocols=("Https:8443",)), LOGIN, "denied"),
        (application("shop.azurecr.io", protocols=("Http:80", "https:443")), LOGIN, "allowed"),
        (application(target_tags=("AzureKubernetesService",)), LOGIN, "denied"),
        (application(target_tags=("AzureKubernetesService",)), BLOBS, "denied"),
        (application(target_tags=("AzureBackup",)), LOGIN, "denied"),
        (application(target_tags=("AzureBackup",)), BLOBS, "undecidable"),
        (application(target_tags=("SomethingNew",)), LOGIN, "undecidable"),
        (application(web_categories=("Gambling",)), LOGIN, "denied"),
        (application(web_categories=("ComputersAndTechnology",)), LOGIN, "undecidable"),
        (application(target_urls=("shop.azurecr.io/*",)), LOGIN, "undecidable"),
        (application("shop.azurecr.io", inspects_tls=True), LOGIN, "undecidable"),
        (application("shop.azurecr.io", protocols=("Https:None",)), LOGIN, "undecidable"),
        (application(target_urls=("shop.azurecr.io/v2/app/*",)), LOGIN, "undecidable"),
        (application(target_urls=("www.example.com/*",)), LOGIN, "denied"),
        (application("*.blob.core.windows.net"), BLOBS, "allowed"),
        (application("*.windows.net"), BLOBS, "allowed"),
        (application("*.blob.windows.net"), BLOBS, "denied"),
        (application("weu12.blob.core.windows.net"), BLOBS, "undecidable"),
        (application("*.azurecr.io"), PRIVATE, "allowed"),
    ],
    ids=lambda item: getattr(item, "name", str(item)),
)
def test_application_rules(rule: FirewallRule, target: Target, verdict: str) -> None:
    assert through(collection(rule), target=target).verdict == verdict


@pytest.mark.parametrize(
    ("rule", "target", "verdict"),
    [
        (network("*"), LOGIN, "allowed"),
        (network("0.0.0.0/0"), LOGIN, "allowed"),
        (network("0.0.0.0/1", "128.0.0.0/1"), LOGIN, "allowed"),
        (network("*", protocols=("UDP",)), LOGIN, "denied"),
        (network("*", protocols=("Any",)), LOGIN, "allowed"),
        (network("*", ports=("80", "400-500")), LOGIN, "allowed"),
        (network("*", ports=("80", "444-500")), LOGIN, "denied"),
        (network("*", ports=("*",)), LOGIN, "allowed"),
        (network("AzureContainerRegistry"), LOGIN, "allowed"),
        (network("azurecontainerregistry.WestEurope"), LOGIN, "allowed"),
        (network("AzureContainerRegistry.NorthEurope"), LOGIN, "denied"),
        (
            network("AzureContainerRegistry.GermanyWC"),
            replace(LOGIN, regions=frozenset({"germanywestcentral"})),
            "allowed",
        ),
        (network("AzureContainerRegistry.NorthEurope"), replace(LOGIN, regions_known=False), "undecidable"),
        (network("AzureContainerRegistry"), BLOBS, "denied"),
        (network("Storage.WestEurope"), BLOBS, "allowed"),
        (network("Storage"), LOGIN, "denied"),
        (network("AzureCloud"), LOGIN, "allowed"),
        (network("AzureCloud.northeurope"), LOGIN, "denied"),
        (network("Internet"), LOGIN, "allowed"),
        (network("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"), LOGIN, "denied"),
        (network("TagOfTomorrow"), LOGIN, "undecidable"),
        (network("20.1.2.3"), LOGIN, "denied"),
        (network("20.1.0.0/16"), LOGIN, "undecidable"),
        (network("10.0.0.0/8"), LOGIN, "denied"),
        (network(target_names=("Shop.azurecr.io",)), LOGIN, "allowed"),
        (network(target_names=("*.azurecr.io",)), LOGIN, "denied"),
        (network("10.9.0.0/24"), PRIVATE, "allowed"),
        (network("10.9.0.4-10.9.0.6"), PRIVATE, "allowed"),
        (network("10.9.0.6"), PRIVATE, "denied"),
        (network("Internet", "AzureContainerRegistry", "AzureCloud"), PRIVATE, "denied"),
        (network("VirtualNetwork"), PRIVATE, "undecidable"),
        (network(target_names=("shop.azurecr.io",)), PRIVATE, "allowed"),
    ],
    ids=lambda item: getattr(item, "name", str(item)),
)
def test_network_rules(rule: FirewallRule, target: Target, verdict: str) -> None:
    assert through(collection(rule), target=target).verdict == verdict


@pytest.mark.parametrize(
    ("sources", "verdict"),
    [
        (("*",), "allowed"),
        (("10.0.0.0/8",), "allowed"),
        (("10.1.0.0/25", "10.1.0.128/25"), "allowed"),
        (("10.1.0.4-10.1.0.254",), "allowed"),
        (("10.1.0.0/25",), "undecidable"),
        (("10.10.0.0/24",), "denied"),
        (("10.1.0.0/24", "SomeTag"), "allowed"),
        (("SomeTag",), "undecidable"),
        (("fd00::/8",), "denied"),
        ((), "undecidable"),
    ],
)
def test_sources_are_the_whole_subnet(sources: tuple[str, ...], verdict: str) -> None:
    found = through(collection(application("*", sources=sources)))
    assert found.verdict == verdict
    assert bool(found.doubts) is (verdict == "undecidable"), "what cannot be decided says why"


ANYWHERE = replace(BLOBS, name=ANY_HOST)


@pytest.mark.parametrize(
    ("rule", "action", "verdict"),
    [
        (application("*"), "Allow", "allowed"),
        (application("*.blob.core.example"), "Allow", "undecidable"),
        (application("www.example.com"), "Allow", "undecidable"),
        (application(target_tags=("AzureKubernetesService",)), "Allow", "denied"),
        (application("*"), "Deny", "denied"),
        (network("Storage"), "Allow", "allowed"),
        (network("AzureContainerRegistry"), "Allow", "denied"),
    ],
    ids=lambda item: getattr(item, "name", str(item)),
)
def test_storage_whose_hosts_are_not_known_may_be_any(rule: FirewallRule, action: str, verdict: str) -> None:
    assert through(collection(rule, action=action), target=ANYWHERE).verdict == verdict


def test_inspection_of_tls_matters_to_what_is_allowed_only() -> None:
    inspecting = application("*.azurecr.io", inspects_tls=True)
    found = through(collection(inspecting))
    assert (found.verdict, "certificate authority" in str(found.doubts)) == ("undecidable", True)
    assert through(collection(inspecting, action="Deny")).verdict == "denied"
    assert through(collection(inspecting), collection(network("AzureContainerRegistry"))).verdict == "allowed"


def test_rules_for_halves_of_the_subnet_admit_it_together() -> None:
    halves = (application("*", sources=("10.1.0.0/25",)), application("*.io", sources=("10.1.0.128/25",)))
    assert through(collection(halves[0]), collection(halves[1], priority=300)).verdict == "allowed"


@pytest.mark.parametrize(
    ("group", "verdict"),
    [
        (Seen(("10.1.0.0/24",)), "allowed"),
        (Seen(("10.2.0.0/24",)), "denied"),
        (Seen(()), "denied"),
        (Seen(None), "undecidable"),
        (REFUSED, "undecidable"),
    ],
)
def test_ip_groups(group: Any, verdict: str) -> None:
    rule = application("*", sources=(), source_ip_group_ids=(GROUP,))
    assert through(collection(rule), groups={GROUP: group}).verdict == verdict
    to_group = network(ip_group_ids=(GROUP,))
    address = replace(PRIVATE, address="10.1.0.9")
    assert through(collection(to_group), target=address, groups={GROUP: group}).verdict == verdict


def test_an_ip_group_that_changes_nothing_is_not_needed() -> None:
    rule = application("*", sources=(), source_ip_group_ids=(GROUP,))
    sure = collection(application("*.azurecr.io"), priority=300)
    assert through(collection(rule), sure, groups={GROUP: REFUSED}).verdict == "allowed"
    found = through(collection(rule, action="Deny"), sure, groups={GROUP: REFUSED})
    assert (found.verdict, found.doubts) == ("undecidable", (REFUSED,))


def test_network_rules_come_before_application_rules_whatever_their_priority() -> None:
    late = collection(network("*"), action="Deny", group=60000, priority=60000)
    early = collection(application("*"), group=100, priority=100)
    found = through(early, late)
    assert found.verdict == "denied"
    assert found.by is not None
    assert found.by.collection == late


@pytest.mark.parametrize("target", [LOGIN, PRIVATE])
def test_a_childs_network_rules_come_before_a_parents_application_rules(target: Target) -> None:
    parent = RuleSource("parent", (collection(application("*"), group=100),), policy_id=PARENT)
    child = RuleSource("child", (collection(network("*"), action="Deny", group=900),), policy_id=POLICY)
    assert passage([parent, child], {}, NODES, target).verdict == "denied"


def test_a_parents_rules_come_before_its_childs_of_the_same_kind() -> None:
    parent = RuleSource("parent", (collection(application("*"), action="Deny", group=60000),), policy_id=PARENT)
    child = RuleSource("child", (collection(application("*"), group=100),), policy_id=POLICY)
    found = passage([parent, child], {}, NODES, LOGIN)
    assert (found.verdict, found.by.words if found.by else "") == (
        "denied",
        "rule rule of collection collection200 (policy parent)",
    )


def test_a_group_comes_before_a_collection() -> None:
    first = collection(application("*"), action="Deny", group=200, priority=60000)
    second = collection(application("*"), group=300, priority=100)
    assert through(second, first).verdict == "denied"


def test_nothing_is_allowed_by_default() -> None:
    found = through()
    assert (found.verdict, found.by) == ("denied", None)


def firewall(policy: ResourceId | None, *own: FirewallRuleCollection) -> AzureFirewall:
    return AzureFirewall(GROUP, "fw", None, (), (), policy, own)


def test_policies_are_read_from_the_parent_down() -> None:
    child = FirewallPolicy(POLICY, "child", PARENT, (collection(application("a")),))
    parent = FirewallPolicy(PARENT, "parent", None, (collection(application("b")),))
    found = rule_sources(firewall(POLICY), {POLICY: Seen(child), PARENT: Seen(parent)})
    assert [(item.name, item.policy_id) for item in found] == [("parent", PARENT), ("child", POLICY)]
    assert [item.collections for item in found] == [parent.collections, child.collections]


@pytest.mark.parametrize("hidden", [REFUSED, Seen(None), None])
def test_a_parent_that_is_not_seen_leaves_it_open(hidden: Any) -> None:
    child = FirewallPolicy(POLICY, "child", PARENT, (collection(application("*")),))
    table: Any = {POLICY: Seen(child)} | ({} if hidden is None else {PARENT: hidden})
    found = passage(rule_sources(firewall(POLICY), table), {}, NODES, LOGIN)
    assert found.verdict == "undecidable"
    assert found.doubts


def test_policies_that_inherit_from_each_other_end() -> None:
    child = FirewallPolicy(POLICY, "child", PARENT, ())
    parent = FirewallPolicy(PARENT, "parent", POLICY, (collection(application("*")),))
    found = rule_sources(firewall(POLICY), {POLICY: Seen(child), PARENT: Seen(parent)})
    assert passage(found, {}, NODES, LOGIN).verdict == "allowed"


def test_classic_rules_are_the_firewalls_own() -> None:
    own = collection(application("shop.azurecr.io"), group=0)
    found = passage(rule_sources(firewall(None, own), {}), {}, NODES, LOGIN)
    assert (found.verdict, found.by.words if found.by else "") == (
        "allowed",
        "rule rule of collection collection200 (Azure Firewall fw)",
    )


# --- properties ---------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["*", "*.azurecr.io", "shop.azurecr.io", "SHOP.AZURECR.IO", "other.io", "*.blob.core.windows.net"]
)
PLACES = st.sampled_from(
    [
        "*",
        "AzureContainerRegistry",
        "Storage",
        "AzureCloud",
        "20.0.0.0/8",
        "10.9.0.0/16",
        "10.9.0.5",
        "NewTag",
        "fd00::1",
    ]
)
SOURCES = st.sampled_from([("*",), ("10.1.0.0/25",), ("10.1.0.128/25",), ("10.1.0.0/24",), ("10.2.0.0/24",), ("tag",)])


def named(name: str, sources: tuple[str, ...]) -> FirewallRule:
    return application(name, sources=sources)


def placed(place: str, sources: tuple[str, ...]) -> FirewallRule:
    return network(place, sources=sources)


RULES = st.one_of(st.builds(named, NAMES, SOURCES), st.builds(placed, PLACES, SOURCES))
SPECS = st.lists(st.tuples(RULES, st.sampled_from(["Allow", "Deny"])), max_size=6)
TARGETS = st.sampled_from([LOGIN, BLOBS, PRIVATE])
ORDER = {"denied": 0, "undecidable": 1, "allowed": 2}


def made(specs: list[tuple[FirewallRule, str]]) -> list[FirewallRuleCollection]:
    """Collections of one rule, each with a priority of its own, in the order of the list."""
    return [collection(rule, action=action, priority=100 + at) for at, (rule, action) in enumerate(specs)]


@given(SPECS, TARGETS, st.randoms(use_true_random=False))
def test_the_order_of_lists_never_matters(specs: Any, target: Target, shuffle: random.Random) -> None:
    collections = made(specs)
    other = list(collections)
    shuffle.shuffle(other)
    one, two = through(*collections, target=target), through(*other, target=target)
    assert (one.verdict, one.doubts) == (two.verdict, two.doubts)
    assert (one.by and one.by.collection) == (two.by and two.by.collection)


@given(SPECS, TARGETS)
def test_letter_case_never_matters(specs: Any, target: Target) -> None:
    def shouted(rule: FirewallRule) -> FirewallRule:
        upper = {name: tuple(item.upper() for item in getattr(rule, name)) for name in ("protocols", "target_names")}
        return replace(rule, **upper, destinations=tuple(item.upper() for item in rule.destinations))

    loud = [(shouted(rule), action.upper()) for rule, action in specs]
    quiet, heard = through(*made(specs), target=target), through(*made(loud), target=target)
    assert quiet.verdict == heard.verdict


@given(SPECS, RULES, st.sampled_from([99, 103, 200]), TARGETS)
def test_a_rule_that_denies_never_grants_and_one_that_allows_never_refuses(
    specs: Any, rule: FirewallRule, priority: int, target: Target
) -> None:
    collections = made(specs)
    before = ORDER[through(*collections, target=target).verdict]
    denying = collection(rule, action="Deny", priority=priority)
    allowing = collection(rule, action="Allow", priority=priority)
    assert ORDER[through(*collections, denying, target=target).verdict] <= before
    assert ORDER[through(*collections, allowing, target=target).verdict] >= before


@given(SPECS, st.sampled_from(["Allow", "Deny"]), TARGETS)
def test_the_lowest_priority_number_wins(specs: Any, action: str, target: Target) -> None:
    everything = collection(network("*"), action=action, group=100, priority=100)
    found = through(*made(specs), everything, target=target)
    assert found.verdict == ("allowed" if action == "Allow" else "denied")
    assert found.by is not None
    assert found.by.collection == everything


@given(SPECS, TARGETS)
def test_what_is_not_seen_is_never_a_pass_or_a_fail(specs: Any, target: Target) -> None:
    hidden = RuleSource("parent", gap=REFUSED, policy_id=PARENT)
    found = passage([hidden, RuleSource("child", tuple(made(specs)), policy_id=POLICY)], {}, NODES, target)
    assert found.verdict == "undecidable"
    assert REFUSED in found.doubts


@settings(max_examples=50)
@given(SPECS, TARGETS)
def test_a_subnet_is_judged_as_its_halves_are(specs: Any, target: Target) -> None:
    rules = [RuleSource("policy", tuple(made(specs)), policy_id=POLICY)]
    whole = passage(rules, {}, ("10.1.0.0/24",), target).verdict
    halves = {passage(rules, {}, (half,), target).verdict for half in ("10.1.0.0/25", "10.1.0.128/25")}
    assert whole == (halves.pop() if len(halves) == 1 else "undecidable")


@pytest.mark.parametrize(
    ("protocol", "verdict"), [("Quic:443", "undecidable"), ("Quic:8443", "denied"), ("Mssql:443", "denied")]
)
def test_an_application_protocol_that_is_not_known_is_a_doubt(protocol: str, verdict: str) -> None:
    found = through(collection(application("shop.azurecr.io", protocols=(protocol,))))
    assert found.verdict == verdict
    assert any(protocol in str(each) for each in found.doubts) is (verdict == "undecidable")
