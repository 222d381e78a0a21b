"""The address that the registry itself saw, as its firewall quotes it: `client with IP '…' is not allowed access`."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from aksacr.facts import UnseenError

from .egress import egress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aksacr.facts import Facts, NodePool


def quoted_for(facts: Facts, pool: NodePool) -> tuple[IPv4Network, ...]:
    """The quoted addresses that this pool's requests may have come from, instead of those that Azure shows.

    An address that some pool is known to leave from says nothing new. Any other one belongs to the pools whose address
    Azure does not show; where it shows them all, the quoted one contradicts it for each of them, and is the truth.
    """
    known: list[IPv4Network] = []
    hidden: list[str] = []
    for each in facts.cluster.node_pools:
        ranges = _ranges(facts, each)
        if ranges is None:
            hidden.append(each.name)
        else:
            known += ranges
    strangers = tuple(item for item in _quoted(facts) if not any(item.subnet_of(one) for one in known))
    return strangers if not hidden or pool.name in hidden else ()


def is_quoted(facts: Facts, ranges: Sequence[IPv4Network]) -> bool:
    """Whether a refusal quotes an address in one of these ranges: then requests from there went to the public side."""
    return any(item.subnet_of(each) for item in _quoted(facts) for each in ranges)


def _quoted(facts: Facts) -> list[IPv4Network]:
    return [address for text in facts.quoted_clients if (address := _parsed(text)) is not None]


def _ranges(facts: Facts, pool: NodePool) -> tuple[IPv4Network, ...] | None:
    try:
        found = egress(facts, pool)
    except UnseenError:
        return None
    return None if found.kind == "unknowable" else found.ipv4


def _parsed(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except ValueError:
        return None
