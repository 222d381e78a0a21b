"""A registry with a private endpoint and a zone, and what its name resolves to."""

from __future__ import annotations

from typing import Any

from aksacr.facts import Facts, Seen, VirtualNetwork
from aksacr.semantics.name_resolution import resolve

from .building import facts, records, vnet, with_endpoint, zone_id, zones


def zoned(*links: Any, found: Any = None, **changes: Any) -> Facts:
    """A registry with a private endpoint, and one zone with these links and records."""
    made: dict[str, Any] = {
        "registry": with_endpoint(),
        "zones": zones(zone_id()),
        "zone_links": {zone_id(): Seen(links)},
        "zone_records": {zone_id(): records(shopacr="10.1.0.9") if found is None else found},
    }
    return facts(**{**made, **changes})


def told(found: Facts, network: VirtualNetwork | None = None, name: str = "") -> tuple[str, tuple[str, ...]]:
    answer = resolve(found, network or vnet(), name)
    return answer.kind, answer.addresses


PRIVATE = ("private", ("10.1.0.9",))
PUBLIC = ("public", ())
NXDOMAIN = ("nxdomain", ())
UNKNOWABLE = ("unknowable", ())
