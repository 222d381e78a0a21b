"""Which private endpoints of the registry a node pool gets to, and whether its names lead to one of them.

Rules (Azure private link): a network is linked to one zone of a name. Two endpoints whose zone groups write to one zone
overwrite each other's records, so that the networks of one are led to the endpoint of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .endpoints import approved_endpoints, connection_of_address, login_address
from .hub_ways import way_to
from .name_resolution import resolve
from .pools import is_running, network_of
from .remembering import remembered

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, PrivateEndpoint

    from .name_resolution import Resolution

_WORKING = {"same", "peered"}


@remembered
def within_reach(facts: Facts, pool: NodePool) -> list[PrivateEndpoint]:
    """The approved endpoints that a pool has a whole way to. Raises `UnseenError`."""
    return [item for item in approved_endpoints(facts) if _kind(facts, pool, item) in _WORKING]


@remembered
def behind_broken_ways(facts: Facts, pool: NodePool) -> list[PrivateEndpoint]:
    """The approved endpoints that a peering leads to which is down. Raises `UnseenError`."""
    return [item for item in approved_endpoints(facts) if _kind(facts, pool, item) == "broken"]


def _kind(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint) -> str:
    return way_to(facts, pool, endpoint, login_address(facts, endpoint)).kind


def better_endpoint(facts: Facts, pool: NodePool, item: Resolution) -> PrivateEndpoint | None:
    """An endpoint within reach, where the record names those alone that are in a network without any way to it.

    None where the record names none of the registry's endpoints. Raises `UnseenError`.
    """
    held = ((connection_of_address(facts, address), address) for address in item.addresses)
    named = [(found[1], address) for found, address in held if found is not None]
    if not named or any(way_to(facts, pool, endpoint, address).kind != "apart" for endpoint, address in named):
        return None
    return next(iter(within_reach(facts, pool)), None)


def served_beside(facts: Facts, pool: NodePool, item: Resolution) -> list[str]:
    """The names of other node pools that the same record leads where they get to. Raises `UnseenError`."""
    others = [each for each in facts.cluster.node_pools if each.name != pool.name and is_running(facts, each)]
    return [each.name for each in others if _is_served(facts, each, item)]


def _is_served(facts: Facts, pool: NodePool, item: Resolution) -> bool:
    own = resolve(facts, network_of(facts, pool), item.name)
    if own.zone_id != item.zone_id or own.addresses != item.addresses:
        return False
    held = ((connection_of_address(facts, address), address) for address in own.addresses)
    return any(found is not None and way_to(facts, pool, found[1], address).kind in _WORKING for found, address in held)
