"""Two private endpoints, one in the nodes' own network and one behind a peering that is down."""

from __future__ import annotations

import pytest

from aksacr.catalogue import every_check
from aksacr.facts import AddressRecord, Facts, Seen
from aksacr.runner import run

from .building import (
    connection,
    endpoint,
    endpoint_id,
    facts,
    interface,
    link,
    networks,
    peering,
    registry,
    vnet,
    zone_id,
    zones,
)

NEAR, FAR = "10.1.0.9", "10.2.0.9"


def resolving(*addresses: str) -> Facts:
    """The registry is closed to the public; its record holds these addresses."""
    record = Seen((AddressRecord("shopacr", addresses),) if addresses else ())
    return facts(
        registry=registry(
            public_network_access="Disabled", endpoint_connections=(connection(name="near"), connection(name="far"))
        ),
        virtual_networks=networks(
            vnet("vnet1", peering("data", "Disconnected", ("10.2.0.0/16",))), vnet("data", prefixes=("10.2.0.0/16",))
        ),
        private_endpoints={
            endpoint_id("near"): Seen(endpoint("near", "vnet1")),
            endpoint_id("far"): Seen(endpoint("far", "data")),
        },
        endpoint_addresses={endpoint_id("near"): Seen(interface(NEAR)), endpoint_id("far"): Seen(interface(FAR))},
        endpoint_zones={endpoint_id("near"): Seen((zone_id(),)), endpoint_id("far"): Seen((zone_id(),))},
        zones=zones(zone_id()),
        zone_links={zone_id(): Seen((link(),))},
        zone_records={zone_id(): record},
    )


@pytest.mark.parametrize(
    ("addresses", "status"),
    [((NEAR,), "not-applicable"), ((FAR,), "fail"), ((NEAR, FAR), "fail"), ((FAR, NEAR), "fail")],
)
def test_names_that_lead_to_several_need_all_of_them(addresses: tuple[str, ...], status: str) -> None:
    [judged] = run(resolving(*addresses), [item for item in every_check() if item.code == "AKA322"])
    assert judged.verdict.status == status, judged.verdict.message


def test_where_no_name_leads_anywhere_the_near_one_will_do() -> None:
    codes = {"AKA321", "AKA322", "AKA323", "AKA324", "AKA331"}
    verdicts = run(resolving(), [item for item in every_check() if item.code in codes])
    assert {str(item.verdict.status) for item in verdicts} <= {"pass", "not-applicable"}
