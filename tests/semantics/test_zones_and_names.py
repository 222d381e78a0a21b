"""Which zone answers for a name when there are several, and which names a registry has."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from aksacr.facts import AddressRecord, EndpointAddress, Seen, UnseenError
from aksacr.semantics.name_resolution import is_complete, links_to, private_link_zones, record_in, registry_names

from .building import (
    REFUSED,
    ZONE,
    connection,
    endpoint,
    endpoint_id,
    link,
    records,
    registry,
    vnet,
    zone_id,
    zones,
)
from .zoning import NXDOMAIN, PRIVATE, PUBLIC, told, zoned

OTHER = zone_id("other")
LOGIN, DATA = "shopacr.azurecr.io", "shopacr.westeurope.data.azurecr.io"
BOTH = records(**{"shopacr": "10.1.0.9", "shopacr.westeurope.data": "10.1.0.10"})
EMPTY = records()


@pytest.mark.parametrize(
    ("shadow", "held", "name", "expected"),
    [
        # The public name itself is answered before it is followed to the alias.
        ("azurecr.io", EMPTY, LOGIN, NXDOMAIN),
        ("AzureCR.io", records(shopacr="10.7.0.7"), LOGIN, ("private", ("10.7.0.7",))),
        ("io", EMPTY, LOGIN, NXDOMAIN),
        ("shopacr.azurecr.io", records(**{"@": "10.7.0.7"}), LOGIN, ("private", ("10.7.0.7",))),
        ("westeurope.data.azurecr.io", EMPTY, DATA, NXDOMAIN),
        ("westeurope.data.azurecr.io", EMPTY, LOGIN, PRIVATE),
        # Of zones that the alias ends in, the longest answers, with the record or without.
        ("westeurope.data.privatelink.azurecr.io", EMPTY, DATA, NXDOMAIN),
        ("westeurope.data.privatelink.azurecr.io", records(shopacr="10.7.0.7"), DATA, ("private", ("10.7.0.7",))),
        ("westeurope.data.privatelink.azurecr.io", EMPTY, LOGIN, PRIVATE),
    ],
)
def test_a_second_zone_shadows_the_first(
    shadow: str, held: Any, name: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    other = zone_id(name=shadow)
    found = zoned(
        zones=zones(zone_id(), other),
        zone_links={zone_id(): Seen((link(),)), other: Seen((link(zone=other),))},
        zone_records={zone_id(): BOTH, other: held},
    )
    assert told(found, name=name) == expected


def test_a_shadow_of_the_public_name_hides_a_registry_without_endpoint_too() -> None:
    shadow = zone_id(name="azurecr.io")
    tables: dict[str, Any] = {
        "zones": zones(shadow),
        "zone_links": {shadow: Seen((link(zone=shadow),))},
        "zone_records": {shadow: EMPTY},
    }
    assert told(zoned(registry=registry(), **tables)) == NXDOMAIN


def test_only_a_private_link_zone_falls_back() -> None:
    """A link's resolution policy has no effect elsewhere."""
    shadow = zone_id(name="azurecr.io")
    found = zoned(
        zones=zones(shadow),
        zone_links={shadow: Seen((link(zone=shadow, policy="NxDomainRedirect"),))},
        zone_records={shadow: EMPTY},
    )
    assert told(found) == NXDOMAIN


@pytest.mark.parametrize(
    ("state", "provisioning", "complete"),
    [
        ("Completed", "Succeeded", True),
        ("completed", "succeeded", True),
        ("", "", True),
        ("InProgress", "Succeeded", False),
        ("Completed", "Failed", False),
        ("", "FAILED", False),
    ],
)
def test_a_link_answers_when_it_is_complete(state: str, provisioning: str, complete: bool) -> None:
    made = replace(link(state=state), provisioning_state=provisioning)
    assert is_complete(made) is complete
    assert told(zoned(made)) == (PRIVATE if complete else PUBLIC)


# --- zones and names ---


