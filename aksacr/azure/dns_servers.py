"""Reads what answers for names where a virtual network has DNS servers of its own.

The networks that the servers sit in are read; where a server is an Azure Firewall, so are its settings, and the servers
that it asks in turn. `aksacr.semantics.dns_servers` says what they answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Seen, UnseenError
from aksacr.semantics.appliances import networks_with
from aksacr.semantics.dns_servers import AZURE_DNS, dns_settings, firewall_at, firewall_subnet

from .dataflow import together

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, ResourceId, Subnet, VirtualNetwork

    from .collect import Collection

_MOST_STEPS = 3  # firewalls that ask each other


class Resolvers:
    """Follows DNS servers. Everything that is read lands in the collection's own tables."""

    def __init__(self, tables: Collection) -> None:
        self._tables = tables

    async def read(self, vnet: VirtualNetwork) -> list[VirtualNetwork]:
        """Read what decides the answers that the nodes of `vnet` get.

        Gives the networks whose zone links answer, as far as they were seen.
        """
        return await self._follow(vnet, vnet.dns_servers, _MOST_STEPS)

    async def _follow(self, vnet: VirtualNetwork, servers: tuple[str, ...], left: int) -> list[VirtualNetwork]:
        homes = [
            (server, network) for server in servers if server != AZURE_DNS for network in networks_with(vnet, server)
        ]
        found: list[list[VirtualNetwork]] = await together(*(self._at(server, home, left) for server, home in homes))
        own = [vnet] if not servers or AZURE_DNS in servers else []
        return [*own, *(network for several in found for network in several)]

    async def _at(self, server: str, network_id: ResourceId, left: int) -> list[VirtualNetwork]:
        found = await self._tables.networks(network_id)
        home = found.value if isinstance(found, Seen) else None
        subnet = firewall_subnet(home, server) if home is not None else None
        if home is None or subnet is None:
            return [] if home is None else [home]
        firewall = await self._firewall(subnet, server) if left else None
        if firewall is None:
            return []
        await self._policies(firewall.policy_id)
        try:
            settings = dns_settings(firewall, self._tables.policy_heads.values())
        except UnseenError:
            return []
        return await self._follow(home, settings.servers or (), left - 1) if settings.proxy else []

    async def _firewall(self, subnet: Subnet, server: str) -> AzureFirewall | None:
        subscription = subnet.id.subscription_id.lower()
        # The policies of its subscription come along: most firewalls have theirs there, and parents are known by it.
        await together(self._tables.firewalls(subscription), self._tables.listed_policies(subscription))
        try:
            return firewall_at(self._tables.firewalls.values(), subnet, server)
        except UnseenError:
            return None

    async def _policies(self, policy_id: ResourceId | None) -> None:
        met: set[ResourceId] = set()
        while policy_id is not None and policy_id not in met:
            met.add(policy_id)
            head = await self._tables.policy_heads(policy_id)
            policy_id = head.value.base_id if isinstance(head, Seen) and head.value is not None else None
