"""Facts that remember which of their fields were looked at, and the facts of every fixture."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from aksacr.azure.gather import from_world
from aksacr.facts import EndpointConnection, Facts, Seen, mapped
from aksacr.scenarios import every_scenario
from aksacr.standin.transport import WorldTransport
from aksacr.standin.world import World

if TYPE_CHECKING:
    from collections.abc import Generator

    from aksacr.facts import Peering, Subnet, VirtualNetwork

FIELDS = frozenset(field.name for field in fields(Facts) if field.init)
_touched: ContextVar[set[str] | None] = ContextVar("touched", default=None)


@dataclass(frozen=True, slots=True)
class WatchedFacts(Facts):
    """Facts whose every reading of a field is noted, by whatever function reads it."""

    def __getattribute__(self, name: str) -> object:
        touched = _touched.get()
        if touched is not None and name in FIELDS:
            touched.add(name)
        return object.__getattribute__(self, name)


@contextmanager
def watching() -> Generator[set[str]]:
    """The names of the fields that are read inside."""
    touched: set[str] = set()
    token = _touched.set(touched)
    try:
        yield touched
    finally:
        _touched.reset(token)


def facts_in(world: World) -> WatchedFacts:
    """The facts of a world, through the real SDK."""
    found = asyncio.run(from_world(world, WorldTransport(world), image=None)).facts
    return WatchedFacts(**{name: getattr(found, name) for name in FIELDS})


@cache
def facts_of_every_fixture() -> dict[str, WatchedFacts]:
    """By the fixture's name; collected once for all tests of this folder."""
    return {scenario.name: facts_in(scenario.world()) for scenario in every_scenario()}


def selected_networks() -> dict[str, WatchedFacts]:
    """Registries that admit selected networks and have a private endpoint: every check has much to look at there.

    And two that admit nobody, whose opening needs the addresses that nodes leave from.
    """
    public = facts_of_every_fixture()["egress_addresses_allowed"]
    return {
        "closed, behind a firewall": _closed(_behind_firewall(public)),
        "closed, behind a NAT gateway": _closed(_behind_nat_gateway(public)),
        "selected networks, endpoint elsewhere": _endpoint_elsewhere(),
        "selected networks, endpoint in the nodes' network": _endpoint_here(),
    }


def _closed(facts: WatchedFacts) -> WatchedFacts:
    return replace(facts, registry=replace(facts.registry, public_network_access="Disabled", endpoint_connections=()))


def harder_ways() -> dict[str, WatchedFacts]:
    """Every fixture once more, in situations in which checks look at most."""
    found: dict[str, WatchedFacts] = {}
    for name, facts in facts_of_every_fixture().items():
        far = _behind_firewall(facts)
        found[f"{name}, behind a firewall"] = far
        found[f"{name}, behind a firewall, without links"] = _without_links(far, "Approved")
        found[f"{name}, behind a firewall, with a pending endpoint"] = _without_links(far, "Pending")
        found[f"{name}, behind a firewall, with redirecting links"] = _redirecting(far)
        found[f"{name}, asking a firewall for names"] = _asking_firewall(far)
        found[f"{name}, behind a NAT gateway"] = _behind_nat_gateway(facts)
        cluster = replace(facts.cluster, outbound_type="none")
        found[f"{name}, no way out"] = replace(facts, cluster=cluster, route_tables={})
    return found


_OF_THE_WAY_OUT = (
    *("route_tables", "firewalls", "firewall_policies", "policy_heads", "ip_groups", "nat_gateways"),
    "public_addresses",
)


def _behind_firewall(facts: WatchedFacts) -> WatchedFacts:
    """A registry of selected networks, seen from subnets whose default route leads to a firewall."""
    other = facts_of_every_fixture()["firewall_behind_nat_gateway"]
    there, subnet = next(_subnets(other))
    return _leaving(facts, other, there.peerings, route_table_id=subnet.route_table_id)


def _asking_firewall(facts: WatchedFacts) -> WatchedFacts:
    """The networks of nodes behind a firewall ask that for names."""
    networks = dict(facts.virtual_networks)
    firewalls = [item for fact in facts.firewalls.values() if isinstance(fact, Seen) for item in fact.value]
    servers = tuple(address for item in firewalls for address in item.private_addresses)
    for vnet, _ in _subnets(facts):
        networks[vnet.id] = Seen(replace(vnet, dns_servers=servers))
    return replace(facts, virtual_networks=networks)


