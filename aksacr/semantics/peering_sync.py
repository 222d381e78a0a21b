"""Whether the peerings on a way know the address ranges that packets to an endpoint, and its answers, are for.

Rules (Azure peering, learn.microsoft.com/azure/virtual-network/update-virtual-network-peering-address-space): each half
routes to the address space of the other network that it knows. A range that is added to a network is not routed to its
peers until the peering is synchronised. `peeringSyncLevel` says which side has changed since: of a half that is
RemoteNotInSync the other network has, of one that is LocalNotInSync its own, so that the other half is behind.

Over hubs, the half that leads to the endpoint's network must know the endpoint, the half that leads to the nodes'
network must know the nodes, and the nodes' own half must know the appliance that their route leads to. From which
addresses appliances send on, and answer one another, Azure does not show.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, same

from .pools import network_of, subnet_of
from .prefixes import prefix_length
from .routing import user_route

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, ResourceId

    from .routing import Half, Way

_OWN_CHANGED = {"localnotinsync", "localandremotenotinsync"}


@dataclass(frozen=True, slots=True)
class Blind:
    """A half that does not know `unknown`: addresses or prefixes of the `endpoint`, the `nodes`, or an `appliance`."""

    half: Half
    whose: str
    unknown: tuple[str, ...]

    @property
    def words(self) -> str:
        """`peering to-nodes of hub does not know 10.64.2.0/24`."""
        name = self.half.peering.name if self.half.peering else ""
        return f"peering {name} of {self.half.network_id.name} does not know {', '.join(self.unknown)}"


@dataclass(frozen=True, slots=True)
class InSync:
    """What the halves of a way know: `behind` are out of sync, `blind` lack what they lead to, `gap` is not decided."""

    behind: tuple[Half, ...] = ()
    blind: tuple[Blind, ...] = ()
    gap: Unseen | None = None


def in_sync(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str, found: Way) -> InSync:
    """What the halves of the way to a private endpoint at `address` know of what they lead to. Raises `UnseenError`."""
    start, end = network_of(facts, pool).id, endpoint.virtual_network_id
    behind = tuple(half for half in found.halves if _is_behind(half))
    blind: list[Blind] = []
    gaps: list[Unseen | None] = [_unseen_half(found, start, end)]
    for half in behind:
        whose, wanted = _wanted(facts, pool, half, (start, end), address)
        known = half.peering.remote_prefixes if half.peering is not None else ()
        lacking = tuple(item for item in wanted if not _knows(known, item))
        if not wanted or (lacking and not known) or (lacking and whose == "hub"):
            gaps.append(_gap(half))
        elif lacking:
            blind.append(Blind(half, whose, lacking))
    return InSync(behind, tuple(blind), next((gap for gap in gaps if gap is not None), None))


def _is_behind(half: Half) -> bool:
    level = half.peering.sync_level if half.peering else ""
    return bool(level) and not same(level, "FullyInSync")


def _wanted(
    facts: Facts, pool: NodePool, half: Half, ends: tuple[ResourceId, ResourceId], address: str
) -> tuple[str, tuple[str, ...]]:
    """Whose addresses a half must know, and which; none where they were not seen."""
    start, end = ends
    if half.remote_id == end:
        return "endpoint", (address,) if address else ()
    family = ":" if ":" in address else "."
    if half.remote_id == start:
        return "nodes", tuple(item for item in subnet_of(facts, pool).prefixes if family in item)
    route = user_route(facts, pool, address) if half.network_id == start and address else None
    if route is not None and route.next_hop_address:
        return "appliance", tuple(item.strip() for item in route.next_hop_address.split(","))
    hub = facts.virtual_network(half.remote_id)
    return "hub", hub.value.prefixes if isinstance(hub, Seen) and hub.value is not None else ()


def _knows(prefixes: tuple[str, ...], wanted: str) -> bool:
    """Whether one of the prefixes holds an address or prefix as a whole."""
    try:
        network = ip_network(wanted, strict=False)
    except ValueError:
        return False
    return any(0 <= prefix_length(item, str(network.network_address)) <= network.prefixlen for item in prefixes)


def _unseen_half(found: Way, start: ResourceId, end: ResourceId) -> Unseen | None:
    """Why a half that must know the endpoint or the nodes was not seen; None where nothing hangs on it.

    The other side's half may be told by the nodes' own: one that has changed nothing leaves the other knowing all.
    """
    if found.gap is None:
        return None
    leading = [half for half in found.halves if half.remote_id == end]
    is_back_seen = any(half.remote_id == start for half in found.halves)
    own_changed = any(
        half.peering is not None and half.peering.sync_level.lower() in _OWN_CHANGED
        for half in leading
        if half.network_id == start
    )
    return None if leading and (is_back_seen or not own_changed) else found.gap


def _gap(half: Half) -> Unseen:
    peering = half.peering
    if peering is None:
        return Unseen(half.network_id.text, "", f"shows no peering with {half.remote_id.name}")
    knows = f"knows {', '.join(peering.remote_prefixes) or 'no range'} of {half.remote_id.name}"
    reason = f"peering {peering.name} of {half.network_id.name} is {peering.sync_level} and {knows}"
    return Unseen(peering.id.text, "", f"{reason}; Azure does not show whether what it leads to is among that")
