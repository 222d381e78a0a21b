"""Requests to whoever runs an appliance on the nodes' way: one for all node pools that ask the same of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from aksacr.facts import UnseenError
from aksacr.semantics.crossings import by_next_hop, crossings
from aksacr.semantics.pools import subnet_of
from aksacr.semantics.remembering import remembered

from ._firewall import ask, sources_of

if TYPE_CHECKING:
    from aksacr.check import Fix
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.crossings import Crossing
    from aksacr.semantics.firewall_matching import Target

_Asked: TypeAlias = "tuple[str, tuple[Target, ...]]"


def request(facts: Facts, pool: NodePool, crossing: Crossing, hop: str) -> Fix:
    """What `hop` must let through for a pool, and for all others that ask the same of it.

    All that the pool sends there is asked for at once, the login server's requests and those for layers.
    """
    group = next(found for found in by_next_hop(crossings(facts, pool)) if crossing in found)
    return ask(_sources(facts)[_asked(group)], hop, [item.target for item in group])


@remembered
def _sources(facts: Facts) -> dict[_Asked, list[str]]:
    """The prefixes of the subnets that ask for the same."""
    found: dict[_Asked, dict[str, None]] = {}
    for pool in facts.cluster.node_pools:
        with suppress(UnseenError):  # what is not known of one pool is asked for by the others alone
            for group in by_next_hop(crossings(facts, pool)):
                found.setdefault(_asked(group), {}).update(dict.fromkeys(sources_of(subnet_of(facts, pool))))
    return {asked: list(sources) for asked, sources in found.items()}


def _asked(group: list[Crossing]) -> _Asked:
    return group[0].appliance.route.next_hop_address, tuple(item.target for item in group)
