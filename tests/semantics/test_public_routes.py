"""Which route takes requests to a public service: tags, regions, longer prefixes that may hold its address."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.facts import Facts, Replica, Route, Seen, UnseenError
from aksacr.semantics.crossings import crossings
from aksacr.semantics.egress import egress
from aksacr.semantics.public_routes import Asked, PublicRoutes, hop_of, public_routes, routes_to
from aksacr.semantics.service_tags import REGISTRY_TAG, STORAGE_TAG, ranges_of

from .building import addresses, cluster, facts, networks, pool, registry, route, route_table, subnet, vnet

if TYPE_CHECKING:
    from aksacr.semantics.egress import Egress

APPLIANCE, GATEWAY, DROP, OUT = "VirtualAppliance", "VirtualNetworkGateway", "None", "Internet"
HERE = Asked(REGISTRY_TAG, ("westeurope",))
ANYWHERE = Asked(REGISTRY_TAG, ("westeurope",), every_region=False)
TABLE = route_table().id
NODES = networks(vnet(subnets=(subnet(route_table_id=TABLE),)))


def to(prefix: str, hop: str = APPLIANCE, at: str = "10.9.0.4") -> Route:
    return route(prefix, hop, at if hop == APPLIANCE else "", name=prefix)


def told(*routes: Route, asked: Asked = HERE) -> tuple[str, list[str]]:
    found = routes_to(list(routes), asked)
    return found.route.prefix if found.route else "", [item.prefix for item in found.doubtful]


def with_routes(*routes: Route, **changes: Any) -> Facts:
    tables = {TABLE: Seen(route_table(*routes))}
    return facts(**{"virtual_networks": NODES, "route_tables": tables, **changes})


def leaving(*routes: Route, **changes: Any) -> Egress:
    return egress(with_routes(*routes, **changes), pool())


# --- service tags ---


@pytest.mark.parametrize(
    ("prefixes", "taken"),
    [
        (["0.0.0.0/0", "AzureCloud"], "AzureCloud"),
        (["AzureCloud", "AzureCloud.WestEurope"], "AzureCloud.WestEurope"),
        (["AzureCloud.westeurope", "AzureContainerRegistry"], "AzureContainerRegistry"),
        (["AzureContainerRegistry", "azurecontainerregistry.WESTEUROPE"], "azurecontainerregistry.WESTEUROPE"),
        (["0.0.0.0/0", "AzureContainerRegistry.NorthEurope", "Storage", "AzureContainerRegistryX"], "0.0.0.0/0"),
        (["0.0.0.0/1", "AzureContainerRegistry"], "AzureContainerRegistry"),  # the halves do not matter then
    ],
)
def test_a_tag_that_holds_the_registry_goes_before_what_is_wider(prefixes: list[str], taken: str) -> None:
    hops = [to(prefix, at=f"10.9.0.{place}") for place, prefix in enumerate(prefixes)]
    assert told(*hops) == (taken, [])
    assert told(*reversed(hops)) == (taken, [])


def test_a_region_in_a_tag_may_be_spelt_otherwise_than_in_a_location() -> None:
    routes = [to("AzureContainerRegistry.CentralFrance"), to("0.0.0.0/0", OUT)]
    assert told(*routes, asked=Asked(REGISTRY_TAG, ("francecentral",)))[0] == "AzureContainerRegistry.CentralFrance"


def test_a_region_that_may_answer_leaves_its_tag_in_doubt() -> None:
    routes = [to("0.0.0.0/0", OUT), to("AzureContainerRegistry.NorthEurope")]
    assert told(*routes, asked=ANYWHERE) == ("0.0.0.0/0", ["AzureContainerRegistry.NorthEurope"])
    assert told(*routes) == ("0.0.0.0/0", [])
    both = Asked(REGISTRY_TAG, ("westeurope", "northeurope"))
    assert told(*routes, asked=both) == ("0.0.0.0/0", ["AzureContainerRegistry.NorthEurope"])
    everywhere = [*routes, to("AzureContainerRegistry.WestEurope")]
    assert told(*everywhere, asked=both) == ("AzureContainerRegistry.WestEurope", [])


def test_the_replica_in_the_nodes_region_answers() -> None:
    routes = [to("AzureContainerRegistry.NorthEurope"), to("0.0.0.0/0", OUT)]
    two = Seen((Replica("we", "westeurope", True), Replica("ne", "northeurope", True)))
    made = with_routes(*routes, replicas=two)
    assert public_routes(made, made_subnet(made), REGISTRY_TAG).route == routes[1]
    north = networks(vnet(subnets=(subnet(route_table_id=TABLE),), location="northeurope"))
    moved = replace(made, virtual_networks=north)
    assert public_routes(moved, made_subnet(moved), REGISTRY_TAG).route == routes[0]


def made_subnet(made: Facts) -> Any:
    (network,) = made.virtual_networks.values()
    assert network.value is not None
    return network.value.subnets[0]


# --- longer prefixes ---


@pytest.mark.parametrize("hop", [APPLIANCE, GATEWAY, DROP])
@pytest.mark.parametrize("prefix", ["20.0.0.0/9", "20.33.7.9/11", "40.64.112.0/24", "20.1.2.3/32", "100.0.0.0/9"])
def test_a_longer_public_prefix_may_hold_the_registry(prefix: str, hop: str) -> None:
    assert told(to(prefix, hop)) == ("", [prefix])
    assert told(to("AzureContainerRegistry", OUT), to(prefix, hop)) == ("AzureContainerRegistry", [prefix])


@pytest.mark.parametrize(
    "prefix",
    [
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "168.63.129.16/32"),
        *("224.0.0.0/4", "10.244.3.0/24", "fd00::/8", "2001:db8::/32", "::/0", "Storage", "Sql.WestEurope", "rubbish"),
    ],
)
def test_what_cannot_hold_a_public_registry_raises_no_doubt(prefix: str) -> None:
    assert told(to(prefix)) == ("", [])
    assert told(to("0.0.0.0/0", OUT), to(prefix)) == ("0.0.0.0/0", [])


def test_a_longer_prefix_to_the_same_hop_changes_nothing() -> None:
    assert told(to("0.0.0.0/0"), to("20.0.0.0/11")) == ("0.0.0.0/0", [])
    assert told(to("20.0.0.0/11", OUT)) == ("", [])


def test_addresses_of_ones_own_are_not_the_registrys() -> None:
    """The usual route of a firewall's own address past the firewall."""
    own = Asked(REGISTRY_TAG, ("westeurope",), own=ranges_of(("20.9.9.9/32", "20.9.8.0/31")))
    assert told(to("0.0.0.0/0"), to("20.9.9.9/32", OUT), to("20.9.8.1/32", OUT), asked=own)[1] == []
    assert told(to("0.0.0.0/0"), to("20.9.9.8/31", OUT), asked=own)[1] == ["20.9.9.8/31"]
    made = with_routes(to("0.0.0.0/0"), to("20.0.0.1/32", OUT))
    assert public_routes(made, made_subnet(made), REGISTRY_TAG) == PublicRoutes(to("0.0.0.0/0"))


