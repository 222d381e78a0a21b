"""Ways over one or more hubs: where the routes of the nodes, and of the appliances on the way, lead."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.facts import AzureFirewall, Facts, ResourceId, RouteTable, Seen, VirtualNetwork
from aksacr.semantics.hub_ways import MOST_HUBS, way_to

from .building import (
    REFUSED,
    SUBSCRIPTION,
    endpoint,
    facts,
    network_id,
    networks,
    peering,
    pool,
    resource,
    route,
    subnet,
    vnet,
)

if TYPE_CHECKING:
    from aksacr.facts import Peering, Route, Unseen
    from aksacr.semantics.routing import Way

ADDRESS = "10.200.0.4"
ENDPOINT = endpoint(network="data")
SUBSCRIPTION_ID = SUBSCRIPTION.rsplit("/", 1)[-1]


def table_id(network: str) -> ResourceId:
    return resource("Microsoft.Network/routeTables", f"{network}-routes")


def space(number: int) -> str:
    """`vnet1` has 10.1.0.0/16, the first hub 10.101.0.0/16 and so on; `data` has 10.200.0.0/16."""
    return f"10.{number}.0.0/16"


def network(name: str, number: int, *peerings: Peering, **changes: Any) -> VirtualNetwork:
    """A network with one subnet, `nodes`, that has a route table."""
    own = subnet(network=name, prefixes=(f"10.{number}.0.0/24",), route_table_id=table_id(name))
    return vnet(name, *peerings, prefixes=(space(number),), subnets=(own,), **changes)


def table(name: str, *routes: Route) -> RouteTable:
    return RouteTable(table_id(name), f"{name}-routes", routes, propagates_gateway_routes=True)


def over(count: int, **changes: Any) -> Facts:
    """Nodes, `count` hubs in a row, and the endpoint's network; each hub's appliance routes on to the next hub's."""
    names = ["vnet1", *(f"hub{place}" for place in range(1, count + 1)), "data"]
    numbers = [1, *(100 + place for place in range(1, count + 1)), 200]
    seen: list[VirtualNetwork] = []
    tables: dict[ResourceId, Any] = {}
    for place, (name, number) in enumerate(zip(names, numbers, strict=True)):
        beside = [item for item in (place - 1, place + 1) if 0 <= item < len(names)]
        seen.append(network(name, number, *(peering(names[item], prefixes=(space(numbers[item]),)) for item in beside)))
        onward = [route("10.200.0.0/16", "VirtualAppliance", f"10.{numbers[place + 1]}.0.9")] if place < count else []
        tables[table_id(name)] = Seen(table(name, *onward))
    return facts(**{"virtual_networks": networks(*seen), "route_tables": tables, **changes})


def going(found: Facts, address: str = ADDRESS) -> Way:
    return way_to(found, pool(), ENDPOINT, address)


def changed(found: Facts, name: str, **changes: Any) -> Facts:
    """The same facts with one network changed."""
    old = found.virtual_networks[network_id(name)].value
    assert old is not None
    tables = {**found.virtual_networks, network_id(name): Seen(replace(old, **changes))}
    return replace(found, virtual_networks=tables)


def unseen(found: Facts, field: str, key: Any, instead: Unseen = REFUSED) -> Facts:
    return replace(found, **{field: {**getattr(found, field), key: instead}})


def firewall(hub: str, address: str) -> dict[str, Any]:
    made = AzureFirewall(
        id=resource("Microsoft.Network/azureFirewalls", f"{hub}-fw"),
        name=f"{hub}-fw",
        subnet_id=ResourceId(f"{network_id(hub)}/subnets/AzureFirewallSubnet"),
        private_addresses=(address,),
        public_address_ids=(),
        policy_id=None,
        collections=(),
    )
    return {SUBSCRIPTION_ID: Seen((made,))}


def at_firewall(hub: str, number: int) -> dict[str, Any]:
    """The hub's one subnet is a firewall's."""
    prefixes = (f"10.{number}.0.0/24",)
    made = subnet("AzureFirewallSubnet", hub, prefixes=prefixes, route_table_id=table_id(hub))
    return {"subnets": (made,)}


@pytest.mark.parametrize("count", range(1, MOST_HUBS + 1))
def test_routes_lead_over_hubs_in_a_row(count: int) -> None:
    found = going(over(count))
    assert found.kind == "peered"
    assert [hub.name for hub in found.hubs] == [f"hub{place}" for place in range(1, count + 1)]
    assert len(found.halves) == 2 * (count + 1)
    assert [half.network_id.name for half in found.halves[::2]] == ["vnet1", *(hub.name for hub in found.hubs)]
    assert [half.remote_id for half in found.halves[1::2]] == [half.network_id for half in found.halves[::2]]


def test_more_hubs_than_are_followed_are_not_decided() -> None:
    found = going(over(MOST_HUBS + 1))
    assert found.kind == "unseen"
    assert found.gap is not None
    assert "further hub" in found.gap.reason


