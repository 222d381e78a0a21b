"""A registry behind a private endpoint in a peered network, and what is said of its layers."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from aksacr.catalogue import every_check
from aksacr.facts import AddressRecord, EndpointAddress, Facts, ResourceId, Route, SecurityGroup, SecurityRule, Seen
from aksacr.runner import run
from aksacr.semantics.pull_path import pull_path

from .building import (
    connection,
    endpoint,
    endpoint_id,
    facts,
    link,
    networks,
    peering,
    pool,
    registry,
    resource,
    route_table,
    subnet,
    vnet,
    zone_id,
    zones,
)

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.semantics.pull_path import Hop

LOGIN, DATA = "10.2.0.5", "10.2.0.4"
HOST, DATA_HOST = "shopacr.azurecr.io", "shopacr.westeurope.data.azurecr.io"
TABLE = route_table().id
GROUP_ID = resource("Microsoft.Network/networkSecurityGroups", "nsg")


def interface(login: str = LOGIN, data: str = DATA) -> tuple[EndpointAddress, ...]:
    return (
        EndpointAddress(ip_address(data), "registry_data_westeurope", (DATA_HOST,)),
        EndpointAddress(ip_address(login), "registry", (HOST,)),
    )


def rule(access: str, to: str, priority: int, direction: str = "Outbound") -> SecurityRule:
    return SecurityRule(f"r{priority}", direction, access, "*", priority, ("*",), ("*",), (), (to,), ("*",), ())


def world(
    *routes: Route,
    outbound: tuple[SecurityRule, ...] = (),
    inbound: tuple[SecurityRule, ...] = (),
    policies: str = "Disabled",
    data: str = DATA,
    login: str = LOGIN,
    **changes: Any,
) -> Facts:
    """A registry closed to the public, whose endpoint is in the peered network `data`; records for both names."""
    in_id = ResourceId(f"{GROUP_ID}-in")
    ends = subnet(
        "endpoints",
        "data",
        prefixes=("10.2.0.0/24",),
        endpoint_policies=policies,
        security_group_id=in_id if inbound else None,
    )
    here = subnet(route_table_id=TABLE if routes else None, security_group_id=GROUP_ID if outbound else None)
    made = facts(
        registry=registry(public_network_access="Disabled", endpoint_connections=(connection(),)),
        virtual_networks=networks(
            vnet("vnet1", peering("data", prefixes=("10.2.0.0/16",)), subnets=(here,)),
            vnet("data", peering("vnet1", prefixes=("10.1.0.0/16",)), prefixes=("10.2.0.0/16",), subnets=(ends,)),
            vnet("island", prefixes=("10.3.0.0/16",)),
        ),
        route_tables={TABLE: Seen(route_table(*routes))},
        security_groups={
            GROUP_ID: Seen(SecurityGroup(GROUP_ID, "nsg", outbound)),
            in_id: Seen(SecurityGroup(in_id, "nsg-in", inbound)),
        },
        private_endpoints={endpoint_id(): Seen(endpoint(network="data"))},
        endpoint_addresses={endpoint_id(): Seen(interface())},
        endpoint_zones={endpoint_id(): Seen((zone_id(),))},
        zones=zones(zone_id()),
        zone_links={zone_id(): Seen((link(),))},
        zone_records={
            zone_id(): Seen((AddressRecord("shopacr", (login,)), AddressRecord("shopacr.westeurope.data", (data,))))
        },
    )
    return replace(made, **changes)


def judged(found: Facts, code: str) -> Verdict:
    [one] = run(found, [item for item in every_check() if item.code == code])
    return one.verdict


def layers(found: Facts) -> Hop:
    return next(hop for hop in pull_path(found, pool()) if hop.name == "layers")
