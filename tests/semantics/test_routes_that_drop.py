"""Routes that drop what a pool needs of a private endpoint: all addresses are said and mended, the layers' too."""

from __future__ import annotations

from dataclasses import replace

from aksacr.check import Status
from aksacr.facts import Facts, Seen

from .building import endpoint, endpoint_id, networks, route, subnet, vnet
from .layering import GROUP_ID, TABLE, judged, rule, world


def at_home(*dropped: str, denied: bool = False) -> Facts:
    """The endpoint is in the nodes' own network (10.2.0.0/16), and routes drop some of it."""
    routes = [route(prefix, "None", name=f"drop-{number}") for number, prefix in enumerate(dropped)]
    made = world(*routes, outbound=(rule("Deny", "10.2.0.0/16", 200),) if denied else ())
    ends = subnet("endpoints", prefixes=("10.2.0.0/24",), endpoint_policies="RouteTableEnabled")
    nodes = subnet(prefixes=("10.2.1.0/24",), route_table_id=TABLE, security_group_id=GROUP_ID if denied else None)
    here = vnet("vnet1", prefixes=("10.2.0.0/16",), subnets=(nodes, ends))
    return replace(
        made,
        virtual_networks={**made.virtual_networks, **networks(here)},
        private_endpoints={endpoint_id(): Seen(endpoint(network="vnet1"))},
    )


def test_a_route_for_the_range_is_mended_for_login_and_layers() -> None:
    found = judged(at_home("10.2.0.0/24"), "AKA331")
    [fix] = found.fixes
    assert [command.split(" --address-prefix ")[1] for command in fix.commands] == [
        "10.2.0.5/32 --next-hop-type VnetLocal",
        "10.2.0.4/32 --next-hop-type VnetLocal",
    ]


def test_two_routes_that_drop_two_addresses_are_both_said() -> None:
    made = at_home("10.2.0.4/31", "10.2.0.5/32")
    found = judged(made, "AKA331")
    assert "drop-0" in found.message
    assert "drop-1" in found.message
    [fix] = found.fixes
    assert [" update " in command for command in fix.commands] == [True, False]
    assert judged(made, "AKA351").status is Status.NOT_APPLICABLE


def test_a_route_that_drops_layers_alone_is_left_to_the_check_of_layers() -> None:
    made = at_home("10.2.0.4/32")
    assert judged(made, "AKA331").status is Status.PASS
    assert judged(made, "AKA351").status is Status.FAIL


def test_a_rule_behind_a_route_stops_the_login_server_as_well() -> None:
    made = at_home("10.2.0.5/32", denied=True)
    statuses = [judged(made, code).status for code in ("AKA331", "AKA332", "AKA351")]
    assert statuses == [Status.FAIL, Status.FAIL, Status.NOT_APPLICABLE]


def test_an_appliance_is_asked_for_every_address_that_goes_through_it() -> None:
    hop = ("VirtualAppliance", "10.1.9.4")
    made = world(route("10.2.0.4/32", *hop, name="data"), route("10.2.0.5/32", *hop, name="login"))
    found, beside = judged(made, "AKA331"), judged(made, "AKA343")
    assert found.status is Status.UNKNOWN
    [request] = found.fixes
    assert "10.2.0.5 (shopacr.azurecr.io)" in request.summary
    assert "10.2.0.4 (shopacr.westeurope.data.azurecr.io)" in request.summary
    assert request in beside.fixes
