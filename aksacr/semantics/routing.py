"""Whether packets find their way from a node pool to a private endpoint.

Rules (Azure peering and routing):
* a peering carries traffic only while both of its sides are Connected, and to the address space that it knows;
* peering is not transitive: a way over a hub takes two peerings, and a route to something in the hub that forwards
  (`hub_ways` follows the routes);
* the hub of a virtual WAN is Microsoft's: its peerings show (`HV_…`), its routes and what else it joins do not;
* the longest prefix wins, and of equal ones a user's route before Azure's; a private endpoint is a /32 route in its own
  network and those peered with it, so that a shorter user route does not bear on it, unless the endpoint's subnet
  applies route tables to endpoints and the user's route is as long as the network's own prefix or longer;
* a route table may keep out what peerings bring (`peering_routes`), the route of an endpoint in a peer maybe, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Route, Seen, Unseen, UnseenError, look, same

from .peering_routes import next_hop_gap, without_peering_routes
from .pools import network_of, subnet_of
from .prefixes import prefix_length
from .remembering import remembered

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, Peering, PrivateEndpoint, ResourceId, Subnet, VirtualNetwork

ROUTE_POLICIES = {"enabled", "routetableenabled"}
_OTHER_POLICIES = {"disabled", "networksecuritygroupenabled", ""}
_SHORTEST_OF_A_NETWORK = 2  # no prefix of a virtual network is shorter
_APPLIANCES = {"virtualappliance", "virtualapplianceecmp", "virtualnetworkgateway"}
_NOT_ON = {"internet", "vnetlocal"}


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
    `apart` (no peering between them, directly or over a hub that was seen; or routes that end on the way, as
    `dead_end` says), `unseen` (`gap` decides). `halves` and `hubs` are in the order of the way.
    """

    kind: Literal["same", "peered", "broken", "apart", "unseen"]
    halves: tuple[Half, ...] = ()
    hubs: tuple[VirtualNetwork, ...] = ()
    gap: Unseen | None = None
    dead_end: str = ""

    @property
    def over(self) -> str:
        """` over hub x`, ` over hubs x and y`, or "" for a direct way."""
        names = " and ".join(hub.name for hub in self.hubs)
        return f" over hub{'s' if len(self.hubs) > 1 else ''} {names}" if names else ""


@remembered
def way(facts: Facts, start: VirtualNetwork, end_id: ResourceId) -> Way:
    """The way that peerings make from one virtual network to another: direct, or over a hub that peers with both.

    What routes make of it is not asked: see `hub_ways.way_to`.
    """
    if start.id == end_id:
        return Way("same")
    end = facts.virtual_network(end_id)
    here = Half(start.id, end_id, peering_to(start, end_id))
    if isinstance(end, Unseen):
        return _one_sided(here, end)
    if end.value is None:
        return Way("broken", (here, Half(end_id, start.id, None))) if here.peering else Way("apart")
    there = Half(end_id, start.id, peering_to(end.value, start.id))
    if here.peering is None and there.peering is None:
        return _over_hub(facts, start, end.value)
    return judged((here, there))


def _one_sided(here: Half, gap: Unseen) -> Way:
    """Only our side is seen: a half that is not Connected decides; a Connected one leaves the other side open."""
    if here.peering is not None and not here.connected:
        return Way("broken", (here,))
    return Way("unseen", (here,) if here.peering else (), gap=gap)


def _over_hub(facts: Facts, start: VirtualNetwork, end: VirtualNetwork) -> Way:
    ends = {peering.remote_id for peering in end.peerings}
    around = sorted(start.peerings, key=lambda item: item.remote_id)  # Azure's lists come in any order
    ways = [_by_hub(facts, start, peering, end) for peering in around if peering.remote_id in ends]
    for kind in ("peered", "unseen", "broken"):
        for found in ways:
            if found.kind == kind:
                return found
    for peering in around:
        if is_virtual_hub(peering):  # it may reach any network of the virtual WAN, and all that is behind those
            return Way("unseen", (Half(start.id, peering.remote_id, peering),), gap=virtual_hub_gap(peering))
    return Way("apart")


def _by_hub(facts: Facts, start: VirtualNetwork, peering: Peering, end: VirtualNetwork) -> Way:
    hub_id = peering.remote_id
    from_start = Half(start.id, hub_id, peering)
    from_end = Half(end.id, hub_id, peering_to(end, hub_id))
    if not (from_start.connected and from_end.connected) and is_virtual_hub(peering):
        return judged((from_start, from_end))
    hub = virtual_hub_gap(peering) if is_virtual_hub(peering) else facts.virtual_network(hub_id)
    if isinstance(hub, Seen) and hub.value is not None:
        to_start = Half(hub_id, start.id, peering_to(hub.value, start.id))
        to_end = Half(hub_id, end.id, peering_to(hub.value, end.id))
        return judged((from_start, to_start, to_end, from_end), (hub.value,))
    if not (from_start.connected and from_end.connected):
        return judged((from_start, from_end))
    gone = Unseen(hub_id.text, "", "is not there, although peerings with it are Connected")
    return Way("unseen", (from_start, from_end), gap=hub if isinstance(hub, Unseen) else gone)


