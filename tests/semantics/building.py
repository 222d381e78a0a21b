"""Facts made by hand, for tests of the rules alone: small builders that fill in what a test does not speak about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from aksacr.facts import (
    ACR_PULL,
    AddressRecord,
    CloudNames,
    Cluster,
    EndpointAddress,
    EndpointConnection,
    Facts,
    KubeletIdentity,
    NatGateway,
    NodePool,
    Peering,
    Permission,
    PrivateEndpoint,
    PrivateZone,
    PublicAddress,
    Registry,
    ResourceId,
    RoleAssignment,
    RoleDefinition,
    Route,
    RouteTable,
    Seen,
    Subnet,
    Unseen,
    VirtualNetwork,
    ZoneLink,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/shop"
PRINCIPAL = "aaaaaaaa-0000-0000-0000-000000000001"
ZONE = "privatelink.azurecr.io"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
REFUSED = Unseen("somewhere", "Microsoft.Something/read", "denied (AuthorizationFailed)")


def resource(kind: str, name: str, group: str = GROUP) -> ResourceId:
    """An id: `resource("Microsoft.Network/virtualNetworks", "vnet1")`."""
    return ResourceId(f"{group}/providers/{kind}/{name}")


def network_id(name: str) -> ResourceId:
    return resource("Microsoft.Network/virtualNetworks", name)


def zone_id(group: str = "shop", name: str = ZONE) -> ResourceId:
    return resource("Microsoft.Network/privateDnsZones", name, f"{SUBSCRIPTION}/resourceGroups/{group}")


def endpoint_id(name: str = "endpoint") -> ResourceId:
    return resource("Microsoft.Network/privateEndpoints", name)


def address_id(name: str, kind: str = "publicIPAddresses") -> ResourceId:
    return resource(f"Microsoft.Network/{kind}", name)


REGISTRY_ID = resource("Microsoft.ContainerRegistry/registries", "shopacr")


def pool(name: str = "pool1", **changes: Any) -> NodePool:
    """A node pool of scale-set kind in subnet `nodes` of network `vnet1`."""
    made = NodePool(
        name=name,
        kind="VirtualMachineScaleSets",
        mode="System",
        os_type="Linux",
        os_sku="Ubuntu",
        count=3,
        node_image_version="AKSUbuntu-2204-202511.01.0",
        kubernetes_version="1.33.1",
        subnet_id=ResourceId(f"{network_id('vnet1')}/subnets/nodes"),
        node_public_ip=False,
        node_public_ip_prefix_id=None,
        provisioning_state="Succeeded",
        power_state="Running",
    )
    return replace(made, **changes)


def cluster(**changes: Any) -> Cluster:
    """A managed-identity cluster with one pool that leaves by a load balancer's address `outbound`."""
    identity = KubeletIdentity(
        resource("Microsoft.ManagedIdentity/userAssignedIdentities", "agentpool"), "client-id-of-kubelet", PRINCIPAL
    )
    made = Cluster(
        id=resource("Microsoft.ContainerService/managedClusters", "shop"),
        name="shop",
        location="westeurope",
        kubernetes_version="1.33.1",
        provisioning_state="Succeeded",
        power_state="Running",
        node_resource_group="MC_shop",
        identity_type="SystemAssigned",
        tenant_id="22222222-2222-2222-2222-222222222222",
        kubelet_identity=identity,
        service_principal_client_id="",
        other_principals=(),
        node_pools=(pool(),),
        outbound_type="loadBalancer",
        load_balancer_sku="standard",
        load_balancer_egress_ids=(address_id("outbound"),),
        nat_gateway_egress_ids=(),
        http_proxy=None,
        node_provisioning_mode="",
        bootstrap_registry_id=None,
    )
    return replace(made, **changes)


def registry(**changes: Any) -> Registry:
    """A Premium registry, open to every address, without private endpoint."""
    made = Registry(
        id=REGISTRY_ID,
        name="shopacr",
        login_server="shopacr.azurecr.io",
        location="westeurope",
        sku="Premium",
        provisioning_state="Succeeded",
        role_assignment_mode="LegacyRegistryPermissions",
        public_network_access="Enabled",
        default_action="Allow",
        ip_rules=(),
        data_endpoint_enabled=False,
        data_endpoint_host_names=(),
        endpoint_connections=(),
        encryption=None,
        identity_client_ids=(),
        status="",
        status_message="",
        anonymous_pull=False,
        arm_audience_tokens="enabled",
    )
    return replace(made, **changes)


def selected_networks(*rules: str, **changes: Any) -> Registry:
    """A registry that admits these addresses and ranges only."""
    return registry(default_action="Deny", ip_rules=rules, **changes)


def connection(status: str = "Approved", name: str = "endpoint") -> EndpointConnection:
    return EndpointConnection(name, endpoint_id(name), status, "")


def with_endpoint(**changes: Any) -> Registry:
    """A registry with one approved private endpoint."""
    return registry(endpoint_connections=(connection(),), **changes)


def endpoint(name: str = "endpoint", network: str = "vnet1", custom_dns: tuple[str, ...] = ()) -> PrivateEndpoint:
    return PrivateEndpoint(
        id=endpoint_id(name),
        name=name,
        location="westeurope",
        subnet_id=ResourceId(f"{network_id(network)}/subnets/endpoints"),
        statuses=("Approved",),
        interface_ids=(),
        custom_dns=(("shopacr.azurecr.io", custom_dns),) if custom_dns else (),
    )


def interface(*addresses: str) -> tuple[EndpointAddress, ...]:
    return tuple(EndpointAddress(ip_address(item), "registry", ("shopacr.azurecr.io",)) for item in addresses)