def test_kubenets_routes_to_nodes_are_none() -> None:
    made = with_routes(to("20.244.1.0/24", at="10.1.0.7"))
    assert public_routes(made, made_subnet(made), REGISTRY_TAG) == PublicRoutes(None)


hops = st.sampled_from([OUT, DROP, APPLIANCE, GATEWAY])


def _public(first: int, length: int) -> str:
    return f"{first}.17.0.0/{length}"


public = st.builds(_public, st.sampled_from([20, 40, 52]), st.integers(0, 32))
tags = st.sampled_from(["AzureCloud", "AzureContainerRegistry", "AzureContainerRegistry.westeurope", "Storage"])
tables = st.lists(st.tuples(public | tags | st.just("10.0.0.0/8"), hops), max_size=5, unique_by=lambda item: item[0])


@given(tables, st.sampled_from(["20.17.0.9", "40.17.0.0", "52.17.255.1", "8.8.8.8"]), st.integers(9, 32))
def test_whatever_address_the_registry_has_its_hop_is_among_those_that_are_told(
    table: list[tuple[str, str]], address: str, tag_length: int
) -> None:
    """Against Azure's own rule, for a tag whose prefix around the address is as long as may be."""
    routes = [to(*item) for item in table]
    try:
        found = routes_to(routes, HERE)
    except UnseenError:
        return
    order = ("azurecontainerregistry.westeurope", "azurecontainerregistry", "azurecloud")
    ranked: list[tuple[int, int, Route]] = []
    for item in routes:
        name = item.prefix.lower()
        if name in order:
            ranked.append((tag_length, -1 - order.index(name), item))
        elif "/" in name and ip_address(address) in (network := ip_network(name, strict=False)):
            ranked.append((network.prefixlen, 0, item))
    best = max(ranked, key=lambda item: item[:2])[2] if ranked else None
    assert hop_of(best) in {hop_of(found.route), *map(hop_of, found.doubtful)}
    assert hop_of(found.route) not in set(map(hop_of, found.doubtful))


