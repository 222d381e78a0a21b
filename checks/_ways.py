"""The way from a node pool to the private endpoint that it uses, as several checks see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.check import Fix, Gap, Status, across_pools, az, not_applicable, unknown
from aksacr.facts import UnseenError, look
from aksacr.semantics.endpoint_choice import better_endpoint
from aksacr.semantics.endpoints import endpoint_of_address, endpoints_meant, has_approved_connection
from aksacr.semantics.hub_ways import way_to
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.routing import peering_routes_gap

from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    for_each_pool,
    no_endpoint,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.check import Verdict
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, RouteTable, VirtualNetwork
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
    login = resolve(facts, network_of(facts, pool))
    if login.kind != "private" or not any(endpoint_of_address(facts, address) for address in login.addresses):
        return judge(facts, pool, used[0])
    if better_endpoint(facts, pool, login) is not None:
        return not_applicable(f"Node pool {pool.name} is led to an endpoint that is not meant for it; see AKA303.")
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


def no_peering(pool: NodePool, used: Used) -> Verdict | None:
    """Not applicable where the way takes no peering; None where it takes one. Raises `UnseenError` for a hidden way."""
    if used.way.halves:
        return None
    if used.way.gap is not None:
        raise UnseenError(used.way.gap)
    return not_applicable(f"Node pool {pool.name} uses no peering to reach private endpoint {used.endpoint.name}.")


def peering_routes_kept_out(facts: Facts, pool: NodePool, used: Used) -> Verdict | None:
    """Unknown where the nodes' route table keeps out the routes that peerings bring, and the way needs one of them."""
    gap = peering_routes_gap(facts, pool, used.endpoint, used.address, used.way)
    table_id = subnet_of(facts, pool).route_table_id
    table = look(facts.route_tables, table_id).value if gap is not None and table_id is not None else None
    if gap is None or table is None:
        return None
    where = used.address or "the endpoint's address"
    return unknown(
        f"Node pool {pool.name}: whether its packets to private endpoint {used.endpoint.name} "
        f"({used.address or 'address not seen'}) in {used.endpoint.virtual_network_id.name} get there cannot be told: "
        f"{gap.reason}. Look at the effective routes of a node's network interface: the longest that holds {where} "
        "decides, and where that is a system route to None, packets are dropped and pulls time out.",
        Gap.of(gap),
        evidence=(seen(table.id, "properties.disablePeeringRoute", table.disable_peering_route),),
        fixes=(_let_in(facts, table),),
    )


def _let_in(facts: Facts, table: RouteTable) -> Fix:
    place = ("-g", table.id.resource_group, *subscription_words(facts, table.id), "-n", table.name)
    return Fix(
        f"Where they are dropped, let the routes of peerings into route table {table.name} again",
        (az("network", "route-table", "update", *place, "--disable-peering-route", "None"),),
        caveat="Somebody keeps them out so that packets go through an appliance, which they then go past: ask who. A "
        "route for the endpoint's address to an appliance in the nodes' own network does as well.",
        needs=f"Network Contributor on {table.name}",
    )
