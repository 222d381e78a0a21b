"""IPv4 addresses as ranges of whole numbers: prefixes, `a-b` ranges and single addresses, joined and compared."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Range: TypeAlias = tuple[int, int]
EVERYTHING: Range = (0, 2**32 - 1)
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")


@lru_cache(maxsize=65536)
def range_of(text: str) -> Range | None:
    """The range that `10.0.0.4`, `10.0.0.0/8` (host bits too), `10.0.0.4-10.0.0.9` or `*` means.

    None for what is no IPv4 address: a service tag, IPv6, rubbish.
    """
    text = text.strip()
    if text == "*":
        return EVERYTHING
    first, dash, last = text.partition("-")
    try:
        if dash:
            low, high = int(IPv4Address(first.strip())), int(IPv4Address(last.strip()))
            return (low, high) if low <= high else None
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    if not isinstance(network, IPv4Network):
        return None
    return int(network.network_address), int(network.broadcast_address)


def is_address(text: str) -> bool:
    """Whether a text is an address or a range, of either version; a service tag is none."""
    if range_of(text) is not None:
        return True
    try:
        ip_address(text.partition("-")[0].partition("/")[0].strip())
    except ValueError:
        return False
    return True


def joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Ranges in order, those that touch or overlap made one."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def holds(ranges: tuple[Range, ...], part: Range) -> bool:
    """Whether joined `ranges` hold `part` as a whole."""
    at = bisect_right(ranges, (part[0], EVERYTHING[1])) - 1
    return at >= 0 and ranges[at][0] <= part[0] and part[1] <= ranges[at][1]


def without(ranges: Iterable[Range], taken: tuple[Range, ...]) -> list[Range]:
    """What is left of `ranges` when the joined `taken` are cut out."""
    left: list[Range] = []
    for low, high in ranges:
        at = low
        for start, end in taken:
            if end < at or start > high:
                continue
            if start > at:
                left.append((at, start - 1))
            at = end + 1
        if at <= high:
            left.append((at, high))
    return left


def parts(whole: Range, ranges: Iterable[Range]) -> list[Range]:
    """`whole` cut at every edge of `ranges`, so that each part lies inside or outside each of them."""
    low, high = whole
    edges = {low}
    for start, end in ranges:
        edges.update(edge for edge in (start, end + 1) if low < edge <= high)
    starts = sorted(edges)
    return [(start, following - 1) for start, following in zip(starts, [*starts[1:], high + 1], strict=True)]


PRIVATE: tuple[Range, ...] = joined(found for prefix in _PRIVATE if (found := range_of(prefix)))
