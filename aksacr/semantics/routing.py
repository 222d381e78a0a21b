"""Whether packets find their way from a node pool to a private endpoint.

Rules (Azure peering and routing):
* a peering carries traffic only while both of its sides are Connected, and to the address space that it knows;
* peering is not transitive: a way over a hub takes two peerings, and a route to something in the hub that forwards;
* the longest prefix wins, and of equal ones a user's route before Azure's; a private endpoint is a /32 route in its own
  network and those peered with it, so that a shorter user route does not bear on it, unless the endpoint's subnet
  applies route tables to endpoints and the user's route is as long as the network's own prefix or longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Route, Seen, Unseen, look, same

from .name_resolution import prefix_length
from .pools import subnet_of

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, Peering, PrivateEndpoint, ResourceId, VirtualNetwork

ROUTE_POLICIES = {"enabled", "routetableenabled"}
_SHORTEST_OF_A_NETWORK = 2  # no prefix of a virtual network is shorter
_APPLIANCES = {"virtualappliance", "virtualnetworkgateway"}


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a peering: the network it belongs to and what that network shows of it (None: it has none)."""

    network_id: ResourceId
    remote_id: ResourceId
    peering: Peering | None

    @property
    def connected(self) -> bool:
        return self.peering is not None and same(self.peering.state, "Connected")


@dataclass(frozen=True, slots=True)
class Way:
    """How two networks hang together.

    kind: `same` network, `peered` (every half Connected), `broken` (a half is missing or not Connected; `halves`),
    `apart` (no peering between them, directly or over a hub that was seen), `unseen` (`gap` decides).
    """

    kind: Literal["same", "peered", "broken", "apart", "unseen"]
    halves: tuple[Half, ...] = ()
    hub: VirtualNetwork | None = None
    gap: Unseen | None = None


def way(facts: Facts, start: VirtualNetwork, end_id: ResourceId) -> Way:
    """The way from one virtual network to another: direct, or over a hub that peers with both."""
    if start.id == end_id:
        return Way("same")
    end = facts.virtual_network(end_id)
    here = Half(start.id, end_id, _peering_to(start, end_id))
    if isinstance(end, Unseen):
        return _one_sided(here, end)
    if end.value is None:
        return Way("broken", (here, Half(end_id, start.id, None))) if here.peering else Way("apart")
    there = Half(end_id, start.id, _peering_to(end.value, start.id))
    if here.peering is None and there.peering is None:
        return _over_hub(facts, start, end.value)
    return _judged((here, there))


def _one_sided(here: Half, gap: Unseen) -> Way:
    """Only our side is seen: a half that is not Connected decides; a Connected one leaves the other side open."""
    if here.peering is not None and not here.connected:
        return Way("broken", (here,))
    return Way("unseen", (here,) if here.peering else (), gap=gap)


def _over_hub(facts: Facts, start: VirtualNetwork, end: VirtualNetwork) -> Way:
    ways: list[Way] = []
    ends = {peering.remote_id for peering in end.peerings}
    for peering in start.peerings:
        if peering.remote_id not in ends:
            continue
        hub = facts.virtual_network(peering.remote_id)
        from_start = Half(start.id, peering.remote_id, peering)
        from_end = Half(end.id, peering.remote_id, _peering_to(end, peering.remote_id))
        if isinstance(hub, Seen) and hub.value is not None:
            to_start = Half(hub.value.id, start.id, _peering_to(hub.value, start.id))
            to_end = Half(hub.value.id, end.id, _peering_to(hub.value, end.id))
            ways.append(_judged((from_start, to_start, to_end, from_end), hub.value))
        elif not (from_start.connected and from_end.connected):
            ways.append(_judged((from_start, from_end)))
        elif isinstance(hub, Unseen):
            ways.append(Way("unseen", (from_start, from_end), gap=hub))
    for kind in ("peered", "unseen", "broken"):
        for found in ways:
            if found.kind == kind:
                return found
    return Way("apart")


def _judged(halves: tuple[Half, ...], hub: VirtualNetwork | None = None) -> Way:
    return Way("peered" if all(half.connected for half in halves) else "broken", halves, hub)


def _peering_to(vnet: VirtualNetwork, remote_id: ResourceId) -> Peering | None:
    """The peering of `vnet` with a network, by id (never by prefix of it)."""
    return next((peering for peering in vnet.peerings if peering.remote_id == remote_id), None)


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where packets to an address go.

    kind: `endpoint` (straight to it), `dropped` (next hop None), `appliance` (a user's route to an appliance or
    gateway; `route`), `nowhere` (no route leads there).
    """

    kind: Literal["endpoint", "dropped", "appliance", "nowhere"]
    route: Route | None = None


def next_hop(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, found: Way) -> NextHop:
    """Where the pool's packets to a private endpoint's address go. Raises `UnseenError`.

    `found` is the way between the networks: the endpoint's own /32 route is known in its network and its direct peers.
    """
    route = user_route(facts, pool, address)
    is_near = _is_near(found, endpoint)
    if route is None:
        return NextHop("endpoint" if is_near else "nowhere")
    if is_near and not _outranks_endpoint(facts, endpoint, address, route):
        return NextHop("endpoint")
    if same(route.next_hop_type, "None"):
        return NextHop("dropped", route)
    if route.next_hop_type.lower() in _APPLIANCES:
        return NextHop("appliance", route)
    return NextHop("endpoint" if is_near else "nowhere", route)


def user_route(facts: Facts, pool: NodePool, address: str) -> Route | None:
    """The user-defined route of the pool's subnet that is the longest one to an address. Raises `UnseenError`."""
    subnet = subnet_of(facts, pool)
    if subnet.route_table_id is None:
        return None
    table = look(facts.route_tables, subnet.route_table_id).value
    lengths = [(prefix_length(route.prefix, address), route) for route in (table.routes if table else ())]
    fitting = [item for item in lengths if item[0] >= 0]
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def _is_near(found: Way, endpoint: PrivateEndpoint) -> bool:
    """Whether the endpoint is in the nodes' network or one that peers with it; a hub that was not seen is between."""
    by_peering = bool(found.halves) and found.halves[0].remote_id == endpoint.virtual_network_id
    return found.kind == "same" or (found.hub is None and by_peering)


def _outranks_endpoint(facts: Facts, endpoint: PrivateEndpoint, address: str, route: Route) -> bool:
    length = prefix_length(route.prefix, address)
    if length in {32, 128}:
        return True
    if length < _SHORTEST_OF_A_NETWORK:
        return False
    network = facts.virtual_network(endpoint.virtual_network_id)
    if network.value is None:
        return False
    subnet = network.value.subnet(endpoint.subnet_id)
    if subnet is None or subnet.endpoint_policies.lower() not in ROUTE_POLICIES:
        return False
    own = max((prefix_length(prefix, address) for prefix in network.value.prefixes), default=-1)
    return own >= 0 and length >= own
