"""Where the packets of a pool to a private endpoint go: the longest prefix, the endpoint's own route, hubs."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.facts import Facts, Route, Seen, UnseenError, VirtualNetwork
from aksacr.semantics.routing import NextHop, next_hop, user_route, way

from .building import (
    REFUSED,
    endpoint,
    facts,
    network_id,
    networks,
    peering,
    pool,
    route,
    route_table,
    subnet,
    vnet,
)

ADDRESS = "10.2.0.4"
APPLIANCE, GATEWAY, DROP, HERE = "VirtualAppliance", "VirtualNetworkGateway", "None", "VnetLocal"
TABLE = route_table().id
PEERED = (peering("data"),)


def to(prefix: str, hop: str = APPLIANCE, name: str = "") -> Route:
    return route(prefix, hop, "10.9.0.4" if hop == APPLIANCE else "", name=name or f"{prefix} {hop}")


def data(*peers: Any, policies: str = "Disabled", prefixes: tuple[str, ...] = ("10.2.0.0/16",)) -> VirtualNetwork:
    """The network `data`, in whose subnet `endpoints` the endpoint is."""
    ends = subnet("endpoints", "data", prefixes=("10.2.0.0/24",), endpoint_policies=policies)
    return vnet("data", *peers, prefixes=prefixes, subnets=(ends,))


def nodes(*routes: Route, peers: tuple[Any, ...] = ()) -> Facts:
    """The pool's network `vnet1`, with a route table on its subnet and these peerings."""
    here = vnet("vnet1", *peers, subnets=(subnet(route_table_id=TABLE),))
    return facts(virtual_networks=networks(here), route_tables={TABLE: Seen(route_table(*routes))})


def going(*routes: Route, peers: tuple[Any, ...] = PEERED, others: Any = None) -> NextHop:
    """The next hop to the endpoint, with the other networks that were seen (or not)."""
    made = nodes(*routes, peers=peers)
    found = data(peering("vnet1")) if others is None else others
    others = networks(found) if isinstance(found, VirtualNetwork) else found
    seen = facts(virtual_networks={**made.virtual_networks, **others}, route_tables=made.route_tables)
    start = seen.virtual_network(network_id("vnet1")).value
    assert start is not None
    return next_hop(seen, pool(), endpoint(network="data"), ADDRESS, way(seen, start, network_id("data")))


def told(found: NextHop) -> tuple[str, str]:
    return found.kind, found.route.name if found.route else ""


# --- the longest prefix ---


@pytest.mark.parametrize(
    ("routes", "name"),
    [
        ((), None),
        ((to("10.3.0.0/16"),), None),
        ((to("0.0.0.0/0"),), "0.0.0.0/0 VirtualAppliance"),
        ((to("0.0.0.0/0"), to("10.2.0.0/16"), to("10.0.0.0/8")), "10.2.0.0/16 VirtualAppliance"),
        ((to("10.2.0.4/32", name="exact"), to("10.2.0.0/24")), "exact"),
        ((to("10.2.0.0/24"), to("10.2.0.4/32", name="exact")), "exact"),
        ((to("10.2.0.5/32"), to("10.2.0.0/24", name="around")), "around"),
        ((to("10.2.0.9/24", name="host bits"),), "host bits"),
        ((to("AzureContainerRegistry"), to("Storage")), None),  # service tags hold public addresses only
        ((to("::/0"), to("2001:db8::/32")), None),
        ((to("rubbish"), to("10.2.0.0/33"), to("")), None),
    ],
)
def test_the_longest_prefix_wins(routes: tuple[Route, ...], name: str | None) -> None:
    found = user_route(nodes(*routes), pool(), ADDRESS)
    assert (found.name if found else None) == name


def _prefix(at: int, length: int) -> str:
    return f"10.2.{at % 8}.{at}/{length}"


prefixes = st.builds(_prefix, st.integers(0, 255), st.integers(0, 32))


