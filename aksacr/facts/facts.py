"""The one object that a check reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from .network import ZoneSearch
from .seen import Fact, Seen, Unseen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .access import DenyAssignment, DirectoryObject, EligibleRole, Holder, RoleAssignment, RoleDefinition
    from .cluster import Cluster, Instance, Machine, ManagedIdentity, NodePool
    from .network import (
        AddressRecord,
        AzureFirewall,
        EndpointAddress,
        FirewallPolicy,
        NatGateway,
        PrivateEndpoint,
        PrivateZone,
        PublicAddress,
        RouteTable,
        SecurityGroup,
        VirtualNetwork,
        ZoneLink,
    )
    from .registry import Registry, Replica, SubnetRule
    from .resource_id import ResourceId

T = TypeVar("T")
_NO_SEARCH = Seen(ZoneSearch())


@dataclass(frozen=True, slots=True)
class CloudNames:
    """The names that differ between clouds: the cloud's own, and the suffixes of registries and of Azure Storage.

    `azurecr.io`, `core.windows.net`; the latter is "" where the cloud does not say it.
    """

    name: str
    registry_suffix: str
    storage_suffix: str = ""

    @property
    def private_link_zone(self) -> str:
        """The private DNS zone of a registry's private endpoint (`privatelink.azurecr.io`)."""
        return f"privatelink.{self.registry_suffix}"


@dataclass(frozen=True, slots=True)
class Facts:
    """One cluster, one registry and everything between them, at one moment (`now`, in UTC).

    Tables hold what was asked for; `Seen(None)` says that Azure has no such resource.
    `pool_subnets` is keyed by node pool name (lower case); a pool of a virtual network that AKS made takes its
    subnet from its scale set. `role_definitions` is keyed by GUID (lower case); `zones` by subscription id
    (lower case) and hold only zones whose name ends in the registry suffix; `endpoint_zones` are the zones that a
    private endpoint writes its records to, in whatever subscription; links and records are keyed by zone.
    `zone_search` names the subscriptions among `zones` that were only looked in because no zone was found linked.
    `reached_through_groups` are ids of assignments that reach the pulling principal by group membership.
    `holders` are the service principals, by object id (lower case), that hold a pull role while the pulling principal
    holds none; `eligible_roles` are read then, too. `tenants` are keyed by subscription id (lower case), and only read
    where cluster and registry are in different subscriptions. `instances` are keyed by scale set. `firewalls` are keyed
    by the subscription (lower case) that they were looked for in: that of the network which holds a next hop, or a DNS
    server. `policy_heads` are firewall policies without their rule collections, which another permission shows.
    `replicas` are read of Premium registries only, and are none where Azure lists none.
    `quoted_clients` are public addresses that a pull error quotes (`client with IP`): what the registry saw.
    `throttling_hosts` are the hosts that answered 429, by the pull errors; "" where an error names none.
    `observed_images` are the images that the pull errors name.
    `worked_out` is no fact: it is where rules keep what they made of these (see `aksacr.semantics.remembering`).
    """

    now: datetime
    cloud: CloudNames
    image: str | None
    cluster: Cluster
    registry: Registry
    machines: Fact[tuple[Machine, ...]]
    pool_subnets: Mapping[str, Fact[ResourceId]]
    subnet_rules: Fact[tuple[SubnetRule, ...]]
    replicas: Fact[tuple[Replica, ...]]
    role_assignments: Fact[tuple[RoleAssignment, ...]]
    reached_through_groups: Fact[frozenset[ResourceId]]
    role_definitions: Mapping[str, Fact[RoleDefinition | None]]
    deny_assignments: Fact[tuple[DenyAssignment, ...]]
    eligible_roles: Fact[tuple[EligibleRole, ...]]
    holders: Mapping[str, Fact[Holder | None]]
    kubelet_identity: Fact[ManagedIdentity | None]
    instances: Mapping[ResourceId, Fact[tuple[Instance, ...]]]
    tenants: Mapping[str, Fact[str]]
    service_principal: Fact[DirectoryObject | None]
    application: Fact[DirectoryObject | None]
    virtual_networks: Mapping[ResourceId, Fact[VirtualNetwork | None]]
    route_tables: Mapping[ResourceId, Fact[RouteTable | None]]
    nat_gateways: Mapping[ResourceId, Fact[NatGateway | None]]
    security_groups: Mapping[ResourceId, Fact[SecurityGroup | None]]
    firewalls: Mapping[str, Fact[tuple[AzureFirewall, ...]]]
    firewall_policies: Mapping[ResourceId, Fact[FirewallPolicy | None]]
    policy_heads: Mapping[ResourceId, Fact[FirewallPolicy | None]]
    ip_groups: Mapping[ResourceId, Fact[tuple[str, ...] | None]]
    public_addresses: Mapping[ResourceId, Fact[PublicAddress | None]]
    private_endpoints: Mapping[ResourceId, Fact[PrivateEndpoint | None]]
    endpoint_addresses: Mapping[ResourceId, Fact[tuple[EndpointAddress, ...]]]
    endpoint_zones: Mapping[ResourceId, Fact[tuple[ResourceId, ...]]]
    zones: Mapping[str, Fact[tuple[PrivateZone, ...]]]
    zone_links: Mapping[ResourceId, Fact[tuple[ZoneLink, ...]]]
    zone_records: Mapping[ResourceId, Fact[tuple[AddressRecord, ...]]]
    zone_search: Fact[ZoneSearch] = _NO_SEARCH
    quoted_clients: tuple[str, ...] = ()
    throttling_hosts: tuple[str, ...] = ()
    observed_images: tuple[str, ...] = ()
    worked_out: dict[object, object] = field(
        default_factory=dict[object, object], init=False, repr=False, compare=False
    )

    def subnet_id(self, pool: NodePool) -> Fact[ResourceId]:
        """The subnet that a pool's nodes are in."""
        kept = self.pool_subnets.get(pool.name.lower())
        return not_asked(f"the subnet of node pool {pool.name}") if kept is None else kept

    def virtual_network(self, resource_id: ResourceId) -> Fact[VirtualNetwork | None]:
        """The virtual network of that id; `Seen(None)` when Azure has none."""
        return look(self.virtual_networks, resource_id)


def look(table: Mapping[ResourceId, Fact[T]], resource_id: ResourceId) -> Fact[T]:
    """What `table` keeps for an id. One that was never asked for is unseen, never absent."""
    kept = table.get(resource_id)
    return not_asked(resource_id.text) if kept is None else kept


def not_asked(source: str) -> Unseen:
    """An unseen fact that this run did not ask for."""
    return Unseen(source, "", "was not read in this run")
