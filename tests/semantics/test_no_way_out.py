"""Node pools without a way out: which fault it is, and what mends it."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.catalogue import every_check
from aksacr.check import Status, Verdict
from aksacr.facts import Facts, ResourceId, Seen
from aksacr.runner import run

from .building import (
    REFUSED,
    addresses,
    cluster,
    facts,
    link,
    nat_gateway,
    networks,
    pool,
    records,
    route,
    route_table,
    subnet,
    vnet,
    with_endpoint,
    zone_id,
    zones,
)

TABLE = route_table().id
GATEWAY = nat_gateway("gw")


def judged(found: Facts) -> Verdict:
    [item] = run(found, [check for check in every_check() if check.code == "AKA341"])
    return item.verdict


def routed(*routes: Any, **changes: Any) -> Facts:
    here = vnet(subnets=(subnet(route_table_id=TABLE),))
    return facts(virtual_networks=networks(here), route_tables={TABLE: Seen(route_table(*routes))}, **changes)


def test_a_route_that_drops_all_is_named_with_its_table() -> None:
    found = judged(routed(route("0.0.0.0/0", "None", name="closed")))
    assert found.status is Status.FAIL
    assert [(item.source, item.path, item.value) for item in found.evidence] == [
        (TABLE.text, "properties.routes[closed]", "0.0.0.0/0 to None")
    ]
    assert any(f"route closed (0.0.0.0/0 to None) of route table {TABLE.name}" in fix.summary for fix in found.fixes)


def forgotten(**changes: Any) -> Facts:
    """Two pools; the network's NAT gateway is on the first one's subnet only."""
    closed = subnet("apps", default_outbound_access=False, **changes)
    here = vnet(subnets=(subnet(nat_gateway_id=GATEWAY.id), closed))
    return facts(
        cluster=cluster(outbound_type="userAssignedNATGateway", node_pools=(pool(), pool("pool2"))),
        pool_subnets={
            "pool1": Seen(ResourceId(f"{here.id}/subnets/nodes")),
            "pool2": Seen(ResourceId(f"{here.id}/subnets/apps")),
        },
        virtual_networks=networks(here),
        nat_gateways={GATEWAY.id: Seen(GATEWAY)},
    )


def test_a_subnet_that_was_left_out_gets_the_gateway_of_the_others() -> None:
    found = judged(forgotten())
    assert (found.status, found.node_pools) == (Status.FAIL, ("pool2",))
    [command] = found.fixes[0].commands
    assert command.startswith("az network vnet subnet update ")
    assert f" -n apps --nat-gateway {GATEWAY.id}" in command


def test_addresses_that_may_not_be_read_leave_the_way_out_seen() -> None:
    hidden = dict.fromkeys(addresses(outbound="20.0.0.1"), REFUSED)
    assert judged(facts(public_addresses=hidden)).status is Status.PASS


PRIVATE: dict[str, Any] = {
    "registry": with_endpoint(public_network_access="Disabled"),
    "zones": zones(zone_id()),
    "zone_links": {zone_id(): Seen((link(),))},
    "zone_records": {zone_id(): records(shopacr="10.1.0.9")},
}


@pytest.mark.parametrize(("changes", "status"), [({}, Status.UNKNOWN), (PRIVATE, Status.NOT_APPLICABLE)])
def test_routes_that_part_the_internet_matter_to_those_who_go_there(changes: dict[str, Any], status: Status) -> None:
    assert judged(routed(route("192.0.0.0/8", "None"), **changes)).status is status


def test_a_route_table_that_may_not_be_read_is_unknown_even_so() -> None:
    here = vnet(subnets=(subnet(route_table_id=TABLE),))
    found = facts(virtual_networks=networks(here), route_tables={TABLE: REFUSED}, **PRIVATE)
    assert judged(found).status is Status.UNKNOWN