@pytest.mark.parametrize("state", ["Initiated", "Disconnected"])
@pytest.mark.parametrize(("near", "far"), [("hub1", "hub2"), ("hub2", "hub1"), ("hub2", "data"), ("data", "hub2")])
def test_one_half_that_is_down_breaks_the_way(near: str, far: str, state: str) -> None:
    made = over(2)
    held = made.virtual_networks[network_id(near)].value
    assert held is not None
    peerings = tuple(
        replace(item, state=state) if item.remote_id == network_id(far) else item for item in held.peerings
    )
    found = going(changed(made, near, peerings=peerings))
    assert found.kind == "broken"
    assert [(half.network_id.name, half.remote_id.name) for half in found.halves if not half.connected] == [(near, far)]


def test_the_endpoints_network_must_have_its_half() -> None:
    found = going(changed(over(2), "data", peerings=()))
    assert found.kind == "broken"
    assert found.halves[-1].peering is None


def test_a_chain_of_peerings_without_routes_is_no_way() -> None:
    made = over(2)
    assert (
        going(replace(made, route_tables={**made.route_tables, table_id("vnet1"): Seen(table("vnet1"))})).kind
        == "apart"
    )


def test_a_first_hub_whose_appliance_may_know_better_is_not_decided() -> None:
    made = over(2)
    found = going(replace(made, route_tables={**made.route_tables, table_id("hub1"): Seen(table("hub1"))}))
    assert found.kind == "unseen"
    assert found.gap is not None
    assert "leads on to 10.200.0.4" in found.gap.reason


def ending_at_firewall(*routes: Route, **changes: Any) -> Way:
    made = over(2, firewalls=firewall("hub1", "10.101.0.9"))
    made = replace(made, route_tables={**made.route_tables, table_id("hub1"): Seen(table("hub1", *routes))})
    return going(changed(made, "hub1", **at_firewall("hub1", 101), **changes))


def test_an_azure_firewall_knows_no_more_than_its_subnet() -> None:
    found = ending_at_firewall()
    assert found.kind == "apart"
    assert "hub1-fw" in found.dead_end
    assert ending_at_firewall(route("10.0.0.0/8", "None")).kind == "apart"
    assert ending_at_firewall(route("10.0.0.0/8", "VirtualNetworkGateway")).kind == "unseen"


@pytest.mark.parametrize("name", ["GatewaySubnet", "RouteServerSubnet", "gatewaysubnet"])
def test_but_for_what_a_gateway_or_a_route_server_brings(name: str) -> None:
    both = (*at_firewall("hub1", 101)["subnets"], subnet(name, "hub1", prefixes=("10.101.9.0/24",)))
    made = over(2, firewalls=firewall("hub1", "10.101.0.9"))
    made = replace(made, route_tables={**made.route_tables, table_id("hub1"): Seen(table("hub1"))})
    assert going(changed(made, "hub1", subnets=both)).kind == "unseen"


def test_routes_that_lead_in_a_circle_are_not_decided() -> None:
    made = over(2)
    back = table("hub1", route("10.0.0.0/8", "VirtualAppliance", "10.1.0.9"))
    found = going(replace(made, route_tables={**made.route_tables, table_id("hub1"): Seen(back)}))
    assert found.kind == "unseen"
    assert found.gap is not None
    assert "leads back" in found.gap.reason


def test_an_appliance_that_no_network_around_holds_is_not_decided() -> None:
    made = over(2)
    off = table("vnet1", route("10.0.0.0/8", "VirtualAppliance", "172.20.0.4"))
    assert going(replace(made, route_tables={**made.route_tables, table_id("vnet1"): Seen(off)})).kind == "unseen"


def test_an_appliance_beside_the_nodes_leads_on() -> None:
    made = over(2)
    own = subnet("appliances", prefixes=("10.1.9.0/24",), route_table_id=table_id("own"))
    start = made.virtual_networks[network_id("vnet1")].value
    assert start is not None
    made = changed(made, "vnet1", subnets=(*start.subnets, own))
    nodes = made.route_tables[table_id("vnet1")]
    first = Seen(table("vnet1", route("10.0.0.0/8", "VirtualAppliance", "10.1.9.4")))
    found = going(replace(made, route_tables={**made.route_tables, table_id("vnet1"): first, table_id("own"): nodes}))
    assert (found.kind, len(found.hubs)) == ("peered", 2)


def test_the_routes_choose_between_two_hubs() -> None:
    """A second hub that peers with both does not help packets that are not sent to it."""
    made = over(1)
    other = network("other", 150, peering("vnet1"), peering("data"))
    made = replace(made, virtual_networks={**made.virtual_networks, **networks(other)})
    start, end = (made.virtual_networks[network_id(name)].value for name in ("vnet1", "data"))
    assert start is not None
    assert end is not None
    made = changed(made, "vnet1", peerings=(peering("other", prefixes=(space(150),)), *start.peerings))
    made = changed(made, "data", peerings=(peering("other", prefixes=(space(150),)), peering("hub1", "Disconnected")))
    found = going(made)
    assert (found.kind, [hub.name for hub in found.hubs]) == ("broken", ["hub1"])


