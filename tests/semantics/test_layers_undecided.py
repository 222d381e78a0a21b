"""Layers whose way, or the login server's, cannot be decided: never a pass, and a fault only where one is sure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.facts import AddressRecord, HttpProxy, ResourceId, SecurityGroup, Seen
from aksacr.semantics.layer_path import layer_obstacle, login_way, public_obstacle
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of

from .building import (
    REFUSED,
    cluster,
    connection,
    endpoint_id,
    facts,
    link,
    networks,
    peering,
    pool,
    registry,
    route,
    route_table,
    subnet,
    vnet,
    zone_id,
)
from .layering import DATA, DATA_HOST, GROUP_ID, HOST, LOGIN, TABLE, judged, layers, rule, world

if TYPE_CHECKING:
    from aksacr.facts import Facts, Route, SecurityRule

HALF = "10.1.0.128/25"


def for_some(to: str, priority: int) -> SecurityRule:
    """A rule that denies half of the nodes: whether it holds cannot be told for the pool."""
    return replace(rule("Deny", to, priority), source_prefixes=(HALF,))


def test_layers_that_are_surely_stopped_are_a_fault_though_the_login_server_is_undecided() -> None:
    found = world(outbound=(for_some(LOGIN, 100), rule("Deny", DATA, 110)))
    assert judged(found, "AKA332").status == "unknown"
    verdict = judged(found, "AKA351")
    assert verdict.status == "fail"
    assert f"reaches {HOST}" not in verdict.message, "what is undecided is not said to hold"
    assert layers(found).status == "fail"


def test_layers_whose_way_is_open_pass_though_the_login_server_is_undecided() -> None:
    found = world(outbound=(for_some(LOGIN, 100),))
    assert judged(found, "AKA332").status == "unknown"
    assert judged(found, "AKA351").status == "pass"
    assert layers(found).status == "pass"


SPOKE = vnet("vnet1", peering("data", prefixes=("10.2.0.0/16",)))
UNDECIDED = {
    "rules for some nodes": world(outbound=(for_some(LOGIN, 100), for_some(DATA, 110))),
    "rules for some nodes to layers": world(outbound=(for_some(DATA, 110),)),
    "a group that is not seen": world(outbound=(rule("Allow", "*", 100),), security_groups={GROUP_ID: REFUSED}),
    "routes that are not seen": world(route("10.2.0.0/16", "None"), route_tables={TABLE: REFUSED}),
    "a peer that is not seen": world(
        virtual_networks=networks(vnet("vnet1", peering("data", prefixes=("10.2.0.0/16",))))
    ),
}


@pytest.mark.parametrize("found", UNDECIDED.values(), ids=UNDECIDED)
def test_a_way_that_is_not_decided_is_never_a_pass(found: Facts) -> None:
    verdict = judged(found, "AKA351")
    assert verdict.status == "unknown", verdict.message
    assert verdict.unseen
    assert layers(found).status == "unknown"


def test_an_appliance_on_the_way_to_both_is_unknown_for_both() -> None:
    found = world(route("10.2.0.0/24", "VirtualAppliance", "10.1.9.9"), policies="Enabled")
    hidden = replace(found, firewalls={key.subscription_id.lower(): REFUSED for key in found.virtual_networks})
    for each in (found, hidden):
        assert {judged(each, code).status for code in ("AKA343", "AKA351")} == {"unknown"}
        assert layers(each).status == "unknown"


def test_the_rules_alone() -> None:
    found = world(route(f"{DATA}/32", "None", name="drop"), outbound=(rule("Deny", LOGIN, 100),))
    vnet1 = network_of(found, pool())
    login, data = resolve(found, vnet1), resolve(found, vnet1, DATA_HOST)
    own = login_way(found, pool(), login)
    stopped = layer_obstacle(found, pool(), data)
    assert [item.kind for item in own.obstacles] == ["rules"]
    assert stopped is not None
    assert (stopped.kind, stopped.address) == ("route", DATA)
    assert not own.meets(stopped)
    assert not own.is_open
    same = layer_obstacle(found, pool(), login)
    assert same is not None
    assert own.meets(same)


@pytest.mark.parametrize(("prefix", "alike"), [("10.2.0.4/31", True), (f"{DATA}/32", False)])
def test_a_route_counts_as_the_same_fault_when_it_takes_both(prefix: str, alike: bool) -> None:
    found = world(route(prefix, "None", name="drop"), policies="Enabled")
    vnet1 = network_of(found, pool())
    stopped = layer_obstacle(found, pool(), resolve(found, vnet1, DATA_HOST))
    assert stopped is not None
    assert login_way(found, pool(), resolve(found, vnet1)).meets(stopped) is alike


def test_what_a_proxy_makes_of_requests_is_not_called_a_pass() -> None:
    proxy = HttpProxy("http://p.example:3128", "http://p.example:3128", ("169.254.169.254",))
    verdict = judged(world(cluster=cluster(http_proxy=proxy)), "AKA351")
    assert verdict.status == "not-applicable"
    assert "AKA344" in verdict.message
    public = judged(facts(cluster=cluster(http_proxy=proxy)), "AKA351")
    assert public.status == "not-applicable"


# --- public names ------------------------------------------------------------------------------------------------


def public_world(*routes: Route, outbound: tuple[SecurityRule, ...] = (), data: bool = True, **changes: Any) -> Facts:
    """A registry that is open to the public, with data endpoints or (`data` false) with layers in Azure Storage."""
    here = subnet(route_table_id=TABLE if routes else None, security_group_id=GROUP_ID if outbound else None)
    made = facts(
        registry=registry(data_endpoint_enabled=data, data_endpoint_host_names=(DATA_HOST,) if data else ()),
        virtual_networks=networks(vnet("vnet1", subnets=(here,))),
        route_tables={TABLE: Seen(route_table(*routes))},
        security_groups={GROUP_ID: Seen(SecurityGroup(GROUP_ID, "nsg", outbound))},
    )
    return replace(made, **changes)


@pytest.mark.parametrize("data", [True, False])
@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({}, "pass"),
        ({"outbound": (rule("Deny", "Internet", 100),)}, "not-applicable"),
        ({"outbound": (rule("Deny", "20.0.0.0/8", 100),)}, "unknown"),
        ({"routes": (route("0.0.0.0/0", "None"),)}, "not-applicable"),
        ({"routes": (route("0.0.0.0/0", "None"),), "route_tables": {TABLE: REFUSED}}, "unknown"),
        ({"outbound": (rule("Deny", "*", 100),), "security_groups": {GROUP_ID: REFUSED}}, "unknown"),
        ({"cluster": cluster(outbound_type="none")}, "not-applicable"),
        ({"cluster": cluster(outbound_type="userDefinedRouting")}, "unknown"),
    ],
    ids=lambda item: str(item)[:40],
)
def test_a_public_way_out(found: dict[str, Any], status: str, data: bool) -> None:
    changes = dict(found)
    made = public_world(*changes.pop("routes", ()), data=data, **changes)
    assert judged(made, "AKA351").status == status


def test_the_public_rule_alone() -> None:
    made = public_world(outbound=(rule("Deny", "Internet", 100),))
    stopped = public_obstacle(made, pool(), DATA_HOST)
    assert stopped is not None
    assert (stopped.kind, stopped.address) == ("rules", "")
    assert public_obstacle(public_world(), pool(), DATA_HOST) is None


def fallen_back(**changes: Any) -> Facts:
    """Only the login server has a record: the data endpoint's name falls back to the public one."""
    made = world(
        zone_links={zone_id(): Seen((link(policy="NxDomainRedirect"),))},
        zone_records={zone_id(): Seen((AddressRecord("shopacr", (LOGIN,)),))},
    )
    return replace(made, **changes)


