"""Which security groups are on the way of a node pool, and what they say: with facts, and as Azure answers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from azure.mgmt.compute.models import VirtualMachineScaleSet
from azure.mgmt.network.models import NetworkInterface, NetworkSecurityGroup
from judging import scenario

from aksacr.azure.compute import decode_scale_set
from aksacr.azure.gather import from_world
from aksacr.azure.security_groups import decode_interface_groups, decode_security_group, with_interface_groups
from aksacr.facts import HttpProxy, Machine, ResourceId, Seen, Unseen, UnseenError
from aksacr.semantics.endpoints import endpoints_meant
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.security_rules import (
    Flow,
    Rulebook,
    filters_endpoints,
    goes_by_proxy,
    registry_regions,
    space_of,
    to_endpoint,
    to_registry,
)
from aksacr.semantics.service_tags import (
    Hosts,
    Match,
    Space,
    holds,
    ranges_of,
)
from aksacr.standin.transport import WorldTransport

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.security_rules import Decision

from .ruling import ASG, ENDPOINT, GROUP_ID, REGISTRY, group, to

# --- with facts ------------------------------------------------------------------------------------------------------


@cache
def facts_of(name: str) -> Facts:
    world = scenario(name).world()
    return asyncio.run(from_world(world, WorldTransport(world), image=None)).facts


def only_pool(facts: Facts) -> NodePool:
    return facts.cluster.node_pools[0]


def at_endpoint(facts: Facts) -> list[Decision]:
    pool = only_pool(facts)
    ((endpoint, address),) = endpoints_meant(facts, pool, network_of(facts, pool))
    return to_endpoint(facts, pool, endpoint, address)


def kinds(decisions: list[Decision]) -> list[tuple[str, str, str]]:
    return [(item.kind, item.rule.name, item.place) for item in decisions]


def test_groups_of_subnet_and_network_interfaces_are_both_read() -> None:
    facts = facts_of("nsg_of_network_interfaces_blocks_registry")
    assert kinds(to_registry(facts, only_pool(facts))) == [
        ("allow", "AllowInternetOutBound", "subnet aks-subnet"),
        ("deny", "DenyOut", "the network interfaces of aks-nodepool1-22209138-vmss"),
    ]


def test_machines_that_were_not_seen_only_matter_while_nothing_denies() -> None:
    denied = replace(facts_of("nsg_blocks_registry"), machines=Unseen("machines", "Some/read", "denied"))
    assert [item.kind for item in to_registry(denied, only_pool(denied))] == ["deny"]
    allowed = replace(facts_of("recorded_public_attached"), machines=denied.machines)
    with pytest.raises(UnseenError):
        to_registry(allowed, only_pool(allowed))


def test_the_group_of_akss_own_lets_pulls_out() -> None:
    facts = facts_of("recorded_public_attached")
    assert kinds(to_registry(facts, only_pool(facts))) == [("allow", "AllowInternetOutBound", "subnet aks-subnet")]


@pytest.mark.parametrize(
    ("policies", "filters"),
    [
        ("Enabled", True),
        ("NETWORKSECURITYGROUPENABLED", True),
        ("Disabled", False),
        ("RouteTableEnabled", False),
        ("", False),
        ("Tomorrow", None),
    ],
)
def test_groups_at_the_endpoint_count_while_policies_are_on(policies: str, filters: bool | None) -> None:
    facts = facts_of("nsg_blocks_at_endpoint_subnet")
    ((vnet_id, found),) = facts.virtual_networks.items()
    assert isinstance(found, Seen)
    assert found.value is not None
    vnet = found.value
    subnets = tuple(
        replace(item, endpoint_policies=policies) if item.name == "testsubnet000004" else item for item in vnet.subnets
    )
    assert filters_endpoints(subnets[-1]) is filters
    changed = replace(facts, virtual_networks={vnet_id: Seen(replace(vnet, subnets=subnets))})
    if filters is None:
        with pytest.raises(UnseenError, match="Tomorrow"):
            at_endpoint(changed)
    else:
        assert [item.kind for item in at_endpoint(changed)] == (["deny"] if filters else [])


def test_the_space_is_that_of_network_peers_and_routes() -> None:
    facts = facts_of("private_endpoint_in_peered_network")
    pool = only_pool(facts)
    vnet, subnet = network_of(facts, pool), subnet_of(facts, pool)
    assert holds(("VirtualNetwork",), (), Hosts(ranges_of(("10.100.0.4",))), space_of(facts, vnet, subnet)) is Match.YES
    closed = tuple(replace(item, allow_access=False) for item in vnet.peerings)
    down = tuple(replace(item, state="Disconnected") for item in vnet.peerings)
    for peerings in (closed, down):
        space = space_of(facts, replace(vnet, peerings=peerings), subnet)
        assert holds(("VirtualNetwork",), (), Hosts(ranges_of(("10.100.0.4",))), space) is Match.NO
    routed = replace(subnet, route_table_id=GROUP_ID)
    assert space_of(facts, vnet, routed).open_ended, "a route table that was not read may hold anything"
    by_gateway = tuple(replace(item, use_remote_gateways=True) for item in vnet.peerings)
    assert space_of(facts, replace(vnet, peerings=by_gateway), subnet).open_ended


def test_regions_of_a_registry() -> None:
    private, public = facts_of("recorded_private_endpoint"), facts_of("recorded_public_attached")
    assert registry_regions(private) == (frozenset({"westus"}), True), "its endpoint names every data endpoint"
    assert registry_regions(public) == (frozenset({"westus"}), True), "only Premium registries have replicas"
    premium = replace(public, registry=replace(public.registry, sku="Premium"))
    assert registry_regions(replace(premium, replicas=Seen(()))) == (frozenset({"westus"}), True), "read: home alone"
    hidden = Unseen("replications", "Microsoft.ContainerRegistry/registries/replications/read", "denied")
    premium = replace(premium, replicas=hidden)
    assert registry_regions(premium) == (frozenset({"westus"}), False)
    names = ("r.westus.data.azurecr.io", "r.uksouth.data.azurecr.io")
    listed = replace(public, registry=replace(public.registry, sku="Premium", data_endpoint_host_names=names))
    assert registry_regions(listed) == (frozenset({"westus", "uksouth"}), True)


def test_requests_that_go_by_the_proxy() -> None:
    facts = facts_of("recorded_public_attached")
    host, pool = facts.registry.login_server, only_pool(facts)
    assert not goes_by_proxy(facts, pool, host)
    proxied = replace(facts, cluster=replace(facts.cluster, http_proxy=HttpProxy("", "http://proxy:3128", ())))
    assert goes_by_proxy(proxied, pool, host)
    assert not goes_by_proxy(proxied, replace(pool, os_type="Windows"), host)
    spared = HttpProxy("", "http://proxy:3128", (".azurecr.io",))
    assert not goes_by_proxy(replace(facts, cluster=replace(facts.cluster, http_proxy=spared)), pool, host)


def test_a_thousand_rules_for_two_hundred_pools_are_quick() -> None:
    many = [
        to(f"20.{number // 256}.{number % 256}.0/24", priority=100 + number, access="Allow") for number in range(900)
    ]
    many += [
        to("VirtualNetwork", f"10.{number}.0.0/24", priority=1000 + number, access="Allow") for number in range(100)
    ]
    space = Space(ranges_of(f"10.{number}.0.0/16" for number in range(51)))
    book, held = Rulebook(), group(*many)
    start = time.process_time()
    for number in range(200):
        nodes = Hosts(ranges_of((f"10.1.{number}.0/24",)))
        assert book.decide(held, Flow("Outbound", nodes, REGISTRY, space)).kind == "allow"
        assert book.decide(held, Flow("Outbound", nodes, ENDPOINT, space)).kind == "allow"
    assert time.process_time() - start < 2


# --- as Azure answers ------------------------------------------------------------------------------------------------


def test_single_and_plural_forms_of_a_rule_are_read() -> None:
    properties = {
        "protocol": "Tcp",
        "access": "Deny",
        "priority": 300,
        "direction": "Outbound",
        "sourceAddressPrefix": "*",
        "sourceAddressPrefixes": [],
        "sourcePortRange": "*",
        "destinationAddressPrefix": "",
        "destinationAddressPrefixes": ["10.0.0.0/8", "20.0.0.0/8"],
        "destinationPortRanges": ["80", "443"],
        "destinationApplicationSecurityGroups": [{"id": ASG.text}],
    }
    listed = {"securityRules": [{"name": "r", "properties": properties}]}
    body = {"id": GROUP_ID.text, "name": "nodes-nsg", "properties": listed}
    (read,) = decode_security_group(NetworkSecurityGroup(body)).rules
    assert read.source_prefixes == ("*",)
    assert read.destination_prefixes == ("10.0.0.0/8", "20.0.0.0/8")
    assert read.destination_ports == ("80", "443")
    assert read.destination_groups == (ASG,)


def test_virtual_machines_take_the_groups_of_their_primary_interface() -> None:
    machine_id = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1")
    properties: dict[str, Any] = {
        "primary": True,
        "virtualMachine": {"id": machine_id.text.upper()},
        "networkSecurityGroup": {"id": GROUP_ID.text},
        "ipConfigurations": [{"properties": {"applicationSecurityGroups": [{"id": ASG.text}]}}],
    }
    primary = decode_interface_groups(NetworkInterface({"properties": properties}))
    second = decode_interface_groups(NetworkInterface({"properties": properties | {"primary": False}}))
    assert primary is not None
    assert second is None
    machine = Machine(machine_id, "vm1", "virtual machine", "vms", frozenset(), (), False, None)
    other = replace(machine, id=GROUP_ID)
    found, alone = with_interface_groups([machine, other], Seen((primary, second)))
    assert found.security_group_ids == Seen((GROUP_ID,))
    assert found.application_group_ids == Seen((ASG,))
    assert alone.security_group_ids == Seen(())
    gap = Unseen("interfaces", "Microsoft.Network/networkInterfaces/read", "denied")
    assert with_interface_groups([machine], gap)[0].security_group_ids is gap


def test_scale_sets_take_the_groups_of_their_primary_interface() -> None:
    def configured(primary: bool, group_id: ResourceId) -> dict[str, Any]:
        ends = [{"name": "ip", "properties": {"applicationSecurityGroups": [{"id": ASG.text}] if primary else []}}]
        return {
            "name": "nic",
            "properties": {"primary": primary, "networkSecurityGroup": {"id": group_id.text}, "ipConfigurations": ends},
        }

    interfaces = [configured(False, ASG), configured(True, GROUP_ID)]
    profile = {"networkProfile": {"networkInterfaceConfigurations": interfaces}}
    body = {"id": "/x/y", "name": "aks-pool1-1-vmss", "properties": {"virtualMachineProfile": profile}}
    machine = decode_scale_set(VirtualMachineScaleSet(body))
    assert machine.security_group_ids.value == (GROUP_ID,)
    assert machine.application_group_ids.value == (ASG,)


# --- application security groups of the endpoint ---------------------------------------------------------------------


def _endpoint_in(name: str, *groups: str) -> Facts:
    """A fixture whose private endpoint is in these application security groups."""
    found = facts_of(name)
    base = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/clitest000001/providers"
    ids = tuple(ResourceId(f"{base}/Microsoft.Network/applicationSecurityGroups/{item}") for item in groups)
    (old,) = found.private_endpoints.values()
    assert old.value is not None
    changed = {old.value.id: Seen(replace(old.value, application_group_ids=ids))}
    return replace(found, private_endpoints=changed)


@pytest.mark.parametrize(
    ("groups", "kind"),
    [((), "deny"), (("databases",), "deny"), (("Registries",), "allow"), (("databases", "registries"), "allow")],
)
def test_a_rule_for_application_groups_holds_for_their_endpoints(groups: tuple[str, ...], kind: str) -> None:
    facts = _endpoint_in("nsg_allows_application_group_without_endpoint", *groups)
    [decision] = at_endpoint(facts)
    assert (decision.kind, decision.direction) == (kind, "Outbound")


@pytest.mark.parametrize("groups", [(), ("registries",)])
def test_groups_at_the_endpoints_subnet_know_its_application_groups(groups: tuple[str, ...]) -> None:
    facts = _endpoint_in("nsg_blocks_at_endpoint_subnet", *groups)
    (old,) = [item.value for item in facts.security_groups.values() if item.value and item.value.rules]
    target = ResourceId(
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/clitest000001/providers/"
        "Microsoft.Network/applicationSecurityGroups/registries"
    )
    allow = replace(to(access="Allow", priority=101), direction="Inbound", destination_groups=(target,))
    allow = replace(allow, destination_prefixes=())
    changed = replace(facts, security_groups={old.id: Seen(replace(old, rules=(*old.rules, allow)))})
    kinds = [decision.kind for decision in at_endpoint(changed) if decision.direction == "Inbound"]
    assert kinds == (["allow"] if groups else ["deny"])


def test_an_endpoint_that_was_not_seen_is_in_groups_that_are_not_known() -> None:
    facts = facts_of("nsg_allows_application_group_without_endpoint")
    (endpoint_id,) = facts.private_endpoints
    hidden = replace(facts, private_endpoints={endpoint_id: Unseen(endpoint_id.text, "", "denied")})
    with pytest.raises(UnseenError):
        at_endpoint(hidden)
