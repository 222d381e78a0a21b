"""Virtual networks, endpoints, route tables and public addresses: `Microsoft.Network`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from aksacr.facts import (
    EndpointAddress,
    Fact,
    NatGateway,
    Peering,
    PrivateEndpoint,
    PublicAddress,
    ResourceId,
    Route,
    RouteTable,
    Subnet,
    VirtualNetwork,
    mapped,
)

from .reading import read_list, read_one, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from azure.mgmt.network import models

    from .session import Session


async def read_virtual_network(session: Session, vnet: ResourceId) -> Fact[VirtualNetwork | None]:
    """A virtual network; its body embeds its subnets and its side of every peering."""

    async def ask() -> models.VirtualNetwork:
        client = await session.network(vnet.subscription_id)
        return await client.virtual_networks.get(vnet.resource_group, vnet.name)

    return await read_one(session, vnet.text, "Microsoft.Network/virtualNetworks/read", ask, decode_virtual_network)


async def read_route_table(session: Session, table: ResourceId) -> Fact[RouteTable | None]:
    async def ask() -> models.RouteTable:
        client = await session.network(table.subscription_id)
        return await client.route_tables.get(table.resource_group, table.name)

    return await read_one(session, table.text, "Microsoft.Network/routeTables/read", ask, decode_route_table)


async def read_nat_gateway(session: Session, gateway: ResourceId) -> Fact[NatGateway | None]:
    async def ask() -> models.NatGateway:
        client = await session.network(gateway.subscription_id)
        return await client.nat_gateways.get(gateway.resource_group, gateway.name)

    return await read_one(session, gateway.text, "Microsoft.Network/natGateways/read", ask, decode_nat_gateway)


async def read_public_address(session: Session, address: ResourceId) -> Fact[PublicAddress | None]:
    """A public IP address or prefix. `effectiveOutboundIPs` holds ids of either kind; the type in the id decides."""
    client = await session.network(address.subscription_id)
    if address.type == "microsoft.network/publicipprefixes":

        async def ask_prefix() -> models.PublicIPPrefix:
            return await client.public_ip_prefixes.get(address.resource_group, address.name)

        return await read_one(
            session, address.text, "Microsoft.Network/publicIPPrefixes/read", ask_prefix, decode_public_prefix
        )

    async def ask() -> models.PublicIPAddress:
        return await client.public_ip_addresses.get(address.resource_group, address.name)

    return await read_one(session, address.text, "Microsoft.Network/publicIPAddresses/read", ask, decode_public_address)


async def read_private_endpoint(session: Session, endpoint: ResourceId) -> Fact[PrivateEndpoint | None]:
    async def ask() -> models.PrivateEndpoint:
        client = await session.network(endpoint.subscription_id)
        return await client.private_endpoints.get(endpoint.resource_group, endpoint.name)

    return await read_one(
        session, endpoint.text, "Microsoft.Network/privateEndpoints/read", ask, decode_private_endpoint
    )


async def read_interface(session: Session, interface: ResourceId) -> Fact[tuple[EndpointAddress, ...] | None]:
    """The addresses of a private endpoint's network interface, with the names that each answers for."""

    async def ask() -> models.NetworkInterface:
        client = await session.network(interface.subscription_id)
        return await client.network_interfaces.get(interface.resource_group, interface.name)

    return await read_one(session, interface.text, "Microsoft.Network/networkInterfaces/read", ask, decode_interface)


async def read_zone_group_zones(session: Session, endpoint: ResourceId) -> Fact[tuple[ResourceId, ...]]:
    """Ids of the private DNS zones that a private endpoint writes its records to (its DNS zone groups)."""

    async def ask() -> AsyncIterable[models.PrivateDnsZoneGroup]:
        client = await session.network(endpoint.subscription_id)
        return client.private_dns_zone_groups.list(endpoint.name, endpoint.resource_group)

    action = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read"
    fact = await read_list(session, f"{endpoint.text}/privateDnsZoneGroups", action, ask, _zones_of_group)
    return mapped(fact, lambda groups: tuple(zone for group in groups for zone in group))


