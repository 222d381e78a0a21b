"""Which address lies in which prefix, for the texts that Azure keeps them as."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network


def holds_address(prefixes: tuple[str, ...], address: str) -> bool:
    """Whether one of the prefixes holds the address; what is no address or prefix holds nothing."""
    return any(length >= 0 for length in (prefix_length(prefix, address) for prefix in prefixes))


def prefix_length(prefix: str, address: str) -> int:
    """How long a prefix that holds the address is, or -1 when it does not hold it."""
    network, held = _network(prefix), _address(address)
    if network is None or held is None or network[:2] != (held[0], held[1] & network[2]):
        return -1
    return network[3]


@lru_cache(maxsize=4096)
def _network(text: str) -> tuple[int, int, int, int] | None:
    """A prefix as IP version, first address, mask and length; None for what is none."""
    try:
        found = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return found.version, int(found.network_address), int(found.netmask), found.prefixlen


@lru_cache(maxsize=4096)
def _address(text: str) -> tuple[int, int] | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.version, int(found)
