"""What a check may know of the AKS cluster, its node pools and the machines behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .seen import Unseen

if TYPE_CHECKING:
    from .resource_id import ResourceId
    from .seen import Fact

_NOT_READ = Unseen("the network interfaces of the machine", "", "was not read in this run")


@dataclass(frozen=True, slots=True)
class KubeletIdentity:
    """`identityProfile.kubeletidentity`: the user-assigned managed identity that nodes pull with."""

    resource_id: ResourceId
    client_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class NamedPrincipal:
    """Another principal of this cluster (control plane, an add-on), by object id."""

    role: str
    object_id: str
    client_id: str
    resource_id: ResourceId | None


@dataclass(frozen=True, slots=True)
class NodePool:
    """One entry of `agentPoolProfiles`. `subnet_id` is None where AKS made the virtual network itself."""

    name: str
    kind: str
    mode: str
    os_type: str
    os_sku: str
    count: int | None
    node_image_version: str
    kubernetes_version: str
    subnet_id: ResourceId | None
    node_public_ip: bool
    node_public_ip_prefix_id: ResourceId | None
    provisioning_state: str
    power_state: str
    autoscales: bool = False


@dataclass(frozen=True, slots=True)
class HttpProxy:
    """`httpProxyConfig`: where nodes send their requests instead of going out themselves."""

    http_proxy: str
    https_proxy: str
    no_proxy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """`Microsoft.ContainerService/managedClusters`. Strings that Azure left out are ""."""

    id: ResourceId
    name: str
    location: str
    kubernetes_version: str
    provisioning_state: str
    power_state: str
    node_resource_group: str
    identity_type: str
    tenant_id: str
    kubelet_identity: KubeletIdentity | None
    service_principal_client_id: str
    other_principals: tuple[NamedPrincipal, ...]
    node_pools: tuple[NodePool, ...]
    outbound_type: str
    load_balancer_sku: str
    load_balancer_egress_ids: tuple[ResourceId, ...]
    nat_gateway_egress_ids: tuple[ResourceId, ...]
    http_proxy: HttpProxy | None
    node_provisioning_mode: str
    bootstrap_registry_id: ResourceId | None

    @property
    def pulls_with(self) -> Literal["managed-identity", "service-principal", "unknown"]:
        """Which kind of identity the nodes pull with.

        `servicePrincipalProfile.clientId` is "msi" for managed identity. A cluster that is still being
        created has `identity` but no `identityProfile` yet: unknown, not a fault.
        """
        if self.kubelet_identity is not None:
            return "managed-identity"
        if self.service_principal_client_id:
            return "service-principal"
        return "unknown"


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """A user-assigned managed identity, as its own resource shows it."""

    id: ResourceId
    client_id: str
    principal_id: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a scale set, and whether it runs the scale set's latest model."""

    id: ResourceId
    name: str
    latest_model: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """A scale set, or a virtual machine of a pool that has no scale set, in the node resource group.

    `pool` is the node pool it belongs to ("" when it cannot be told); `identity_ids` are the user-assigned
    identities on it; `subnet_ids` come from its network interface configurations. The security groups (network and
    application) are those of its primary interface; so are `dns_servers`, which come before those of the network.
    """

    id: ResourceId
    name: str
    kind: Literal["scale set", "virtual machine"]
    pool: str
    identity_ids: frozenset[ResourceId]
    subnet_ids: tuple[ResourceId, ...]
    instance_public_ip: bool
    public_ip_prefix_id: ResourceId | None
    security_group_ids: Fact[tuple[ResourceId, ...]] = _NOT_READ
    application_group_ids: Fact[tuple[ResourceId, ...]] = _NOT_READ
    dns_servers: tuple[str, ...] = ()
