"""What stops layers at a private endpoint and leaves the login server alone: records, routes and rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aksacr.catalogue import every_check
from aksacr.diagnosis import diagnose
from aksacr.facts import (
    AddressRecord,
    EndpointAddress,
    Facts,
    Seen,
)
from aksacr.runner import run

from .building import (
    REFUSED,
    connection,
    endpoint,
    endpoint_id,
    link,
    network_id,
    peering,
    route,
    vnet,
    zone_id,
)
from .layering import DATA, DATA_HOST, HOST, LOGIN, interface, judged, layers, rule, world


def test_all_is_well() -> None:
    verdicts = {code: judged(world(), code).status for code in ("AKA302", "AKA303", "AKA331", "AKA332", "AKA351")}
    assert set(verdicts.values()) == {"pass"}
    assert layers(world()).status == "pass"


LAYERS_ONLY = {
    "denied": world(outbound=(rule("Deny", DATA, 100),)),
    "not among the allowed": world(outbound=(rule("Allow", LOGIN, 100), rule("Deny", "*", 110))),
    "denied on arrival": world(inbound=(rule("Deny", DATA, 100, "Inbound"),), policies="Enabled"),
    "route to None": world(route(f"{DATA}/32", "None", name="drop")),
    "route to Internet": world(route(f"{DATA}/32", "Internet", name="out")),
}


@pytest.mark.parametrize("found", LAYERS_ONLY.values(), ids=LAYERS_ONLY)
def test_what_stops_the_data_address_alone_stops_layers(found: Facts) -> None:
    verdict = judged(found, "AKA351")
    assert verdict.status == "fail", verdict.message
    assert DATA_HOST in verdict.message
    assert DATA in verdict.message
    assert verdict.evidence
    assert verdict.fixes
    assert {judged(found, code).status for code in ("AKA331", "AKA332")} == {"pass"}


@pytest.mark.parametrize(
    "found",
    [world(outbound=(rule("Deny", "*", 100),)), world(route("10.2.0.4/31", "None"), policies="Enabled")],
    ids=["rule", "route"],
)
def test_what_stops_both_is_no_matter_of_layers(found: Facts) -> None:
    assert judged(found, "AKA351").status == "not-applicable"
    assert "fail" in {judged(found, code).status for code in ("AKA331", "AKA332")}


def test_an_appliance_on_the_way_to_layers_alone_leaves_it_open() -> None:
    found = world(route(f"{DATA}/32", "VirtualAppliance", "10.1.9.9"))
    assert judged(found, "AKA351").status == "unknown"


def other_endpoint(status: str, network: str) -> Facts:
    """The data endpoint's record leads to a second endpoint of the registry."""
    second = "10.3.0.4"
    made = world(data=second)
    return replace(
        made,
        registry=replace(made.registry, endpoint_connections=(connection(), connection(status, "second"))),
        private_endpoints={**made.private_endpoints, endpoint_id("second"): Seen(endpoint("second", network))},
        endpoint_addresses={
            **made.endpoint_addresses,
            endpoint_id("second"): Seen(interface("10.3.0.5", second)),
        },
    )


@pytest.mark.parametrize(
    ("status", "network", "expected"),
    [("Approved", "island", "fail"), ("Rejected", "data", "fail"), ("Pending", "data", "fail")],
)
def test_a_data_record_of_an_endpoint_that_serves_nobody_here(status: str, network: str, expected: str) -> None:
    found = other_endpoint(status, network)
    verdict = judged(found, "AKA351")
    assert verdict.status == expected
    assert "second" in verdict.message
    # Whose fault it is: the connection's state is AKA311's, a record of another network AKA303's.
    cause, other = ("AKA303", "AKA311") if status == "Approved" else ("AKA311", "AKA303")
    assert judged(found, cause).status == "fail"
    assert DATA_HOST in judged(found, cause).message
    assert judged(found, other).status == "pass"
    causes = diagnose(run(found, every_check()), "shop", "shopacr").root_causes
    assert cause in causes
    assert "AKA351" not in causes


def test_a_connection_in_a_state_that_is_not_known_leaves_layers_open() -> None:
    found = other_endpoint("Wondering", "data")
    assert {judged(found, code).status for code in ("AKA311", "AKA351")} == {"unknown"}


@pytest.mark.parametrize(("hop", "expected"), [("Internet", "fail"), ("FutureHop", "unknown"), ("VnetLocal", "pass")])
def test_a_route_of_the_users_to_the_endpoint(hop: str, expected: str) -> None:
    assert judged(world(route(f"{LOGIN}/32", hop, name="mine")), "AKA331").status == expected


@pytest.mark.parametrize(("prefix", "expected"), [("10.2.0.0/16", "unknown"), ("0.0.0.0/0", "pass")])
def test_policies_that_are_not_known_leave_open_what_they_decide(prefix: str, expected: str) -> None:
    assert judged(world(route(prefix, "None"), policies="FutureWord"), "AKA331").status == expected


@pytest.mark.parametrize("code", ["AKA302", "AKA303", "AKA351"])
def test_somebody_elses_endpoint_that_may_not_be_read_takes_nothing_away(code: str) -> None:
    made = world()
    hidden = replace(
        made,
        registry=replace(made.registry, endpoint_connections=(connection(), connection(name="theirs"))),
        private_endpoints={**made.private_endpoints, endpoint_id("theirs"): REFUSED},
        endpoint_addresses={**made.endpoint_addresses, endpoint_id("theirs"): REFUSED},
    )
    assert judged(hidden, code).status == "pass"


@pytest.mark.parametrize(("login", "data"), [(DATA, LOGIN), (LOGIN, LOGIN), (DATA, DATA)])
def test_records_that_hold_another_names_address(login: str, data: str) -> None:
    verdict = judged(world(login=login, data=data), "AKA303")
    assert verdict.status == "fail"
    assert "answers for" in verdict.message


def test_addresses_whose_names_were_not_seen_are_no_fault() -> None:
    made = world(login=DATA, data=LOGIN)
    nameless = tuple(EndpointAddress(item.address, item.member, ()) for item in interface())
    custom = replace(endpoint(network="data"), custom_dns=((HOST, (DATA,)), (DATA_HOST, (LOGIN,))))
    found = replace(
        made,
        endpoint_addresses={endpoint_id(): Seen(nameless)},
        private_endpoints={endpoint_id(): Seen(custom)},
    )
    assert judged(found, "AKA303").status == "pass"


def test_the_pull_path_speaks_of_layers_as_the_check_does() -> None:
    for found in LAYERS_ONLY.values():
        assert layers(found).status == "fail"
        assert DATA in layers(found).detail


def test_layers_that_fall_back_to_the_public_name_go_by_it() -> None:
    made = world()
    lacking = replace(
        made,
        registry=replace(made.registry, public_network_access="Enabled"),
        zone_links={zone_id(): Seen((link(policy="NxDomainRedirect"),))},
        zone_records={zone_id(): Seen((AddressRecord("shopacr", (LOGIN,)),))},
    )
    hop = layers(lacking)
    assert hop.status == "pass"
    assert "by the public endpoint" in hop.detail
    assert "private" not in hop.detail


def test_with_a_dns_server_that_cannot_be_placed_layers_are_open() -> None:
    made = world()
    here = vnet("vnet1", peering("data", prefixes=("10.2.0.0/16",)), dns_servers=("192.168.7.7",))
    hop = layers(replace(made, virtual_networks={**made.virtual_networks, network_id("vnet1"): Seen(here)}))
    assert (hop.status, "192.168.7.7" in hop.detail) == ("unknown", True)
