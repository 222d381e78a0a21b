"""Addresses and ranges, masked so that what lies in what can still be told.

A range is `private-range-1/16`; an address that lies in a range of the report is `addr-4.private-range-1`, a range
in another `range-2.private-range-1/24`. Ranges that are the same for everybody stay, and so do Azure's own addresses.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .spans import Span

if TYPE_CHECKING:
    from .tokens import Tokens

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_V4 = re.compile(
    r"(?<![\w.-])(?P<a>\d{1,3})\.(?P<b>\d{1,3})\.(?P<c>\d{1,3})\.(?P<d>\d{1,3})(?P<prefix>/\d{1,2})?(?![\w]|\.\w|-\d)"
)
_V6 = re.compile(r"(?<![\w:.])(?P<text>[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3})(?P<prefix>/\d{1,3})?(?![\w:]|\.\w)")
_DASHED = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d[-_.])(?P<a>\d{1,3})([-_])(?P<b>\d{1,3})\2(?P<c>\d{1,3})\2(?P<d>\d{1,3})(?![A-Za-z0-9]|[-_.]\d)"
)
# The same for everybody: whole private blocks, this host, loopback, the metadata service, Azure's own, multicast.
_KEPT = frozenset(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "0.0.0.0/0", "0.0.0.0/32", "127.0.0.0/8"),
        *("169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32", "127.0.0.1/32", "127.0.0.53/32"),
        *("169.254.169.254/32", "::/0", "::/128", "::1/128", "fc00::/7", "fd00::/8", "fe80::/10"),
    )
)
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)


class Found(NamedTuple):
    """An address or range, and where it stands. `ranged`: whether it is written with its prefix length."""

    start: int
    end: int
    network: Network
    ranged: bool


class Addresses:
    """Finds addresses in a text. `learn` has to see every text first: what lies in what is known only then."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._ranges: dict[tuple[int, int], set[int]] = {}  # by version and prefix length: the first addresses

    def learn(self, text: str) -> None:
        """Take note of the ranges in a text."""
        for found in addresses_in(text):
            network = found.network
            if _is_range(network) and network not in _KEPT:
                begins = self._ranges.setdefault((network.version, network.prefixlen), set())
                begins.add(int(network.network_address))

    def find(self, text: str) -> list[Span]:
        """Where addresses stand in a text that somebody could be known by."""
        return [
            Span(found.start, found.end, self._written(found))
            for found in addresses_in(text)
            if not _is_kept(found.network)
        ]

    def _written(self, found: Found) -> str:
        length = f"/{found.network.prefixlen}" if found.ranged else ""
        return f"{self._token(found.network)}{length}"

    def _token(self, network: Network) -> str:
        key = str(network)
        known = self._tokens.get(key)
        if known is not None:
            return known
        above = self._range_above(network)
        word = "range" if _is_range(network) else "addr"
        if above is not None:
            token = f"{self._tokens.new(word)}.{self._token(above)}"
        else:
            word = f"{'private' if _is_private(network) else 'public'}-{word}"
            token = self._tokens.new(word)
        self._tokens.put(key, token, word)
        return token

    def _range_above(self, network: Network) -> Network | None:
        """The narrowest range of the report that this lies in."""
        first = int(network.network_address)
        lengths = sorted((length for version, length in self._ranges if version == network.version), reverse=True)
        for length in lengths:
            begin = first >> (network.max_prefixlen - length) << (network.max_prefixlen - length)
            if length < network.prefixlen and begin in self._ranges[network.version, length]:
                return network.supernet(new_prefix=length)
        return None


def addresses_in(text: str) -> list[Found]:
    """The addresses and ranges in a text, in the spellings `10.0.0.1`, `10-0-0-1`, `10_0_0_1` and of IPv6."""
    found: list[Found] = []
    if text.count(".") >= 3:
        found += [item for match in _V4.finditer(text) if (item := _v4(match))]
    if text.count(":") >= 2:
        found += [item for match in _V6.finditer(text) if (item := _v6(match))]
    if text.count("-") >= 3 or text.count("_") >= 3:
        found += [item for match in _DASHED.finditer(text) if (item := _v4(match))]
    return found


@lru_cache(maxsize=8192)
def _is_kept(network: Network) -> bool:
    return network in _KEPT or network.is_loopback


def _v4(match: re.Match[str]) -> Found | None:
    numbers = [int(match[name]) for name in "abcd"]
    if max(numbers) > 255:
        return None
    prefix = match.groupdict().get("prefix")
    return _found(match, ".".join(str(number) for number in numbers), prefix)


def _v6(match: re.Match[str]) -> Found | None:
    text = match["text"]
    return _found(match, text, match["prefix"]) if text.count(":") >= 2 else None


def _found(match: re.Match[str], address: str, prefix: str | None) -> Found | None:
    network = _network(f"{address}{prefix or ''}")
    return None if network is None else Found(*match.span(), network, prefix is not None)


@lru_cache(maxsize=8192)
def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_range(network: Network) -> bool:
    return network.prefixlen < network.max_prefixlen


def _is_private(network: Network) -> bool:
    return any(_is_within(network, block) for block in _PRIVATE)


def _is_within(network: Network, wide: Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network):
        return isinstance(wide, ipaddress.IPv4Network) and network.subnet_of(wide)
    return isinstance(wide, ipaddress.IPv6Network) and network.subnet_of(wide)
