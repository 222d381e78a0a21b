"""Azure Firewalls, their policies and IP groups: `Microsoft.Network`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.facts import (
    AzureFirewall,
    DnsSettings,
    Fact,
    FirewallPolicy,
    FirewallRule,
    FirewallRuleCollection,
    ResourceId,
    Seen,
    Unseen,
    same,
)
from aksacr.semantics.appliances import networks_with
from aksacr.semantics.prefixes import holds_address

from .dataflow import together
from .reading import read_list, read_one, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Coroutine, Mapping, Sequence
    from typing import Any, TypeAlias

    from azure.mgmt.network import models

    from aksacr.facts import Subnet, VirtualNetwork

    from .collect import Collection
    from .session import Session

    _Read: TypeAlias = Callable[[ResourceId], Coroutine[Any, Any, None]]


async def read_firewalls(session: Session, subscription_id: str) -> Fact[tuple[AzureFirewall, ...]]:
    """The Azure Firewalls of a subscription."""

    async def ask() -> AsyncIterable[models.AzureFirewall]:
        client = await session.network(subscription_id)
        return client.azure_firewalls.list_all()

    source = f"/subscriptions/{subscription_id}/providers/Microsoft.Network/azureFirewalls"
    return await read_list(session, source, "Microsoft.Network/azureFirewalls/read", ask, decode_firewall)


async def read_policies(session: Session, subscription_id: str) -> Fact[tuple[FirewallPolicy, ...]]:
    """The firewall policies of a subscription, without their rules: which parent each has is known early by this."""

    async def ask() -> AsyncIterable[models.FirewallPolicy]:
        client = await session.network(subscription_id)
        return client.firewall_policies.list_all()

    source = f"/subscriptions/{subscription_id}/providers/Microsoft.Network/firewallPolicies"
    return await read_list(session, source, "Microsoft.Network/firewallPolicies/read", ask, _head)


def joined(
    head: Fact[FirewallPolicy | None], groups: Fact[tuple[tuple[FirewallRuleCollection, ...], ...]]
) -> Fact[FirewallPolicy | None]:
    """A firewall policy with its rule collection groups, which its own body only names."""
    if isinstance(head, Unseen) or head.value is None:
        return head
    if isinstance(groups, Unseen):
        return groups
    found = head.value
    collections = tuple(collection for group in groups.value for collection in group)
    return Seen(replace(found, collections=collections), head.source)


async def read_head(session: Session, policy: ResourceId) -> Fact[FirewallPolicy | None]:
    """A firewall policy without its rule collections."""

    async def ask() -> models.FirewallPolicy:
        client = await session.network(policy.subscription_id)
        return await client.firewall_policies.get(policy.resource_group, policy.name)

    return await read_one(session, policy.text, "Microsoft.Network/firewallPolicies/read", ask, _head)


def _head(body: models.FirewallPolicy) -> FirewallPolicy:
    properties = body.properties
    base = properties.base_policy if properties else None
    said = properties.dns_settings if properties else None
    servers = None if said is None or said.servers is None else tuple(text(item) for item in said.servers)
    dns = DnsSettings() if said is None else DnsSettings(_flag(said.enable_proxy), servers)
    return FirewallPolicy(ResourceId(text(body.id)), text(body.name), _id(base), (), dns)


def _flag(value: object) -> bool | None:
    """Raises `TypeError` for what is no boolean: the SDK's models hand on whatever stood in the body."""
    if value is None or isinstance(value, bool):
        return value
    raise TypeError(f"a boolean was expected, not {type(value).__name__}")


async def read_groups(session: Session, policy: ResourceId) -> Fact[tuple[tuple[FirewallRuleCollection, ...], ...]]:
    """The rule collections of a firewall policy, by its groups."""

    async def ask() -> AsyncIterable[models.FirewallPolicyRuleCollectionGroup]:
        client = await session.network(policy.subscription_id)
        return client.firewall_policy_rule_collection_groups.list(policy.resource_group, policy.name)

    action = "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read"
    return await read_list(session, f"{policy.text}/ruleCollectionGroups", action, ask, decode_group)


async def read_ip_group(session: Session, group: ResourceId) -> Fact[tuple[str, ...] | None]:
    """The addresses and ranges of an IP group."""

    async def ask() -> models.IpGroup:
        client = await session.network(group.subscription_id)
        return await client.ip_groups.get(group.resource_group, group.name)

    def decode(body: models.IpGroup) -> tuple[str, ...]:
        return tuple((body.properties.ip_addresses or ()) if body.properties else ())

    return await read_one(session, group.text, "Microsoft.Network/ipGroups/read", ask, decode)


