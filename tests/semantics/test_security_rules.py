"""What network security groups let through: Azure's own rules, order, tags, ports, both ends, and what stays open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.facts import ResourceId, SecurityRule
from aksacr.semantics.security_rules import (
    Flow,
    decide,
    free_priority,
    verdict_of,
)
from aksacr.semantics.service_tags import (
    FRONT_DOOR_TAG,
    REGISTRY_TAG,
    STORAGE_TAG,
    Hosts,
    Match,
    Service,
    Space,
    covers,
    holds,
    range_of,
    ranges_of,
    region_name,
)

from .ruling import (
    ASG,
    AT_ENDPOINT,
    ENDPOINT,
    NODES,
    REGISTRY,
    SPACE,
    TO_ENDPOINT,
    TO_REGISTRY,
    group,
    outcome,
    rule,
    to,
)

# --- Azure's own rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "kind", "name"),
    [
        (TO_REGISTRY, "allow", "AllowInternetOutBound"),
        (TO_ENDPOINT, "allow", "AllowVnetOutBound"),
        (AT_ENDPOINT, "allow", "AllowVnetInBound"),
        (replace(TO_ENDPOINT, destination=Hosts(ranges_of(("10.9.0.4",)))), "deny", "DenyAllOutBound"),
        (replace(TO_ENDPOINT, destination=Hosts(ranges_of(("20.1.2.3",)))), "allow", "AllowInternetOutBound"),
        (replace(TO_ENDPOINT, destination=Hosts(ranges_of(("10.2.3.4",)))), "allow", "AllowVnetOutBound"),
        (replace(AT_ENDPOINT, source=Hosts(ranges_of(("10.9.0.0/24",)))), "deny", "DenyAllInBound"),
        (replace(AT_ENDPOINT, source=Hosts(ranges_of(("10.1.0.0/16", "10.9.0.0/24")))), "open", "AllowVnetInBound"),
        (replace(TO_ENDPOINT, destination=Hosts(ranges_of(("fd00::4",)))), "deny", "DenyAllOutBound"),
    ],
)
def test_the_default_rules(flow: Flow, kind: str, name: str) -> None:
    found = decide(group(), flow)
    assert (found.kind, found.rule.name) == (kind, name)
    assert found.by_default


def test_ipv6_goes_by_ipv6_prefixes() -> None:
    space = Space(ranges_of(("10.1.0.0/16", "fd00:1::/48")))
    six = Flow("Outbound", Hosts(ranges_of(("fd00:1::/64",))), Hosts(ranges_of(("fd00:1::4",))), space)
    assert outcome(six) == ("allow", "AllowVnetOutBound")
    assert outcome(six, to("0.0.0.0/0"))[0] == "allow"
    assert outcome(six, to("::/0"))[0] == "deny"
    assert outcome(TO_REGISTRY, to("::/0"))[0] == "allow"


# --- which rule holds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"protocol": "Tcp"}, "deny"),
        ({"protocol": "TCP"}, "deny"),
        ({"protocol": "Udp"}, "allow"),
        ({"protocol": "Icmp"}, "allow"),
        ({"protocol": "Sctp"}, "open"),
        ({"direction": "Inbound"}, "allow"),
        ({"direction": "outbound"}, "deny"),
        ({"access": "AlwaysDeny"}, "open"),
        ({"destination_ports": ("443",)}, "deny"),
        ({"destination_ports": ("80", "400-500")}, "deny"),
        ({"destination_ports": ("80", "8443")}, "allow"),
        ({"destination_ports": ("0-65535",)}, "deny"),
        ({"destination_ports": ("444-65535",)}, "allow"),
        ({"destination_ports": ("https",)}, "open"),
        ({"destination_ports": ()}, "open"),
        ({"source_ports": ("1024-65535",)}, "deny"),
        ({"source_ports": ("443",)}, "allow"),
        ({"source_ports": ("50000-51000",)}, "open"),
        ({"source_prefixes": ("10.1.0.0/24",)}, "deny"),
        ({"source_prefixes": ("10.1.0.7/16",)}, "deny"),
        ({"source_prefixes": ("10.1.0.0/25", "10.1.0.128/25")}, "deny"),
        ({"source_prefixes": ("10.1.0.0/25",)}, "open"),
        ({"source_prefixes": ("10.1.0.4",)}, "open"),
        ({"source_prefixes": ("10.7.0.0/24",)}, "allow"),
        ({"source_prefixes": ("VirtualNetwork",)}, "deny"),
        ({"source_prefixes": ("Internet",)}, "allow"),
        ({"source_prefixes": ("AzureLoadBalancer",)}, "allow"),
        ({"source_prefixes": (), "source_groups": (ASG,)}, "allow"),
        ({"destination_prefixes": (), "destination_groups": (ASG,)}, "allow"),
    ],
)
def test_protocol_ports_and_sources(changes: dict[str, Any], kind: str) -> None:
    assert outcome(TO_REGISTRY, rule(**changes))[0] == kind


def test_application_security_groups_need_to_be_known() -> None:
    denies = rule(source_prefixes=(), source_groups=(ASG,))
    member = replace(TO_ENDPOINT, source=replace(NODES, groups=frozenset({ResourceId(ASG.text.upper())})))
    assert outcome(member, denies)[0] == "deny"
    assert outcome(TO_ENDPOINT, denies)[0] == "allow"
    unread = decide(group(denies), replace(TO_ENDPOINT, source=replace(NODES, groups=None)))
    assert (unread.kind, unread.doubt) == ("open", "source")
    at_the_other_side = decide(group(rule(destination_prefixes=(), destination_groups=(ASG,))), TO_ENDPOINT)
    assert (at_the_other_side.kind, at_the_other_side.doubt) == ("open", "destination")


# --- what a destination stands for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefixes", "match"),
    [
        (("*",), Match.YES),
        (("Internet",), Match.YES),
        (("INTERNET",), Match.YES),
        (("0.0.0.0/0",), Match.YES),
        (("0.0.0.0/1", "128.0.0.0/1"), Match.YES),
        (("AzureContainerRegistry",), Match.YES),
        (("azurecontainerregistry.WestUS2",), Match.YES),
        (("AzureContainerRegistry.EastUS",), Match.NO),
        (("AzureCloud",), Match.YES),
        (("AzureCloud.westus2",), Match.YES),
        (("AzureCloud.eastus",), Match.NO),
        (("VirtualNetwork",), Match.NO),
        (("VIRTUAL_NETWORK",), Match.NO),
        (("Storage",), Match.NO),
        (("Storage.WestUS2",), Match.NO),
        (("Sql.WestUS2",), Match.NO),
        (("MicrosoftContainerRegistry",), Match.NO),
        (("AzureFrontDoor.FirstParty",), Match.NO),
        (("AzurePlatformDNS", "AzurePlatformIMDS"), Match.NO),
        (("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"), Match.NO),
        (("168.63.129.16",), Match.NO),
        (("20.0.0.0/8",), Match.PART),
        (("0.0.0.0/1",), Match.PART),
        (("TomorrowsService",), Match.PART),
        ((), Match.PART),
    ],
)
def test_what_holds_the_public_registry(prefixes: tuple[str, ...], match: Match) -> None:
    assert holds(prefixes, (), REGISTRY, SPACE) is match


def test_all_but_the_private_ranges_is_everything_public() -> None:
    public = """0.0.0.0/5 8.0.0.0/7 11.0.0.0/8 12.0.0.0/6 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2 128.0.0.0/3 160.0.0.0/5
        168.0.0.0/6 172.0.0.0/12 172.32.0.0/11 172.64.0.0/10 172.128.0.0/9 173.0.0.0/8 174.0.0.0/7 176.0.0.0/4
        192.0.0.0/9 192.128.0.0/11 192.160.0.0/13 192.169.0.0/16 192.170.0.0/15 192.172.0.0/14 192.176.0.0/12
        192.192.0.0/10 193.0.0.0/8 194.0.0.0/7 196.0.0.0/6 200.0.0.0/5 208.0.0.0/4"""
    assert holds(tuple(public.split()), (), REGISTRY, SPACE) is Match.YES
    assert holds(tuple(public.split()[1:]), (), REGISTRY, SPACE) is Match.PART


def test_regions_that_are_not_all_known_leave_it_open() -> None:
    replicated = Service(REGISTRY_TAG, frozenset({"westus2", "eastus"}), every_region=True)
    unsure = Service(REGISTRY_TAG, frozenset({"westus2"}))
    west, east = "AzureContainerRegistry.WestUS2", "AzureContainerRegistry.EastUS"
    assert holds((west,), (), replicated, SPACE) is Match.PART
    assert holds((west, east), (), replicated, SPACE) is Match.YES
    assert holds((west,), (), unsure, SPACE) is Match.PART
    assert holds((east,), (), unsure, SPACE) is Match.PART
    assert holds(("AzureContainerRegistry",), (), unsure, SPACE) is Match.YES
    assert region_name("France Central") == region_name("centralfrance") == "francecentral"


def test_a_default_route_makes_the_virtual_network_everything() -> None:
    forced = Space((*SPACE.ranges, *ranges_of(("0.0.0.0/0",))))
    assert holds(("VirtualNetwork",), (), REGISTRY, forced) is Match.YES
    assert holds(("VirtualNetwork",), (), REGISTRY, replace(SPACE, open_ended=True)) is Match.PART
    far = Hosts(ranges_of(("10.9.0.4",)))
    assert [holds(("VirtualNetwork",), (), far, space) for space in (SPACE, forced)] == [Match.NO, Match.YES]
    assert holds(("VirtualNetwork",), (), far, replace(SPACE, open_ended=True)) is Match.PART


def test_storage_and_front_door_have_tags_of_their_own() -> None:
    storage, front = Service(STORAGE_TAG, frozenset({"westus2"}), every_region=True), Service(FRONT_DOOR_TAG)
    assert holds(("Storage.WestUS2",), (), storage, SPACE) is Match.YES
    assert holds(("AzureContainerRegistry",), (), storage, SPACE) is Match.NO
    assert holds(("AzureFrontDoor.FirstParty",), (), front, SPACE) is Match.YES
    assert holds(("AzureFrontDoor.Frontend",), (), front, SPACE) is Match.NO
    assert holds(("AzureCloud",), (), front, SPACE) is Match.PART


def test_what_holds_a_private_address() -> None:
    for prefixes in (("10.1.9.4",), ("10.1.9.4/24",), ("VirtualNetwork",), ("10.0.0.0/8", "Sql"), ("0.0.0.0/0",)):
        assert holds(prefixes, (), ENDPOINT, SPACE) is Match.YES, prefixes
    for prefixes in (("10.1.9.5",), ("Internet",), ("AzureCloud",), ("TomorrowsService",), ("10.1.90.0/24",)):
        assert holds(prefixes, (), ENDPOINT, SPACE) is Match.NO, prefixes
    assert holds(("10.1.9.1-10.1.9.9",), (), ENDPOINT, SPACE) is Match.PART
    unseen = Hosts(())
    assert holds(("10.1.9.4",), (), unseen, SPACE) is Match.PART
    assert holds(("Internet",), (), unseen, SPACE) is Match.NO
    assert holds(("0.0.0.0/0",), (), unseen, SPACE) is Match.YES


def test_ranges() -> None:
    whole = range_of("10.0.0.0/24")
    assert whole is not None
    assert covers(ranges_of(("10.0.0.128/25", "10.0.0.0/26", "10.0.0.64/26")), whole) is Match.YES
    assert covers(ranges_of(("10.0.0.128/25", "10.0.0.0/26")), whole) is Match.PART
    assert covers(ranges_of(("10.0.1.0/24", "::/0")), whole) is Match.NO
    assert [range_of(text) for text in ("Internet", "789", "300.1.1.1", "")] == [None] * 4


# --- properties ------------------------------------------------------------------------------------------------------

DESTINATIONS = (
    "*",
    "Internet",
    "AzureContainerRegistry",
    "Storage",
    "20.0.0.0/8",
    "NewTag",
    "VirtualNetwork",
    "10.1.9.4",
)
SOURCES = ("*", "VirtualNetwork", "10.1.0.0/25", "10.1.0.0/24", "Internet")
FLOWS = (TO_REGISTRY, TO_ENDPOINT)


@st.composite
def rules(draw: st.DrawFn, first: int = 100, last: int = 4096, most: int = 6) -> list[SecurityRule]:
    """Rules of both directions with different priority numbers."""
    numbers = draw(st.lists(st.integers(first, last), unique=True, max_size=most))
    return [
        SecurityRule(
            f"rule{number}",
            draw(st.sampled_from(("Outbound", "Outbound", "Inbound"))),
            draw(st.sampled_from(("Allow", "Deny"))),
            draw(st.sampled_from(("*", "Tcp", "Udp"))),
            number,
            (draw(st.sampled_from(SOURCES)),),
            ("*",),
            (),
            tuple(draw(st.lists(st.sampled_from(DESTINATIONS), min_size=1, max_size=3, unique=True))),
            (draw(st.sampled_from(("*", "443", "400-500", "80"))),),
            (),
        )
        for number in numbers
    ]


@given(some=rules(first=200), flow=st.sampled_from(FLOWS), access=st.sampled_from(("Allow", "Deny")))
def test_a_lower_priority_number_always_wins(some: list[SecurityRule], flow: Flow, access: str) -> None:
    found = decide(group(*some, rule(199, access)), flow)
    assert (found.kind, found.rule.priority) == (access.lower(), 199)


@given(some=rules(), flow=st.sampled_from(FLOWS), order=st.randoms(use_true_random=False), upper=st.booleans())
def test_order_and_letter_case_never_matter(some: list[SecurityRule], flow: Flow, order: Any, upper: bool) -> None:
    def spelt(text: str) -> str:
        return text.upper() if upper else text.lower()

    other = [
        replace(
            item,
            direction=spelt(item.direction),
            access=spelt(item.access),
            protocol=spelt(item.protocol),
            source_prefixes=tuple(map(spelt, item.source_prefixes)),
            destination_prefixes=tuple(reversed([spelt(text) for text in item.destination_prefixes])),
        )
        for item in some
    ]
    order.shuffle(other)
    assert outcome(flow, *some) == outcome(flow, *other)


@given(some=rules(first=101), flow=st.sampled_from(FLOWS), target=st.sampled_from(DESTINATIONS))
def test_an_allow_before_all_others_never_blocks(some: list[SecurityRule], flow: Flow, target: str) -> None:
    before = decide(group(*some), flow).kind
    after = decide(group(*some, to(target, access="Allow", priority=100)), flow).kind
    assert after in {"allow", before} or (before, after) == ("deny", "open")


@given(early=rules(last=1000), late=rules(first=1001), flow=st.sampled_from(FLOWS))
def test_later_rules_never_turn_an_open_question_against_the_rule_that_raised_it(
    early: list[SecurityRule], late: list[SecurityRule], flow: Flow
) -> None:
    """What may be denied by a rule is never a pass, and what may be allowed by one never a fault, whatever follows."""
    before = decide(group(*early), flow)
    after = decide(group(*early, *late), flow)
    if before.kind == "open":
        assert after.kind in {"open", before.rule.access.lower()}
    elif not before.by_default:
        assert after == replace(before, group=after.group)


@given(some=rules(), flow=st.sampled_from(FLOWS))
def test_an_open_question_names_a_rule_that_contradicts_what_follows(some: list[SecurityRule], flow: Flow) -> None:
    found = decide(group(*some), flow)
    if found.kind == "open":
        assert found.doubt
        without = decide(group(*(item for item in some if item != found.rule)), flow)
        assert without.kind == "open" or without.kind != found.rule.access.lower()
    assert found.first <= found.rule.priority


def test_a_denial_counts_before_an_open_question_and_that_before_a_pass() -> None:
    allow, deny = decide(group(), TO_REGISTRY), decide(group(rule()), TO_REGISTRY)
    unsure = decide(group(to("20.0.0.0/8")), TO_REGISTRY)
    assert verdict_of([allow, unsure, deny]) is deny
    assert verdict_of([unsure, allow]) is unsure
    assert verdict_of([allow]) is allow
    assert verdict_of([]) is None


def test_free_priorities() -> None:
    taken = group(rule(199), rule(198), rule(197, direction="Inbound"))
    assert free_priority(taken, "Outbound", 200) == 197
    assert free_priority(taken, "Inbound", 200) == 199
    assert free_priority(taken, "Outbound", 65500) == 4096
    assert free_priority(taken, "Outbound", 100) is None
