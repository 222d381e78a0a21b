"""What peerings that are out of sync know of the endpoint, of the nodes, and of the appliances between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.facts import Seen
from aksacr.semantics.hub_ways import way_to
from aksacr.semantics.peering_sync import InSync, in_sync

from .building import REFUSED, network_id, pool
from .test_hub_ways import ADDRESS, ENDPOINT, over, unseen

if TYPE_CHECKING:
    from aksacr.facts import Facts


def half(found: Facts, near: str, far: str, **changes: Any) -> Facts:
    """The same facts with one half of a peering changed."""
    old = found.virtual_networks[network_id(near)].value
    assert old is not None
    peerings = tuple(replace(item, **changes) if item.remote_id == network_id(far) else item for item in old.peerings)
    known = {**found.virtual_networks, network_id(near): Seen(replace(old, peerings=peerings))}
    return replace(found, virtual_networks=known)


def judged(found: Facts) -> InSync:
    return in_sync(found, pool(), ENDPOINT, ADDRESS, way_to(found, pool(), ENDPOINT, ADDRESS))


def behind(near: str, far: str, *known: str, hubs: int = 1) -> InSync:
    return judged(half(over(hubs), near, far, sync_level="RemoteNotInSync", remote_prefixes=known))


def test_halves_in_sync_know_everything() -> None:
    assert judged(over(2)) == InSync()


def test_the_half_back_must_know_the_nodes_subnet() -> None:
    found = behind("hub1", "vnet1", "10.1.1.0/24")
    assert [(item.whose, item.unknown) for item in found.blind] == [("nodes", ("10.1.0.0/24",))]
    assert behind("hub1", "vnet1", "10.1.0.0/24").blind == ()


def test_a_part_of_the_nodes_subnet_is_not_all_of_it() -> None:
    assert behind("hub1", "vnet1", "10.1.0.0/25").blind


def test_the_half_to_the_endpoint_must_know_its_address() -> None:
    assert [item.unknown for item in behind("hub1", "data", "10.201.0.0/16").blind] == [(ADDRESS,)]
    assert behind("hub1", "data", "10.200.0.0/24").blind == ()


def test_the_nodes_half_must_know_the_appliance() -> None:
    made = half(over(1), "vnet1", "hub1", sync_level="RemoteNotInSync", remote_prefixes=("10.101.1.0/24",))
    made = half(made, "vnet1", "hub1", current_remote_prefixes=("10.101.0.0/16",))
    assert [(item.whose, item.unknown) for item in judged(made).blind] == [("appliance", ("10.101.0.9",))]


@pytest.mark.parametrize(("near", "far"), [("data", "hub1"), ("hub2", "hub1")])
def test_addresses_of_appliances_between_are_not_decided(near: str, far: str) -> None:
    hubs = 2 if near == "hub2" else 1
    found = behind(near, far, "10.101.128.0/17", hubs=hubs)
    assert found.blind == ()
    assert found.gap is not None
    assert "does not show" in found.gap.reason
    whole = behind(near, far, "10.101.0.0/16", hubs=hubs)
    assert (whole.blind, whole.gap) == ((), None)


def test_a_half_that_shows_no_range_is_not_decided() -> None:
    found = behind("hub1", "vnet1")
    assert (found.blind, found.gap is not None) == ((), True)


@pytest.mark.parametrize(
    ("level", "is_open"),
    [("FullyInSync", False), ("RemoteNotInSync", False), ("", False), ("LocalNotInSync", True)],
)
def test_the_nodes_half_tells_of_the_other_that_was_not_seen(level: str, is_open: bool) -> None:
    made = half(over(0), "vnet1", "data", sync_level=level)
    found = judged(unseen(made, "virtual_networks", network_id("data"), REFUSED))
    assert (found.gap is not None) is is_open
