"""What stops the requests for layers, and whether it stops those to the login server as well.

Rules (Azure private link): every name of a registry has an address of its own at each private endpoint, so that routes
and security rules may treat the data endpoint's otherwise than the login server's. Only an approved connection carries
packets. Public data endpoints are in the service tag of registries (learn.microsoft.com/azure/container-registry/
container-registry-firewall-access-rules), Azure Storage has its own.

An Azure Firewall or another appliance on the way is no obstacle here: `crossings` finds it, `azure_firewall` judges it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Unseen, UnseenError, same

from .admission import public_side
from .egress import way_out
from .endpoints import connection_of_address, unknown_state
from .hub_ways import way_to
from .name_resolution import resolve
from .peering_sync import in_sync
from .pools import network_of
from .remembering import remembered
from .routing import next_hop
from .security_rules import Decision, goes_by_proxy, to_endpoint, to_registry, verdict_of
from .service_tags import REGISTRY_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aksacr.facts import EndpointConnection, Facts, NodePool, PrivateEndpoint

    from .name_resolution import Resolution
    from .routing import NextHop

_UNDONE = {"apart", "broken"}
ObstacleKind = Literal[
    "no host", "not admitted", "nobody", "connection", "proxy", "no way", "route", "rules", "no egress"
]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stops packets to `address` ("" for a public one), in `words`.

    kind: `no host` of the name; the nodes are `not admitted` at the public side; `nobody` of the registry is at the
    address; the `connection` is not approved; an HTTP `proxy` takes the requests, and what it makes of them is not
    Azure's to show; `no way` leads there; a `route` (`hop`) or `rules` stop them; `no egress`. `place` is what it is
    at: the endpoint's network, or the connection.
    """

    kind: ObstacleKind
    address: str
    words: str
    hop: NextHop | None = None
    rules: tuple[Decision, ...] = ()
    place: str = ""

    def is_alike(self, other: Obstacle) -> bool:
        """Whether both are one fault, so that the checks that speak of the one speak of the other, too."""
        if self.kind != other.kind or self.place != other.place:
            return False
        mine, theirs = self.hop, other.hop
        if mine is None or theirs is None:
            return mine is theirs
        return mine.kind == theirs.kind


@dataclass(frozen=True, slots=True)
class LoginWay:
    """How requests to the login server fare: the obstacles that were found, and what could not be seen (`gap`)."""

    obstacles: tuple[Obstacle, ...] = ()
    gap: Unseen | None = None

    @property
    def is_open(self) -> bool:
        return self.gap is None and not self.obstacles

    def meets(self, obstacle: Obstacle) -> bool:
        """Whether what stops layers stops the login server as well."""
        return any(obstacle.is_alike(item) for item in self.obstacles)


def login_way(facts: Facts, pool: NodePool, login: Resolution) -> LoginWay:
    """How a pool's requests to the login server, which it resolves to private addresses, fare. Raises nothing."""
    found: list[Obstacle] = []
    gap: Unseen | None = None
    for address in login.addresses:
        try:
            found.extend(_every_at(facts, pool, login.name, address))
        except UnseenError as error:
            gap = error.unseen if gap is None else gap
    return LoginWay(tuple(found), gap)


def layer_obstacles(
    facts: Facts, pool: NodePool, names: tuple[str, ...]
) -> tuple[list[tuple[Resolution, Obstacle]], UnseenError | None]:
    """What stops a pool's requests to each of the data endpoints, and the first thing that was not seen of the others.

    Raises `UnseenError` where what a name resolves to was not seen.
    """
    found: list[tuple[Resolution, Obstacle]] = []
    gap: UnseenError | None = None
    for item in [resolve(facts, network_of(facts, pool), name) for name in names]:
        try:
            obstacle = layer_obstacle(facts, pool, item)
        except UnseenError as error:
            gap = gap or error
            continue
        found += [(item, obstacle)] if obstacle is not None else []
    return found, gap


@remembered
def layer_obstacle(facts: Facts, pool: NodePool, data: Resolution) -> Obstacle | None:
    """The first thing that stops a pool's requests to a data endpoint, as the pool resolves its name.

    Raises `UnseenError` where what decides was not seen, unless another address of the name is known to be stopped.
    """
    if data.leads_nowhere:
        return Obstacle("no host", "", "no such host" if data.kind == "nxdomain" else "no DNS server answers")
    if data.kind == "unknowable":
        raise UnseenError(Unseen(data.answered_for.id.text, "", f"{data.name} is up to its own DNS servers"))
    if data.kind == "public":
        return _by_public_side(facts, pool, data.name)
    gap: UnseenError | None = None
    for address in data.addresses:
        try:
            found = _at(facts, pool, data.name, address)
        except UnseenError as error:
            gap = gap or error
            continue
        if found is not None:
            return found
    if gap is not None:
        raise gap
    return None


