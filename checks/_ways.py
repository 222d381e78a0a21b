"""The way from a node pool to the private endpoint that it uses, as several checks see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.check import not_applicable
from aksacr.semantics.endpoints import endpoints_meant, has_approved_connection
from aksacr.semantics.pools import network_of
from aksacr.semantics.routing import Way, way

from ._wording import EGRESS_READ, ENDPOINTS_READ, NAMES_READ, REGISTRY_READ

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, VirtualNetwork

# Which endpoint a pool uses depends on its names and on whether the public side is open to it.
WAY_READ = (REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ)))


@dataclass(frozen=True, slots=True)
class Used:
    """A private endpoint that a pool's requests go to (or should go to), at `address`, by `way`."""

    vnet: VirtualNetwork
    endpoint: PrivateEndpoint
    address: str
    way: Way


def used_endpoints(facts: Facts, pool: NodePool) -> list[Used]:
    """The endpoints that a pool uses; those that it reaches without fault first. Raises `UnseenError`."""
    vnet = network_of(facts, pool)
    order = ("same", "peered", "unseen", "broken", "apart")
    found = [
        Used(vnet, endpoint, address, way(facts, vnet, endpoint.virtual_network_id))
        for endpoint, address in endpoints_meant(facts, pool, vnet)
    ]
    return sorted(found, key=lambda item: order.index(item.way.kind))


def no_endpoint(facts: Facts) -> Verdict | None:
    """The verdict of every check about the way to a private endpoint when there is none. Else None."""
    if has_approved_connection(facts):
        return None
    return not_applicable(f"{facts.registry.name} has no approved private endpoint to reach.")


def uses_none(facts: Facts, pool: NodePool) -> Verdict:
    """The verdict for a pool whose own way works without a private endpoint."""
    return not_applicable(f"Node pool {pool.name} does not use a private endpoint of {facts.registry.name}.")
