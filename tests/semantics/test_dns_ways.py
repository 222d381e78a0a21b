"""Whether nodes have a way to their DNS servers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from aksacr.facts import Peering, Seen, UnseenError
from aksacr.semantics.dns_ways import lost_servers

from .building import REFUSED, cluster, facts, networks, peering, pool, route, route_table, subnet, vnet

if TYPE_CHECKING:
    from aksacr.facts import Facts, Route

SERVER, HUB = "10.100.0.4", ("10.100.0.0/16",)
POOL = pool()


def asked(*routes: Route, server: str = SERVER, near: str = "Connected", back: str = "Connected") -> Facts:
    """Nodes that ask `server`; the hub 10.100.0.0/16 is peered ("" for a half back that is gone)."""
    table = route_table(*routes)
    nodes = subnet(route_table_id=table.id)
    home = vnet("vnet1", peering("hub", near, HUB), dns_servers=(server,))
    hub = vnet("hub", *([peering("vnet1", back)] if back else []), prefixes=HUB, subnets=())
    return facts(
        cluster=cluster(node_pools=(POOL,)),
        virtual_networks=networks(replace(home, subnets=(nodes,)), hub),
        route_tables={table.id: Seen(table)},
    )


@pytest.mark.parametrize(
    ("near", "back", "is_lost"),
    [
        ("Connected", "Connected", False),
        ("Disconnected", "", True),
        ("Disconnected", "Connected", True),
        ("Connected", "Disconnected", True),
        ("Initiated", "", True),
        ("Resting", "Connected", False),  # a state that is not known here decides nothing
    ],
)
def test_a_peering_that_is_down(near: str, back: str, *, is_lost: bool) -> None:
    assert [item.server for item in lost_servers(asked(near=near, back=back), POOL)] == ([SERVER] if is_lost else [])


@pytest.mark.parametrize(
    ("routes", "is_lost"),
    [
        ((route("10.100.0.0/24", "None"),), True),
        ((route("10.100.0.0/16", "None"),), True),
        ((route("10.100.0.4/32", "Internet"),), True),
        ((route("10.0.0.0/8", "None"),), False),  # the peering's own route is longer
        ((route("0.0.0.0/0", "None"),), False),
        ((route("10.100.1.0/24", "None"),), False),
        ((route("10.100.0.0/24", "None"), route("10.100.0.4/32", "VirtualAppliance", "10.1.9.4")), False),
        ((route("10.100.0.0/24", "VirtualAppliance", "10.1.9.4"),), False),
    ],
)
def test_a_route_that_drops(routes: tuple[Route, ...], *, is_lost: bool) -> None:
    found = lost_servers(asked(*routes), POOL)
    assert [item.route for item in found] == ([routes[0]] if is_lost else [])


@pytest.mark.parametrize(
    ("routes", "is_lost"),
    [
        ((route("0.0.0.0/0", "VirtualAppliance", "10.100.9.4"),), True),  # behind the same peering
        ((route("0.0.0.0/0", "VirtualAppliance", "10.1.9.4"),), False),  # an appliance at home may know a way
        ((route("0.0.0.0/0", "None"),), True),
    ],
)
def test_a_route_past_a_peering_that_is_down(routes: tuple[Route, ...], *, is_lost: bool) -> None:
    assert bool(lost_servers(asked(*routes, near="Disconnected", back=""), POOL)) is is_lost


@pytest.mark.parametrize(
    ("server", "drops", "is_lost"),
    [
        ("10.1.0.53", "10.1.0.0/24", True),
        ("10.1.0.53", "10.0.0.0/8", False),
        ("192.168.7.53", "192.168.0.0/16", False),  # behind a gateway, whose routes do not show
        ("168.63.129.16", "168.63.129.16/32", False),
    ],
)
def test_servers_elsewhere(server: str, drops: str, *, is_lost: bool) -> None:
    assert bool(lost_servers(asked(route(drops, "None"), server=server), POOL)) is is_lost


def test_a_route_table_that_was_not_seen_leaves_it_open() -> None:
    made = asked()
    with pytest.raises(UnseenError):
        lost_servers(replace(made, route_tables=dict.fromkeys(made.route_tables, REFUSED)), POOL)


def test_one_of_two_networks_with_the_address_is_enough() -> None:
    """Two peers may hold the address: the one that is Connected answers."""
    made = asked(near="Disconnected", back="")
    [home] = [fact.value for fact in made.virtual_networks.values() if isinstance(fact, Seen) and fact.value][:1]
    halves: tuple[Peering, ...] = (*home.peerings, peering("second", prefixes=HUB))
    second = vnet("second", peering("vnet1"), prefixes=HUB, subnets=())
    both = networks(replace(home, peerings=halves), second)
    assert lost_servers(replace(made, virtual_networks={**made.virtual_networks, **both}), POOL) == ()
