"""Whether packets find their way from a pool's virtual network to a private endpoint's.

Rules (Azure peering): a peering carries traffic only while both of its sides are Connected; peering is not
transitive, so that a way over a hub takes two peerings and something in the hub that forwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Seen, Unseen, same

if TYPE_CHECKING:
    from aksacr.facts import Facts, Peering, PrivateEndpoint, ResourceId, VirtualNetwork


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


def approved_endpoints(facts: Facts) -> list[PrivateEndpoint]:
    """The registry's approved private endpoints. Raises `UnseenError` when one of them may not be read."""
    found: list[PrivateEndpoint] = []
    for connection in facts.registry.endpoint_connections:
        if same(connection.status, "Approved") and connection.endpoint_id is not None:
            fact = facts.private_endpoints.get(connection.endpoint_id)
            endpoint = fact.value if fact is not None else None
            if endpoint is not None:
                found.append(endpoint)
    return found


def has_approved_connection(facts: Facts) -> bool:
    """Whether the registry itself lists an approved private endpoint connection."""
    return any(same(connection.status, "Approved") for connection in facts.registry.endpoint_connections)


def way(facts: Facts, start: VirtualNetwork, end_id: ResourceId) -> Way:
    """The way from one virtual network to another: direct, or over a hub that peers with both."""
    if start.id == end_id:
        return Way("same")
    end = facts.virtual_network(end_id)
    here = Half(start.id, end_id, _peering_to(start, end_id))
    if isinstance(end, Unseen):
        return _one_sided(here, end)
    if end.value is None:
        return Way("broken" if here.peering else "apart", (here,) if here.peering else ())
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
