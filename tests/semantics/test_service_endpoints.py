"""Layers in Azure Storage that go past a firewall by the subnet's service endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aksacr.facts import Facts, Seen
from aksacr.semantics.crossings import crossings
from aksacr.semantics.service_endpoints import storage_by_service_endpoint
from aksacr.semantics.service_tags import STORAGE_TAG, Match

from .building import REFUSED, facts, networks, pool, registry, route, route_table, subnet, vnet

STORAGE, GLOBAL = "Microsoft.STORAGE", "microsoft.storage.global"


def world(*services: str, regions: tuple[str, ...] = (), home: str = "westeurope") -> Facts:
    """Nodes in westeurope whose default route leads to an appliance, and a registry in `home`."""
    table = route_table(route("0.0.0.0/0", "VirtualAppliance", "10.9.0.4"))
    told = tuple((service, region) for service in services for region in regions)
    nodes = subnet(service_endpoints=services, service_endpoint_regions=told, route_table_id=table.id)
    return facts(
        registry=registry(location=home),
        virtual_networks=networks(vnet(subnets=(nodes,))),
        route_tables={table.id: Seen(table)},
    )


@pytest.mark.parametrize(
    ("services", "regions", "home", "expected"),
    [
        ((), (), "westeurope", Match.NO),
        (("Microsoft.ContainerRegistry",), ("*",), "westeurope", Match.NO),
        ((GLOBAL,), (), "eastus", Match.YES),
        ((STORAGE,), (), "West Europe", Match.YES),
        ((STORAGE,), (), "northeurope", Match.PART),
        ((STORAGE,), ("westeurope", "northeurope"), "northeurope", Match.YES),
        ((STORAGE,), ("westeurope", "northeurope"), "eastus", Match.NO),
        ((STORAGE,), ("*",), "eastus", Match.YES),
    ],
)
def test_which_regions_a_service_endpoint_is_for(
    services: tuple[str, ...], regions: tuple[str, ...], home: str, expected: Match
) -> None:
    found = world(*services, regions=regions, home=home)
    assert storage_by_service_endpoint(found, pool()) is expected
    layers = [item for item in crossings(found, pool()) if item.target.tag == STORAGE_TAG]
    assert [item.certain for item in layers] == ([] if expected is Match.YES else [expected is Match.NO])


def test_replicas_that_were_not_read_may_be_anywhere() -> None:
    found = replace(world(STORAGE, regions=("westeurope",), home="eastus"), replicas=REFUSED)
    assert storage_by_service_endpoint(found, pool()) is Match.PART
