"""Pools that meet one rule get one command: of two with one name and number the second replaces the first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.facts import ResourceId, Seen

from .building import cluster, network_id, networks, peering, pool, subnet, vnet
from .layering import GROUP_ID, judged, rule, world

if TYPE_CHECKING:
    from aksacr.facts import Facts, SecurityRule

SECOND = ResourceId(f"{network_id('vnet1')}/subnets/second")


def two_pools(*rules: SecurityRule, guarded: bool = True, dns: tuple[str, ...] = ()) -> Facts:
    """Pools in two subnets of one network; both, or the first alone, have the one security group."""
    made = world(outbound=rules)
    first = subnet(security_group_id=GROUP_ID)
    second = subnet("second", prefixes=("10.1.7.0/24",), security_group_id=GROUP_ID if guarded else None)
    here = vnet("vnet1", peering("data", prefixes=("10.2.0.0/16",)), subnets=(first, second), dns_servers=dns)
    return replace(
        made,
        cluster=cluster(node_pools=(pool(), pool("pool2", subnet_id=SECOND))),
        pool_subnets={**made.pool_subnets, "pool2": Seen(SECOND)},
        virtual_networks={**made.virtual_networks, **networks(here)},
    )


def commands(found: Facts, code: str) -> list[str]:
    verdict = judged(found, code)
    return [command for fix in verdict.fixes for command in fix.commands]


def test_one_rule_for_the_endpoint_has_the_prefixes_of_both_pools() -> None:
    [command] = commands(two_pools(rule("Deny", "10.2.0.0/16", 200)), "AKA332")
    assert "--source-address-prefixes 10.1.0.0/24 10.1.7.0/24 --" in command
    assert "--priority 199 " in command


def test_a_pool_that_does_not_meet_the_rule_is_not_let_through() -> None:
    [command] = commands(two_pools(rule("Deny", "10.2.0.0/16", 200), guarded=False), "AKA332")
    assert "--source-address-prefixes 10.1.0.0/24 --" in command


def test_two_name_servers_that_one_rule_denies_are_in_one_rule() -> None:
    made = two_pools(rule("Deny", "10.9.0.0/16", 200), dns=("10.9.0.4", "10.9.0.5"))
    [command] = commands(made, "AKA305")
    assert "--source-address-prefixes 10.1.0.0/24 10.1.7.0/24 --" in command
    assert "--destination-address-prefixes 10.9.0.4 10.9.0.5 --" in command


def test_a_pool_without_nodes_gets_no_rule() -> None:
    made = two_pools(rule("Deny", "10.2.0.0/16", 200))
    idle = replace(made.cluster.node_pools[1], power_state="Stopped")
    made = replace(made, cluster=replace(made.cluster, node_pools=(made.cluster.node_pools[0], idle)))
    [command] = commands(made, "AKA332")
    assert "--source-address-prefixes 10.1.0.0/24 --" in command
