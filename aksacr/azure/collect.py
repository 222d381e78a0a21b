"""What is read, in which order: each fact asks for its inputs and is asked for as soon as they are known.

cluster ─┬─ scale sets ─ subnet ─ virtual network ─┬─ route table, NAT gateway ─ public addresses
         ├─ service principal, application         └─ hub networks
         └─ public addresses, private DNS zones ─ links, records
registry ┬─ role assignments ─ role definitions, assignments through groups
         ├─ service-endpoint rules
         └─ private endpoints ─ interfaces, zone groups, virtual networks, private DNS zones
links, virtual networks ─ (where none is linked) the caller's subscriptions ─ private DNS zones ─ links, records
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from aksacr.facts import (
    BUILT_IN_ROLES,
    PULL_ROLES,
    CloudNames,
    Cluster,
    DenyAssignment,
    DirectoryObject,
    EligibleRole,
    EndpointAddress,
    Fact,
    Facts,
    FirewallPolicy,
    Machine,
    ManagedIdentity,
    NodePool,
    PrivateEndpoint,
    Registry,
    Replica,
    ResourceId,
    RoleAssignment,
    Seen,
    SubnetRule,
    Unseen,
    VirtualNetwork,
    ZoneSearch,
    mapped,
    same,
)
from aksacr.semantics.authorization import definition_among, grants_pull
from aksacr.semantics.pools import machines_by_pool
from aksacr.semantics.security_rules import filters_endpoints

from . import (
    authorization,
    compute,
    dns_servers,
    firewalls,
    graph,
    hubs,
    identities,
    network,
    private_dns,
    registries,
    security_groups,
    subscriptions,
    zone_search,
)
from .dataflow import Once, Table, chain, together

if TYPE_CHECKING:
    from datetime import datetime

    from .session import Session
    from .target import Finder

T = TypeVar("T")
_GROUP_TYPES = {"group", "foreigngroup", ""}
_SERVICE_PRINCIPAL_TYPES = {"serviceprincipal", "unknown", ""}
_MOST_HOLDERS = 25


class Collection:
    """One run's reads. `facts()` makes them all; what one of them may not see does not stop the others."""

    def __init__(self, session: Session, finder: Finder) -> None:
        self._session = session
        self._finder = finder
        self.cluster = Once(self._cluster)
        self.registry = Once(self._registry)
        self.machines = Once(self._machines)
        self.service_principal = Once(partial(self._directory_object, graph.read_service_principal))
        self.application = Once(partial(self._directory_object, graph.read_application))
        self.assignments = Once(self._assignments)
        self.through_groups = Once(self._through_groups)
        self.denials = Once(self._denials)
        self.eligible = Once(self._eligible)
        self.kubelet_identity = Once(self._kubelet_identity)
        self.subnet_rules = Once(self._subnet_rules)
        self.replicas = Once(self._replicas)
        self.zone_search = Once(self._zones_elsewhere)
        self.networks = Table(partial(network.read_virtual_network, session))
        self.route_tables = Table(partial(network.read_route_table, session))
        self.nat_gateways = Table(partial(network.read_nat_gateway, session))
        self.security_groups = Table(partial(security_groups.read_security_group, session))
        self.firewalls = Table(partial(firewalls.read_firewalls, session))
        self.listed_policies = Table(partial(firewalls.read_policies, session))
        self.policy_heads = Table(self._policy_head)
        self.firewall_policies = Table(self._firewall_policy)
        self.ip_groups = Table(partial(firewalls.read_ip_group, session))
        self._between = hubs.Between(self)
        self._resolvers = dns_servers.Resolvers(self)
        self._elsewhere = zone_search.Elsewhere(self, session)
        self._on_the_way = firewalls.OnTheWay(self, self._gateway_addresses)
        self.addresses = Table(partial(network.read_public_address, session))
        self.endpoints = Table(partial(network.read_private_endpoint, session))
        self.endpoint_zones = Table(partial(network.read_zone_group_zones, session))
        self.endpoint_addresses = Table(self._endpoint_addresses)
        self.zones = Table(self._zones)
        self.links = Table(partial(private_dns.read_links, session))
        self.records = Table(partial(private_dns.read_records, session))
        self.definitions = Table(self._definition)
        self.holders = Table(partial(graph.read_holder, session))
        self.instances = Table(partial(compute.read_instances, session))
        self.tenants = Table(partial(subscriptions.read_tenant, session))
        self.pool_subnets = Table(self._pool_subnet)
        self.longest_chain = 0

    async def facts(self, now: datetime, image: str | None) -> Facts:
        """Read everything. Raises `TargetError` without a cluster or a registry, `SignInError` without a token."""
        await together(
            self._roles(),
            self.denials(),
            self._holders(),
            self.eligible(),
            self.kubelet_identity(),
            self._instances(),
            self._machine_groups(),
            self._tenants(),
            self.service_principal(),
            self.application(),
            self.subnet_rules(),
            self.replicas(),
            self._pools(),
            self._cluster_addresses(),
            self._endpoints(),
            self._hubs(),
            self._all_zones(),
            self.zone_search(),
        )
        self.longest_chain = chain()
        cluster = await self.cluster()
        return Facts(
            now=now,
            cloud=CloudNames(
                self._session.cloud.name, self._session.cloud.registry_suffix, self._session.cloud.storage_suffix
            ),
            image=image,
            cluster=cluster,
            registry=await self.registry(),
            machines=await self.machines(),
            pool_subnets={pool.name.lower(): await self.pool_subnets(pool) for pool in cluster.node_pools},
            subnet_rules=await self.subnet_rules(),
            replicas=await self.replicas(),
            role_assignments=await self.assignments(),
            reached_through_groups=await self.through_groups(),
            role_definitions=self.definitions.values(),
            deny_assignments=await self.denials(),
            eligible_roles=await self.eligible(),
            holders=self.holders.values(),
            kubelet_identity=await self.kubelet_identity(),
            instances=self.instances.values(),
            tenants=self.tenants.values(),
            service_principal=await self.service_principal(),
            application=await self.application(),
            virtual_networks=self.networks.values(),
            route_tables=self.route_tables.values(),
            nat_gateways=self.nat_gateways.values(),
            security_groups=self.security_groups.values(),
            firewalls=self.firewalls.values(),
            firewall_policies=self.firewall_policies.values(),
            policy_heads=self.policy_heads.values(),
            ip_groups=self.ip_groups.values(),
            public_addresses=self.addresses.values(),
            private_endpoints=self.endpoints.values(),
            endpoint_addresses=self.endpoint_addresses.values(),
            endpoint_zones=self.endpoint_zones.values(),
            zones=self.zones.values(),
            zone_links=self.links.values(),
            zone_records=self.records.values(),
            zone_search=await self.zone_search(),
        )

    # --- cluster, registry, machines ---------------------------------------------------------------------------

    async def _cluster(self) -> Cluster:
        return await self._finder.cluster(await self._finder.subscription_id())

    async def _registry(self) -> Registry:
        named = await self._finder.subscription_id()
        return await self._finder.registry(named or (await self.cluster()).id.subscription_id)

    async def _machines(self) -> Fact[tuple[Machine, ...]]:
        cluster = await self.cluster()
        where = (self._session, cluster.id.subscription_id, cluster.node_resource_group)
        if not cluster.node_resource_group:
            return Unseen(cluster.id.text, "", "Azure names no node resource group yet")
        if not _has_virtual_machines(cluster):
            return await compute.read_scale_sets(*where)
        sets, machines, interfaces = await together(
            compute.read_scale_sets(*where),
            compute.read_virtual_machines(*where),
            security_groups.read_interface_groups(*where),
        )
        joined: Fact[tuple[Machine, ...]] = _joined([sets, machines])
        return mapped(joined, lambda found: tuple(security_groups.with_interface_groups(found, interfaces)))

    async def _directory_object(self, read: _DirectoryRead) -> Fact[DirectoryObject | None]:
        cluster = await self.cluster()
        if cluster.pulls_with != "service-principal":
            return Seen(None, cluster.id.text)
        return await read(self._session, cluster.service_principal_client_id)

    # --- roles -------------------------------------------------------------------------------------------------

    async def _assignments(self) -> Fact[tuple[RoleAssignment, ...]]:
        return await authorization.read_assignments(self._session, (await self.registry()).id)

    async def _principal(self) -> str:
        cluster = await self.cluster()
        if cluster.kubelet_identity is not None:
            return cluster.kubelet_identity.object_id
        principal = await self.service_principal()
        return principal.value.object_id if isinstance(principal, Seen) and principal.value else ""

    async def _through_groups(self) -> Fact[frozenset[ResourceId]]:
        assignments, principal = await together(self.assignments(), self._principal())
        if isinstance(assignments, Unseen):
            return assignments
        if not principal or all(item.principal_type.lower() not in _GROUP_TYPES for item in assignments.value):
            return Seen(frozenset(), assignments.source)
        registry = await self.registry()
        reaching = await authorization.read_assignments_of(self._session, registry.id, principal)
        return mapped(
            reaching,
            lambda items: frozenset(item.id for item in items if item.principal_type.lower() in _GROUP_TYPES),
        )

    async def _roles(self) -> None:
        assignments, groups, principal = await together(self.assignments(), self.through_groups(), self._principal())
        if isinstance(assignments, Unseen):
            return
        reached: frozenset[ResourceId] = frozenset() if isinstance(groups, Unseen) else groups.value
        mine = {
            item.role_guid: item.role_definition_id
            for item in assignments.value
            if (principal and same(item.principal_id, principal)) or item.id in reached
        }
        await together(*(self.definitions(guid) for guid in mine if guid and guid not in BUILT_IN_ROLES))

    async def _denials(self) -> Fact[tuple[DenyAssignment, ...]]:
        return await authorization.read_deny_assignments(self._session, (await self.registry()).id)

    async def _holds_nothing(self) -> str:
        """The principal's object id when it is seen to hold no role that grants pull, else ""."""
        await self._roles()
        assignments, groups, principal = await together(self.assignments(), self.through_groups(), self._principal())
        if isinstance(assignments, Unseen) or not principal:
            return ""
        reached: frozenset[ResourceId] = frozenset() if isinstance(groups, Unseen) else groups.value
        registry = await self.registry()
        if not registry.mode_is_known:
            return ""
        definitions = self.definitions.values()
        for item in assignments.value:
            if same(item.principal_id, principal) or item.id in reached:
                role = definition_among(definitions, item.role_guid)
                if isinstance(role, Unseen) or (role.value and grants_pull(role.value, abac=registry.uses_abac)):
                    return ""
        return principal

    async def _holders(self) -> None:
        """Who else holds a pull role: asked only when the pulling principal holds none, to say whose role it is."""
        principal = await self._holds_nothing()
        assignments = await self.assignments()
        if not principal or isinstance(assignments, Unseen):
            return
        ids = [
            item.principal_id
            for item in assignments.value
            if item.role_guid in PULL_ROLES and item.principal_type.lower() in _SERVICE_PRINCIPAL_TYPES
        ]
        others = [item for item in dict.fromkeys(ids) if not same(item, principal)]
        of_cluster = {
            name.lower()
            for other in (await self.cluster()).other_principals
            for name in (other.object_id, other.client_id)
            if name
        }
        # What the cluster's other principals hold may be a custom role; of a stranger's nothing is said.
        custom = {item.role_guid for item in assignments.value if item.principal_id.lower() in of_cluster}
        await together(
            *(self.holders(item) for item in others[:_MOST_HOLDERS]),
            *(self.definitions(guid) for guid in custom if guid and guid not in BUILT_IN_ROLES),
        )

    async def _eligible(self) -> Fact[tuple[EligibleRole, ...]]:
        principal = await self._holds_nothing()
        if not principal:
            return Seen(())
        return await authorization.read_eligible_roles(self._session, (await self.registry()).id, principal)

    async def _kubelet_identity(self) -> Fact[ManagedIdentity | None]:
        identity = (await self.cluster()).kubelet_identity
        if identity is None:
            return Seen(None)
        return await identities.read_identity(self._session, identity.resource_id)

    async def _instances(self) -> None:
        machines = await self.machines()
        if (await self.cluster()).kubelet_identity is not None and isinstance(machines, Seen):
            await together(
                *(self.instances(item.id) for item in machines.value if item.kind == "scale set" and item.pool)
            )

    async def _machine_groups(self) -> None:
        """The security groups on the network interfaces of the machines."""
        machines = await self.machines()
        found = machines.value if isinstance(machines, Seen) else ()
        ids = [item.security_group_ids.value for item in found if isinstance(item.security_group_ids, Seen)]
        await together(*(self.security_groups(group) for group in {group for several in ids for group in several}))

    async def _tenants(self) -> None:
        cluster, registry = await together(self.cluster(), self.registry())
        ids = (cluster.id.subscription_id.lower(), registry.id.subscription_id.lower())
        if ids[0] != ids[1] and cluster.kubelet_identity is not None:
            await together(*(self.tenants(item) for item in ids))

    async def _definition(self, guid: str) -> Fact[_Definition]:
        registry = await self.registry()
        subscription = registry.id.subscription_id
        definition_id = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
        return await authorization.read_definition(self._session, subscription, definition_id)

    async def _subnet_rules(self) -> Fact[tuple[SubnetRule, ...]]:
        registry = await self.registry()
        if not same(registry.default_action, "Deny") or same(registry.public_network_access, "Disabled"):
            return Seen((), registry.id.text)
        return await registries.read_subnet_rules(self._session, registry.id)

    async def _replicas(self) -> Fact[tuple[Replica, ...]]:
        registry = await self.registry()
        if not same(registry.sku, "Premium"):
            return Seen((), registry.id.text)
        return await registries.read_replicas(self._session, registry.id)

    # --- node pools and the addresses they leave from ------------------------------------------------------------

    async def _pool_subnet(self, pool: NodePool) -> Fact[ResourceId]:
        if pool.subnet_id is not None:
            return Seen(pool.subnet_id, pool.name)
        machines = await self.machines()
        if isinstance(machines, Unseen):
            return machines
        found = machines_by_pool(machines.value).get(pool.name.lower(), ())
        subnets = [subnet for machine in found for subnet in machine.subnet_ids]
        if subnets:
            return Seen(subnets[0], pool.name)
        group = (await self.cluster()).node_resource_group
        if found:
            reason = f"neither the pool nor {found[0].kind} {found[0].name} in {group} names one"
        else:
            reason = f"the pool names none, and no scale set was found for it in resource group {group}"
        return Unseen(f"the subnet of node pool {pool.name}", "", reason)

    async def _pools(self) -> None:
        cluster = await self.cluster()
        await together(*(self._pool(pool) for pool in cluster.node_pools))

    async def _pool(self, pool: NodePool) -> None:
        prefix = pool.node_public_ip_prefix_id
        await together(self._pool_network(pool), *([self.addresses(prefix)] if prefix else []))

    async def _pool_network(self, pool: NodePool) -> None:
        subnet_id = await self.pool_subnets(pool)
        found = await self._network_of(subnet_id)
        if isinstance(subnet_id, Unseen) or found is None:
            return
        subnet = found.subnet(subnet_id.value)
        if subnet is None:
            return
        tables = [self._on_the_way.read(found, subnet, subnet.route_table_id)] if subnet.route_table_id else []
        gateways = [self._gateway_addresses(subnet.nat_gateway_id)] if subnet.nat_gateway_id else []
        groups = [self.security_groups(subnet.security_group_id)] if subnet.security_group_id else []
        await together(*tables, *gateways, *groups, self._resolvers.read(found))

    async def _network_of(self, subnet_id: Fact[ResourceId]) -> VirtualNetwork | None:
        if isinstance(subnet_id, Unseen):
            return None
        vnet = await self.networks(subnet_id.value.parent)
        return None if isinstance(vnet, Unseen) else vnet.value

    async def _gateway_addresses(self, gateway_id: ResourceId) -> None:
        gateway = await self.nat_gateways(gateway_id)
        if isinstance(gateway, Seen) and gateway.value is not None:
            await together(*(self.addresses(address) for address in gateway.value.address_ids))

    async def _cluster_addresses(self) -> None:
        cluster = await self.cluster()
        ids = dict.fromkeys((*cluster.load_balancer_egress_ids, *cluster.nat_gateway_egress_ids))
        await together(*(self.addresses(address) for address in ids))

    def listed_policy(self, policy_id: ResourceId) -> FirewallPolicy | None:
        """The policy of that id, when a list that was read has shown it."""
        lists = self.listed_policies.values().values()
        return next(
            (item for fact in lists if isinstance(fact, Seen) for item in fact.value if item.id == policy_id), None
        )

    async def _policy_head(self, policy_id: ResourceId) -> Fact[FirewallPolicy | None]:
        listed = self.listed_policy(policy_id)
        return await firewalls.read_head(self._session, policy_id) if listed is None else Seen(listed, policy_id.text)

    async def _firewall_policy(self, policy_id: ResourceId) -> Fact[FirewallPolicy | None]:
        head, groups = await together(self.policy_heads(policy_id), firewalls.read_groups(self._session, policy_id))
        return firewalls.joined(head, groups)

    # --- private endpoints, private DNS ----------------------------------------------------------------------------

    async def _endpoints(self) -> None:
        registry = await self.registry()
        ids = dict.fromkeys(item.endpoint_id for item in registry.endpoint_connections if item.endpoint_id)
        await together(*(self._endpoint(endpoint) for endpoint in ids))

    async def _endpoint(self, endpoint_id: ResourceId) -> None:
        await together(
            self.endpoint_addresses(endpoint_id), self.endpoint_zones(endpoint_id), self._endpoint_network(endpoint_id)
        )

    async def _endpoint_network(self, endpoint_id: ResourceId) -> None:
        endpoint = await self.endpoints(endpoint_id)
        if isinstance(endpoint, Unseen) or endpoint.value is None:
            return
        vnet = await self.networks(endpoint.value.virtual_network_id)
        subnet = vnet.value.subnet(endpoint.value.subnet_id) if isinstance(vnet, Seen) and vnet.value else None
        if subnet is not None and subnet.security_group_id and filters_endpoints(subnet) is not False:
            await self.security_groups(subnet.security_group_id)

    async def _endpoint_addresses(self, endpoint_id: ResourceId) -> Fact[tuple[EndpointAddress, ...]]:
        endpoint = await self.endpoints(endpoint_id)
        if isinstance(endpoint, Unseen):
            return endpoint
        if endpoint.value is None:
            return Seen((), endpoint_id.text)
        interfaces = endpoint.value.interface_ids
        read: list[Fact[tuple[EndpointAddress, ...] | None]] = await together(
            *(network.read_interface(self._session, interface) for interface in interfaces)
        )
        return _joined([mapped(fact, lambda found: found or ()) for fact in read])

    async def _hubs(self) -> None:
        """Networks between a pool's network and an endpoint's, where those two do not peer directly."""
        cluster = await self.cluster()
        await together(*(self._hubs_of(pool) for pool in cluster.node_pools))

    async def _hubs_of(self, pool: NodePool) -> None:
        subnet_id = await self.pool_subnets(pool)
        vnet = await self._network_of(subnet_id)
        subnet = vnet.subnet(subnet_id.value) if vnet is not None and isinstance(subnet_id, Seen) else None
        if vnet is not None and subnet is not None:
            ends = await self._endpoint_networks()
            await together(*(self._between.read(vnet, subnet, end) for end in ends))

    async def _endpoint_networks(self) -> list[ResourceId]:
        registry = await self.registry()
        ids = dict.fromkeys(item.endpoint_id for item in registry.endpoint_connections if item.endpoint_id)
        found: list[Fact[PrivateEndpoint | None]] = await together(*(self.endpoints(item) for item in ids))
        ends = [item.value.virtual_network_id for item in found if isinstance(item, Seen) and item.value is not None]
        return list(dict.fromkeys(ends))

    async def _all_zones(self) -> None:
        await together(
            self._zones_near_cluster(),
            self._zones_near_registry(),
            self._zones_of_pools(),
        )

    async def _zones_elsewhere(self) -> Fact[ZoneSearch]:
        """Where else zones were looked for: only for a registry whose name is an alias into the private link zone."""
        cluster, registry = await self.cluster(), await self.registry()
        if not registry.endpoint_connections:
            return Seen(ZoneSearch())
        await self._all_zones()
        found: list[list[VirtualNetwork]] = await together(*(self._answering(pool) for pool in cluster.node_pools))
        return await self._elsewhere.read({vnet.id: vnet for several in found for vnet in several}.values())

    async def _answering(self, pool: NodePool) -> list[VirtualNetwork]:
        """The networks whose zone links answer for a pool."""
        vnet = await self._network_of(await self.pool_subnets(pool))
        return [] if vnet is None else await self._resolvers.read(vnet)

    async def _zones_near_cluster(self) -> None:
        await self.zone_contents((await self.cluster()).id.subscription_id)

    async def _zones_of_pools(self) -> None:
        cluster = await self.cluster()
        await together(*(self._zones_of_pool(pool) for pool in cluster.node_pools))

    async def _zones_of_pool(self, pool: NodePool) -> None:
        subnet = await self.pool_subnets(pool)
        if isinstance(subnet, Seen):
            await self.zone_contents(subnet.value.subscription_id)

    async def _zones_near_registry(self) -> None:
        registry = await self.registry()
        ids = dict.fromkeys(item.endpoint_id for item in registry.endpoint_connections if item.endpoint_id)
        subscriptions = dict.fromkeys([registry.id.subscription_id, *(item.subscription_id for item in ids)])
        await together(*(self.zone_contents(item) for item in subscriptions), *(self._zones_of(item) for item in ids))

    async def _zones_of(self, endpoint_id: ResourceId) -> None:
        zones = await self.endpoint_zones(endpoint_id)
        if isinstance(zones, Seen):
            await together(*(self._zone_content(zone) for zone in zones.value))

    async def _zones(self, subscription_id: str) -> Fact[tuple[_Zone, ...]]:
        return await private_dns.read_zones(self._session, subscription_id, self._session.cloud.registry_suffix)

    async def zone_contents(self, subscription_id: str) -> None:
        """Read the zones of a subscription that may answer for the registry's names, their links and records."""
        zones = await self.zones(subscription_id.lower())
        if isinstance(zones, Seen):
            await together(*(self._zone_content(zone.id) for zone in zones.value))

    async def _zone_content(self, zone_id: ResourceId) -> None:
        await together(self.links(zone_id), self.records(zone_id))


def _has_virtual_machines(cluster: Cluster) -> bool:
    """Pools without a scale set: VirtualMachines and availability-set pools, and node auto-provisioning."""
    by_machines = any(
        not same(pool.kind or "VirtualMachineScaleSets", "VirtualMachineScaleSets") for pool in cluster.node_pools
    )
    return by_machines or same(cluster.node_provisioning_mode, "Auto")


def _joined(facts: list[Fact[tuple[T, ...]]]) -> Fact[tuple[T, ...]]:
    """Several lists as one; unseen when one of them is."""
    found: list[T] = []
    for fact in facts:
        if isinstance(fact, Unseen):
            return fact
        found += fact.value
    return Seen(tuple(found), facts[0].source if facts and isinstance(facts[0], Seen) else "")


if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeAlias

    from aksacr.facts import PrivateZone, RoleDefinition

    _Zone: TypeAlias = PrivateZone
    _Definition: TypeAlias = RoleDefinition | None
    _DirectoryRead: TypeAlias = Callable[[Session, str], Coroutine[Any, Any, Fact[DirectoryObject | None]]]