@given(st.lists(prefixes, max_size=6))
def test_the_route_that_wins_is_one_that_holds_the_address_and_none_is_longer(found: list[str]) -> None:
    fitting = [item for item in found if ip_address(ADDRESS) in ip_network(item, strict=False)]
    chosen = user_route(nodes(*map(to, found)), pool(), ADDRESS)
    lengths = [ip_network(item, strict=False).prefixlen for item in fitting]
    assert (ip_network(chosen.prefix, strict=False).prefixlen if chosen else None) == max(lengths, default=None)


def test_a_subnet_without_a_table_has_no_routes_of_its_own() -> None:
    assert user_route(facts(), pool(), ADDRESS) is None


def test_a_table_that_was_not_seen_decides_nothing() -> None:
    refused = facts(virtual_networks=nodes().virtual_networks, route_tables={TABLE: REFUSED})
    with pytest.raises(UnseenError) as caught:
        user_route(refused, pool(), ADDRESS)
    assert caught.value.unseen is REFUSED
    gone = facts(virtual_networks=nodes().virtual_networks, route_tables={TABLE: Seen(None)})
    assert user_route(gone, pool(), ADDRESS) is None


# --- the endpoint's own route, in its network and those peered with it ---


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "10.0.0.0/8", "10.2.0.0/16", "10.2.0.0/24", "10.2.0.4/31"])
@pytest.mark.parametrize("hop", [APPLIANCE, GATEWAY, DROP, HERE, "Internet"])
def test_a_route_that_is_shorter_than_the_endpoints_own_does_not_bear_on_it(prefix: str, hop: str) -> None:
    assert told(going(to(prefix, hop))) == ("endpoint", "")


@pytest.mark.parametrize(
    ("hop", "kind"),
    [(APPLIANCE, "appliance"), (GATEWAY, "appliance"), (DROP, "dropped"), ("NONE", "dropped"), (HERE, "endpoint")],
)
@pytest.mark.parametrize("policies", ["Disabled", "Enabled"])
def test_of_equal_routes_the_users_wins(hop: str, kind: str, policies: str) -> None:
    others = data(peering("vnet1"), policies=policies)
    assert told(going(to("10.2.0.4/32", hop, "mine"), to("0.0.0.0/0"), others=others)) == (kind, "mine")


@pytest.mark.parametrize(
    ("policies", "prefix", "kind"),
    [
        ("Disabled", "10.2.0.0/16", "endpoint"),
        ("NetworkSecurityGroupEnabled", "10.2.0.0/16", "endpoint"),
        ("", "10.2.0.0/24", "endpoint"),
        ("RouteTableEnabled", "10.2.0.0/16", "appliance"),
        ("routetableenabled", "10.2.0.0/16", "appliance"),
        ("Enabled", "10.2.0.0/16", "appliance"),
        ("ENABLED", "10.2.0.0/24", "appliance"),
        ("Enabled", "10.2.0.0/15", "endpoint"),  # shorter than the network's own prefix
        ("Enabled", "10.0.0.0/8", "endpoint"),
        ("Enabled", "0.0.0.0/0", "endpoint"),
    ],
)
def test_endpoint_policies_let_a_route_outrank_the_endpoints_own(policies: str, prefix: str, kind: str) -> None:
    assert going(to(prefix), others=data(peering("vnet1"), policies=policies)).kind == kind


def test_of_several_prefixes_of_a_network_the_one_that_holds_the_endpoint_counts() -> None:
    others = data(peering("vnet1"), policies="Enabled", prefixes=("10.8.0.0/12", "10.2.0.0/20"))
    assert going(to("10.2.0.0/16"), others=others).kind == "endpoint"
    assert going(to("10.2.0.0/20"), others=others).kind == "appliance"