def test_a_public_side_that_may_admit_the_nodes_is_no_fault() -> None:
    rules = registry(default_action="Deny", ip_rules=("20.9.9.9",), endpoint_connections=(connection(),))
    routed = vnet(
        "vnet1",
        peering("data", prefixes=("10.2.0.0/16",)),
        subnets=(subnet(route_table_id=TABLE),),
    )
    made = fallen_back(
        registry=rules, route_tables={TABLE: Seen(route_table(route("0.0.0.0/0", "VirtualNetworkGateway")))}
    )
    made = replace(made, virtual_networks={**made.virtual_networks, routed.id: Seen(routed)})
    assert judged(made, "AKA351").status == "unknown"
    assert layers(made).status == "unknown"


def test_a_public_side_that_keeps_the_nodes_out_is_one() -> None:
    rules = registry(default_action="Deny", ip_rules=("20.9.9.9",), endpoint_connections=(connection(),))
    assert judged(fallen_back(registry=rules), "AKA351").status == "fail"
    opened = registry(endpoint_connections=(connection(),))
    assert judged(fallen_back(registry=opened), "AKA351").status == "pass"
    denying = SecurityGroup(GROUP_ID, "nsg", (rule("Deny", "Internet", 300),))
    guarded = vnet("vnet1", peering("data", prefixes=("10.2.0.0/16",)), subnets=(subnet(security_group_id=GROUP_ID),))
    made = fallen_back(registry=opened, security_groups={GROUP_ID: Seen(denying)})
    made = replace(made, virtual_networks={**made.virtual_networks, guarded.id: Seen(guarded)})
    verdict = judged(made, "AKA351")
    assert verdict.status == "fail"
    assert any("AzureContainerRegistry" in command for fix in verdict.fixes for command in fix.commands)


def test_an_endpoint_that_is_waiting_for_approval_comes_first() -> None:
    made = world()
    waiting = replace(made, registry=replace(made.registry, endpoint_connections=(connection("Pending"),)))
    verdict = judged(waiting, "AKA351")
    assert verdict.status == "not-applicable"
    assert "AKA311" in verdict.message


def test_ids_are_compared_whatever_their_case() -> None:
    made = world(route(f"{DATA}/32", "None", name="drop"))
    loud = {ResourceId(key.text.upper()): fact for key, fact in made.private_endpoints.items()}
    assert endpoint_id() in loud
    assert judged(replace(made, private_endpoints=loud), "AKA351").status == "fail"
