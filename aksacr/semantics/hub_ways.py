"""The way from a node pool to a private endpoint where the two networks do not peer: over one or more hubs, by routes.

Rules (Azure routing): a network knows its own prefixes and those of its direct peers, and nothing beyond. Packets for
a network further away go where a user-defined route of the subnet sends them: to an appliance in the same network or in
a peer. The appliance's own subnet decides, by its own routes, where they go from there. What a gateway, a route server
or the appliance itself knows does not show: where such a thing may know better, the way is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, same

from .appliances import appliance_behind, networks_with
from .peering_routes import next_hop_gap, without_peering_routes
from .pools import network_of, subnet_of
from .prefixes import holds_address
from .remembering import remembered
from .routing import Half, Way, is_virtual_hub, judged, longest_route, peering_to, virtual_hub_gap, way

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, ResourceId, Route, Subnet, VirtualNetwork

    from .appliances import Appliance

MOST_HUBS = 3
_STATES = {"connected", "initiated", "disconnected"}
_LEARN_ROUTES = {"gatewaysubnet", "routeserversubnet"}


@remembered
def way_to(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> Way:
    """The way of a pool's packets to a private endpoint at `address` ("" when it was not seen). Raises `UnseenError`.

    Direct where the networks are one or peer; else by the routes of the nodes' subnet and of the appliances that they
    lead to; without such routes, whatever a hub that peers with both would make of it.
    """
    start, end_id = network_of(facts, pool), endpoint.virtual_network_id
    by_peering = way(facts, start, end_id)
    is_direct = bool(by_peering.halves) and by_peering.halves[0].remote_id == end_id
    end = None if by_peering.kind == "same" or is_direct or not address else facts.virtual_network(end_id)
    if end is None or isinstance(end, Unseen) or end.value is None:
        return by_known_states(by_peering)
    steered = _Trail(facts, end.value, address).follow(start, subnet_of(facts, pool))
    return by_known_states(by_peering if steered is None else steered)


def by_known_states(found: Way) -> Way:
    """A way is broken by a half that is down; one whose state is not told, or not known here, leaves it open."""
    down = [half.peering for half in found.halves if not half.connected]
    strange = [item for item in down if item is not None and item.state.lower() not in _STATES]
    if found.kind != "broken" or len(strange) < len(down):
        return found
    state = strange[0].state
    reason = f'peeringState is "{state}", which is not known here' if state else "peeringState is not told"
    return replace(found, kind="unseen", gap=Unseen(strange[0].id.text, "", reason))


@dataclass
class _Trail:
    """Follows routes from network to network, and keeps the halves and hubs that it came by."""

    facts: Facts
    end: VirtualNetwork
    address: str
    halves: list[Half] = field(default_factory=list[Half])
    hubs: list[VirtualNetwork] = field(default_factory=list["VirtualNetwork"])
    met: set[ResourceId] = field(default_factory=set["ResourceId"])

    def follow(self, start: VirtualNetwork, subnet: Subnet) -> Way | None:
        """The way; None when the nodes' own routes lead to no appliance, and so over no hub."""
        here, led_by = start, None
        while True:
            self.met.add(subnet.id)
            try:
                route = longest_route(self.facts, subnet, self.address)
            except UnseenError as error:
                return self._unseen(error.unseen)
            if route is None or not same(route.next_hop_type, "VirtualAppliance"):
                return None if led_by is None else self._ends(here, subnet, led_by, route)
            led_by = appliance_behind(self.facts, here, route)
            found = self._step(here, subnet, route)
            if isinstance(found, Way):
                return found
            here, subnet = found

    def _step(self, here: VirtualNetwork, subnet: Subnet, route: Route) -> Way | tuple[VirtualNetwork, Subnet]:
        """To the subnet of the route's appliance, in this network or the next; or the whole way, when it is decided."""
        hop = route.next_hop_address
        homes = networks_with(here, hop)
        if (gap := next_hop_gap(self.facts, here, subnet, route)) is not None:
            return self._unseen(gap)
        if not homes:
            reason = f"route {route.name} leads to {hop}, which is in no network that peers with {here.name}"
            return self._unseen(Unseen(str(subnet.route_table_id), "", reason))
        there = here if here.id in homes else self._cross(here, min(homes))
        if isinstance(there, Way):
            return there
        home = next((item for item in there.subnets if holds_address(item.prefixes, hop)), None)
        if there is not here and (way_there := self._arrives(there, home)) is not None:
            return way_there
        if home is None:
            return self._unseen(Unseen(there.id.text, "", f"shows no subnet that holds {hop}"))
        if home.id in self.met:
            return self._unseen(Unseen(str(subnet.route_table_id), "", f"route {route.name} leads back to {home.name}"))
        return there, home

    def _cross(self, here: VirtualNetwork, next_id: ResourceId) -> VirtualNetwork | Way:
        peering = peering_to(here, next_id)
        near = Half(here.id, next_id, peering)
        self.halves.append(near)
        if peering is not None and is_virtual_hub(peering):
            return self._unseen(virtual_hub_gap(peering))
        there = self.facts.virtual_network(next_id)
        if isinstance(there, Unseen):
            return self._unseen(there)
        if there.value is None:
            self.halves.append(Half(next_id, here.id, None))
            return judged(tuple(self.halves), tuple(self.hubs))
        self.halves.append(Half(next_id, here.id, peering_to(there.value, here.id)))
        self.hubs.append(there.value)
        if len(self.hubs) > MOST_HUBS:
            return self._unseen(Unseen(next_id.text, "", f"is a further hub, and only {MOST_HUBS} are followed"))
        return there.value

    def _arrives(self, hub: VirtualNetwork, home: Subnet | None) -> Way | None:
        """The way, when this hub, with the appliance in its subnet `home`, peers with the endpoint's network."""
        there = Half(hub.id, self.end.id, peering_to(hub, self.end.id))
        back = Half(self.end.id, hub.id, peering_to(self.end, hub.id))
        if there.peering is None and back.peering is None:
            return None
        found = judged((*self.halves, there, back), tuple(self.hubs))
        gap = _without_peering_routes(self.facts, home) if found.kind == "peered" and home is not None else None
        return found if gap is None else replace(found, kind="unseen", gap=gap)

    def _ends(self, here: VirtualNetwork, subnet: Subnet, appliance: Appliance, onward: Route | None) -> Way:
        """No route leads on to an appliance. That decides only where nothing else can know a way."""
        said = f"no route of subnet {subnet.name} of {here.name} leads on to {self.address}"
        if onward is not None:
            to = "drops it" if same(onward.next_hop_type, "None") else f"leads to {onward.next_hop_type}"
            said = f"route {onward.name} of subnet {subnet.name} of {here.name} {to}"
        firewall = appliance.firewall
        if not self._is_complete() or firewall is None or _learns(here) or not _is_an_end(onward):
            reason = f"{said}; Azure does not show what a gateway or the appliance there knows"
            return self._unseen(Unseen(subnet.id.text, "", reason))
        return Way("apart", tuple(self.halves), tuple(self.hubs), dead_end=f"Azure Firewall {firewall.name}: {said}")

    def _is_complete(self) -> bool:
        return all(half.connected for half in self.halves)

    def _unseen(self, gap: Unseen) -> Way:
        """A half that is down decides, whatever lies behind it."""
        kind = "unseen" if self._is_complete() else "broken"
        return Way(kind, tuple(self.halves), tuple(self.hubs), gap=gap if kind == "unseen" else None)


def _learns(vnet: VirtualNetwork) -> bool:
    """Whether a gateway or a route server may bring routes into a network, its own or a peer's."""
    return any(subnet.name.lower() in _LEARN_ROUTES for subnet in vnet.subnets) or any(
        peering.use_remote_gateways for peering in vnet.peerings
    )


def _is_an_end(route: Route | None) -> bool:
    """Whether packets to a private address surely go no further by such a route, or without one."""
    return route is None or route.next_hop_type.lower() in {"none", "internet"}


def _without_peering_routes(facts: Facts, subnet: Subnet) -> Unseen | None:
    """The same as of the nodes' own subnet, but a route table that was not read is taken to be like most."""
    try:
        return without_peering_routes(facts, subnet)
    except UnseenError:
        return None