def test_within_one_network_it_is_the_same() -> None:
    inside = subnet("endpoints", endpoint_policies="Enabled")
    here = vnet("vnet1", subnets=(subnet(route_table_id=TABLE), inside), prefixes=("10.2.0.0/16",))

    def within(*routes: Route) -> NextHop:
        found = facts(virtual_networks=networks(here), route_tables={TABLE: Seen(route_table(*routes))})
        return next_hop(found, pool(), endpoint(), ADDRESS, way(found, here, here.id))

    assert told(within()) == ("endpoint", "")
    assert told(within(to("0.0.0.0/0", DROP))) == ("endpoint", "")
    assert told(within(to("10.2.0.0/16", DROP, "mine"))) == ("dropped", "mine")
    assert told(within(to("10.2.0.0/16", HERE, "mine"))) == ("endpoint", "mine")


# --- what was not seen of the endpoint's network ---


def test_whether_a_route_outranks_an_endpoint_whose_network_was_not_seen_is_open() -> None:
    """Its subnet's policies decide: a route that may drop packets is no way that works."""
    hidden = {network_id("data"): REFUSED}
    with pytest.raises(UnseenError) as caught:
        going(to("10.2.0.0/24", DROP), others=hidden)
    assert caught.value.unseen is REFUSED
    assert told(going(to("0.0.0.0/0"), others=hidden)) == ("endpoint", ""), "no network is as wide as that"
    assert told(going(to("10.2.0.4/32", DROP, "mine"), others=hidden)) == ("dropped", "mine")
    assert told(going(others=hidden)) == ("endpoint", "")


def test_a_subnet_that_is_gone_has_no_policies() -> None:
    assert going(to("10.2.0.0/16"), others=vnet("data", peering("vnet1"), subnets=())).kind == "endpoint"


# --- over a hub ---

AROUND = (peering("hub"),)
HUB = vnet("hub", peering("vnet1"), peering("data"))
FAR = data(peering("hub"))


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ((), ("nowhere", "")),  # peering is not transitive
        ((to("0.0.0.0/0", name="default"),), ("appliance", "default")),
        ((to("10.2.0.0/16", name="spokes"), to("0.0.0.0/0", DROP)), ("appliance", "spokes")),
        ((to("10.2.0.0/16", GATEWAY, "gateway"),), ("appliance", "gateway")),
        ((to("0.0.0.0/0", DROP, "drop"),), ("dropped", "drop")),
        ((to("10.2.0.0/16", "Internet", "out"),), ("nowhere", "out")),
        ((to("10.2.0.0/16", HERE, "here"),), ("nowhere", "here")),
        ((to("10.3.0.0/16"),), ("nowhere", "")),
    ],
)
def test_over_a_hub_a_route_must_lead_to_something_that_forwards(
    routes: tuple[Route, ...], expected: tuple[str, str]
) -> None:
    assert told(going(*routes, peers=AROUND, others=networks(HUB, FAR))) == expected


@pytest.mark.parametrize(
    "others",
    [
        {**networks(FAR), network_id("hub"): REFUSED},
        {**networks(HUB), network_id("data"): REFUSED},
        {network_id("hub"): REFUSED, network_id("data"): REFUSED},
        {**networks(data(peering("hub", "Disconnected"))), network_id("hub"): REFUSED},
        networks(data()),
    ],
    ids=["hub unseen", "spoke unseen", "both unseen", "half down, hub unseen", "apart"],
)
def test_a_spoke_that_is_not_peered_directly_is_not_near_whatever_was_not_seen(others: Any) -> None:
    """The endpoint's own route is not known here, so that any route of the user's bears on it."""
    assert told(going(to("0.0.0.0/0", name="default"), peers=AROUND, others=others)) == ("appliance", "default")
    assert told(going(peers=AROUND, others=others)) == ("nowhere", "")


def test_a_direct_peering_comes_before_the_hub() -> None:
    both = (*PEERED, *AROUND)
    others = networks(HUB, data(peering("vnet1"), peering("hub")))
    assert told(going(to("0.0.0.0/0"), peers=both, others=others)) == ("endpoint", "")
