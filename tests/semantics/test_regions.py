"""Where a registry answers from: its replicas say, and else its data endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.facts import Facts, Replica, SecurityGroup, SecurityRule, Seen
from aksacr.semantics.regions import regions_gap, registry_regions
from aksacr.semantics.security_rules import to_registry

from .building import REFUSED, facts, networks, registry, resource, subnet, vnet

GROUP = resource("Microsoft.Network/networkSecurityGroups", "nsg")


def replicas(*found: str, off: tuple[str, ...] = ()) -> Seen[tuple[Replica, ...]]:
    return Seen(tuple(Replica(name, name, name not in off) for name in found))


def behind(*tags: str, **changes: Any) -> Facts:
    """A subnet whose group allows these service tags, and denies all else."""
    sides = ("*",), ("*",), ()
    rules = [
        SecurityRule(f"allow{place}", "Outbound", "Allow", "Tcp", 100 + place, *sides, (tag,), ("443",), ())
        for place, tag in enumerate(tags)
    ]
    deny = SecurityRule("deny", "Outbound", "Deny", "*", 4000, *sides, ("*",), ("*",), ())
    here = vnet(subnets=(subnet(security_group_id=GROUP),))
    group = Seen(SecurityGroup(GROUP, "nsg", (*rules, deny)))
    return facts(virtual_networks=networks(here), security_groups={GROUP: group}, **changes)


def decided(*tags: str, **changes: Any) -> str:
    found = behind(*tags, **changes)
    [decision] = to_registry(found, found.cluster.node_pools[0])
    return decision.kind


def test_the_replicas_are_all_the_regions() -> None:
    found = facts(replicas=replicas("West Europe", "northeurope"))
    assert registry_regions(found) == (frozenset({"westeurope", "northeurope"}), True)


def test_the_home_counts_whatever_is_listed() -> None:
    assert registry_regions(facts(replicas=replicas("northeurope")))[0] == {"westeurope", "northeurope"}


def test_clients_are_not_sent_to_a_replica_whose_region_endpoint_is_off() -> None:
    found = facts(replicas=replicas("westeurope", "northeurope", off=("northeurope",)))
    assert registry_regions(found) == (frozenset({"westeurope"}), True)


@pytest.mark.parametrize(("hidden", "are_all"), [(REFUSED, False), (Seen(()), True)])
def test_without_replicas_the_data_endpoints_say(hidden: Any, are_all: bool) -> None:
    told = registry(data_endpoint_host_names=("shopacr.northeurope.data.azurecr.io",))
    assert registry_regions(facts(registry=told, replicas=hidden)) == (frozenset({"westeurope", "northeurope"}), True)
    assert registry_regions(facts(replicas=hidden)) == (frozenset({"westeurope"}), are_all)
    assert registry_regions(facts(registry=registry(sku="Basic"), replicas=hidden)) == (frozenset({"westeurope"}), True)


def test_what_may_not_be_read_is_named_only_while_it_matters() -> None:
    assert regions_gap(facts(replicas=REFUSED)) is REFUSED
    assert regions_gap(facts(replicas=replicas("westeurope"))) is None
    assert regions_gap(facts(registry=registry(sku="Standard"), replicas=REFUSED)) is None


@pytest.mark.parametrize(
    ("tags", "seen", "kind"),
    [
        (("AzureContainerRegistry.WestEurope",), replicas("westeurope"), "allow"),
        (("AzureContainerRegistry.WestEurope",), replicas("westeurope", "northeurope"), "open"),
        (("AzureContainerRegistry.WestEurope",), REFUSED, "open"),
        (("AzureContainerRegistry.WestEurope",), replicas(), "allow"),
        (("AzureContainerRegistry.EastUS",), replicas("westeurope"), "deny"),
        (("AzureContainerRegistry.EastUS",), REFUSED, "open"),
    ],
)
def test_a_tag_of_a_region_is_held_against_the_replicas(tags: tuple[str, ...], seen: Any, kind: str) -> None:
    assert decided(*tags, replicas=seen) == kind
