"""What stops the requests for layers to a data endpoint that nodes resolve to a private address.

Rules (Azure private link): every name of a registry has an address of its own at each private endpoint, so that routes
and security rules may treat the data endpoint's otherwise than the login server's. Only an approved connection carries
packets. What stops the login server just as well is not looked for here: other checks speak of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, same

from .appliances import appliance_behind
from .endpoints import connection_of_address
from .hub_ways import way_to
from .pools import network_of, subnet_of
from .routing import next_hop
from .security_rules import Decision, goes_by_proxy, to_endpoint, verdict_of

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, PrivateEndpoint

    from .name_resolution import Resolution
    from .routing import NextHop

_UNDONE = {"apart", "broken"}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stops packets to `address`: nothing of the registry's there, no way, a route (`hop`), or rules (`rules`)."""

    address: str
    words: str
    hop: NextHop | None = None
    rules: tuple[Decision, ...] = ()


def layer_obstacle(facts: Facts, pool: NodePool, login: Resolution, data: Resolution) -> Obstacle | None:
    """The first thing that stops a pool's requests to a data endpoint but not those to the login server.

    Both resolutions are `private`. Raises `UnseenError` where what decides was not seen, unless another address of the
    name is known to be stopped.
    """
    gap: UnseenError | None = None
    for address in data.addresses:
        try:
            found = _at(facts, pool, login, data.name, address)
        except UnseenError as error:
            gap = gap or error
            continue
        if found is not None:
            return found
    if gap is not None:
        raise gap
    return None


def _at(facts: Facts, pool: NodePool, login: Resolution, name: str, address: str) -> Obstacle | None:
    held = connection_of_address(facts, address)
    if held is None:
        return Obstacle(address, "no private endpoint of the registry")
    connection, endpoint = held
    if not same(connection.status, "Approved"):
        return Obstacle(address, f"private endpoint {endpoint.name}, whose connection is {connection.status}")
    if goes_by_proxy(facts, pool, name):
        return None
    if address in login.addresses:
        return None
    beside = _login_ends(facts, login)
    found = _no_way(facts, pool, endpoint, address, beside)
    if found is None:
        found = _misled(facts, pool, endpoint, address, beside) or _denied(facts, pool, endpoint, address, beside)
    return found


def _login_ends(facts: Facts, login: Resolution) -> list[tuple[PrivateEndpoint, str]]:
    """The endpoints that the login server's own addresses belong to, each with its address."""
    held = ((connection_of_address(facts, address), address) for address in login.addresses)
    return [(found[1], address) for found, address in held if found is not None]


def _no_way(
    facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, beside: list[tuple[PrivateEndpoint, str]]
) -> Obstacle | None:
    if any(other.virtual_network_id == endpoint.virtual_network_id for other, _ in beside):
        return None  # the same networks: the checks of peerings speak of both
    there = way_to(facts, pool, endpoint, address)
    name = endpoint.virtual_network_id.name
    if there.kind in _UNDONE:
        here = network_of(facts, pool).name
        return Obstacle(address, f"private endpoint {endpoint.name} in {name}, which {here} does not reach")
    if there.kind == "unseen":
        hidden = Unseen(endpoint.virtual_network_id.text, "", "shows no way to it")
        raise UnseenError(hidden if there.gap is None else there.gap)
    return None


def _misled(
    facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, beside: list[tuple[PrivateEndpoint, str]]
) -> Obstacle | None:
    known = [_hop(facts, pool, *item) for item in beside]
    if beside and None in known:
        return None  # how the login server's packets go is not known either
    hop = next_hop(facts, pool, endpoint, address, way_to(facts, pool, endpoint, address))
    if any(other is not None and (other.kind, other.route) == (hop.kind, hop.route) for other in known):
        return None
    route = hop.route
    if hop.kind == "dropped" and route is not None:
        to = f"{route.prefix} to {route.next_hop_type}"
        return Obstacle(address, f"route {route.name} ({to}) throws packets to it away", hop)
    if hop.kind == "nowhere":
        return Obstacle(address, "no route leads there", hop)
    if hop.kind == "appliance" and route is not None:
        behind = appliance_behind(facts, network_of(facts, pool), route)
        if behind.firewall is None:
            reason = f"route {route.name} takes {address} through {behind.hop}, whose rules are not seen"
            table = Unseen(str(subnet_of(facts, pool).route_table_id), "", reason)
            raise UnseenError(table if behind.gap is None else behind.gap)
    return None


def _hop(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> NextHop | None:
    try:
        return next_hop(facts, pool, endpoint, address, way_to(facts, pool, endpoint, address))
    except UnseenError:
        return None


def _denied(
    facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, beside: list[tuple[PrivateEndpoint, str]]
) -> Obstacle | None:
    for item in beside:
        try:
            known = verdict_of(to_endpoint(facts, pool, *item))
        except UnseenError:
            return None
        if known is not None and known.kind != "allow":
            return None
    decisions = to_endpoint(facts, pool, endpoint, address)
    decisive = verdict_of(decisions)
    if decisive is None or decisive.kind == "allow":
        return None
    group, rule = decisive.group, decisive.rule
    named = f"rule {rule.name} (priority {rule.priority}) of network security group {group.name} on {decisive.place}"
    if decisive.kind == "open":
        raise UnseenError(Unseen(group.id.text, "", f"whether {named} holds for {address} cannot be told"))
    denying = tuple(item for item in decisions if item.kind == "deny")
    return Obstacle(address, f"{named} denies 443 to it", rules=denying)