def _behind_nat_gateway(facts: WatchedFacts) -> WatchedFacts:
    other = facts_of_every_fixture()["nat_gateway_address_allowed"]
    _, subnet = next(_subnets(other))
    return _leaving(facts, other, (), route_table_id=None, nat_gateway_id=subnet.nat_gateway_id)


def _leaving(facts: WatchedFacts, other: Facts, peerings: tuple[Peering, ...], **changes: Any) -> WatchedFacts:
    """The registry admits selected networks, and every subnet leaves as changed, by what `other` has."""
    networks = dict(facts.virtual_networks)
    for vnet, _ in _subnets(facts):
        subnets = tuple(replace(item, **changes) for item in vnet.subnets)
        networks[vnet.id] = Seen(replace(vnet, subnets=subnets, peerings=(*vnet.peerings, *peerings)))
    registry = replace(facts.registry, public_network_access="Enabled", default_action="Deny", ip_rules=())
    return replace(
        facts,
        registry=registry,
        virtual_networks={**other.virtual_networks, **networks},
        **{name: {**getattr(facts, name), **getattr(other, name)} for name in _OF_THE_WAY_OUT},
    )


def _without_links(facts: WatchedFacts, status: str) -> WatchedFacts:
    """The registry has an endpoint in this state, and no zone is linked."""
    endpoints = facts.registry.endpoint_connections or (EndpointConnection("endpoint", None, status, ""),)
    registry = replace(facts.registry, endpoint_connections=tuple(replace(item, status=status) for item in endpoints))
    return replace(facts, registry=registry, zone_links={zone: Seen(()) for zone in facts.zone_links})


def _redirecting(facts: WatchedFacts) -> WatchedFacts:
    """Names without a record fall back to their public addresses."""
    links = {
        zone: mapped(fact, lambda found: tuple(replace(link, resolution_policy="NxDomainRedirect") for link in found))
        for zone, fact in facts.zone_links.items()
    }
    return replace(facts, zone_links=links)


def _subnets(facts: Facts) -> Generator[tuple[VirtualNetwork, Subnet]]:
    """The networks and subnets that pools are in, as far as they were seen."""
    for pool in facts.cluster.node_pools:
        subnet_id = facts.subnet_id(pool)
        vnet = facts.virtual_network(subnet_id.value.parent) if isinstance(subnet_id, Seen) else subnet_id
        if isinstance(subnet_id, Seen) and isinstance(vnet, Seen) and vnet.value is not None:
            subnet = vnet.value.subnet(subnet_id.value)
            if subnet is not None:
                yield vnet.value, subnet


def _endpoint_here() -> WatchedFacts:
    document = _document("recorded_private_endpoint")
    _select_networks(document)
    return facts_in(World.parse(json.dumps(document).encode(), "selected networks"))


def _endpoint_elsewhere() -> WatchedFacts:
    """No link to the zone, and the subnet leaves by a NAT gateway and has a route table."""
    document = _document("private_endpoint_elsewhere_public_side_open")
    other = _document("nat_gateway_address_allowed")["resources"]
    wanted = ("/natgateways/", "/routetables/", "/publicipaddresses/nat-egress")
    brought = {key: body for key, body in other.items() if any(word in key for word in wanted)}
    document["resources"] |= brought
    ids = {key.split("/")[-2]: body["id"] for key, body in brought.items()}
    pool = _one(document, "managedclusters")["properties"]["agentPoolProfiles"][0]["vnetSubnetID"].lower()
    network = _one(document, pool.split("/subnets/")[0].rsplit("/", 1)[-1])
    subnet = next(item for item in network["properties"]["subnets"] if item["id"].lower() == pool)
    subnet["properties"] |= {"natGateway": {"id": ids["natgateways"]}, "routeTable": {"id": ids["routetables"]}}
    _select_networks(document)
    return facts_in(World.parse(json.dumps(document).encode(), "selected networks"))


def _select_networks(document: dict[str, Any]) -> None:
    _one(document, "registries")["properties"] |= {
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
    }


def _document(name: str) -> dict[str, Any]:
    folder = next(scenario.folder for scenario in every_scenario() if scenario.name == name)
    return json.loads((folder / "world.json").read_bytes())


def _one(document: dict[str, Any], kind: str) -> dict[str, Any]:
    """The body of the one resource whose id ends in `kind` or in `kind/<name>`."""
    bodies = document["resources"].items()
    [found] = [body for key, body in bodies if key.endswith(f"/{kind}") or key.split("/")[-2] == kind]
    return found
