"""Which hosts a node asks for without the cluster's HTTP proxy.

Rules (the programs on a node read NO_PROXY as Go and curl do): an entry is a host name, a domain suffix (with or
without a leading dot), an address, or a range of addresses, which holds for hosts that are written as addresses only;
`*` alone means everything, and nothing inside an entry.
"""

from __future__ import annotations

from .prefixes import holds_address

METADATA_SERVICE = "169.254.169.254"


def bypasses(no_proxy: tuple[str, ...], host: str) -> bool:
    """Whether requests for `host` leave the proxy alone."""
    host = host.lower().rstrip(".")
    return any(_covers(entry.strip().lower(), host) for entry in no_proxy)


def _covers(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    entry = entry.rsplit(":", 1)[0] if entry.count(":") == 1 else entry
    if holds_address((entry,), host):
        return True
    name = entry.lstrip(".")
    return bool(name) and (host.endswith("." + name) or (host == name and not entry.startswith("..")))
