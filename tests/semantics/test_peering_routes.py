"""Route tables that keep the routes of peerings out (`disablePeeringRoute`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.facts import Facts, Route, Seen, UnseenError
from aksacr.semantics.egress import egress
from aksacr.semantics.hub_ways import way_to
from aksacr.semantics.routing import next_hop, peering_routes_gap

from .building import endpoint, facts, networks, peering, pool, route, route_table, subnet, vnet
from .test_hub_ways import ADDRESS as BEHIND_HUBS
from .test_hub_ways import ENDPOINT as FAR
from .test_hub_ways import at_firewall, changed, firewall, over, table_id

if TYPE_CHECKING:
    from aksacr.semantics.routing import NextHop

ADDRESS = "10.2.0.4"
TABLE = route_table().id


def made(*routes: Route, value: str = "All", policies: str = "Disabled", home: str = "data") -> Facts:
    """Nodes in vnet1, which peers with `data`; the endpoint in `home`."""
    ends = subnet("endpoints", home, prefixes=("10.2.0.0/24",), endpoint_policies=policies)
    near = subnet(route_table_id=TABLE)
    here = vnet(
        "vnet1", peering("data", prefixes=("10.2.0.0/16",)), subnets=(near, *([ends] if home == "vnet1" else ()))
    )
    data = vnet("data", peering("vnet1"), prefixes=("10.2.0.0/16",), subnets=(ends,))
    table = replace(route_table(*routes), disable_peering_route=value)
    return facts(virtual_networks=networks(here, data), route_tables={TABLE: Seen(table)})


def going(found: Facts, home: str = "data") -> NextHop:
    there = endpoint(network=home)
    return next_hop(found, pool(), there, ADDRESS, way_to(found, pool(), there, ADDRESS))


@pytest.mark.parametrize(
    "routes",
    [
        [],
        [route("0.0.0.0/0", "VirtualAppliance", "10.1.9.4")],
        [route("10.2.0.0/16", "None")],
        [route("10.2.0.0/16", "VirtualAppliance", "10.1.9.4")],
    ],
    ids=lambda routes: " ".join(item.prefix for item in routes) or "none",
)
@pytest.mark.parametrize("value", ["All", "all", "Some"])
def test_an_endpoint_in_a_peer_is_open(routes: list[Route], value: str) -> None:
    with pytest.raises(UnseenError, match="disablePeeringRoute") as caught:
        going(made(*routes, value=value))
    assert caught.value.unseen.source == TABLE.text
    assert caught.value.unseen.action == ""
    assert ("not known here" in caught.value.unseen.reason) == (value == "Some")


@pytest.mark.parametrize("value", ["", "None", "NONE"])
def test_a_table_that_lets_them_in_is_like_any_other(value: str) -> None:
    assert going(made(value=value)).kind == "endpoint"


def test_an_endpoint_in_the_nodes_own_network_needs_no_peering() -> None:
    assert going(made(home="vnet1"), "vnet1").kind == "endpoint"


@pytest.mark.parametrize(
    ("routes", "policies", "kind"),
    [
        ([route("10.2.0.4/32", "None")], "Disabled", "dropped"),
        ([route("10.2.0.0/24", "None")], "Enabled", "dropped"),
        ([route("10.2.0.4/32", "VirtualAppliance", "10.1.9.4")], "Disabled", "appliance"),
        ([route("10.2.0.4/32", "VirtualAppliance", "172.20.0.4")], "Disabled", "appliance"),
    ],
)
def test_a_route_that_outranks_the_endpoints_own_decides(routes: list[Route], policies: str, kind: str) -> None:
    assert going(made(*routes, policies=policies)).kind == kind


@pytest.mark.parametrize("hop", ["VirtualAppliance", "VirtualApplianceEcmp"])
def test_a_next_hop_in_a_peer_may_be_out_of_reach(hop: str) -> None:
    several = ", 10.2.9.5" if hop.endswith("Ecmp") else ""
    with pytest.raises(UnseenError, match=r"leads to 10\.2\.9\.4, in a network that peers with it"):
        going(made(route("10.2.0.4/32", hop, f"10.2.9.4{several}")))


def test_a_table_that_was_not_seen_is_open() -> None:
    found = replace(made(), route_tables={})
    with pytest.raises(UnseenError, match="was not read"):
        peering_routes_gap(
            found, pool(), endpoint(network="data"), ADDRESS, way_to(found, pool(), endpoint(network="data"), ADDRESS)
        )


def test_a_default_route_to_an_appliance_in_a_peer() -> None:
    there = route("0.0.0.0/0", "VirtualAppliance", "10.2.9.4")
    with pytest.raises(UnseenError, match="disablePeeringRoute"):
        egress(made(there), pool())
    assert egress(made(there, value="None"), pool()).is_way_out_seen
    assert egress(made(route("0.0.0.0/0", "VirtualAppliance", "10.1.9.4")), pool()).is_way_out_seen
    assert egress(made(), pool()).kind == "known"


# --- over hubs ---


def kept_out(found: Facts, name: str) -> Facts:
    old = found.route_tables[table_id(name)].value
    assert old is not None
    tables: dict[Any, Any] = {**found.route_tables, old.id: Seen(replace(old, disable_peering_route="All"))}
    return replace(found, route_tables=tables)


@pytest.mark.parametrize("name", ["vnet1", "hub1", "hub2"])
def test_no_subnet_on_the_way_may_keep_them_out(name: str) -> None:
    found = way_to(kept_out(over(2), name), pool(), FAR, BEHIND_HUBS)
    assert found.kind == "unseen"
    assert found.gap is not None
    assert found.gap.source == table_id(name).text


def test_the_endpoints_network_is_not_asked() -> None:
    assert way_to(kept_out(over(2), "data"), pool(), FAR, BEHIND_HUBS).kind == "peered"


def test_a_half_that_is_down_still_decides() -> None:
    found = changed(kept_out(over(2), "hub2"), "data", peerings=(peering("hub2", "Disconnected"),))
    assert way_to(found, pool(), FAR, BEHIND_HUBS).kind == "broken"


@pytest.mark.parametrize(
    ("hop", "kind"),
    [("VirtualApplianceEcmp", "unseen"), ("Future", "unseen"), ("VnetLocal", "unseen"), ("None", "apart")],
)
def test_a_firewall_whose_route_leads_on_is_no_dead_end(hop: str, kind: str) -> None:
    two = changed(over(2, firewalls=firewall("hub1", "10.101.0.9")), "hub1", **at_firewall("hub1", 101))
    old = two.route_tables[table_id("hub1")].value
    assert old is not None
    onward = replace(
        old, routes=(route("10.200.0.0/16", hop, "10.102.0.9, 10.102.0.10" if hop == "VirtualApplianceEcmp" else ""),)
    )
    tables: dict[Any, Any] = {**two.route_tables, old.id: Seen(onward)}
    assert way_to(replace(two, route_tables=tables), pool(), FAR, BEHIND_HUBS).kind == kind
