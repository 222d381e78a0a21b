"""Whether packets find their way from one virtual network to another."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.facts import Facts, Seen, UnseenError
from aksacr.semantics.endpoints import approved_endpoints, endpoint_of_address, has_approved_connection
from aksacr.semantics.routing import Way, way

from .building import (
    REFUSED,
    connection,
    endpoint,
    endpoint_id,
    facts,
    interface,
    network_id,
    networks,
    peering,
    registry,
    vnet,
    with_endpoint,
)

STATES = ("Connected", "Initiated", "Disconnected", "")


def between(start: Any, end: Any, *others: Any, **tables: Any) -> Way:
    """The way from `start` to `end`, with these networks seen."""
    seen = {**networks(start, end, *others), **tables.get("changes", {})}
    return way(facts(virtual_networks=seen), start, end.id)


def test_within_one_network() -> None:
    assert between(vnet("vnet1"), vnet("vnet1")).kind == "same"
    folded = vnet("vnet1", id=network_id("VNET1"))
    assert way(facts(virtual_networks={}), folded, network_id("vnet1")).kind == "same"


@pytest.mark.parametrize(("near", "far"), [("vnet1", "vnet10"), ("vnet10", "vnet1"), ("vnet", "vnet1")])
def test_names_that_begin_alike_are_different_networks(near: str, far: str) -> None:
    assert between(vnet(near), vnet(far)).kind == "apart"
    peered_with_namesake = vnet(near, peering(f"{far}0"))
    assert between(peered_with_namesake, vnet(far)).kind == "apart"


@pytest.mark.parametrize("here", STATES)
@pytest.mark.parametrize("there", STATES)
def test_a_peering_takes_two_connected_halves(here: str, there: str) -> None:
    found = between(vnet("a", peering("b", here)), vnet("b", peering("a", there)))
    assert found.kind == ("peered" if here == there == "Connected" else "broken")
    assert [half.connected for half in found.halves] == [here == "Connected", there == "Connected"]


def test_the_state_is_read_in_any_case() -> None:
    assert between(vnet("a", peering("b", "CONNECTED")), vnet("b", peering("A", "connected"))).kind == "peered"


@pytest.mark.parametrize("state", STATES)
def test_half_a_peering_is_broken(state: str) -> None:
    only_here = between(vnet("a", peering("b", state)), vnet("b"))
    only_there = between(vnet("a"), vnet("b", peering("a", state)))
    assert (only_here.kind, only_there.kind) == ("broken", "broken")
    assert [half.peering is None for half in only_here.halves] == [False, True]
    assert [half.peering is None for half in only_there.halves] == [True, False]


@pytest.mark.parametrize(
    ("here", "kind"),
    [
        ((peering("b"),), "unseen"),
        ((), "unseen"),
        ((peering("b", "Initiated"),), "broken"),
        ((peering("c"),), "unseen"),
    ],
)
def test_the_other_side_was_not_seen(here: tuple[Any, ...], kind: str) -> None:
    """A half that is not Connected decides by itself; all else is open."""
    start = vnet("a", *here)
    found = way(facts(virtual_networks={start.id: Seen(start), network_id("b"): REFUSED}), start, network_id("b"))
    assert found.kind == kind
    assert (found.gap is REFUSED) is (kind == "unseen")


def test_the_other_side_is_gone() -> None:
    gone: dict[Any, Any] = {network_id("b"): Seen(None)}
    lost = vnet("a", peering("b", "Disconnected"))
    assert way(facts(virtual_networks=gone), lost, network_id("b")).kind == "broken"
    assert way(facts(virtual_networks=gone), vnet("a"), network_id("b")).kind == "apart"


# --- over a hub ---


def over_hub(*states: str, changes: dict[Any, Any] | None = None) -> Way:
    """From spoke a over the hub to spoke b; the states of a→hub, hub→a, hub→b, b→hub ("-": no such half)."""
    to_hub, to_a, to_b, from_b = states

    def half(to: str, state: str) -> list[Any]:
        return [] if state == "-" else [peering(to, state)]

    start, end = vnet("a", *half("hub", to_hub)), vnet("b", *half("hub", from_b))
    return between(start, end, vnet("hub", *half("a", to_a), *half("b", to_b)), changes=changes or {})


OK = "Connected"


def test_a_hub_takes_four_connected_halves() -> None:
    found = over_hub(OK, OK, OK, OK)
    assert found.kind == "peered"
    assert found.hubs
    assert [hub.name for hub in found.hubs] == ["hub"]


@pytest.mark.parametrize("bad", ["Initiated", "Disconnected"])
@pytest.mark.parametrize("place", range(4))
def test_one_half_that_is_down_breaks_the_way_over_a_hub(place: int, bad: str) -> None:
    states = [OK] * 4
    states[place] = bad
    found = over_hub(*states)
    assert found.kind == "broken"
    assert [half.connected for half in found.halves].count(False) == 1


def test_a_hub_that_has_lost_its_half() -> None:
    assert over_hub(OK, "-", OK, OK).kind == "broken"
    assert over_hub(OK, OK, "-", OK).kind == "broken"


def test_a_hub_that_only_one_of_them_peers_with_is_no_way() -> None:
    assert over_hub(OK, OK, OK, "-").kind == "apart"
    assert over_hub("-", OK, OK, OK).kind == "apart"


def test_a_hub_that_may_not_be_read() -> None:
    refused: dict[Any, Any] = {network_id("hub"): REFUSED}
    found = over_hub(OK, OK, OK, OK, changes=refused)
    assert (found.kind, found.gap) == ("unseen", REFUSED)
    assert over_hub("Disconnected", OK, OK, OK, changes=refused).kind == "broken"


def test_one_hub_that_works_is_enough() -> None:
    start = vnet("a", peering("down", "Disconnected"), peering("hidden"), peering("up"))
    end = vnet("b", peering("down"), peering("hidden"), peering("up"))
    hubs = [vnet(name, peering("a"), peering("b")) for name in ("down", "up")]
    found = between(start, end, *hubs, changes={network_id("hidden"): REFUSED})
    assert found.kind == "peered"
    assert found.hubs
    assert [hub.name for hub in found.hubs] == ["up"]


def test_a_direct_peering_that_is_down_is_not_mended_by_a_hub() -> None:
    """Azure routes by the peering that is there."""
    start, end = vnet("a", peering("b", "Disconnected"), peering("hub")), vnet("b", peering("hub"))
    assert between(start, end, vnet("hub", peering("a"), peering("b"))).kind == "broken"


# --- endpoints ---


@pytest.mark.parametrize(
    ("status", "approved"),
    [
        ("Approved", True),
        ("APPROVED", True),
        ("Pending", False),
        ("Rejected", False),
        ("Disconnected", False),
        ("", False),
    ],
)
def test_only_an_approved_connection_serves(status: str, approved: bool) -> None:
    found = facts(
        registry=registry(endpoint_connections=(connection(status),)),
        private_endpoints={endpoint_id(): Seen(endpoint(custom_dns=("10.1.0.9",)))},
        endpoint_addresses={endpoint_id(): Seen(interface("10.1.0.9"))},
    )
    assert has_approved_connection(found) is approved
    assert [item.name for item in approved_endpoints(found)] == (["endpoint"] if approved else [])
    assert (endpoint_of_address(found, "10.1.0.9") is not None) is approved


def test_an_endpoint_that_may_not_be_read_is_named() -> None:
    with pytest.raises(UnseenError):
        approved_endpoints(facts(registry=with_endpoint(), private_endpoints={endpoint_id(): REFUSED}))


def test_an_endpoint_that_is_gone_serves_nobody() -> None:
    """The registry keeps connections of endpoints that were deleted."""
    gone = facts(registry=with_endpoint(), private_endpoints={endpoint_id(): Seen(None)})
    assert approved_endpoints(gone) == []
    assert has_approved_connection(gone)
    assert endpoint_of_address(gone, "10.1.0.9") is None


def held(custom_dns: tuple[str, ...] = (), addresses: Any = None, **changes: Any) -> Facts:
    tables: dict[str, Any] = {
        "registry": with_endpoint(),
        "private_endpoints": {endpoint_id(): Seen(endpoint(custom_dns=custom_dns))},
        "endpoint_addresses": {endpoint_id(): Seen(interface()) if addresses is None else addresses},
    }
    return facts(**{**tables, **changes})


@pytest.mark.parametrize(
    ("found", "is_held"),
    [
        (held(addresses=Seen(interface("10.1.0.9"))), True),
        (held(custom_dns=("10.1.0.9",)), True),
        (held(custom_dns=("10.1.0.9",), addresses=REFUSED), True),
        (held(addresses=Seen(interface("10.1.0.90", "10.1.0.8"))), False),
        (held(registry=registry()), False),
    ],
)
def test_an_address_belongs_to_the_endpoint_that_holds_it(found: Facts, is_held: bool) -> None:
    assert (endpoint_of_address(found, "10.1.0.9") is not None) is is_held


@pytest.mark.parametrize(
    "found",
    [
        held(addresses=REFUSED),
        held(private_endpoints={endpoint_id(): REFUSED}),
        held(custom_dns=("10.1.0.8",), addresses=REFUSED),
        held(),  # an endpoint that is being made shows no address yet
    ],
)
def test_an_address_that_an_unseen_interface_may_hold_is_open(found: Facts) -> None:
    with pytest.raises(UnseenError):
        endpoint_of_address(found, "10.1.0.9")


def test_an_endpoint_that_was_seen_decides_whatever_another_hides() -> None:
    both = registry(endpoint_connections=(connection(name="hidden"), connection()))
    found = held(
        registry=both,
        private_endpoints={endpoint_id("hidden"): REFUSED, endpoint_id(): Seen(endpoint())},
        endpoint_addresses={endpoint_id("hidden"): REFUSED, endpoint_id(): Seen(interface("10.1.0.9"))},
    )
    owner = endpoint_of_address(found, "10.1.0.9")
    assert owner is not None
    assert owner.id == endpoint_id()