def _zones_of_group(group: models.PrivateDnsZoneGroup) -> tuple[ResourceId, ...]:
    configs = group.properties.private_dns_zone_configs or [] if group.properties else []
    ids = [config.properties.private_dns_zone_id for config in configs if config.properties]
    return tuple(ResourceId(zone) for zone in ids if zone)


def decode_virtual_network(vnet: models.VirtualNetwork) -> VirtualNetwork:
    properties = vnet.properties
    if properties is None:
        raise ValueError("the virtual network has no properties")
    space = properties.address_space
    dns = properties.dhcp_options
    return VirtualNetwork(
        id=ResourceId(text(vnet.id)),
        name=text(vnet.name),
        location=text(vnet.location),
        prefixes=tuple((space.address_prefixes or ()) if space else ()),
        dns_servers=tuple((dns.dns_servers or ()) if dns else ()),
        subnets=tuple(_subnet(subnet) for subnet in properties.subnets or []),
        peerings=tuple(
            peering for item in properties.virtual_network_peerings or [] if (peering := _peering(item)) is not None
        ),
    )


def _subnet(subnet: models.Subnet) -> Subnet:
    properties = subnet.properties
    single = [properties.address_prefix] if properties and properties.address_prefix else []
    several = (properties.address_prefixes or []) if properties else []
    return Subnet(
        id=ResourceId(text(subnet.id)),
        name=text(subnet.name),
        prefixes=tuple(several or single),
        security_group_id=_id(properties.network_security_group) if properties else None,
        route_table_id=_id(properties.route_table) if properties else None,
        nat_gateway_id=_id(properties.nat_gateway) if properties else None,
        service_endpoints=tuple(
            text(endpoint.service) for endpoint in ((properties.service_endpoints or []) if properties else [])
        ),
        service_endpoint_policy_ids=tuple(
            ResourceId(policy.id)
            for policy in ((properties.service_endpoint_policies or []) if properties else [])
            if policy.id
        ),
        endpoint_policies=text(properties.private_endpoint_network_policies) if properties else "",
        default_outbound_access=properties.default_outbound_access if properties else None,
        service_endpoint_regions=tuple(
            (text(endpoint.service), text(region))
            for endpoint in ((properties.service_endpoints or []) if properties else [])
            for region in endpoint.locations or []
        ),
    )


def _peering(peering: models.VirtualNetworkPeering) -> Peering | None:
    """One side of a peering; None for one that names no other network, and so leads nowhere."""
    properties = peering.properties
    remote = _id(properties.remote_virtual_network) if properties else None
    if properties is None or remote is None:
        return None
    known, current = properties.remote_address_space, properties.remote_virtual_network_address_space
    return Peering(
        id=ResourceId(text(peering.id)),
        name=text(peering.name),
        remote_id=remote,
        state=text(properties.peering_state),
        sync_level=text(properties.peering_sync_level),
        allow_access=properties.allow_virtual_network_access is not False,
        allow_forwarded_traffic=bool(properties.allow_forwarded_traffic),
        use_remote_gateways=bool(properties.use_remote_gateways),
        allow_gateway_transit=bool(properties.allow_gateway_transit),
        complete_networks=properties.peer_complete_vnets is not False,
        local_subnet_names=tuple(properties.local_subnet_names or ()),
        remote_subnet_names=tuple(properties.remote_subnet_names or ()),
        only_ipv6=bool(properties.enable_only_i_pv6_peering),
        remote_prefixes=tuple((known.address_prefixes or ()) if known else ()),
        current_remote_prefixes=tuple((current.address_prefixes or ()) if current else ()),
    )


