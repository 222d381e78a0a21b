"""Private DNS zones in subscriptions that nothing of the cluster names.

A virtual network may be linked to a zone of any subscription. Where no zone that was found is linked to the network
that answers for a pool, every subscription that the caller can list is looked in, once. Where one was found, it
answers: a network is linked to one zone of a name at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, ZoneSearch, same
from aksacr.semantics.routing import is_virtual_hub

from . import subscriptions
from .dataflow import together

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import Fact, VirtualNetwork

    from .collect import Collection
    from .session import Session

MOST_SUBSCRIPTIONS = 200


class Elsewhere:
    """Looks for linked zones further away. What is read lands in the collection's own tables."""

    def __init__(self, tables: Collection, session: Session) -> None:
        self._tables = tables
        self._session = session

    async def read(self, answering: Iterable[VirtualNetwork]) -> Fact[ZoneSearch]:
        """Read zones, links and records where none of those read so far is linked to each network that answers."""
        known = set(self._tables.zones.values())
        unlinked = [vnet for vnet in answering if not self._is_linked(vnet)]
        if not unlinked:
            return Seen(ZoneSearch())
        listed = await subscriptions.read_all(self._session)
        if isinstance(listed, Unseen):
            return listed
        visible = [item.id.lower() for item in listed.value or () if not same(item.state, "Deleted")]
        wanted = [item for item in dict.fromkeys([*_around(unlinked), *visible]) if item not in known]
        asked = wanted[:MOST_SUBSCRIPTIONS]
        await together(*(self._tables.zone_contents(item) for item in asked))
        return Seen(ZoneSearch(tuple(asked), len(wanted) - len(asked)), listed.source)

    def _is_linked(self, vnet: VirtualNetwork) -> bool:
        name = f"privatelink.{self._session.cloud.registry_suffix}"
        return any(
            link.virtual_network_id == vnet.id
            for zone, links in self._tables.links.values().items()
            if same(zone.name, name) and isinstance(links, Seen)
            for link in links.value
        )


def _around(networks: Iterable[VirtualNetwork]) -> list[str]:
    """The subscriptions of these networks and their peers: where hubs are, zones are, whether or not one sees them."""
    return [
        subscription.lower()
        for vnet in networks
        for subscription in (
            vnet.id.subscription_id,
            *(item.remote_id.subscription_id for item in vnet.peerings if not is_virtual_hub(item)),
        )
    ]
