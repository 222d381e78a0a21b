"""What the registry's network rules let in."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksacr.facts import Facts, Registry, Seen, SubnetRule, UnseenError
from aksacr.semantics.admission import (
    admits_everyone,
    allowed_ranges,
    has_service_endpoint,
    is_closed,
    outside,
    public_side,
    subnet_is_allowed,
)

from .building import (
    REFUSED,
    addresses,
    cluster,
    facts,
    network_id,
    networks,
    pool,
    registry,
    route,
    route_table,
    selected_networks,
    subnet,
    vnet,
)

SERVICE = "Microsoft.ContainerRegistry"


def left_out(rules: tuple[str, ...], *ranges: str) -> list[str]:
    return [str(item) for item in outside(selected_networks(*rules), tuple(IPv4Network(item) for item in ranges))]


@pytest.mark.parametrize(
    ("rules", "leaves_from", "missing"),
    [
        (("20.0.0.1",), "20.0.0.1/32", False),
        (("20.0.0.1/32",), "20.0.0.1/32", False),
        ((" 20.0.0.1 ",), "20.0.0.1/32", False),
        (("20.0.0.2",), "20.0.0.1/32", True),
        (("20.0.0.0/28",), "20.0.0.1/32", False),
        (("20.0.0.0/28",), "20.0.0.0/28", False),
        (("20.0.0.0/24",), "20.0.0.16/28", False),
        (("20.0.0.0/29",), "20.0.0.0/28", True),
        (("20.0.0.0/29", "20.0.0.8/29"), "20.0.0.0/28", False),
        (("20.0.0.8/29", "20.0.0.0/30", "20.0.0.4/30"), "20.0.0.0/28", False),
        (("20.0.0.0/29", "20.0.0.8/30"), "20.0.0.0/28", True),
        (("20.0.0.0/31", "20.0.0.2", "20.0.0.3"), "20.0.0.0/30", False),
        (("20.0.0.5/28",), "20.0.0.0/28", False),  # host bits: the range is meant
        (("0.0.0.0/0",), "20.0.0.1/32", False),
        ((), "20.0.0.1/32", True),
        (("2001:db8::/32", "::/0"), "20.0.0.1/32", True),
        (("::ffff:20.0.0.1",), "20.0.0.1/32", True),
        (("not an address", "", "20.0.0.1/33", "20.0.0", "20.0.0.1-20.0.0.9"), "20.0.0.1/32", True),
        (("not an address", "20.0.0.1"), "20.0.0.1/32", False),
    ],
)
def test_rules_cover_addresses_and_ranges(rules: tuple[str, ...], leaves_from: str, missing: bool) -> None:
    assert left_out(rules, leaves_from) == ([leaves_from] if missing else [])


def test_every_address_counts() -> None:
    assert left_out(("20.0.0.1",), "20.0.0.1/32", "20.0.0.2/32", "20.0.0.3/32") == ["20.0.0.2/32", "20.0.0.3/32"]


def _range(start: int, length: int) -> IPv4Network:
    """A range among the first 64 addresses."""
    return IPv4Network((start, length), strict=False)


ranges = st.builds(_range, st.integers(0, 63), st.integers(26, 32))
rules_of_any_kind = st.lists(
    st.one_of(ranges.map(str), st.sampled_from(["::/0", "2001:db8::1", "", "nonsense", "1.2.3"])), max_size=6
)


def admitted(rules: list[str], found: IPv4Network) -> bool:
    return not outside(selected_networks(*rules), (found,))


@settings(max_examples=80)
@given(rules_of_any_kind, ranges)
def test_a_range_is_admitted_when_every_address_of_it_is(rules: list[str], found: IPv4Network) -> None:
    """The plain definition, by counting: 0.0.0.0/26 has few addresses."""
    covered = {address for rule in allowed_ranges(selected_networks(*rules)) for address in rule}
    assert admitted(rules, found) is all(address in covered for address in found)


@settings(max_examples=80)
@given(st.data(), rules_of_any_kind, ranges)
def test_the_order_of_rules_never_matters(data: st.DataObject, rules: list[str], found: IPv4Network) -> None:
    assert admitted(data.draw(st.permutations(rules)), found) is admitted(rules, found)


@settings(max_examples=80)
@given(rules_of_any_kind, rules_of_any_kind, ranges)
def test_one_rule_more_never_keeps_anybody_out(rules: list[str], more: list[str], found: IPv4Network) -> None:
    assert admitted([*more, *rules], found) >= admitted(rules, found)


@pytest.mark.parametrize(
    ("changes", "closed", "everyone"),
    [
        ({}, False, True),
        ({"public_network_access": "Disabled"}, True, False),
        ({"public_network_access": "DISABLED", "default_action": "Allow"}, True, False),
        ({"default_action": "Deny"}, False, False),
        ({"default_action": "deny"}, False, False),
        ({"default_action": "Allow", "ip_rules": ("20.0.0.9",)}, False, True),  # rules under Allow have no effect
        ({"public_network_access": "Disabled", "default_action": "Deny"}, True, False),
        ({"default_action": "Deny", "sku": "Standard"}, False, True),  # a tier without rules
        ({"default_action": "Deny", "sku": "basic"}, False, True),
        ({"default_action": "Deny", "sku": "Platinum"}, False, False),
    ],
)
def test_switches(changes: dict[str, Any], closed: bool, everyone: bool) -> None:
    found = registry(**changes)
    assert (is_closed(found), admits_everyone(found)) == (closed, everyone)


# --- the public side, for a pool ---

SELECTED = selected_networks("20.0.0.1")
DENYING = {"registry": selected_networks("20.0.0.9")}
BY_ENDPOINT = networks(vnet(subnets=(subnet(service_endpoints=("microsoft.CONTAINERREGISTRY",)),)))
RULE = SubnetRule(subnet().id, "Allow")


def side(found: Facts) -> str:
    return public_side(found, found.cluster.node_pools[0])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "open"),
        ({"registry": registry(public_network_access="Disabled")}, "closed"),
        ({"registry": SELECTED}, "open"),
        (DENYING, "closed"),
        ({**DENYING, "cluster": cluster(outbound_type="none")}, "closed"),
        ({**DENYING, "cluster": cluster(outbound_type="userDefinedRouting")}, "unknowable"),
        ({**DENYING, "virtual_networks": BY_ENDPOINT}, "closed"),  # the registry sees a subnet that no rule names
        ({**DENYING, "virtual_networks": BY_ENDPOINT, "subnet_rules": Seen((RULE,))}, "open"),
        ({"registry": SELECTED, "public_addresses": addresses(outbound="20.0.0.0/31")}, "closed"),
    ],
)
def test_the_public_side_of_a_pool(changes: dict[str, Any], expected: str) -> None:
    assert side(facts(**changes)) == expected


@pytest.mark.parametrize("found", [registry(), registry(public_network_access="Disabled")], ids=["open", "closed"])
def test_switches_decide_without_a_look_at_the_network(found: Registry) -> None:
    assert side(facts(registry=found, virtual_networks={}, pool_subnets={}, subnet_rules=REFUSED)) in {"open", "closed"}


@pytest.mark.parametrize(
    "changes",
    [
        {"virtual_networks": {network_id("vnet1"): REFUSED}},
        {"pool_subnets": {"pool1": REFUSED}},
        {"public_addresses": {}},
        {"virtual_networks": BY_ENDPOINT, "subnet_rules": REFUSED},
    ],
)
def test_what_decides_and_was_not_seen_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(UnseenError):
        side(facts(registry=SELECTED, **changes))


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (SubnetRule(subnet().id, "allow"), True),
        (SubnetRule(subnet().id, "Deny"), False),
        (SubnetRule(subnet(network="vnet10").id, "Allow"), False),
        (SubnetRule(subnet("nodes2").id, "Allow"), False),
        (SubnetRule(network_id("vnet1"), "Allow"), False),
    ],
)
def test_subnet_rules_name_one_subnet(rule: SubnetRule, allowed: bool) -> None:
    found = facts(subnet_rules=Seen((rule,)))
    assert subnet_is_allowed(found, pool()) is allowed


@pytest.mark.parametrize(("service", "has"), [(SERVICE, True), (SERVICE.lower(), True), ("Microsoft.Storage", False)])
def test_service_endpoints(service: str, has: bool) -> None:
    found = facts(virtual_networks=networks(vnet(subnets=(subnet(service_endpoints=(service,)),))))
    assert has_service_endpoint(found, pool()) is has


def test_a_route_that_drops_everything_closes_the_public_side() -> None:
    table = route_table(route("0.0.0.0/0", "None"))
    routed = networks(vnet(subnets=(subnet(route_table_id=table.id),)))
    assert side(facts(registry=SELECTED, virtual_networks=routed, route_tables={table.id: Seen(table)})) == "closed"