def test_links_to_a_network_are_told_whatever_their_state() -> None:
    mine, unfinished, other = link(), link(state="InProgress", zone=OTHER), link("vnet2")
    found, unseen = links_to(
        zoned(
            zones={**zones(zone_id(), OTHER), "sub": REFUSED},
            zone_links={zone_id(): Seen((mine, other)), OTHER: Seen((unfinished,))},
        ),
        vnet(),
    )
    assert found == [(zone_id(), mine), (OTHER, unfinished)]
    assert unseen == [REFUSED]


def test_private_link_zones_are_those_of_the_clouds_name() -> None:
    shadow, folded = zone_id(name="westeurope.data.privatelink.azurecr.io"), zone_id("b", "PrivateLink.AzureCR.io")
    assert private_link_zones(zoned(zones=zones(shadow, zone_id(), folded))) == [zone_id(), folded]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("shopacr.privatelink.azurecr.io", "10.1.0.9"),
        ("SHOPACR.privatelink.azurecr.io.", "10.1.0.9"),
        ("shopacr.westeurope.data.privatelink.azurecr.io", "10.1.0.10"),
        ("other.privatelink.azurecr.io", None),
        ("privatelink.azurecr.io", None),
    ],
)
def test_records_in_a_zone(name: str, address: str | None) -> None:
    record = record_in(zoned(link(), found=BOTH), zone_id(), name)
    assert (record.addresses[0] if record else None) == address


def test_a_record_set_without_addresses_is_none() -> None:
    empty = Seen((AddressRecord("shopacr", ()), AddressRecord("*", ("10.1.0.8",))))
    assert told(zoned(link(), found=empty)) == ("private", ("10.1.0.8",))


def named(*names: str) -> Any:
    return Seen(tuple(EndpointAddress(ip_address("10.1.0.9"), "registry", (name,)) for name in names))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, (LOGIN,)),
        ({"endpoint_addresses": {endpoint_id(): named(LOGIN, DATA.upper())}}, (LOGIN, DATA)),
        ({"private_endpoints": {endpoint_id(): Seen(endpoint(custom_dns=("10.1.0.9",)))}}, (LOGIN,)),
        (
            {
                "endpoint_addresses": {endpoint_id(): REFUSED},
                "private_endpoints": {endpoint_id(): Seen(endpoint(custom_dns=("10.1.0.9",)))},
            },
            (LOGIN,),
        ),
        (
            {
                "registry": registry(endpoint_connections=(connection("Pending"),)),
                "endpoint_addresses": {endpoint_id(): named(DATA)},
            },
            (LOGIN,),
        ),
    ],
)
def test_the_names_of_a_registry(changes: dict[str, Any], names: tuple[str, ...]) -> None:
    assert registry_names(zoned(**changes)) == names


def test_names_that_no_endpoint_shows_are_unseen() -> None:
    with pytest.raises(UnseenError) as caught:
        registry_names(zoned(endpoint_addresses={endpoint_id(): REFUSED}))
    assert caught.value.unseen is REFUSED


# --- words that are not known, and wildcards below the apex ---


def test_a_link_state_that_is_not_known_leaves_the_name_open() -> None:
    with pytest.raises(UnseenError, match='"FutureState", which is not known here'):
        told(zoned(link(state="FutureState")))


def test_a_resolution_policy_that_is_not_known_matters_without_a_record_only() -> None:
    assert told(zoned(link(policy="FutureWord"))) == PRIVATE
    with pytest.raises(UnseenError, match='"FutureWord", which is not known here'):
        told(zoned(link(policy="FutureWord"), found=Seen(())))


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (("*.westus.data",), True),
        (("*.WestUS.data",), True),
        (("*.data",), True),
        (("*",), True),
        (("*.eastus.data",), False),
        (("*.eastus.data", "*"), False),  # `data` exists then, and the apex' wildcard ends there
        (("*.data", "other.westus.data"), False),
        (("westus.data",), False),
    ],
)
def test_wildcards_stand_for_names_below_the_closest_encloser(held: tuple[str, ...], found: bool) -> None:
    made = zoned(link(), found=records(**dict.fromkeys(held, "10.1.0.9")))
    record = record_in(made, zone_id(), f"shopacr.westus.data.{ZONE}")
    assert (record is not None) is found
