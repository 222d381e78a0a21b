"""Records that lead to no endpoint of a pool's: which endpoint they should lead to, and who is served by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aksacr.catalogue import every_check
from aksacr.check import Status, Verdict
from aksacr.facts import AddressRecord, Facts, ResourceId, Seen
from aksacr.runner import run

from .building import (
    cluster,
    connection,
    endpoint,
    endpoint_id,
    facts,
    interface,
    link,
    network_id,
    networks,
    peering,
    pool,
    registry,
    subnet,
    vnet,
    zone_id,
    zones,
)

NEAR, FAR, NOBODY = "10.1.0.9", "10.2.0.9", "10.1.0.99"


def shared_zone(*addresses: str, far_pool: bool = False) -> Facts:
    """Endpoints in `vnet1` and in `data`, which do not peer; one zone, linked to both, whose record is `addresses`."""
    data = vnet("data", prefixes=("10.2.0.0/16",), subnets=(subnet("nodes", "data", prefixes=("10.2.1.0/24",)),))
    pools = (pool(), pool("pool2")) if far_pool else (pool(),)
    made = facts(
        cluster=cluster(node_pools=pools),
        registry=registry(
            public_network_access="Disabled", endpoint_connections=(connection(name="near"), connection(name="far"))
        ),
        virtual_networks=networks(vnet(), data),
        private_endpoints={
            endpoint_id("near"): Seen(endpoint("near", "vnet1")),
            endpoint_id("far"): Seen(endpoint("far", "data")),
        },
        endpoint_addresses={endpoint_id("near"): Seen(interface(NEAR)), endpoint_id("far"): Seen(interface(FAR))},
        zones=zones(zone_id()),
        zone_links={zone_id(): Seen((link(), link("data")))},
        zone_records={zone_id(): Seen((AddressRecord("shopacr", addresses),))},
    )
    where = {"pool1": network_id("vnet1"), "pool2": network_id("data")}
    return replace(
        made, pool_subnets={item.name: Seen(ResourceId(f"{where[item.name]}/subnets/nodes")) for item in pools}
    )


def judged(found: Facts) -> dict[str, Verdict]:
    return {item.check.code: item.verdict for item in run(found, every_check())}


def test_a_record_that_serves_another_pool_is_left_alone() -> None:
    verdict = judged(shared_zone(FAR, far_pool=True))["AKA303"]
    assert (verdict.status, verdict.node_pools) == (Status.FAIL, ("pool1",))
    [fix] = verdict.fixes
    assert fix.commands == ()
    assert "a zone privatelink.azurecr.io of its own" in fix.summary
    assert NEAR in fix.summary
    assert fix.caveat is not None
    assert "node pool pool2" in fix.caveat


def test_a_record_that_serves_no_other_pool_may_be_changed() -> None:
    verdict = judged(shared_zone(FAR))["AKA303"]
    assert [bool(fix.commands) for fix in verdict.fixes] == [False, True]


def test_how_to_get_to_an_endpoint_of_others_is_not_the_question() -> None:
    found = judged(shared_zone(FAR))
    assert (found["AKA303"].status, found["AKA321"].status) == (Status.FAIL, Status.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("addresses", "words"), [((NOBODY,), "Add the address"), ((NEAR, NOBODY), "Leave the address")]
)
def test_an_address_that_is_there_is_not_added(addresses: tuple[str, ...], words: str) -> None:
    [fix] = judged(shared_zone(*addresses))["AKA303"].fixes
    assert fix.summary.startswith(words)
    assert bool(fix.commands) is words.startswith("Add")


def test_behind_a_peering_that_is_down_the_record_and_the_peering_are_both_said() -> None:
    found = shared_zone(NOBODY)
    here = vnet("vnet1", peering("data", "Disconnected", ("10.2.0.0/16",)))
    data = vnet("data", prefixes=("10.2.0.0/16",))
    alone = replace(
        found,
        registry=replace(found.registry, endpoint_connections=(connection(name="far"),)),
        virtual_networks=networks(here, data),
    )
    verdicts = judged(alone)
    assert (verdicts["AKA303"].status, verdicts["AKA322"].status) == (Status.FAIL, Status.FAIL)
    [fix] = verdicts["AKA303"].fixes
    assert FAR in fix.commands[0]
    assert "see AKA322" in (fix.caveat or "")