def subnet(name: str = "nodes", network: str = "vnet1", **changes: Any) -> Subnet:
    made = Subnet(
        id=ResourceId(f"{network_id(network)}/subnets/{name}"),
        name=name,
        prefixes=("10.1.0.0/24",),
        security_group_id=None,
        route_table_id=None,
        nat_gateway_id=None,
        service_endpoints=(),
        service_endpoint_policy_ids=(),
        endpoint_policies="Disabled",
        default_outbound_access=None,
    )
    return replace(made, **changes)


def vnet(name: str = "vnet1", *peerings: Peering, **changes: Any) -> VirtualNetwork:
    """A virtual network with the subnet `nodes`."""
    made = VirtualNetwork(network_id(name), name, "westeurope", ("10.1.0.0/16",), (), (subnet(network=name),), peerings)
    return replace(made, **changes)


def peering(to: str, state: str = "Connected", prefixes: tuple[str, ...] = (), **changes: Any) -> Peering:
    """One side of a peering, with the network `to`, that knows these address ranges of it."""
    made = Peering(
        id=ResourceId(f"{network_id('any')}/virtualNetworkPeerings/to-{to}"),
        name=f"to-{to}",
        remote_id=network_id(to),
        state=state,
        sync_level="FullyInSync",
        allow_access=True,
        allow_forwarded_traffic=True,
        use_remote_gateways=False,
        allow_gateway_transit=False,
        complete_networks=True,
        local_subnet_names=(),
        remote_subnet_names=(),
        only_ipv6=False,
        remote_prefixes=prefixes,
        current_remote_prefixes=prefixes,
    )
    return replace(made, **changes)


def networks(*found: VirtualNetwork) -> dict[ResourceId, Any]:
    """The table of virtual networks that were seen."""
    return {item.id: Seen(item) for item in found}


def public(name: str, text: str | None, kind: str = "publicIPAddresses") -> PublicAddress:
    return PublicAddress(address_id(name, kind), name, ip_network(text) if text else None)


def addresses(**found: str | None) -> dict[ResourceId, Any]:
    """The table of public addresses: `addresses(outbound="20.0.0.1")`."""
    return {address_id(name): Seen(public(name, text)) for name, text in found.items()}


def nat_gateway(name: str, *held: ResourceId) -> NatGateway:
    return NatGateway(resource("Microsoft.Network/natGateways", name), name, held)


def route_table(*routes: Route) -> RouteTable:
    return RouteTable(
        resource("Microsoft.Network/routeTables", "routes"), "routes", routes, propagates_gateway_routes=True
    )


def route(prefix: str, next_hop: str, address: str = "", *, name: str = "") -> Route:
    return Route(name or f"to-{next_hop}", prefix, next_hop, address)


def link(
    network: str = "vnet1", state: str = "Completed", policy: str = "Default", zone: ResourceId | None = None
) -> ZoneLink:
    made = ResourceId(f"{zone or zone_id()}/virtualNetworkLinks/link-{network}")
    return ZoneLink(made, f"link-{network}", network_id(network), state, "Succeeded", policy)


def zones(*found: ResourceId) -> dict[str, Any]:
    """The table of zones of the one subscription."""
    return {SUBSCRIPTION.rsplit("/", 1)[-1]: Seen(tuple(PrivateZone(item, item.name) for item in found))}


def records(**found: str) -> Seen[tuple[AddressRecord, ...]]:
    """The A records of a zone: `records(shopacr="10.1.0.4")`."""
    return Seen(tuple(AddressRecord(name, (address,)) for name, address in found.items()))


def permission(
    *actions: str, but: Iterable[str] = (), data: Iterable[str] = (), but_data: Iterable[str] = ()
) -> Permission:
    return Permission(actions, tuple(but), tuple(data), tuple(but_data))


def role(*permissions: Permission, guid: str = "cccccccc-0000-0000-0000-000000000001") -> RoleDefinition:
    return RoleDefinition(guid, "Custom", permissions)


def assignment(
    guid: str = ACR_PULL,
    principal: str = PRINCIPAL,
    scope: ResourceId = REGISTRY_ID,
    *,
    name: str = "assignment",
    condition: str = "",
    condition_version: str = "",
    definition_scope: str = SUBSCRIPTION,
) -> RoleAssignment:
    return RoleAssignment(
        id=ResourceId(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
        scope=scope,
        role_guid=guid,
        role_definition_id=f"{definition_scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        principal_id=principal,
        principal_type="ServicePrincipal",
        condition=condition,
        condition_version=condition_version,
        changed_on=None,
    )


def facts(**changes: Any) -> Facts:
    """A cluster and a registry between which all is well: AcrPull, and an open public side."""
    made = Facts(
        now=NOW,
        cloud=CloudNames("AzureCloud", "azurecr.io"),
        image=None,
        cluster=cluster(),
        registry=registry(),
        machines=Seen(()),
        pool_subnets={"pool1": Seen(ResourceId(f"{network_id('vnet1')}/subnets/nodes"))},
        subnet_rules=Seen(()),
        replicas=Seen(()),
        role_assignments=Seen((assignment(),)),
        reached_through_groups=Seen(frozenset()),
        role_definitions={},
        deny_assignments=Seen(()),
        eligible_roles=Seen(()),
        holders={},
        kubelet_identity=Seen(None),
        instances={},
        tenants={},
        service_principal=Seen(None),
        application=Seen(None),
        virtual_networks=networks(vnet()),
        route_tables={},
        nat_gateways={},
        security_groups={},
        firewalls={},
        firewall_policies={},
        policy_heads={},
        ip_groups={},
        public_addresses=addresses(outbound="20.0.0.1"),
        private_endpoints={},
        endpoint_addresses={},
        endpoint_zones={},
        zones=zones(),
        zone_links={},
        zone_records={},
    )
    return replace(made, **changes)
