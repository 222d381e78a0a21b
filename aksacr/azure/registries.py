"""The registry: `Microsoft.ContainerRegistry/registries`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from aksacr.facts import (
    Encryption,
    EndpointConnection,
    Fact,
    Registry,
    Replica,
    ResourceId,
    Seen,
    SubnetRule,
    Unseen,
    same,
)

from .forms import decoded, missing
from .reading import read_list, read_one, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from azure.mgmt.containerregistry import models

    from .session import Session

READ = "Microsoft.ContainerRegistry/registries/read"
READ_REPLICAS = "Microsoft.ContainerRegistry/registries/replications/read"

# The default API version (2025-11-01) shows roleAssignmentMode but leaves out virtualNetworkRules; this one is the
# last of those that return them. The same registry, read with both in one minute, differs (Azure/azure-cli#33660).
API_WITH_SUBNET_RULES = "2021-08-01-preview"


async def get(session: Session, registry_id: ResourceId) -> Registry:
    """Read the registry of that id. Raises the SDK's exceptions."""
    client = await session.container_registry(registry_id.subscription_id)
    return decoded(decode, await client.registries.get(registry_id.resource_group, registry_id.name))


async def list_in(session: Session, subscription_id: str) -> list[Registry]:
    """All registries of a subscription that the caller may read. Raises the SDK's exceptions."""
    client = await session.container_registry(subscription_id)
    found: list[Registry] = []
    async for registry in client.registries.list():
        # One that is still being created has no login server yet; it is not the one that is looked for.
        with contextlib.suppress(ValueError):
            found.append(decode(registry))
    return found


async def read_subnet_rules(session: Session, registry_id: ResourceId) -> Fact[tuple[SubnetRule, ...]]:
    """The registry's service-endpoint rules, read with an API version that returns them."""

    async def ask() -> models.Registry:
        client = await session.container_registry(registry_id.subscription_id, API_WITH_SUBNET_RULES)
        return await client.registries.get(registry_id.resource_group, registry_id.name)

    fact = await read_one(session, registry_id.text, READ, ask, decode_subnet_rules)
    return fact if isinstance(fact, Unseen) else Seen(fact.value or (), fact.source)


async def read_replicas(session: Session, registry_id: ResourceId) -> Fact[tuple[Replica, ...]]:
    """The replicas of a Premium registry, its home among them."""

    async def ask() -> AsyncIterable[models.Replication]:
        client = await session.container_registry(registry_id.subscription_id)
        return client.replications.list(registry_id.resource_group, registry_id.name)

    source = f"{registry_id.text}/replications"
    return await read_list(session, source, READ_REPLICAS, ask, decode_replica)


def decode_replica(replica: models.Replication) -> Replica:
    properties = replica.properties
    status = properties.status if properties else None
    return Replica(
        text(replica.name),
        text(replica.location),
        not properties or properties.region_endpoint_enabled is not False,
        text(properties.provisioning_state) if properties else "",
        text(status.display_status) if status else "",
    )


def decode(registry: models.Registry) -> Registry:
    """The facts in a registry's body."""
    properties = registry.properties
    if properties is None or not properties.login_server:
        raise missing("properties.loginServer")
    rules = properties.network_rule_set
    policies = properties.policies
    arm = policies.azure_ad_authentication_as_arm_policy if policies else None
    return Registry(
        id=ResourceId(text(registry.id)),
        name=text(registry.name) or ResourceId(text(registry.id)).name,
        login_server=text(properties.login_server).lower(),
        location=text(registry.location),
        sku=text(registry.sku.name) if registry.sku else "",
        provisioning_state=text(properties.provisioning_state),
        role_assignment_mode=text(properties.role_assignment_mode),
        public_network_access=text(properties.public_network_access) or "Enabled",
        default_action=text(rules.default_action) if rules else "Allow",
        ip_rules=tuple(text(rule.ip_address_or_range) for rule in (rules.ip_rules or [] if rules else [])),
        data_endpoint_enabled=bool(properties.data_endpoint_enabled),
        data_endpoint_host_names=tuple(text(host) for host in properties.data_endpoint_host_names or ()),
        endpoint_connections=tuple(_connection(item) for item in properties.private_endpoint_connections or []),
        encryption=_encryption(properties.encryption),
        identity_client_ids=tuple(
            text(item.client_id)
            for item in ((registry.identity.user_assigned_identities or {}) if registry.identity else {}).values()
        ),
        status=text(properties.status.display_status) if properties.status else "",
        status_message=text(properties.status.message) if properties.status else "",
        anonymous_pull=bool(properties.anonymous_pull_enabled),
        arm_audience_tokens=text(arm.status) if arm else "",
    )


def _encryption(encryption: models.EncryptionProperty | None) -> Encryption | None:
    if encryption is None or not same(text(encryption.status), "enabled"):
        return None
    key = encryption.key_vault_properties
    return Encryption(text(key.key_identifier) if key else "", text(key.identity) if key else "")


def _connection(connection: models.PrivateEndpointConnection) -> EndpointConnection:
    properties = connection.properties
    endpoint = properties.private_endpoint if properties else None
    state = properties.private_link_service_connection_state if properties else None
    return EndpointConnection(
        name=text(connection.name),
        endpoint_id=ResourceId(endpoint.id) if endpoint and endpoint.id else None,
        status=text(state.status) if state else "",
        description=text(state.description) if state else "",
    )


class _SubnetRule(msgspec.Struct, rename="camel"):
    id: str | None = None
    virtual_network_subnet_resource_id: str | None = None
    action: str | None = None


class _RuleSet(msgspec.Struct, rename="camel"):
    virtual_network_rules: list[_SubnetRule] | None = None


def decode_subnet_rules(registry: models.Registry) -> tuple[SubnetRule, ...]:
    """`virtualNetworkRules`, under the key of older (`id`) and newer (`virtualNetworkSubnetResourceId`) versions."""
    rules = registry.properties.network_rule_set if registry.properties else None
    raw = msgspec.convert(rules.as_dict() if rules else {}, type=_RuleSet)
    ids = [
        (rule.virtual_network_subnet_resource_id or rule.id, rule.action) for rule in raw.virtual_network_rules or []
    ]
    return tuple(SubnetRule(ResourceId(subnet), action or "Allow") for subnet, action in ids if subnet)