# --- what follows: where nodes leave from, and what is on the way ---


def test_two_ways_out_leave_the_address_open_and_the_way_out_seen() -> None:
    found = leaving(to("20.0.0.0/11"))
    assert (found.kind, found.is_way_out_seen, found.through) == (
        "unknowable",
        True,
        "the load balancer or VirtualAppliance 10.9.0.4",
    )
    assert "20.0.0.0/11" in found.reason
    assert "if not, requests leave by the load balancer" in found.reason


@pytest.mark.parametrize("routes", [[to("20.0.0.0/11", DROP)], [to("0.0.0.0/0", DROP), to("20.0.0.0/11")]])
def test_a_route_that_may_drop_leaves_the_way_out_open(routes: list[Route]) -> None:
    found = leaving(*routes)
    assert (found.kind, found.is_way_out_seen) == ("unknowable", False)


def test_what_drops_in_any_case_is_no_way_out() -> None:
    found = leaving(to("0.0.0.0/0", DROP), to("20.0.0.0/11", "VnetLocal"))
    assert found.kind == "none"


def test_a_tag_past_the_appliance_and_one_to_it() -> None:
    past = leaving(to("0.0.0.0/0"), to("AzureContainerRegistry", OUT))
    assert (past.kind, past.through) == ("known", "the load balancer")
    through = leaving(to("AzureContainerRegistry"))
    assert (through.kind, through.through) == ("unknowable", "VirtualAppliance 10.9.0.4")


def test_a_crossing_hangs_on_the_route_that_may_hold_the_address() -> None:
    [login, layers] = crossings(with_routes(to("20.0.0.0/11")), pool())
    assert (login.certain, layers.target.tag) == (False, STORAGE_TAG)
    assert login.doubt == "route 20.0.0.0/11 (20.0.0.0/11 to VirtualAppliance 10.9.0.4)"
    passed_by = crossings(with_routes(to("0.0.0.0/0"), to("20.0.0.0/11", OUT)), pool())
    assert {item.certain for item in passed_by} == {False}
    assert [item.certain for item in crossings(with_routes(to("0.0.0.0/0")), pool())] == [True, True]
    assert crossings(with_routes(to("0.0.0.0/0"), to("AzureCloud", OUT)), pool()) == []


def test_private_ranges_alone_change_nothing() -> None:
    ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
    made = with_routes(
        *map(to, ranges), cluster=cluster(), registry=registry(), public_addresses=addresses(outbound="20.0.0.1")
    )
    assert egress(made, pool()).kind == "known"
    assert crossings(made, pool()) == []