def is_virtual_hub(peering: Peering) -> bool:
    """Whether a peering is a connection to the hub of a virtual WAN, which is a network of Microsoft's.

    Such a network is `HV_<hub>_<guid>` in the resource group `RG_<hub>_<guid>` of a subscription of Microsoft's.
    """
    remote = peering.remote_id
    return remote.name.lower().startswith("hv_") and remote.resource_group.lower().startswith("rg_")


def virtual_hub_gap(peering: Peering) -> Unseen:
    """Why what is behind such a peering cannot be told."""
    return Unseen(peering.remote_id.text, "", "is a hub of Azure Virtual WAN, whose routes Azure does not show here")


def judged(halves: tuple[Half, ...], hubs: tuple[VirtualNetwork, ...] = ()) -> Way:
    """A way by these halves: `peered` when each is Connected, else `broken`."""
    return Way("peered" if all(half.connected for half in halves) else "broken", halves, hubs)


def peering_to(vnet: VirtualNetwork, remote_id: ResourceId) -> Peering | None:
    """The peering of `vnet` with a network, by id (never by prefix of it)."""
    return next((peering for peering in vnet.peerings if peering.remote_id == remote_id), None)


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where packets to an address go.

    kind: `endpoint` (straight to it), `dropped` (next hop None, or Internet, which takes no private address),
    `appliance` (a user's route to an appliance or gateway; `route`), `nowhere` (no route leads there).
    """

    kind: Literal["endpoint", "dropped", "appliance", "nowhere"]
    route: Route | None = None


@remembered
def next_hop(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, found: Way) -> NextHop:
    """Where the pool's packets to a private endpoint's address go. Raises `UnseenError`.

    `found` is the way between the networks: the endpoint's own /32 route is known in its network and its direct peers.
    """
    route = user_route(facts, pool, address)
    is_near = _is_near(found, endpoint)
    gap = peering_routes_gap(facts, pool, endpoint, address, found)
    if gap is not None:
        raise UnseenError(gap)
    if route is None:
        return NextHop("endpoint" if is_near else "nowhere")
    if is_near and not _outranks_endpoint(facts, endpoint, address, route):
        return NextHop("endpoint")
    if same(route.next_hop_type, "None"):
        return NextHop("dropped", route)
    if route.next_hop_type.lower() in _APPLIANCES:
        return NextHop("appliance", route)
    if route.next_hop_type.lower() not in _NOT_ON:
        reason = f"route {route.name} has next hop type {route.next_hop_type}, whose meaning is not known here"
        raise UnseenError(Unseen(str(subnet_of(facts, pool).route_table_id), "", reason))
    if not is_near:
        return NextHop("nowhere", route)
    return NextHop("dropped" if same(route.next_hop_type, "Internet") else "endpoint", route)


def peering_routes_gap(
    facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, found: Way
) -> Unseen | None:
    """Why it is open where a pool's packets to an endpoint go, for want of the routes that peerings bring.

    None where it is not: in one network, and where a user's route decides whose next hop is in the nodes' own network.
    Raises `UnseenError`.
    """
    subnet = subnet_of(facts, pool)
    gap = without_peering_routes(facts, subnet)
    if gap is None:
        return None
    route = user_route(facts, pool, address)
    is_near = _is_near(found, endpoint)
    if route is not None and (not is_near or _outranks_endpoint(facts, endpoint, address, route)):
        is_onward = route.next_hop_type.lower() in _APPLIANCES
        return next_hop_gap(facts, network_of(facts, pool), subnet, route) if is_onward else None
    if found.kind == "same" or not is_near:
        return None
    reason = f"{gap.reason}; Azure does not say whether the private endpoint's own route is among them"
    return Unseen(gap.source, gap.action, reason)


@remembered
def user_route(facts: Facts, pool: NodePool, address: str) -> Route | None:
    """The user-defined route of the pool's subnet that is the longest one to an address. Raises `UnseenError`."""
    return longest_route(facts, subnet_of(facts, pool), address)


def longest_route(facts: Facts, subnet: Subnet, address: str) -> Route | None:
    """The user-defined route of a subnet that is the longest one to an address. Raises `UnseenError`."""
    if subnet.route_table_id is None:
        return None
    table = look(facts.route_tables, subnet.route_table_id).value
    lengths = [(prefix_length(route.prefix, address), route) for route in (table.routes if table else ())]
    fitting = [item for item in lengths if item[0] >= 0]
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def _is_near(found: Way, endpoint: PrivateEndpoint) -> bool:
    """Whether the endpoint is in the nodes' network or one that peers with it; a hub that was not seen is between."""
    by_peering = bool(found.halves) and found.halves[0].remote_id == endpoint.virtual_network_id
    return found.kind == "same" or (not found.hubs and by_peering)


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
    own = max((prefix_length(prefix, address) for prefix in network.value.prefixes), default=-1)
    if subnet is None or not 0 <= own <= length:
        return False
    policies = subnet.endpoint_policies.lower()
    if policies not in ROUTE_POLICIES | _OTHER_POLICIES:
        reason = f"privateEndpointNetworkPolicies is {subnet.endpoint_policies}, whose meaning is not known here"
        raise UnseenError(Unseen(subnet.id.text, "", reason))
    return policies in ROUTE_POLICIES
