"""The cluster: `Microsoft.ContainerService/managedClusters`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from aksacr.facts import Cluster, HttpProxy, KubeletIdentity, NamedPrincipal, NodePool, ResourceId

from .forms import UnknownFormError, decoded, missing
from .reading import text

if TYPE_CHECKING:
    from azure.mgmt.containerservice import models

    from .session import Session

READ = "Microsoft.ContainerService/managedClusters/read"
_MANAGED_IDENTITY = "msi"
_USER_IN_URL = re.compile(r"(?<=://)[^/\s]*@")


async def get(session: Session, subscription_id: str, resource_group: str, name: str) -> Cluster:
    """Read the cluster. Raises the SDK's exceptions: without a cluster there is nothing to judge."""
    client = await session.container_service(subscription_id)
    return decoded(decode, await client.managed_clusters.get(resource_group, name))


async def names_near(session: Session, subscription_id: str) -> list[ResourceId]:
    """The ids of all clusters of a subscription, for "nearest names". Raises the SDK's exceptions."""
    client = await session.container_service(subscription_id)
    return [ResourceId(text(cluster.id)) async for cluster in client.managed_clusters.list()]


def decode(cluster: models.ManagedCluster) -> Cluster:
    """The facts in a cluster's body. A cluster that is being created may lack most of them."""
    properties = cluster.properties
    if properties is None:
        raise missing("properties")
    if not isinstance(cast("object", properties), Mapping):
        raise UnknownFormError("properties is no object")
    network = properties.network_profile
    balancer = network.load_balancer_profile if network else None
    gateway = network.nat_gateway_profile if network else None
    provisioning = properties.node_provisioning_profile
    bootstrap = properties.bootstrap_profile
    return Cluster(
        id=ResourceId(text(cluster.id)),
        name=text(cluster.name) or ResourceId(text(cluster.id)).name,
        location=text(cluster.location),
        kubernetes_version=text(properties.current_kubernetes_version) or text(properties.kubernetes_version),
        provisioning_state=text(properties.provisioning_state),
        power_state=text(properties.power_state.code) if properties.power_state else "",
        node_resource_group=text(properties.node_resource_group),
        identity_type=text(cluster.identity.type) if cluster.identity else "",
        tenant_id=text(cluster.identity.tenant_id) if cluster.identity else "",
        kubelet_identity=_kubelet_identity(properties),
        service_principal_client_id=_service_principal(properties),
        other_principals=tuple(_other_principals(cluster)),
        node_pools=tuple(_node_pool(pool) for pool in properties.agent_pool_profiles or []),
        outbound_type=text(network.outbound_type) if network else "",
        load_balancer_sku=text(network.load_balancer_sku) if network else "",
        load_balancer_egress_ids=_ids(balancer.effective_outbound_i_ps if balancer else None),
        nat_gateway_egress_ids=_ids(gateway.effective_outbound_i_ps if gateway else None),
        http_proxy=_proxy(properties.http_proxy_config),
        node_provisioning_mode=text(provisioning.mode) if provisioning else "",
        bootstrap_registry_id=_optional_id(bootstrap.container_registry_id) if bootstrap else None,
    )


def _kubelet_identity(properties: models.ManagedClusterProperties) -> KubeletIdentity | None:
    for key, identity in (properties.identity_profile or {}).items():
        if key.lower() == "kubeletidentity" and identity.resource_id:
            return KubeletIdentity(ResourceId(identity.resource_id), text(identity.client_id), text(identity.object_id))
    return None


def _service_principal(properties: models.ManagedClusterProperties) -> str:
    profile = properties.service_principal_profile
    client_id = text(profile.client_id) if profile else ""
    return "" if client_id.lower() == _MANAGED_IDENTITY else client_id


def _other_principals(cluster: models.ManagedCluster) -> list[NamedPrincipal]:
    found: list[NamedPrincipal] = []
    identity = cluster.identity
    if identity and identity.principal_id:
        found.append(NamedPrincipal("control-plane identity", identity.principal_id, "", None))
    for key, value in ((identity.user_assigned_identities or {}) if identity else {}).items():
        found.append(
            NamedPrincipal("control-plane identity", text(value.principal_id), text(value.client_id), ResourceId(key))
        )
    addons = (cluster.properties.addon_profiles or {}) if cluster.properties else {}
    for name, addon in addons.items():
        if addon.identity and addon.identity.object_id:
            held = addon.identity
            resource_id = _optional_id(held.resource_id)
            found.append(NamedPrincipal(f"add-on {name}", text(held.object_id), text(held.client_id), resource_id))
    return found


def _node_pool(pool: models.ManagedClusterAgentPoolProfile) -> NodePool:
    if not pool.name:
        raise missing("properties.agentPoolProfiles[].name")
    return NodePool(
        name=text(pool.name),
        kind=text(pool.type),
        mode=text(pool.mode),
        os_type=text(pool.os_type) or "Linux",
        os_sku=text(pool.os_sku),
        count=_number(pool.count),
        node_image_version=text(pool.node_image_version),
        kubernetes_version=text(pool.current_orchestrator_version) or text(pool.orchestrator_version),
        subnet_id=_optional_id(pool.vnet_subnet_id),
        node_public_ip=bool(pool.enable_node_public_ip),
        node_public_ip_prefix_id=_optional_id(pool.node_public_ip_prefix_id),
        provisioning_state=text(pool.provisioning_state),
        power_state=text(pool.power_state.code) if pool.power_state else "",
        autoscales=bool(pool.enable_auto_scaling),
    )


def _number(value: int | None) -> int | None:
    if value is not None and not isinstance(value, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError("a number was expected")
    return value


def _proxy(config: models.ManagedClusterHTTPProxyConfig | None) -> HttpProxy | None:
    if config is None or config.enabled is False or not (config.http_proxy or config.https_proxy):
        return None
    return HttpProxy(
        _without_user(config.http_proxy),
        _without_user(config.https_proxy),
        tuple(text(item) for item in config.no_proxy or ()),
    )


def _without_user(url: str | None) -> str:
    """A proxy's address without the user and password that may stand in it."""
    return _USER_IN_URL.sub("", text(url))


def _ids(references: list[models.ResourceReference] | None) -> tuple[ResourceId, ...]:
    return tuple(ResourceId(reference.id) for reference in references or [] if reference.id)


def _optional_id(value: str | None) -> ResourceId | None:
    return ResourceId(text(value)) if value else None