def decode_route_table(table: models.RouteTable) -> RouteTable:
    properties = table.properties
    routes: list[Route] = []
    for route in (properties.routes or []) if properties else []:
        if route.properties:
            values = route.properties
            routes.append(
                Route(
                    text(route.name),
                    text(values.address_prefix),
                    text(values.next_hop_type),
                    _next_hops(values),
                )
            )
    propagates = not (properties and properties.disable_bgp_route_propagation)
    peering = text(properties.disable_peering_route) if properties else ""
    return RouteTable(ResourceId(text(table.id)), text(table.name), tuple(routes), propagates, peering)


def _next_hops(route: models.RoutePropertiesFormat) -> str:
    """The next hop's address, or those among which Azure spreads packets (VirtualApplianceEcmp)."""
    several = (route.next_hop.next_hop_ip_addresses or []) if route.next_hop else []
    return text(route.next_hop_ip_address) or ", ".join(several)


def decode_nat_gateway(gateway: models.NatGateway) -> NatGateway:
    properties = gateway.properties
    references: list[models.SubResource] = []
    if properties:
        references += properties.public_ip_addresses or []
        references += properties.public_ip_prefixes or []
        references += properties.public_ip_addresses_v6 or []
        references += properties.public_ip_prefixes_v6 or []
    ids = tuple(ResourceId(reference.id) for reference in references if reference.id)
    return NatGateway(ResourceId(text(gateway.id)), text(gateway.name), ids)


def decode_public_address(address: models.PublicIPAddress) -> PublicAddress:
    value = address.properties.ip_address if address.properties else None
    return PublicAddress(ResourceId(text(address.id)), text(address.name), _range(value))


def decode_public_prefix(prefix: models.PublicIPPrefix) -> PublicAddress:
    value = prefix.properties.ip_prefix if prefix.properties else None
    return PublicAddress(ResourceId(text(prefix.id)), text(prefix.name), _range(value))


def _range(value: str | None) -> IPv4Network | IPv6Network | None:
    return ip_network(value, strict=False) if value else None


def decode_private_endpoint(endpoint: models.PrivateEndpoint) -> PrivateEndpoint:
    properties = endpoint.properties
    subnet = _id(properties.subnet) if properties else None
    if properties is None or subnet is None:
        raise ValueError("the private endpoint names no subnet")
    # A connection that waits for approval is listed under manualPrivateLinkServiceConnections: both arrays count.
    connections = [
        *(properties.private_link_service_connections or []),
        *(properties.manual_private_link_service_connections or []),
    ]
    states = [item.properties.private_link_service_connection_state for item in connections if item.properties]
    return PrivateEndpoint(
        id=ResourceId(text(endpoint.id)),
        name=text(endpoint.name),
        location=text(endpoint.location),
        subnet_id=subnet,
        statuses=tuple(text(state.status) for state in states if state),
        interface_ids=_all_ids(properties.network_interfaces),
        custom_dns=tuple(
            (text(config.fqdn), tuple(config.ip_addresses or ())) for config in properties.custom_dns_configs or []
        ),
        application_group_ids=tuple(
            ResourceId(group.id) for group in properties.application_security_groups or () if group.id
        ),
    )


def decode_interface(interface: models.NetworkInterface) -> tuple[EndpointAddress, ...]:
    found: list[EndpointAddress] = []
    for configuration in (interface.properties.ip_configurations or []) if interface.properties else []:
        properties = configuration.properties
        link = properties.private_link_connection_properties if properties else None
        if properties and properties.private_ip_address:
            found.append(
                EndpointAddress(
                    ip_address(properties.private_ip_address),
                    text(link.required_member_name) if link else "",
                    tuple((link.fqdns or ()) if link else ()),
                )
            )
    return tuple(found)


def _id(
    reference: models.SubResource | models.Subnet | models.NetworkSecurityGroup | models.RouteTable | None,
) -> ResourceId | None:
    return ResourceId(reference.id) if reference is not None and reference.id else None


def _all_ids(references: Sequence[models.NetworkInterface] | None) -> tuple[ResourceId, ...]:
    return tuple(ResourceId(reference.id) for reference in references or () if reference.id)