def decode_firewall(firewall: models.AzureFirewall) -> AzureFirewall:
    properties = firewall.properties
    if properties is None:
        raise ValueError("the firewall has no properties")
    configurations = [item.properties for item in properties.ip_configurations or [] if item.properties]
    private = [item.private_ip_address for item in configurations if item.private_ip_address]
    hub = properties.hub_ip_addresses
    if hub and hub.private_ip_address:
        private.append(hub.private_ip_address)
    subnets = [subnet for item in configurations if (subnet := _id(item.subnet))]
    return AzureFirewall(
        id=ResourceId(text(firewall.id)),
        name=text(firewall.name),
        subnet_id=subnets[0] if subnets else None,
        private_addresses=tuple(private),
        public_address_ids=tuple(found for item in configurations if (found := _id(item.public_ip_address))),
        policy_id=_id(properties.firewall_policy),
        collections=(
            *(_classic_network(item) for item in properties.network_rule_collections or []),
            *(_classic_application(item) for item in properties.application_rule_collections or []),
        ),
        dns=_own_dns(properties.additional_properties or {}),
    )


def _own_dns(settings: Mapping[str, str]) -> DnsSettings:
    """What a firewall without a policy says of DNS: texts, under `Network.DNS.EnableProxy` and `Network.DNS.Servers`.

    Raises `ValueError` for a word that is neither true nor false.
    """
    said = {key.lower(): text(value) for key, value in settings.items()}
    word = said.get("network.dns.enableproxy", "").strip().lower()
    if word not in {"", "true", "false"}:
        raise ValueError(f"Network.DNS.EnableProxy is {word}")
    servers = said.get("network.dns.servers")
    named = None if servers is None else tuple(item.strip() for item in servers.split(",") if item.strip())
    return DnsSettings(word == "true" if word else None, named)


def _classic_network(collection: models.AzureFirewallNetworkRuleCollection) -> FirewallRuleCollection:
    properties = collection.properties
    rules = tuple(_network_rule(rule, rule.protocols) for rule in (properties.rules or [] if properties else []))
    action = properties.action.type if properties and properties.action else None
    priority = properties.priority if properties else None
    return FirewallRuleCollection(text(collection.name), "network", "", text(action), 0, priority or 0, rules)


def _classic_application(collection: models.AzureFirewallApplicationRuleCollection) -> FirewallRuleCollection:
    properties = collection.properties
    rules = tuple(_application_rule(rule) for rule in (properties.rules or [] if properties else []))
    action = properties.action.type if properties and properties.action else None
    priority = properties.priority if properties else None
    return FirewallRuleCollection(text(collection.name), "application", "", text(action), 0, priority or 0, rules)


def decode_group(group: models.FirewallPolicyRuleCollectionGroup) -> tuple[FirewallRuleCollection, ...]:
    """The collections of a group; one that mixes both kinds of rules becomes two, because the firewall splits them.

    Raises `ValueError` for a kind of collection or rule that is not known: it could decide.
    """
    properties = group.properties
    found: list[FirewallRuleCollection] = []
    for item in (properties.rule_collections or []) if properties else []:
        kind = text(item.rule_collection_type)
        if same(kind, "FirewallPolicyFilterRuleCollection"):
            found += _filter_collections(group, item)
        elif not same(kind, "FirewallPolicyNatRuleCollection"):
            raise ValueError(f"rule collection {item.name} is a {kind}")
    return tuple(found)


def _filter_collections(
    group: models.FirewallPolicyRuleCollectionGroup, item: models.FirewallPolicyRuleCollection
) -> list[FirewallRuleCollection]:
    # The SDK picks a model by the discriminator's exact letters; Azure's own letters vary.
    from azure.mgmt.network import models as shapes  # noqa: PLC0415 - imported late, in the background

    collection = shapes.FirewallPolicyFilterRuleCollection(item)
    rules = [_policy_rule(rule) for rule in collection.rules or []]
    action = text(collection.action.type) if collection.action else ""
    priority = (group.properties.priority if group.properties else None) or 0
    place = (text(group.name), action, priority)
    name, own = text(collection.name), collection.priority or 0
    return [
        FirewallRuleCollection(name, kind, *place, own, held)
        for kind in ("network", "application")
        if (held := tuple(rule for rule in rules if rule.kind == kind))
    ]


def _policy_rule(rule: models.FirewallPolicyRule) -> FirewallRule:
    from azure.mgmt.network import models as shapes  # noqa: PLC0415

    kind = text(rule.rule_type)
    if same(kind, "NetworkRule"):
        network = shapes.NetworkRule(rule)
        return _network_rule(network, network.ip_protocols)
    if not same(kind, "ApplicationRule"):
        raise ValueError(f"rule {rule.name} is a {kind}")
    application = shapes.ApplicationRule(rule)
    return replace(
        _application_rule(application),
        target_urls=tuple(application.target_urls or ()),
        web_categories=tuple(application.web_categories or ()),
        destinations=tuple(application.destination_addresses or ()),
        inspects_tls=bool(application.terminate_tls),
    )


def _network_rule(
    rule: models.NetworkRule | models.AzureFirewallNetworkRule, protocols: Sequence[str] | None
) -> FirewallRule:
    return FirewallRule(
        name=text(rule.name),
        kind="network",
        protocols=tuple(text(protocol) for protocol in protocols or ()),
        sources=tuple(rule.source_addresses or ()),
        source_ip_group_ids=_ids(rule.source_ip_groups),
        target_names=tuple(rule.destination_fqdns or ()),
        target_tags=(),
        target_urls=(),
        web_categories=(),
        destinations=tuple(rule.destination_addresses or ()),
        ip_group_ids=_ids(rule.destination_ip_groups),
        ports=tuple(rule.destination_ports or ()),
    )


