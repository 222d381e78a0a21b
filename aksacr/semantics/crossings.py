"""What a pull asks for that a user-defined route takes through an appliance.

Rules (Azure routing, Azure Container Registry): a pull asks the login server, and then for layers the data endpoint of
the registry's region that is nearest, or Azure Storage where the registry has no data endpoints; a registry with a
private endpoint answers with data endpoints on that path. A service endpoint on the subnet is a route of its own, which
goes before a default route. A private endpoint's /32 route does, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, look, same

from .admission import has_service_endpoint, is_closed
from .appliances import Appliance, appliance_behind
from .azure_firewall import Passage, passage_through
from .egress import proxy_of
from .endpoints import endpoint_of_address
from .firewall_matching import ANY_HOST, Target
from .hub_ways import way_to
from .name_resolution import registry_names, resolve
from .pools import network_of, subnet_of
from .prefixes import holds_address, prefix_length
from .public_routes import public_routes
from .regions import regions_gap, registry_regions
from .remembering import remembered
from .routing import next_hop, user_route
from .service_endpoints import storage_by_service_endpoint
from .service_tags import REGISTRY_TAG, STORAGE_TAG, Match, region_name

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, Route, Subnet, VirtualNetwork

_ANYWHERE = "20.0.0.1"  # some public address: a default route holds it, a route to pods does not
_NO_OBSTACLE = {"internet", "none", "vnetlocal"}  # "None" drops: AKA331 and AKA341 speak of it


@dataclass(frozen=True, slots=True)
class Crossing:
    """A target of a pull and the appliance on the way to it.

    `certain` is false where the name, or the route for its address, may lead elsewhere; `doubt` names the routes and
    service endpoints of which Azure does not show whether they hold the address.
    """

    target: Target
    appliance: Appliance
    certain: bool = True
    doubt: str = ""


@remembered
def crossings(facts: Facts, pool: NodePool) -> list[Crossing]:
    """What of a pool's pulls goes through an appliance, the login server first. Raises `UnseenError`."""
    vnet = network_of(facts, pool)
    if not _has_appliances(facts, subnet_of(facts, pool)):
        return []
    login = resolve(facts, vnet)
    if login.leads_nowhere or (login.kind == "public" and is_closed(facts.registry)):
        return []
    found: list[Crossing] = []
    for target in _targets(facts, vnet, by_endpoint=login.kind == "private"):
        if not proxy_of(facts, pool, target.name):
            found += _on_the_way(facts, pool, vnet, target)
    return found


def by_next_hop(found: list[Crossing]) -> list[list[Crossing]]:
    """The crossings of each appliance, in their order."""
    by_hop: dict[str, list[Crossing]] = {}
    for crossing in found:
        by_hop.setdefault(crossing.appliance.route.next_hop_address, []).append(crossing)
    return list(by_hop.values())


def _has_appliances(facts: Facts, subnet: Subnet) -> bool:
    """Whether any route could take a pull through an appliance, whatever the names lead to."""
    if subnet.route_table_id is None:
        return False
    table = look(facts.route_tables, subnet.route_table_id).value
    away = [route for route in (table.routes if table else ()) if route.next_hop_type.lower() not in _NO_OBSTACLE]
    return any(not _is_to_pods(facts, subnet, route) for route in away)


def _is_to_pods(facts: Facts, subnet: Subnet, route: Route) -> bool:
    """Kubenet routes each node's pods to the node, as if it were an appliance; no private endpoint is among pods."""
    if not holds_address(subnet.prefixes, route.next_hop_address) or prefix_length(route.prefix, _ANYWHERE) >= 0:
        return False
    for known in facts.endpoint_addresses.values():
        if isinstance(known, Unseen) or any(holds_address((route.prefix,), str(item.address)) for item in known.value):
            return False
    return True


def passages(facts: Facts, pool: NodePool, found: list[Crossing]) -> list[tuple[Crossing, Passage]]:
    """What the Azure Firewalls among the crossings do with them."""
    prefixes = subnet_of(facts, pool).prefixes
    return [
        (item, passage_through(facts, item.appliance.firewall, prefixes, item.target))
        for item in found
        if item.appliance.firewall is not None
    ]


