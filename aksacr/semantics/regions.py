"""Where a registry answers from.

Rules (Azure Container Registry, geo-replication): a Premium registry has a replica in its home region and in each that
it is replicated to; one without any that Azure lists answers from home alone. Clients are sent to the nearest one whose
region endpoint is enabled; each replica has a data endpoint, and a private endpoint answers for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, same

from .remembering import remembered
from .service_tags import region_name

if TYPE_CHECKING:
    from aksacr.facts import Facts


@remembered
def registry_regions(facts: Facts) -> tuple[frozenset[str], bool]:
    """The regions that the registry answers from, and whether these are all."""
    registry = facts.registry
    home = region_name(registry.location)
    was_read = isinstance(facts.replicas, Seen)
    if isinstance(facts.replicas, Seen) and facts.replicas.value:
        routed = (item.location for item in facts.replicas.value if item.is_routed)
        return frozenset({home, *map(region_name, routed)}), True
    names = list(registry.data_endpoint_host_names)
    for fact in facts.endpoint_addresses.values():
        if isinstance(fact, Seen):
            names += [name for item in fact.value for name in item.names]
    labels = [name.lower().split(".") for name in names]
    regions = {words[words.index("data") - 1] for words in labels if "data" in words[1:]}
    complete = was_read or bool(regions) or not same(registry.sku, "Premium")
    return frozenset({home, *map(region_name, regions)}), complete


def regions_gap(facts: Facts) -> Unseen | None:
    """What would show the regions, where they are not all known and it may not be read."""
    is_open = not registry_regions(facts)[1]
    return facts.replicas if is_open and isinstance(facts.replicas, Unseen) else None