def _by_public_side(facts: Facts, pool: NodePool, name: str) -> Obstacle | None:
    side = public_side(facts, pool)
    if side == "closed":
        return Obstacle("not admitted", "", "its public address, which does not admit the nodes")
    if side == "unknowable":
        reason = f"whether its public side, where {name} is, admits the nodes is not known; see AKA203"
        raise UnseenError(Unseen(facts.registry.id.text, "", reason))
    return public_obstacle(facts, pool, name)


def public_obstacle(facts: Facts, pool: NodePool, name: str, tag: str = REGISTRY_TAG) -> Obstacle | None:
    """What stops a pool's requests to a public host of a service tag on their way out. Raises `UnseenError`."""
    if goes_by_proxy(facts, pool, name):
        return _by_proxy(facts, name, "")
    leaving = way_out(facts, pool)
    if leaving.kind == "none":
        return Obstacle("no egress", "", leaving.reason)
    if not leaving.is_way_out_seen:
        raise UnseenError(Unseen(facts.cluster.id.text, "", f"shows no way out ({leaving.reason})"))
    return _ruled_out(to_registry(facts, pool, tag), "", f"{name} (service tag {tag})")


def _at(facts: Facts, pool: NodePool, name: str, address: str) -> Obstacle | None:
    return next(_every_at(facts, pool, name, address), None)


def _every_at(facts: Facts, pool: NodePool, name: str, address: str) -> Iterator[Obstacle]:
    """All that stops requests to an address, what comes first first. Raises `UnseenError` where it is not seen."""
    held = connection_of_address(facts, address)
    if held is None:
        yield Obstacle("nobody", address, "no private endpoint of the registry")
        return
    connection, endpoint = held
    unapproved = _unapproved(facts, connection, endpoint, address)
    if unapproved is not None:
        yield unapproved
    elif goes_by_proxy(facts, pool, name):
        yield _by_proxy(facts, name, address)
    elif (lost := _no_way(facts, pool, endpoint, address)) is not None:
        yield lost
    else:
        if (misled := _misled(facts, pool, endpoint, address)) is not None:
            yield misled
        ruled_out = _ruled_out(to_endpoint(facts, pool, endpoint, address), address, address)
        if ruled_out is not None:
            yield ruled_out


def _unapproved(
    facts: Facts, connection: EndpointConnection, endpoint: PrivateEndpoint, address: str
) -> Obstacle | None:
    if same(connection.status, "Approved"):
        return None
    if (strange := unknown_state(facts, connection)) is not None:
        raise UnseenError(strange)
    state = connection.status or "in no known state"
    words = f"private endpoint {endpoint.name}, whose connection is {state}"
    return Obstacle("connection", address, words, place=connection.name)


def _by_proxy(facts: Facts, name: str, address: str) -> Obstacle:
    proxy = facts.cluster.http_proxy
    at = (proxy.https_proxy or proxy.http_proxy) if proxy is not None else ""
    return Obstacle("proxy", address, f"requests for {name} go to the cluster's HTTP proxy {at}")


def _no_way(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> Obstacle | None:
    there = way_to(facts, pool, endpoint, address)
    network = endpoint.virtual_network_id
    if there.kind in _UNDONE:
        here = network_of(facts, pool).name
        words = f"private endpoint {endpoint.name} in {network.name}, which {here} does not reach"
        return Obstacle("no way", address, words, place=network.text.lower())
    if there.kind == "unseen":
        raise UnseenError(Unseen(network.text, "", "shows no way to it") if there.gap is None else there.gap)
    synced = in_sync(facts, pool, endpoint, address, there)
    if synced.blind:
        words = f"private endpoint {endpoint.name} in {network.name}: {synced.blind[0].words}"
        return Obstacle("no way", address, words, place=network.text.lower())
    if synced.gap is not None:
        raise UnseenError(synced.gap)
    return None


def _misled(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> Obstacle | None:
    hop = next_hop(facts, pool, endpoint, address, way_to(facts, pool, endpoint, address))
    route = hop.route
    if hop.kind == "dropped" and route is not None:
        to = f"{route.prefix} to {route.next_hop_type}"
        return Obstacle("route", address, f"route {route.name} ({to}) throws packets to it away", hop)
    if hop.kind == "nowhere":
        return Obstacle("route", address, "no route leads there", hop)
    return None


def _ruled_out(decisions: list[Decision], address: str, target: str) -> Obstacle | None:
    decisive = verdict_of(decisions)
    if decisive is None or decisive.kind == "allow":
        return None
    group, rule = decisive.group, decisive.rule
    named = f"rule {rule.name} (priority {rule.priority}) of network security group {group.name} on {decisive.place}"
    if decisive.kind == "open":
        raise UnseenError(Unseen(group.id.text, "", f"whether {named} holds for {target} cannot be told"))
    denying = tuple(item for item in decisions if item.kind == "deny")
    return Obstacle("rules", address, f"{named} denies 443 to it", rules=denying)
