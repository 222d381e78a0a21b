"""Layers from a registry's data endpoints, private or public: what AKA351 says of the names and of the ways to them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aksacr.check import Fix, Status, Verdict, not_applicable, passed, unknown
from aksacr.facts import UnseenError
from aksacr.semantics.layer_path import LoginWay, Obstacle, layer_obstacles, login_way, public_obstacle
from aksacr.semantics.name_resolution import Resolution, registry_names, relative_name
from aksacr.semantics.pools import subnet_of
from aksacr.semantics.service_tags import REGISTRY_TAG

from ._security_groups import allow_fix, of_all_pools, remove_fix, rule_evidence
from ._wording import listed, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, ResourceId
    from aksacr.semantics.security_rules import Decision

# The checks that speak of what stops the login server, too.
_SPOKEN_OF_BY = {
    "nobody": "AKA303",
    "connection": "AKA311",
    "proxy": "AKA344",
    "no way": "AKA321 to AKA324",
    "route": "AKA331",
    "rules": "AKA332",
    "no egress": "AKA341",
}
_OF_RECORDS = {"no host": "AKA302", "not admitted": "AKA302", "nobody": "AKA303", "connection": "AKA311"}


def by_private_endpoint(facts: Facts, pool: NodePool, login: Resolution) -> Verdict:
    """For a pool that resolves the login server to private addresses. Raises `UnseenError`."""
    own = login_way(facts, pool, login)
    data = registry_names(facts)[1:]
    if not data and own.obstacles:
        return _login_comes_first(facts, pool, own.obstacles[0])
    if not data and own.gap is not None:
        raise UnseenError(own.gap)
    if not data:
        return unknown(
            f"Node pool {pool.name}: no private endpoint of {facts.registry.name} shows the name of its data endpoint."
        )
    found, gap = layer_obstacles(facts, pool, data)
    lost = [(item, obstacle) for item, obstacle in found if obstacle.kind != "proxy" and not own.meets(obstacle)]
    if lost:
        return _lost(facts, pool, own, lost)
    if gap is not None:
        raise gap
    if found:
        return _login_comes_first(facts, pool, found[0][1])
    return passed(f"Node pool {pool.name} reads layers from {listed(data)}, by the private endpoint.")


def by_public_names(facts: Facts, pool: NodePool) -> Verdict:
    """For a pool that resolves the login server, and so the data endpoints, to public ones. Raises `UnseenError`."""
    hosts = facts.registry.data_endpoint_host_names
    for name in hosts or (facts.registry.login_server,):
        obstacle = public_obstacle(facts, pool, name)
        if obstacle is not None:
            return _public_side_comes_first(facts, pool, obstacle)
    names = listed(hosts) or f"the data endpoints of {facts.registry.name}"
    return passed(f"Node pool {pool.name} reads layers from {names}, public like the login server.")


def _login_comes_first(facts: Facts, pool: NodePool, obstacle: Obstacle) -> Verdict:
    by = _SPOKEN_OF_BY.get(obstacle.kind, "AKA301")
    return not_applicable(
        f"Node pool {pool.name}: what keeps it from {facts.registry.login_server} keeps it from the layers, too "
        f"({_gets(obstacle)}); see {by}."
    )


def _public_side_comes_first(facts: Facts, pool: NodePool, obstacle: Obstacle) -> Verdict:
    by = "AKA342" if obstacle.kind == "rules" else _SPOKEN_OF_BY.get(obstacle.kind, "AKA341")
    return not_applicable(
        f"Node pool {pool.name}: whether it gets to {facts.registry.login_server} at all comes first "
        f"({obstacle.words}); see {by}."
    )


def _lost(facts: Facts, pool: NodePool, own: LoginWay, lost: list[tuple[Resolution, Obstacle]]) -> Verdict:
    words = listed(f"{item.name} ({_gets(obstacle)})" for item, obstacle in lost)
    login = facts.registry.login_server
    said = (
        f"reaches {login}, but not where its layers are: {words}. Manifests are read and every layer fails."
        if own.is_open
        else f"does not reach where the layers of {login} are: {words}. Every layer fails, whatever manifests do."
    )
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} {said}",
        evidence=tuple(each for item, obstacle in lost for each in _evidence(facts, pool, item, obstacle)),
        fixes=tuple(
            dict.fromkeys(
                [
                    *(each for item, obstacle in lost for each in _fixes(facts, pool, item, obstacle)),
                    *_past_rules(facts, pool, lost),
                ]
            )
        ),
    )


def _gets(obstacle: Obstacle) -> str:
    return f"{obstacle.address}, {obstacle.words}" if obstacle.address else obstacle.words


def _evidence(facts: Facts, pool: NodePool, item: Resolution, obstacle: Obstacle) -> tuple[Evidence, ...]:
    subnet = subnet_of(facts, pool)
    route = obstacle.hop.route if obstacle.hop is not None else None
    if route is not None:
        path = f"properties.routes[{route.name}]"
        return (seen(str(subnet.route_table_id), path, f"{route.prefix} to {route.next_hop_type}"),)
    if obstacle.rules:
        return tuple(rule_evidence(rule) for rule in obstacle.rules)
    source = item.zone_id or item.answered_for.id
    record = seen(source, f"A[{relative_name(facts, item.name)}]", list(item.addresses))
    states = [
        seen(
            facts.registry.id,
            f"properties.privateEndpointConnections[{each.name}].privateLinkServiceConnectionState.status",
            each.status,
        )
        for each in facts.registry.endpoint_connections
        if obstacle.kind == "connection" and each.name == obstacle.place
    ]
    return (record, *states)


def _fixes(facts: Facts, pool: NodePool, item: Resolution, obstacle: Obstacle) -> tuple[Fix, ...]:
    if obstacle.rules:
        return ()
    if obstacle.hop is not None:
        return (_past_route(facts, pool, item, obstacle),)
    names = _OF_RECORDS.get(obstacle.kind, "AKA303")
    return (
        Fix(
            f"Give {item.name} the record and the way that the login server has; {names} says more",
            manual=True,
            caveat="A DNS zone group on the private endpoint keeps all records.",
            needs="Private DNS Zone Contributor on the zone",
        ),
    )


def _past_rules(facts: Facts, pool: NodePool, lost: list[tuple[Resolution, Obstacle]]) -> list[Fix]:
    """One fix for each rule that denies: rules of one name and number for several addresses replace one another."""
    fixes: list[Fix] = []
    denied = [(item, obstacle, rule) for item, obstacle in lost for rule in obstacle.rules]
    for key in dict.fromkeys(_rule_key(rule) for _, _, rule in denied):
        alike = [(item, obstacle) for item, obstacle, rule in denied if _rule_key(rule) == key]
        decision = next(rule for _, _, rule in denied if _rule_key(rule) == key)
        data = tuple(dict.fromkeys(item.name for item, _ in alike))
        addresses = tuple(dict.fromkeys(obstacle.address for _, obstacle in alike if obstacle.address))
        targets = [*([addresses] if addresses else [])]
        targets += [] if all(obstacle.address for _, obstacle in alike) else [(REGISTRY_TAG,)]
        family = ":" if addresses and all(":" in address for address in addresses) else "."
        met = of_all_pools(facts, pool, decision, partial(_met, facts, data), family)
        fixes += [*remove_fix(facts, decision), allow_fix(facts, *met, data, targets)]
    return fixes


def _rule_key(rule: Decision) -> tuple[ResourceId, str, str]:
    return rule.group.id, rule.rule.name.lower(), rule.direction


def _met(facts: Facts, names: tuple[str, ...], pool: NodePool) -> list[Decision]:
    """The rules that keep a pool from the same data endpoints."""
    return [rule for _, obstacle in layer_obstacles(facts, pool, names)[0] for rule in obstacle.rules]


def _past_route(facts: Facts, pool: NodePool, item: Resolution, obstacle: Obstacle) -> Fix:
    route = obstacle.hop.route if obstacle.hop is not None else None
    which = f"Take route {route.name} off" if route is not None else "Add a route"
    return Fix(
        f"{which}, so that {obstacle.address} ({item.name}) goes the way of {facts.registry.login_server}",
        manual=True,
        caveat="The route was made on purpose: ask who made it.",
        needs=f"Network Contributor on the route table of subnet {subnet_of(facts, pool).name}",
    )
