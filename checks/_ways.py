"""The way from a node pool to the private endpoint that it uses, as several checks see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.check import Status, across_pools, not_applicable
from aksacr.facts import UnseenError
from aksacr.semantics.endpoints import endpoints_meant, has_approved_connection
from aksacr.semantics.hub_ways import way_to
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of

from ._wording import EGRESS_READ, ENDPOINTS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, no_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.check import Verdict
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, VirtualNetwork
    from aksacr.semantics.routing import Way

# Which endpoint a pool uses depends on its names and on whether the public side is open to it.
WAY_READ = (REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ)))
_BEST_FIRST = ("same", "peered", "unseen", "broken", "apart")


@dataclass(frozen=True, slots=True)
class Used:
    """A private endpoint that a pool's requests go to (or should go to), at `address`, by `way`."""

    vnet: VirtualNetwork
    endpoint: PrivateEndpoint
    address: str
    way: Way


def for_each_way(
    facts: Facts,
    judge: Callable[[Facts, NodePool, Used], Verdict],
    before: Callable[[Facts, NodePool], Verdict | None] = lambda _facts, _pool: None,
) -> Verdict:
    """Judge, for each pool, the way to the private endpoint that it uses, where it uses one.

    Names that lead to several endpoints need all of them; where none is named yet, the best one
    will do. `before` may know the verdict for a pool before its names are asked for.
    """
    if not has_approved_connection(facts):
        return no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: before(facts, pool) or _of_pool(facts, pool, judge)))


def _of_pool(facts: Facts, pool: NodePool, judge: Callable[[Facts, NodePool, Used], Verdict]) -> Verdict:
    used = used_endpoints(facts, pool)
    if not used:
        return not_applicable(f"Node pool {pool.name} does not use a private endpoint of {facts.registry.name}.")
    if resolve(facts, network_of(facts, pool)).kind != "private":
        return judge(facts, pool, used[0])
    verdicts: list[Verdict] = []
    gap: UnseenError | None = None
    for item in used:
        try:
            verdicts.append(judge(facts, pool, item))
        except UnseenError as error:
            gap = gap or error
    if gap is not None and all(verdict.status is not Status.FAIL for verdict in verdicts):
        raise gap
    return across_pools([(pool.name, verdict) for verdict in verdicts])


def used_endpoints(facts: Facts, pool: NodePool) -> list[Used]:
    """The endpoints that a pool uses; those that it reaches without fault first. Raises `UnseenError`."""
    vnet = network_of(facts, pool)
    found = [
        Used(vnet, endpoint, address, way_to(facts, pool, endpoint, address))
        for endpoint, address in endpoints_meant(facts, pool, vnet)
    ]
    return sorted(found, key=lambda item: (_BEST_FIRST.index(item.way.kind), not item.address))