def _targets(facts: Facts, vnet: VirtualNetwork, *, by_endpoint: bool) -> list[Target]:
    registry = facts.registry
    login = _registry_target(facts, registry.login_server)
    if by_endpoint:
        return [login, *(_registry_target(facts, name) for name in _nearest(registry_names(facts)[1:], vnet))]
    if registry.data_endpoint_enabled:
        return [login, *(_registry_target(facts, name) for name in _nearest(registry.data_endpoint_host_names, vnet))]
    suffix = facts.cloud.storage_suffix
    return [login, replace(login, name=f"*.blob.{suffix}" if suffix else ANY_HOST, tag=STORAGE_TAG)]


def _nearest(names: tuple[str, ...], vnet: VirtualNetwork) -> tuple[str, ...]:
    """The data endpoints of the nodes' own region, which are the nearest; all of them where it has none."""
    own = tuple(name for name in names if _region(name) == region_name(vnet.location))
    return own or names


def _region(data_endpoint: str) -> str:
    """`x.westus2.data.azurecr.io` is in westus2."""
    labels = data_endpoint.lower().split(".")
    return region_name(labels[1]) if len(labels) > 2 and labels[2] == "data" else ""


def _registry_target(facts: Facts, name: str) -> Target:
    region = _region(name)
    if region:
        return Target(name, REGISTRY_TAG, frozenset({region}))
    regions, known = registry_regions(facts)
    return Target(name, REGISTRY_TAG, regions, known, regions_gap=regions_gap(facts))


def _on_the_way(facts: Facts, pool: NodePool, vnet: VirtualNetwork, target: Target) -> list[Crossing]:
    if target.name.startswith("*"):
        return _public(facts, pool, vnet, target, certain=True)
    found = resolve(facts, vnet, target.name)
    if found.kind == "private":
        return [each for address in found.addresses for each in _private(facts, pool, vnet, target, address)]
    if found.leads_nowhere:
        return []
    return _public(facts, pool, vnet, target, certain=found.kind == "public")


def _private(facts: Facts, pool: NodePool, vnet: VirtualNetwork, target: Target, address: str) -> list[Crossing]:
    endpoint = endpoint_of_address(facts, address)
    if endpoint is None:
        return []
    between = way_to(facts, pool, endpoint, address)
    own = user_route(facts, pool, address)
    is_hidden = isinstance(facts.virtual_network(endpoint.virtual_network_id), Unseen)
    if own is None or own.next_hop_type.lower() in _NO_OBSTACLE:
        return []
    if is_hidden and between.gap is not None:
        raise UnseenError(between.gap)  # whether the endpoint's own route is known here, and goes before that one
    hop = next_hop(facts, pool, endpoint, address, between)
    if hop.kind != "appliance" or hop.route is None:
        return []
    there = Target(target.name, target.tag, target.regions, target.regions_known, address)
    return [Crossing(there, appliance_behind(facts, vnet, hop.route))]


def _public(facts: Facts, pool: NodePool, vnet: VirtualNetwork, target: Target, *, certain: bool) -> list[Crossing]:
    past = _by_service_endpoint(facts, pool, target)
    if past is Match.YES:
        return []
    subnet = subnet_of(facts, pool)
    routes = public_routes(facts, subnet, target.tag)
    ways = [routes.route, *routes.doubtful]
    doubts = [route_words(route) for route in routes.doubtful]
    if past is Match.PART:
        doubts.append(f"service endpoint Microsoft.Storage of subnet {subnet.name}")
    doubt = " or ".join(doubts)
    return [
        Crossing(target, appliance_behind(facts, vnet, route), certain and not doubt, doubt)
        for route in ways
        if route is not None and route.next_hop_type.lower() not in _NO_OBSTACLE
    ]


def _by_service_endpoint(facts: Facts, pool: NodePool, target: Target) -> Match:
    if same(target.tag, STORAGE_TAG):
        return storage_by_service_endpoint(facts, pool)
    return Match.YES if has_service_endpoint(facts, pool) else Match.NO


def route_words(route: Route) -> str:
    """`route to-firewall (0.0.0.0/0 to VirtualAppliance 10.9.0.4)`."""
    return f"route {route.name} ({route.prefix} to {route.next_hop_type} {route.next_hop_address}".rstrip() + ")"
