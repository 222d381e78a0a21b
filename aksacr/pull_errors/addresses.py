"""What kind of address stands in a text: private, public or loopback, masked ones included."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import AddressKind

_PRIVATE_V4 = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_LINK_LOCAL_V4 = ipaddress.IPv4Network("169.254.0.0/16")
_UNIQUE_LOCAL_V6 = ipaddress.IPv6Network("fc00::/7")
_MASK_MARKS = frozenset("*<>#_xX?")
_MASKED_V4 = re.compile(r"(?:\d{1,3}|[xX*#?]{1,4})(?:\.(?:\d{1,3}|[xX*#?]{1,4})){3}")
_ADDRESS_CHARACTERS = re.compile(r"[0-9A-Za-z.:*<>#_?%/-]{1,64}")


def is_address(text: str) -> bool:
    """Whether this is an IP address or something that stands for one (`xx.xx.xx.xx`, `***`, `<acr-ip>`)."""
    if _parsed(text) is not None or _MASKED_V4.fullmatch(text):
        return True
    if not text or not _ADDRESS_CHARACTERS.fullmatch(text):
        return False
    return (text[0] == "<" and text[-1] == ">") or set(text) <= _MASK_MARKS


def kind_of(text: str | None) -> AddressKind | None:
    """The kind of an address, or None where a mask hides it.

    Private is RFC 1918, link-local and unique-local, and a placeholder that says *private*; documentation ranges count
    as public, because pastes use them in place of public addresses.
    """
    if text is None:
        return None
    address = _parsed(text)
    if address is None:
        return _kind_of_masked(text.lower())
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return "loopback"
    if isinstance(address, ipaddress.IPv4Address):
        private = address in _LINK_LOCAL_V4 or any(address in network for network in _PRIVATE_V4)
    else:
        private = address.is_link_local or address in _UNIQUE_LOCAL_V6
    return "private" if private else "public"


def _kind_of_masked(text: str) -> AddressKind | None:
    if "private" in text or "internal" in text:
        return "private"
    if "public" in text:
        return "public"
    # 10.x.x.x is private whatever the mask hides; 172.x and 192.x are not.
    return "private" if text.startswith(("10.", "192.168.")) else None


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if len(text) > 64:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
