"""Replicas that nodes are sent to, and whose layers they cannot ask for by the private endpoint."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from aksacr.facts import EndpointAddress, Facts, Replica, Seen, UnseenError
from aksacr.semantics.endpoints import address_beside
from aksacr.semantics.name_resolution import record_name, resolve
from aksacr.semantics.replicas import UnservedReplica, unserved_replicas

from .building import REFUSED, connection, endpoint, endpoint_id, link, records, registry, vnet, with_endpoint, zone_id
from .zoning import zoned

LOGIN = "shopacr.azurecr.io"
HOME, AWAY = "westeurope", "northeurope"


def data(region: str) -> str:
    return f"shopacr.{region}.data.azurecr.io"


def interface(*regions: str) -> Seen[tuple[EndpointAddress, ...]]:
    """An endpoint's interface with an address for the login server, and one for each region's data endpoint."""
    members = [("registry", LOGIN), *((f"registry_data_{region}", data(region)) for region in regions)]
    return Seen(
        tuple(
            EndpointAddress(ip_address(f"10.1.0.{9 + number}"), member, (name,))
            for number, (member, name) in enumerate(members)
        )
    )


def replicated(
    *replicas: Replica, shown: tuple[str, ...] = (HOME,), recorded: tuple[str, ...] = (HOME,), **more: Any
) -> Facts:
    held = {"shopacr": "10.1.0.9", **{f"shopacr.{region}.data": "10.1.0.10" for region in recorded}}
    tables: dict[str, Any] = {
        "found": records(**held),
        "replicas": Seen((Replica(HOME, HOME, is_routed=True), *replicas)),
        "private_endpoints": {endpoint_id(): Seen(endpoint())},
        "endpoint_addresses": {endpoint_id(): interface(*shown)},
    }
    return zoned(link(), **{**tables, **more})


def unserved(facts: Facts, location: str = HOME) -> list[UnservedReplica]:
    network = vnet(location=location)
    return unserved_replicas(facts, network, resolve(facts, network))


def away(**changes: Any) -> Replica:
    return replace(Replica("north", AWAY, is_routed=True), **changes)


def test_a_replica_without_address_and_record_is_not_served() -> None:
    [found] = unserved(replicated(away()))
    assert (found.replica.name, found.name, found.zone_id) == ("north", data(AWAY), zone_id())


@pytest.mark.parametrize(
    "made",
    [
        replicated(),
        replicated(away(), shown=(HOME, AWAY)),  # what that lacks of records is told of its name
        replicated(away(), recorded=(HOME, AWAY)),
        replicated(away(), recorded=(HOME,), found=records(**{"*": "10.1.0.9"})),
        replicated(away(is_routed=False)),
        replicated(away(provisioning_state="Creating")),
        replicated(away(status="Not Ready")),
        replicated(away(location="West Europe")),
        replicated(replicas=Seen(())),
    ],
    ids=["none", "shown", "recorded", "wildcard", "not routed", "in the making", "not ready", "home", "none listed"],
)
def test_replicas_that_are_no_fault(made: Facts) -> None:
    assert unserved(made) == []


@pytest.mark.parametrize(
    ("location", "nearest"),
    [(HOME, False), (AWAY, True), ("North Europe", True), ("japaneast", True)],
)
def test_pulls_go_to_the_replica_of_the_nodes_own_region(location: str, nearest: bool) -> None:
    """Where the nodes' region has none, which one is nearest does not show."""
    [found] = unserved(replicated(away()), location)
    assert found.may_be_nearest is nearest


def test_a_name_that_azure_tells_is_taken() -> None:
    told = with_endpoint(data_endpoint_host_names=(data(HOME), data(AWAY).upper()))
    [found] = unserved(replicated(away(), registry=told))
    assert found.name == data(AWAY).upper()


def test_a_registry_with_a_label_keeps_it() -> None:
    labelled = with_endpoint(login_server="shopacr-x1.azurecr.io")
    shown = Seen(
        (
            EndpointAddress(ip_address("10.1.0.9"), "registry", ("shopacr-x1.azurecr.io",)),
            EndpointAddress(ip_address("10.1.0.10"), "x", (f"shopacr-x1.{HOME}.data.azurecr.io",)),
        )
    )
    held = records(**{"shopacr-x1": "10.1.0.9", f"shopacr-x1.{HOME}.data": "10.1.0.10"})
    made = replicated(away(), registry=labelled, endpoint_addresses={endpoint_id(): shown}, found=held)
    assert [item.name for item in unserved(made)] == [f"shopacr-x1.{AWAY}.data.azurecr.io"]


@pytest.mark.parametrize(
    "changes",
    [{"replicas": REFUSED}, {"endpoint_addresses": {endpoint_id(): REFUSED}}, {"shown": ()}],
    ids=["replicas", "interface", "no data endpoint shown"],
)
def test_what_was_not_seen_leaves_it_open(changes: dict[str, Any]) -> None:
    with pytest.raises(UnseenError):
        unserved(replicated(away(), **changes))


# --- records by their zone ---


@pytest.mark.parametrize(
    ("zone", "name", "label"),
    [
        ("privatelink.azurecr.io", LOGIN, "shopacr"),
        ("privatelink.azurecr.io", data("westus"), "shopacr.westus.data"),
        ("westus.data.privatelink.azurecr.io", data("westus"), "shopacr"),
        ("WestUS.data.PrivateLink.azurecr.io", data("westus").upper(), "shopacr"),
        ("data.privatelink.azurecr.io", data("westus"), "shopacr.westus"),
        ("shopacr.privatelink.azurecr.io", LOGIN, "@"),
        ("azurecr.io", LOGIN, "shopacr"),
        ("westus.data.azurecr.io", data("westus"), "shopacr"),
        ("shopacr.azurecr.io", LOGIN, "@"),
    ],
)
def test_a_records_name_is_relative_to_its_zone(zone: str, name: str, label: str) -> None:
    assert record_name(zoned(), zone_id(name=zone), name) == label


def test_an_address_is_that_of_the_endpoint_in_use() -> None:
    """Two endpoints of one registry have addresses of their own for one name."""
    other = Seen((EndpointAddress(ip_address("10.7.0.10"), "registry_data_westeurope", (data(HOME),)),))
    made = replicated(
        registry=registry(endpoint_connections=(connection(name="other"), connection())),
        private_endpoints={endpoint_id("other"): Seen(endpoint("other")), endpoint_id(): Seen(endpoint())},
        endpoint_addresses={endpoint_id("other"): other, endpoint_id(): interface(HOME)},
    )
    login = resolve(made, vnet())
    assert address_beside(made, login, data(HOME)) == "10.1.0.10"
    assert address_beside(made, login, data(AWAY)) == ""
    nowhere = resolve(replicated(found=records()), vnet())
    assert address_beside(made, nowhere, data(HOME)) == "10.7.0.10"
