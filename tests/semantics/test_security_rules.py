"""What network security groups let through: Azure's own rules, order, tags, ports, both ends, and what stays open."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from azure.mgmt.compute.models import VirtualMachineScaleSet
from azure.mgmt.network.models import NetworkInterface, NetworkSecurityGroup
from hypothesis import given
from hypothesis import strategies as st
from judging import scenario

from aksacr.azure.compute import decode_scale_set
from aksacr.azure.gather import from_world
from aksacr.azure.security_groups import decode_interface_groups, decode_security_group, with_interface_groups
from aksacr.facts import HttpProxy, Machine, ResourceId, SecurityGroup, SecurityRule, Seen, Unseen, UnseenError
from aksacr.semantics.endpoints import endpoints_meant
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.security_rules import (
    Flow,
    Rulebook,
    decide,
    filters_endpoints,
    free_priority,
    goes_by_proxy,
    registry_regions,
    space_of,
    to_endpoint,
    to_registry,
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
from aksacr.standin.transport import WorldTransport

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.security_rules import Decision

GROUP_ID = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nodes-nsg")
ASG = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/web")
NODES = Hosts(ranges_of(("10.1.0.0/24",)), frozenset())
ENDPOINT = Hosts(ranges_of(("10.1.9.4",)))
SPACE = Space(ranges_of(("10.1.0.0/16", "10.2.0.0/16", "168.63.129.16")))
REGISTRY = Service(REGISTRY_TAG, frozenset({"westus2"}), every_region=True)
TO_REGISTRY = Flow("Outbound", NODES, REGISTRY, SPACE)
TO_ENDPOINT = Flow("Outbound", NODES, ENDPOINT, SPACE)
AT_ENDPOINT = Flow("Inbound", NODES, ENDPOINT, SPACE)


def rule(priority: int = 200, access: str = "Deny", **changes: Any) -> SecurityRule:
    made = SecurityRule(
        f"{access}-{priority}", "Outbound", access, "*", priority, ("*",), ("*",), (), ("*",), ("*",), ()
    )
    return replace(made, **changes)


def to(*prefixes: str, access: str = "Deny", priority: int = 200, **changes: Any) -> SecurityRule:
    return rule(priority, access, destination_prefixes=prefixes, **changes)


def group(*rules: SecurityRule) -> SecurityGroup:
    return SecurityGroup(GROUP_ID, "nodes-nsg", rules)


def outcome(flow: Flow, *rules: SecurityRule) -> tuple[str, str]:
    found = decide(group(*rules), flow)
    return found.kind, found.rule.name


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


# --- with facts ------------------------------------------------------------------------------------------------------


@cache
def facts_of(name: str) -> Facts:
    world = scenario(name).world()
    return asyncio.run(from_world(world, WorldTransport(world), image=None)).facts


def only_pool(facts: Facts) -> NodePool:
    return facts.cluster.node_pools[0]


def at_endpoint(facts: Facts) -> list[Decision]:
    pool = only_pool(facts)
    ((endpoint, address),) = endpoints_meant(facts, pool, network_of(facts, pool))
    return to_endpoint(facts, pool, endpoint, address)


def kinds(decisions: list[Decision]) -> list[tuple[str, str, str]]:
    return [(item.kind, item.rule.name, item.place) for item in decisions]


def test_groups_of_subnet_and_network_interfaces_are_both_read() -> None:
    facts = facts_of("nsg_of_network_interfaces_blocks_registry")
    assert kinds(to_registry(facts, only_pool(facts))) == [
        ("allow", "AllowInternetOutBound", "subnet aks-subnet"),
        ("deny", "DenyOut", "the network interfaces of aks-nodepool1-22209138-vmss"),
    ]


def test_machines_that_were_not_seen_only_matter_while_nothing_denies() -> None:
    denied = replace(facts_of("nsg_blocks_registry"), machines=Unseen("machines", "Some/read", "denied"))
    assert [item.kind for item in to_registry(denied, only_pool(denied))] == ["deny"]
    allowed = replace(facts_of("recorded_public_attached"), machines=denied.machines)
    with pytest.raises(UnseenError):
        to_registry(allowed, only_pool(allowed))


def test_the_group_of_akss_own_lets_pulls_out() -> None:
    facts = facts_of("recorded_public_attached")
    assert kinds(to_registry(facts, only_pool(facts))) == [("allow", "AllowInternetOutBound", "subnet aks-subnet")]


@pytest.mark.parametrize(
    ("policies", "filters"),
    [
        ("Enabled", True),
        ("NETWORKSECURITYGROUPENABLED", True),
        ("Disabled", False),
        ("RouteTableEnabled", False),
        ("", False),
        ("Tomorrow", None),
    ],
)
def test_groups_at_the_endpoint_count_while_policies_are_on(policies: str, filters: bool | None) -> None:
    facts = facts_of("nsg_blocks_at_endpoint_subnet")
    ((vnet_id, found),) = facts.virtual_networks.items()
    assert isinstance(found, Seen)
    assert found.value is not None
    vnet = found.value
    subnets = tuple(
        replace(item, endpoint_policies=policies) if item.name == "testsubnet000004" else item for item in vnet.subnets
    )
    assert filters_endpoints(subnets[-1]) is filters
    changed = replace(facts, virtual_networks={vnet_id: Seen(replace(vnet, subnets=subnets))})
    if filters is None:
        with pytest.raises(UnseenError, match="Tomorrow"):
            at_endpoint(changed)
    else:
        assert [item.kind for item in at_endpoint(changed)] == (["deny"] if filters else [])


def test_the_space_is_that_of_network_peers_and_routes() -> None:
    facts = facts_of("private_endpoint_in_peered_network")
    pool = only_pool(facts)
    vnet, subnet = network_of(facts, pool), subnet_of(facts, pool)
    assert holds(("VirtualNetwork",), (), Hosts(ranges_of(("10.100.0.4",))), space_of(facts, vnet, subnet)) is Match.YES
    closed = tuple(replace(item, allow_access=False) for item in vnet.peerings)
    down = tuple(replace(item, state="Disconnected") for item in vnet.peerings)
    for peerings in (closed, down):
        space = space_of(facts, replace(vnet, peerings=peerings), subnet)
        assert holds(("VirtualNetwork",), (), Hosts(ranges_of(("10.100.0.4",))), space) is Match.NO
    routed = replace(subnet, route_table_id=GROUP_ID)
    assert space_of(facts, vnet, routed).open_ended, "a route table that was not read may hold anything"
    by_gateway = tuple(replace(item, use_remote_gateways=True) for item in vnet.peerings)
    assert space_of(facts, replace(vnet, peerings=by_gateway), subnet).open_ended


def test_regions_of_a_registry() -> None:
    private, public = facts_of("recorded_private_endpoint"), facts_of("recorded_public_attached")
    assert registry_regions(private) == (frozenset({"westus"}), True), "its endpoint names every data endpoint"
    assert registry_regions(public) == (frozenset({"westus"}), True), "only Premium registries have replicas"
    premium = replace(public, registry=replace(public.registry, sku="Premium"))
    assert registry_regions(premium) == (frozenset({"westus"}), False)
    names = ("r.westus.data.azurecr.io", "r.uksouth.data.azurecr.io")
    listed = replace(public, registry=replace(public.registry, sku="Premium", data_endpoint_host_names=names))
    assert registry_regions(listed) == (frozenset({"westus", "uksouth"}), True)


def test_requests_that_go_by_the_proxy() -> None:
    facts = facts_of("recorded_public_attached")
    host, pool = facts.registry.login_server, only_pool(facts)
    assert not goes_by_proxy(facts, pool, host)
    proxied = replace(facts, cluster=replace(facts.cluster, http_proxy=HttpProxy("", "http://proxy:3128", ())))
    assert goes_by_proxy(proxied, pool, host)
    assert not goes_by_proxy(proxied, replace(pool, os_type="Windows"), host)
    spared = HttpProxy("", "http://proxy:3128", (".azurecr.io",))
    assert not goes_by_proxy(replace(facts, cluster=replace(facts.cluster, http_proxy=spared)), pool, host)


def test_a_thousand_rules_for_two_hundred_pools_are_quick() -> None:
    many = [
        to(f"20.{number // 256}.{number % 256}.0/24", priority=100 + number, access="Allow") for number in range(900)
    ]
    many += [
        to("VirtualNetwork", f"10.{number}.0.0/24", priority=1000 + number, access="Allow") for number in range(100)
    ]
    space = Space(ranges_of(f"10.{number}.0.0/16" for number in range(51)))
    book, held = Rulebook(), group(*many)
    start = time.process_time()
    for number in range(200):
        nodes = Hosts(ranges_of((f"10.1.{number}.0/24",)))
        assert book.decide(held, Flow("Outbound", nodes, REGISTRY, space)).kind == "allow"
        assert book.decide(held, Flow("Outbound", nodes, ENDPOINT, space)).kind == "allow"
    assert time.process_time() - start < 2


# --- as Azure answers ------------------------------------------------------------------------------------------------


def test_single_and_plural_forms_of_a_rule_are_read() -> None:
    properties = {
        "protocol": "Tcp",
        "access": "Deny",
        "priority": 300,
        "direction": "Outbound",
        "sourceAddressPrefix": "*",
        "sourceAddressPrefixes": [],
        "sourcePortRange": "*",
        "destinationAddressPrefix": "",
        "destinationAddressPrefixes": ["10.0.0.0/8", "20.0.0.0/8"],
        "destinationPortRanges": ["80", "443"],
        "destinationApplicationSecurityGroups": [{"id": ASG.text}],
    }
    listed = {"securityRules": [{"name": "r", "properties": properties}]}
    body = {"id": GROUP_ID.text, "name": "nodes-nsg", "properties": listed}
    (read,) = decode_security_group(NetworkSecurityGroup(body)).rules
    assert read.source_prefixes == ("*",)
    assert read.destination_prefixes == ("10.0.0.0/8", "20.0.0.0/8")
    assert read.destination_ports == ("80", "443")
    assert read.destination_groups == (ASG,)


def test_virtual_machines_take_the_groups_of_their_primary_interface() -> None:
    machine_id = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1")
    properties: dict[str, Any] = {
        "primary": True,
        "virtualMachine": {"id": machine_id.text.upper()},
        "networkSecurityGroup": {"id": GROUP_ID.text},
        "ipConfigurations": [{"properties": {"applicationSecurityGroups": [{"id": ASG.text}]}}],
    }
    primary = decode_interface_groups(NetworkInterface({"properties": properties}))
    second = decode_interface_groups(NetworkInterface({"properties": properties | {"primary": False}}))
    assert primary is not None
    assert second is None
    machine = Machine(machine_id, "vm1", "virtual machine", "vms", frozenset(), (), False, None)
    other = replace(machine, id=GROUP_ID)
    found, alone = with_interface_groups([machine, other], Seen((primary, second)))
    assert found.security_group_ids == Seen((GROUP_ID,))
    assert found.application_group_ids == Seen((ASG,))
    assert alone.security_group_ids == Seen(())
    gap = Unseen("interfaces", "Microsoft.Network/networkInterfaces/read", "denied")
    assert with_interface_groups([machine], gap)[0].security_group_ids is gap


def test_scale_sets_take_the_groups_of_their_primary_interface() -> None:
    def configured(primary: bool, group_id: ResourceId) -> dict[str, Any]:
        ends = [{"name": "ip", "properties": {"applicationSecurityGroups": [{"id": ASG.text}] if primary else []}}]
        return {
            "name": "nic",
            "properties": {"primary": primary, "networkSecurityGroup": {"id": group_id.text}, "ipConfigurations": ends},
        }

    interfaces = [configured(False, ASG), configured(True, GROUP_ID)]
    profile = {"networkProfile": {"networkInterfaceConfigurations": interfaces}}
    body = {"id": "/x/y", "name": "aks-pool1-1-vmss", "properties": {"virtualMachineProfile": profile}}
    machine = decode_scale_set(VirtualMachineScaleSet(body))
    assert machine.security_group_ids.value == (GROUP_ID,)
    assert machine.application_group_ids.value == (ASG,)
