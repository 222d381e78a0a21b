"""Ids as Azure compares them, and facts that are seen or say why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.facts import Fact, Machine, ResourceId, Seen, Unseen, UnseenError, look, mapped, same
from aksacr.semantics.pools import machines_of, network_of, subnet_of

from .building import (
    GROUP,
    REFUSED,
    SUBSCRIPTION,
    address_id,
    facts,
    network_id,
    networks,
    pool,
    resource,
    subnet,
    vnet,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MACHINE = "Microsoft.Compute/virtualMachineScaleSets"
VNET1 = network_id("vnet1")


@pytest.mark.parametrize(
    ("lower", "upper", "is_below"),
    [
        (VNET1.text, VNET1.text, True),
        (VNET1.text, VNET1.text.upper(), True),
        (f"{VNET1}/subnets/nodes", VNET1.text, True),
        (VNET1.text, f"{VNET1}/subnets/nodes", False),
        (network_id("vnet10").text, VNET1.text, False),
        (VNET1.text, network_id("vnet10").text, False),
        (f"{GROUP}2/providers/x/y/z", GROUP, False),
        (f"{SUBSCRIPTION}1", SUBSCRIPTION, False),
        (VNET1.text, GROUP, True),
        (VNET1.text, GROUP.replace("resourceGroups", "resourcegroups"), True),
        (VNET1.text, SUBSCRIPTION, True),
        (VNET1.text, f"{SUBSCRIPTION}/", True),
        (VNET1.text, "/", True),
        (VNET1.text, "", True),
        ("/", "/", True),
        ("/", SUBSCRIPTION, False),
        (VNET1.text, "/subscriptions", True),
        (VNET1.text, "/providers/Microsoft.Management/managementGroups/top", False),
    ],
)
def test_above_goes_by_segment(lower: str, upper: str, is_below: bool) -> None:
    assert ResourceId(lower).is_at_or_below(ResourceId(upper)) is is_below


segments = st.lists(st.text(st.sampled_from("abAB1."), min_size=1, max_size=3), max_size=6).map("/".join)


@given(segments, segments)
def test_below_is_what_the_path_says(left: str, right: str) -> None:
    lower, upper = ResourceId(left), ResourceId(right)
    below = f"{lower.key}/".startswith(upper.key.rstrip("/") + "/")
    assert lower.is_at_or_below(upper) is below
    assert ResourceId(f"{left}/{right}").is_at_or_below(lower)


@given(segments, st.sampled_from([str.upper, str.lower, str.swapcase]))
def test_letter_case_and_slashes_at_the_ends_never_count(text: str, fold: Callable[[str], str]) -> None:
    left, right = ResourceId(text), ResourceId(f" /{fold(text)}/ ")
    assert left == right
    assert hash(left) == hash(right)
    assert (left <= right) is (right <= left) is True
    assert left.is_at_or_below(right)
    assert (left.name.lower(), left.type, left.parent) == (right.name.lower(), right.type, right.parent)


def test_an_id_keeps_its_letters_for_people() -> None:
    found = ResourceId(
        "subscriptions/A/resourcegroups/Mixed/providers/Microsoft.Network/virtualNetworks/VNet/subnets/Nodes/"
    )
    assert str(found).startswith("/subscriptions/A/resourcegroups/Mixed/")
    assert (found.subscription_id, found.resource_group, found.name) == ("A", "Mixed", "Nodes")
    assert found.type == "microsoft.network/virtualnetworks/subnets"
    assert found.parent.name == "VNet"
    assert ResourceId("a") != "a"


@pytest.mark.parametrize(
    ("text", "kind", "group"),
    [
        ("/", "", ""),
        (SUBSCRIPTION, "", ""),
        (GROUP, "", "shop"),
        ("/providers/Microsoft.Management/managementGroups/top", "microsoft.management/managementgroups", ""),
        (
            f"{VNET1}/providers/Microsoft.Authorization/roleAssignments/x",
            "microsoft.authorization/roleassignments",
            "shop",
        ),
        (f"{SUBSCRIPTION}/resourceGroups/subscriptions", "", "subscriptions"),
        (f"{GROUP}/providers", "", "shop"),
        (f"{GROUP}/providers/Microsoft.Network", "microsoft.network", "shop"),
    ],
)
def test_the_parts_of_an_id(text: str, kind: str, group: str) -> None:
    assert (ResourceId(text).type, ResourceId(text).resource_group) == (kind, group)


def test_names_compare_without_regard_to_case() -> None:
    assert same("AKS-Prod", "aks-prod")
    assert not same("aks-prod", "aks-prod2")


# --- seen and unseen ---


def test_what_was_not_seen_has_no_value() -> None:
    with pytest.raises(UnseenError) as caught:
        _ = REFUSED.value
    assert caught.value.unseen is REFUSED
    assert (
        str(caught.value) == "could not read somewhere (denied (AuthorizationFailed)); needs Microsoft.Something/read"
    )


@pytest.mark.parametrize("fact", [REFUSED, Seen(()), Seen((1,)), Seen(None)], ids=repr)
def test_a_fact_has_no_truth_value(fact: Fact[object]) -> None:
    """`if not facts.role_assignments` would take what was refused, or an empty list, for each other."""
    with pytest.raises(TypeError):
        bool(fact)


def test_mapped_changes_what_was_seen_only() -> None:
    assert mapped(Seen(2, "there"), lambda value: value + 1) == Seen(3, "there")
    assert mapped(REFUSED, lambda value: value) is REFUSED


def test_what_was_never_asked_for_is_unseen_and_not_absent() -> None:
    nothing: dict[ResourceId, Fact[int]] = {}
    found = look(nothing, VNET1)
    assert isinstance(found, Unseen)
    assert found.source == VNET1.text
    assert isinstance(facts(virtual_networks={}).virtual_network(VNET1), Unseen)
    assert isinstance(facts(pool_subnets={}).subnet_id(pool()), Unseen)


def test_tables_are_looked_up_in_any_case() -> None:
    made = facts()
    assert made.virtual_network(ResourceId(VNET1.text.upper())) == Seen(vnet())
    assert isinstance(made.subnet_id(pool("POOL1")), Seen)
    assert isinstance(look(made.public_addresses, ResourceId(address_id("outbound").text.swapcase())), Seen)


# --- where the nodes of a pool are ---


def test_a_pool_is_in_the_network_of_its_subnet() -> None:
    assert network_of(facts(), pool()).name == "vnet1"
    assert subnet_of(facts(), pool()).name == "nodes"


def test_a_subnet_of_the_same_name_elsewhere_is_another() -> None:
    wrong = networks(vnet("vnet1", subnets=(subnet(network="vnet10"), subnet("nodes2"))))
    with pytest.raises(UnseenError, match="no such subnet"):
        subnet_of(facts(virtual_networks=wrong), pool())


@pytest.mark.parametrize(
    ("name", "tagged", "belongs"),
    [
        ("aks-pool1-12345678-vmss", "pool1", True),
        ("aks-other-12345678-vmss", "POOL1", True),
        ("aks-pool1-12345678-vmss", "other", False),
        ("akspool1", "", True),
        ("AKSPOOL1", "", True),
        ("akspool10", "", False),
        ("jumpbox", "", False),
        ("akspool1", "other", False),
    ],
)
def test_machines_belong_to_a_pool_by_tag_or_windows_name(name: str, tagged: str, belongs: bool) -> None:
    machine = Machine(resource(MACHINE, name), name, "scale set", tagged, frozenset(), (), False, None)
    assert bool(machines_of(facts(machines=Seen((machine,))), pool())) is belongs


def test_machines_that_were_not_seen_are_not_none() -> None:
    with pytest.raises(UnseenError):
        machines_of(facts(machines=REFUSED), pool())
