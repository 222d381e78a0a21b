"""The addresses that a pool leaves from: which way out comes before which, for every outbound type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aksacr.facts import HttpProxy, ResourceId, Route, Seen, Subnet, UnseenError
from aksacr.semantics.egress import Egress, egress

from .building import (
    REFUSED,
    address_id,
    addresses,
    cluster,
    facts,
    nat_gateway,
    network_id,
    networks,
    peering,
    pool,
    public,
    route,
    route_table,
    subnet,
    vnet,
)

GATEWAY = nat_gateway("nat", address_id("nat1"), address_id("nat2", "publicIPPrefixes"))
PREFIX = address_id("nodes", "publicIPPrefixes")
ADDRESSES = {
    **addresses(outbound="20.0.0.1", second="20.0.0.2", nat1="20.0.1.1", managed="20.0.2.1"),
    address_id("nat2", "publicIPPrefixes"): Seen(public("nat2", "20.0.1.16/31", "publicIPPrefixes")),
    PREFIX: Seen(public("nodes", "20.0.3.0/28", "publicIPPrefixes")),
}
EVERY_OUTBOUND_TYPE = (
    *("loadBalancer", "managedNATGateway", "managedNATGatewayV2", "userAssignedNATGateway", "userDefinedRouting"),
    *("none", "block"),
)
# Whatever the outbound type: what the cluster may show beside the way that counts.
MANAGED: dict[str, Any] = {"nat_gateway_egress_ids": (address_id("managed"),)}


def leaving(*routes: Route, gateway: bool = False, node_pool: Any = None, tables: Any = None, **changes: Any) -> Egress:
    """The egress of a pool whose subnet has these routes, and perhaps a NAT gateway."""
    table = route_table(*routes)
    nodes = subnet(route_table_id=table.id if routes else None, nat_gateway_id=GATEWAY.id if gateway else None)
    made = facts(
        cluster=cluster(**changes),
        virtual_networks=networks(vnet(subnets=(nodes,))),
        route_tables={table.id: Seen(table)} if tables is None else tables,
        nat_gateways={GATEWAY.id: Seen(GATEWAY)},
        public_addresses=ADDRESSES,
    )
    return egress(made, node_pool or pool())


def texts(found: Egress) -> list[str]:
    return [str(item).removesuffix("/32") for item in found.ranges]


@pytest.mark.parametrize(
    ("outbound_type", "kind", "leaves_from"),
    [
        ("loadBalancer", "known", ["20.0.0.1"]),
        ("LOADBALANCER", "known", ["20.0.0.1"]),
        ("", "known", ["20.0.0.1"]),
        ("managedNATGateway", "known", ["20.0.2.1"]),
        ("managedNATGatewayV2", "known", ["20.0.2.1"]),
        ("userAssignedNATGateway", "unknowable", []),
        ("userDefinedRouting", "unknowable", []),
        ("none", "none", []),
        ("block", "none", []),
    ],
)
def test_outbound_types(outbound_type: str, kind: str, leaves_from: list[str]) -> None:
    found = leaving(outbound_type=outbound_type, **MANAGED)
    assert (found.kind, texts(found)) == (kind, leaves_from)
    assert (found.kind == "known") is (found.reason == ""), "what is not known says why"


@pytest.mark.parametrize("outbound_type", EVERY_OUTBOUND_TYPE)
def test_a_nat_gateway_on_the_subnet_comes_before_the_outbound_type(outbound_type: str) -> None:
    found = leaving(gateway=True, outbound_type=outbound_type, **MANAGED)
    assert (found.kind, found.through, texts(found)) == ("known", "NAT gateway nat", ["20.0.1.1", "20.0.1.16/31"])


@pytest.mark.parametrize("outbound_type", EVERY_OUTBOUND_TYPE)
@pytest.mark.parametrize(
    ("hop", "kind"),
    [("VirtualAppliance", "unknowable"), ("VirtualNetworkGateway", "unknowable"), ("None", "none"), ("NONE", "none")],
)
def test_a_default_route_elsewhere_comes_before_all(outbound_type: str, hop: str, kind: str) -> None:
    default = route("0.0.0.0/0", hop, "10.9.0.4")
    found = leaving(default, gateway=True, node_pool=pool(node_public_ip=True), outbound_type=outbound_type, **MANAGED)
    assert (found.kind, texts(found)) == (kind, [])
    assert f"route {default.name}" in found.reason


@pytest.mark.parametrize(
    "harmless",
    [
        route("0.0.0.0/0", "Internet"),
        route("0.0.0.0/0", "INTERNET"),
        route("10.0.0.0/8", "VirtualAppliance", "10.9.0.4"),
        route("0.0.0.0/8", "None"),
    ],
    ids=lambda item: f"{item.prefix} {item.next_hop_type}",
)
def test_other_routes_leave_the_way_out_alone(harmless: Route) -> None:
    assert texts(leaving(harmless)) == ["20.0.0.1"]


@pytest.mark.parametrize("hop", ["VirtualAppliance", "None"])
def test_a_default_route_of_ipv6_leaves_ipv4_alone(hop: str) -> None:
    assert texts(leaving(route("::/0", hop))) == ["20.0.0.1"]


def test_a_proxy_hides_the_nodes() -> None:
    proxy = HttpProxy("http://10.0.0.9:3128", "http://10.0.0.9:3129", ())
    found = leaving(gateway=True, http_proxy=proxy)
    assert (found.kind, found.addresses) == ("unknowable", ())
    assert "http://10.0.0.9:3129" in found.reason
    assert "http://10.0.0.8" in leaving(http_proxy=HttpProxy("http://10.0.0.8", "", ())).reason


def test_addresses_of_the_instances_come_before_the_load_balancer() -> None:
    own = pool(node_public_ip=True, node_public_ip_prefix_id=PREFIX)
    assert texts(leaving(node_pool=own)) == ["20.0.3.0/28"]
    assert texts(leaving(node_pool=own, gateway=True)) == ["20.0.1.1", "20.0.1.16/31"]
    changing = leaving(node_pool=pool(node_public_ip=True))
    assert (changing.kind, changing.addresses) == ("unknowable", ())
    unused = pool(node_public_ip=False, node_public_ip_prefix_id=PREFIX)
    assert texts(leaving(node_pool=unused)) == ["20.0.0.1"]


def test_all_addresses_of_the_load_balancer_count_once() -> None:
    ids = (address_id("outbound"), address_id("second"), ResourceId(address_id("outbound").text.upper()))
    assert texts(leaving(load_balancer_egress_ids=ids)) == ["20.0.0.1", "20.0.0.2"]


def test_a_load_balancer_that_shows_no_address_is_unknowable() -> None:
    found = leaving(load_balancer_egress_ids=(), load_balancer_sku="basic")
    assert (found.kind, found.addresses) == ("unknowable", ())
    assert "basic" in found.reason


def test_a_gateway_without_addresses_is_no_empty_set_that_rules_admit() -> None:
    bare = nat_gateway("bare")
    made = facts(
        virtual_networks=networks(vnet(subnets=(subnet(nat_gateway_id=bare.id),))), nat_gateways={bare.id: Seen(bare)}
    )
    assert egress(made, pool()).kind == "unknowable"
    assert leaving(outbound_type="managedNATGateway").kind == "unknowable"


def test_only_ipv4_meets_the_registrys_rules() -> None:
    made = facts(
        cluster=cluster(load_balancer_egress_ids=(address_id("outbound"), address_id("six"))),
        public_addresses=addresses(outbound="20.0.0.1", six="2001:db8::1"),
    )
    found = egress(made, pool())
    assert [str(item) for item in found.ipv4] == ["20.0.0.1/32"]
    assert [str(item) for item in found.ranges] == ["20.0.0.1/32", "2001:db8::1/128"]


def test_addresses_of_ipv6_alone_are_no_empty_set_that_rules_admit() -> None:
    made = facts(
        cluster=cluster(load_balancer_egress_ids=(address_id("six"),)), public_addresses=addresses(six="2001:db8::1")
    )
    assert egress(made, pool()).kind == "unknowable"


# --- what was not seen ---


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"public_addresses": {address_id("outbound"): REFUSED}}, "denied"),
        ({"public_addresses": {address_id("outbound"): Seen(None)}}, "no public address of that id"),
        ({"public_addresses": addresses(outbound=None)}, "assigned no address"),
        ({"public_addresses": {}}, "was not read"),
        ({"virtual_networks": {network_id("vnet1"): REFUSED}}, "denied"),
        ({"virtual_networks": {network_id("vnet1"): Seen(None)}}, "no virtual network of that id"),
        ({"virtual_networks": networks(vnet(subnets=()))}, "no such subnet"),
        ({"pool_subnets": {"pool1": REFUSED}}, "denied"),
        ({"pool_subnets": {}}, "was not read"),
    ],
)
def test_what_decides_and_was_not_seen_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnseenError, match=words):
        egress(facts(**changes), pool())


@pytest.mark.parametrize(
    ("nodes", "changes"),
    [
        (subnet(nat_gateway_id=GATEWAY.id), {"nat_gateways": {GATEWAY.id: REFUSED}}),
        (subnet(nat_gateway_id=GATEWAY.id), {"nat_gateways": {GATEWAY.id: Seen(None)}}),
        (subnet(nat_gateway_id=GATEWAY.id), {"nat_gateways": {GATEWAY.id: Seen(GATEWAY)}}),
        (subnet(route_table_id=route_table().id), {"route_tables": {route_table().id: REFUSED}}),
        (subnet(route_table_id=route_table().id), {}),
    ],
)
def test_parts_of_the_subnet_that_were_not_seen(nodes: Subnet, changes: dict[str, Any]) -> None:
    with pytest.raises(UnseenError):
        egress(facts(virtual_networks=networks(vnet(subnets=(nodes,))), **changes), pool())


def test_a_route_table_that_is_gone_has_no_routes() -> None:
    table = route_table()
    found = leaving(route("0.0.0.0/0", "None"), tables={table.id: Seen(None)})
    assert texts(found) == ["20.0.0.1"]


def test_what_does_not_decide_need_not_be_seen() -> None:
    """An appliance ends the question before any address is looked at."""
    table = route_table(route("0.0.0.0/0", "VirtualAppliance", "10.9.0.4"))
    nodes = subnet(route_table_id=table.id, nat_gateway_id=GATEWAY.id)
    made = facts(
        virtual_networks=networks(vnet(subnets=(nodes,))),
        route_tables={table.id: Seen(table)},
        nat_gateways={GATEWAY.id: REFUSED},
        public_addresses={address_id("outbound"): REFUSED},
    )
    assert egress(made, pool()).kind == "unknowable"
    behind_proxy = cluster(http_proxy=HttpProxy("http://proxy", "", ()))
    assert egress(facts(cluster=behind_proxy, pool_subnets={}), pool()).kind == "unknowable"


def _quarters(*hops: str) -> list[Route]:
    prefixes = ("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2")
    return [route(prefix, "VirtualAppliance", hop) for prefix, hop in zip(prefixes, hops, strict=True)]


def test_routes_that_take_the_whole_internet_together_are_a_default_route() -> None:
    found = leaving(*_quarters("10.9.0.4", "10.9.0.4", "10.9.0.4", "10.9.0.4"))
    assert (found.kind, found.through) == ("unknowable", "VirtualAppliance 10.9.0.4")


@pytest.mark.parametrize(
    "routes",
    [
        [route("20.0.0.0/8", "VirtualAppliance", "10.9.0.4")],
        [route("0.0.0.0/1", "VirtualAppliance", "10.9.0.4")],
        [route("0.0.0.0/1", "VirtualAppliance", "10.9.0.4"), route("128.0.0.0/1", "VirtualAppliance", "10.9.0.5")],
        [route("0.0.0.0/0", "VirtualAppliance", "10.9.0.4"), route("20.0.0.0/8", "Internet")],
        _quarters("10.9.0.4", "10.9.0.4", "10.9.0.4", "10.9.0.5"),
    ],
    ids=lambda routes: " ".join(item.prefix for item in routes),
)
def test_routes_that_part_the_internet_leave_the_way_out_open(routes: list[Route]) -> None:
    with pytest.raises(UnseenError, match="does not show whether the registry is in it"):
        leaving(*routes)


@pytest.mark.parametrize("outbound_type", ["userAssignedNATGateway", "userDefinedRouting"])
@pytest.mark.parametrize(
    ("default_access", "network", "kind"),
    [
        (False, {}, "none"),
        (True, {}, "unknowable"),
        (None, {}, "unknowable"),
        (False, {"peerings": (peering("hub", use_remote_gateways=True),)}, "unknowable"),
        (False, {"subnets": (subnet("GatewaySubnet"),)}, "unknowable"),
    ],
)
def test_a_way_out_that_is_not_shown(outbound_type: str, default_access: bool | None, network: Any, kind: str) -> None:
    nodes = subnet(default_outbound_access=default_access)
    shape = {**network, "subnets": (nodes, *network.get("subnets", ()))}
    made = facts(cluster=cluster(outbound_type=outbound_type), virtual_networks=networks(replace(vnet(), **shape)))
    found = egress(made, pool())
    assert found.kind == kind
    assert kind == "none" or not found.is_way_out_seen


@pytest.mark.parametrize(
    ("changes", "kind", "is_seen"),
    [
        ({}, "none", False),
        ({"load_balancer_sku": "Basic"}, "unknowable", True),
        ({"provisioning_state": "Creating"}, "unknowable", False),
    ],
)
def test_a_load_balancer_without_outbound_address(changes: Any, kind: str, is_seen: bool) -> None:
    found = leaving(load_balancer_egress_ids=(), **changes)
    assert (found.kind, found.is_way_out_seen) == (kind, is_seen)


def test_an_outbound_type_that_is_not_known_is_no_load_balancer() -> None:
    with pytest.raises(UnseenError, match='"futureType", which is not known here'):
        leaving(outbound_type="futureType")