def test_the_hub_of_a_virtual_wan_is_not_decided() -> None:
    group = "/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/RG_hub_1"
    hub = resource("Microsoft.Network/virtualNetworks", "HV_hub_2", group)
    made = facts(
        virtual_networks=networks(
            network("vnet1", 1, replace(peering("x"), remote_id=hub)),
            network("data", 200, replace(peering("x"), remote_id=hub)),
        ),
        route_tables={table_id("vnet1"): Seen(table("vnet1"))},
    )
    found = going(made)
    assert found.kind == "unseen"
    assert found.gap is not None
    assert "Virtual WAN" in found.gap.reason
    assert going(changed(made, "data", peerings=())).kind == "unseen"
    down = replace(peering("x", "Disconnected"), remote_id=hub)
    assert going(changed(made, "vnet1", peerings=(down,))).kind == "broken"


FACTS = ["hub1", "hub2", "hub3", "data"]


@pytest.mark.parametrize("hidden", FACTS)
def test_a_network_that_was_not_seen_decides_nothing(hidden: str) -> None:
    found = going(unseen(over(3), "virtual_networks", network_id(hidden)))
    assert (found.kind, found.gap) == ("unseen", REFUSED)


@pytest.mark.parametrize("hidden", ["vnet1", "hub1", "hub2"])
def test_a_route_table_that_was_not_seen_decides_nothing(hidden: str) -> None:
    found = going(unseen(over(3), "route_tables", table_id(hidden)))
    assert (found.kind, found.gap) == ("unseen", REFUSED)


def test_a_half_that_is_down_decides_whatever_lies_behind_it_unseen() -> None:
    made = changed(over(2), "hub1", peerings=(peering("vnet1"), peering("hub2", "Disconnected", (space(102),))))
    assert going(unseen(made, "virtual_networks", network_id("hub2"))).kind == "broken"


def test_names_that_begin_alike_are_different_networks() -> None:
    made = over(2)
    found = going(changed(made, "hub2", peerings=(peering("hub10", prefixes=(space(101),)), peering("data0"))))
    assert found.kind == "broken"
    assert {half.network_id.name for half in found.halves if half.peering is None} == {"hub2"}


@given(st.integers(1, MOST_HUBS), st.randoms(use_true_random=False))
def test_letter_case_and_order_never_matter(count: int, random: Any) -> None:
    made = over(count)
    expected = going(made)
    shuffled: dict[ResourceId, Any] = {}
    for key, fact in made.virtual_networks.items():
        held = fact.value
        assert held is not None
        peerings = [
            replace(item, remote_id=ResourceId(item.remote_id.text.upper()), state=item.state.upper())
            for item in (*held.peerings, peering("stranger", prefixes=("172.16.0.0/16",)))
        ]
        random.shuffle(peerings)
        shuffled[ResourceId(key.text.upper())] = Seen(replace(held, peerings=tuple(peerings)))
    keys = list(shuffled)
    random.shuffle(keys)
    found = going(replace(made, virtual_networks={key: shuffled[key] for key in keys}))
    assert (found.kind, [hub.id for hub in found.hubs]) == (expected.kind, [hub.id for hub in expected.hubs])
    assert [(half.network_id, half.connected) for half in found.halves] == [
        (half.network_id, half.connected) for half in expected.halves
    ]


def test_of_several_hubs_that_peer_with_both_the_choice_does_not_depend_on_order() -> None:
    hubs = [network(name, 110 + place, peering("vnet1"), peering("data")) for place, name in enumerate("abc")]
    chosen: set[tuple[str, ...]] = set()
    for order in permutations("abc"):
        ends = [network("vnet1", 1, *map(peering, order)), network("data", 200, *map(peering, reversed(order)))]
        made = facts(virtual_networks=networks(*ends, *hubs), route_tables={table_id("vnet1"): Seen(table("vnet1"))})
        chosen.add(tuple(hub.name for hub in going(made).hubs))
    assert chosen == {("a",)}


@pytest.mark.parametrize(
    ("near", "far", "kind"),
    [
        ("Updating", "Connected", "unseen"),
        ("Connected", "Migrating", "unseen"),
        ("Updating", "Disconnected", "broken"),
        ("Initiated", "Connected", "broken"),
    ],
)
def test_a_peering_state_that_is_not_known_breaks_no_way(near: str, far: str, kind: str) -> None:
    ends = (vnet("vnet1", peering("data", near)), vnet("data", peering("vnet1", far)))
    found = going(facts(virtual_networks=networks(*ends)))
    assert found.kind == kind
    assert (found.gap is not None and "which is not known here" in found.gap.reason) is (kind == "unseen")