def _application_rule(rule: models.ApplicationRule | models.AzureFirewallApplicationRule) -> FirewallRule:
    return FirewallRule(
        name=text(rule.name),
        kind="application",
        protocols=tuple(f"{text(protocol.protocol_type)}:{protocol.port}" for protocol in rule.protocols or ()),
        sources=tuple(rule.source_addresses or ()),
        source_ip_group_ids=_ids(rule.source_ip_groups),
        target_names=tuple(rule.target_fqdns or ()),
        target_tags=tuple(rule.fqdn_tags or ()),
        target_urls=(),
        web_categories=(),
        destinations=(),
        ip_group_ids=(),
        ports=(),
    )


def _id(reference: models.SubResource | None) -> ResourceId | None:
    return ResourceId(reference.id) if reference is not None and reference.id else None


def _ids(references: Sequence[str] | None) -> tuple[ResourceId, ...]:
    return tuple(ResourceId(reference) for reference in references or () if reference)


class OnTheWay:
    """Reads the Azure Firewalls that the routes of a subnet lead to, with all that decides what they let through."""

    def __init__(self, tables: Collection, gateway_addresses: _Read) -> None:
        self._tables = tables
        self._gateway_addresses = gateway_addresses

    async def read(self, vnet: VirtualNetwork, subnet: Subnet, table_id: ResourceId) -> None:
        """Read what stands behind the appliances that a subnet's route table names.

        A firewall sits in the subnet's network or in one that is peered with it; that one's subscription is asked.
        """
        table = await self._tables.route_tables(table_id)
        if isinstance(table, Unseen) or table.value is None:
            return
        routes = [route for route in table.value.routes if same(route.next_hop_type, "VirtualAppliance")]
        # A next hop among the nodes is a node: kubenet routes each node's pods so.
        hops = {
            route.next_hop_address for route in routes if not holds_address(subnet.prefixes, route.next_hop_address)
        }
        networks = dict.fromkeys(network for hop in hops for network in networks_with(vnet, hop))
        await together(*(self._in_network(network, hops) for network in networks))

    async def _in_network(self, network_id: ResourceId, hops: set[str]) -> None:
        subscription = network_id.subscription_id.lower()
        asking = (self._tables.firewalls(subscription), self._tables.listed_policies(subscription))
        found: Fact[tuple[AzureFirewall, ...]] = (await together(*asking, self._tables.networks(network_id)))[0]
        if isinstance(found, Seen):
            mine = [item for item in found.value if item.subnet_id is not None and item.subnet_id.parent == network_id]
            await together(*(self._firewall(item) for item in mine if hops & set(item.private_addresses)))

    async def _firewall(self, firewall: AzureFirewall) -> None:
        policies = [self._policy(firewall.policy_id, frozenset())] if firewall.policy_id else []
        subnets = [self._way_out(firewall.subnet_id)] if firewall.subnet_id else []
        addresses = [self._tables.addresses(item) for item in firewall.public_address_ids]
        await together(*policies, *subnets, *addresses, self._groups(firewall.collections))

    async def _policy(self, policy_id: ResourceId, below: frozenset[ResourceId]) -> None:
        """Read a policy and its parents: all of them at once, where a list has shown who they are."""
        if policy_id in below:
            return
        listed = self._tables.listed_policy(policy_id)
        parents = [] if listed is None else self._parents(listed, below)
        await together(self._rules(policy_id, below, asks_parents=listed is None), *parents)

    async def _rules(self, policy_id: ResourceId, below: frozenset[ResourceId], *, asks_parents: bool) -> None:
        policy = await self._tables.firewall_policies(policy_id)
        if isinstance(policy, Unseen) or policy.value is None:
            return
        parents = self._parents(policy.value, below) if asks_parents else []
        await together(*parents, self._groups(policy.value.collections))

    def _parents(self, policy: FirewallPolicy, below: frozenset[ResourceId]) -> list[Coroutine[Any, Any, None]]:
        return [self._policy(policy.base_id, below | {policy.id})] if policy.base_id else []

    async def _groups(self, collections: tuple[FirewallRuleCollection, ...]) -> None:
        ids = dict.fromkeys(
            group
            for collection in collections
            for rule in collection.rules
            for group in (*rule.source_ip_group_ids, *rule.ip_group_ids)
        )
        await together(*(self._tables.ip_groups(group) for group in ids))

    async def _way_out(self, subnet_id: ResourceId) -> None:
        """A NAT gateway or a route table on the firewall's own subnet decides where its packets leave from."""
        network = await self._tables.networks(subnet_id.parent)
        subnet = network.value.subnet(subnet_id) if isinstance(network, Seen) and network.value else None
        if subnet is None:
            return
        gateways = [self._gateway_addresses(subnet.nat_gateway_id)] if subnet.nat_gateway_id else []
        tables = [self._tables.route_tables(subnet.route_table_id)] if subnet.route_table_id else []
        await together(*gateways, *tables)
