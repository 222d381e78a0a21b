"""What kind of address stands in a text: private, public or loopback, masked ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .patterns import lazily

if TYPE_CHECKING:
    import ipaddress

    from .model import AddressKind

_MASK_MARKS = frozenset("*<>#_xX?")
_MASKED_V4 = lazily(r"(?:\d{1,3}|[xX*#?]{1,4})(?:\.(?:\d{1,3}|[xX*#?]{1,4})){3}")
_ADDRESS_CHARACTERS = lazily(r"[0-9A-Za-z.:*<>#_?%/-]{1,64}")


def is_address(text: str) -> bool:
    """Whether this is an IP address or something that stands for one (`xx.xx.xx.xx`, `***`, `<acr-ip>`)."""
    if _octets(text) is not None or _v6(text) is not None or _is_masked_v4(text):
        return True
    if not text or not _ADDRESS_CHARACTERS().fullmatch(text):
        return False
    return (text[0] == "<" and text[-1] == ">") or set(text) <= _MASK_MARKS


def kind_of(text: str | None) -> AddressKind | None:
    """The kind of an address, or None where a mask hides it.

    Private is RFC 1918, link-local and unique-local, and a placeholder that says *private*; documentation ranges count
    as public, because pastes use them in place of public addresses.
    """
    if text is None:
        return None
    octets = _octets(text)
    if octets is not None:
        return _kind_of_v4(octets)
    address = _v6(text)
    if address is None:
        return _kind_of_masked(text.lower())
    if address.ipv4_mapped is not None:
        return kind_of(str(address.ipv4_mapped))
    if address.is_loopback:
        return "loopback"
    unique_local = address.packed[0] & 0xFE == 0xFC
    return "private" if address.is_link_local or unique_local else "public"


def _kind_of_v4(octets: list[int]) -> AddressKind:
    first, second = octets[0], octets[1]
    if first == 127:
        return "loopback"
    rfc_1918 = first == 10 or (first == 172 and 16 <= second <= 31) or (first == 192 and second == 168)
    link_local = first == 169 and second == 254
    return "private" if rfc_1918 or link_local else "public"


def _is_masked_v4(text: str) -> bool:
    return not text.replace(".", "").isdigit() and _MASKED_V4().fullmatch(text) is not None


def _kind_of_masked(text: str) -> AddressKind | None:
    if "private" in text or "internal" in text:
        return "private"
    if "public" in text:
        return "public"
    # 10.x.x.x is private whatever the mask hides; 172.x and 192.x are not.
    return "private" if text.startswith(("10.", "192.168.")) else None


def _octets(text: str) -> list[int] | None:
    parts = text.split(".") if len(text) <= 15 else []
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    octets = [int(part) for part in parts]
    return octets if max(octets) <= 255 else None


def _v6(text: str) -> ipaddress.IPv6Address | None:
    if ":" not in text or len(text) > 64:
        return None
    import ipaddress  # noqa: PLC0415 - rarely needed, and slow to import

    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None
