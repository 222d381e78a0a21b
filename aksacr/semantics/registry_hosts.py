"""The hosts that a registry answers at, compared by their labels.

Rules (learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints and
container-registry-geo-replication): layers come from `<label>.<region>.data.<suffix>`, a regional endpoint is
`<label>.<region>.geo.<suffix>`, where label and suffix are those of the login server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import same

from .service_tags import region_name

if TYPE_CHECKING:
    from aksacr.facts import Registry


def is_data_endpoint(registry: Registry, host: str) -> bool:
    """Whether layers of the registry come from this host: one that Azure names, or of that form."""
    return any(same(host, name) for name in registry.data_endpoint_host_names) or _is_regional(registry, host, "data")


def belongs_to(registry: Registry, host: str) -> bool:
    """Whether the registry itself answers at this host: login server, data endpoint or regional endpoint."""
    return same(host, registry.login_server) or is_data_endpoint(registry, host) or _is_regional(registry, host, "geo")


def data_region(registry: Registry, host: str) -> str:
    """The region of a data endpoint of the registry, as locations are spelt; "" for another host."""
    return region_name(host.split(".")[1]) if _is_regional(registry, host.rstrip("."), "data") else ""


def _is_regional(registry: Registry, host: str, kind: str) -> bool:
    label, *suffix = registry.login_server.lower().split(".")
    first, *rest = host.lower().split(".")
    return first == label and len(rest) > 2 and rest[1:] == [kind, *suffix]
