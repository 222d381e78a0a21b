"""What a check may know of virtual networks, endpoints and the addresses that nodes leave from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from .resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet, as its virtual network shows it.

    `endpoint_policies` is `privateEndpointNetworkPolicies`; `default_outbound_access` is None where it is not told.
    `service_endpoint_regions` are the regions that each service endpoint is for, as far as Azure tells: (service,
    region, or `*` for every one).
    """

    id: ResourceId
    name: str
    prefixes: tuple[str, ...]
    security_group_id: ResourceId | None
    route_table_id: ResourceId | None
    nat_gateway_id: ResourceId | None
    service_endpoints: tuple[str, ...]
    service_endpoint_policy_ids: tuple[ResourceId, ...]
    endpoint_policies: str
    default_outbound_access: bool | None
    service_endpoint_regions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Peering:
    """One side of a virtual network peering. `sync_level` is "" where the API version does not tell.

    `remote_prefixes` are those that the peering knows and routes to; `current_remote_prefixes` those that the other
    network has now, which differ until the peering is synchronised.
    """

    id: ResourceId
    name: str
    remote_id: ResourceId
    state: str
    sync_level: str
    allow_access: bool
    allow_forwarded_traffic: bool
    use_remote_gateways: bool
    allow_gateway_transit: bool
    complete_networks: bool
    local_subnet_names: tuple[str, ...]
    remote_subnet_names: tuple[str, ...]
    only_ipv6: bool
    remote_prefixes: tuple[str, ...]
    current_remote_prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VirtualNetwork:
    """A virtual network with its subnets and its own side of every peering."""

    id: ResourceId
    name: str
    location: str
    prefixes: tuple[str, ...]
    dns_servers: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    peerings: tuple[Peering, ...]

    def subnet(self, subnet_id: ResourceId) -> Subnet | None:
        """The subnet of that id, or None."""
        return next((subnet for subnet in self.subnets if subnet.id == subnet_id), None)


@dataclass(frozen=True, slots=True)
class Route:
    """A user-defined route. `next_hop_address` names all next hops of a VirtualApplianceEcmp, with commas between."""

    name: str
    prefix: str
    next_hop_type: str
    next_hop_address: str


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table. `propagates_gateway_routes` is false where BGP routes are kept out.

    `disable_peering_route` is `All` where the routes that peerings bring are kept out, else `None`, or "" where Azure
    does not tell.
    """

    id: ResourceId
    name: str
    routes: tuple[Route, ...]
    propagates_gateway_routes: bool
    disable_peering_route: str = ""


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """One rule of a network security group, single and plural forms joined. Ports are Azure's: `443`, `80-90`, `*`."""

    name: str
    direction: str
    access: str
    protocol: str
    priority: int
    source_prefixes: tuple[str, ...]
    source_ports: tuple[str, ...]
    source_groups: tuple[ResourceId, ...]
    destination_prefixes: tuple[str, ...]
    destination_ports: tuple[str, ...]
    destination_groups: tuple[ResourceId, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A network security group with its own rules; the default rules are Azure's and not repeated here."""

    id: ResourceId
    name: str
    rules: tuple[SecurityRule, ...]


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """One rule of an Azure Firewall: application (host names) or network (addresses, service tags, host names).

    Application rules: `protocols` hold `Https:443`; `target_names` host names with wildcards; `target_tags` FQDN tags.
    Network rules: `protocols` hold TCP, UDP, Any; `destinations` addresses, ranges or service tags; `ports` as Azure
    keeps them. `ip_group_ids` are destinations, `source_ip_group_ids` sources that are kept elsewhere. `target_urls`
    and `web_categories` are what else an application rule may go by. `inspects_tls`: the firewall ends the TLS
    connection, and shows a certificate of its own.
    """

    name: str
    kind: str
    protocols: tuple[str, ...]
    sources: tuple[str, ...]
    source_ip_group_ids: tuple[ResourceId, ...]
    target_names: tuple[str, ...]
    target_tags: tuple[str, ...]
    target_urls: tuple[str, ...]
    web_categories: tuple[str, ...]
    destinations: tuple[str, ...]
    ip_group_ids: tuple[ResourceId, ...]
    ports: tuple[str, ...]
    inspects_tls: bool = False


@dataclass(frozen=True, slots=True)
class FirewallRuleCollection:
    """Rules of one kind (`application` or `network`) with one action (`Allow` or `Deny`). NAT collections are left out.

    `group_name` is "" and `group_priority` 0 for classic rules.
    """

    name: str
    kind: str
    group_name: str
    action: str
    group_priority: int
    priority: int
    rules: tuple[FirewallRule, ...]


@dataclass(frozen=True, slots=True)
class DnsSettings:
    """What an Azure Firewall, or its policy, says of DNS; None where it says nothing.

    `proxy`: whether the firewall answers questions for names at its private address; `servers`: whom it asks in turn.
    """

    proxy: bool | None = None
    servers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FirewallPolicy:
    """A firewall policy. `base_id` is the policy that it inherits from, whose collections come first.

    `dns` is None where the policy says nothing of it.
    """

    id: ResourceId
    name: str
    base_id: ResourceId | None
    collections: tuple[FirewallRuleCollection, ...]
    dns: DnsSettings = DnsSettings()


@dataclass(frozen=True, slots=True)
class AzureFirewall:
    """An Azure Firewall. It leaves from any of its public addresses; its rules are in its policy, or its own (classic).

    `subnet_id` is None for the firewall of a virtual hub. `dns` is what it says itself, without its policy.
    """

    id: ResourceId
    name: str
    subnet_id: ResourceId | None
    private_addresses: tuple[str, ...]
    public_address_ids: tuple[ResourceId, ...]
    policy_id: ResourceId | None
    collections: tuple[FirewallRuleCollection, ...]
    dns: DnsSettings = DnsSettings()


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """A public IP address, or a public IP prefix, as a range. `range` is None until Azure has assigned it."""

    id: ResourceId
    name: str
    range: IPv4Network | IPv6Network | None


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway and the ids of its public addresses and prefixes."""

    id: ResourceId
    name: str
    address_ids: tuple[ResourceId, ...]


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """One private address of a private endpoint's network interface and the names it answers for."""

    address: IPv4Address | IPv6Address
    member: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrivateEndpoint:
    """A private endpoint. `statuses` are those of its own side, of both connection arrays.

    `application_group_ids` are the application security groups that its addresses are members of.
    """

    id: ResourceId
    name: str
    location: str
    subnet_id: ResourceId
    statuses: tuple[str, ...]
    interface_ids: tuple[ResourceId, ...]
    custom_dns: tuple[tuple[str, tuple[str, ...]], ...]
    application_group_ids: tuple[ResourceId, ...] = ()

    @property
    def virtual_network_id(self) -> ResourceId:
        """The virtual network that the endpoint's subnet is in."""
        return self.subnet_id.parent


@dataclass(frozen=True, slots=True)
class ZoneLink:
    """A private DNS zone's link to a virtual network."""

    id: ResourceId
    name: str
    virtual_network_id: ResourceId
    state: str
    provisioning_state: str
    resolution_policy: str


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """An A record set: the name relative to its zone ("" is never used; the apex is "@")."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZoneSearch:
    """Where private DNS zones were looked for beyond what cluster, registry, endpoints and node subnets name.

    `subscriptions` are ids (lower case), none where a linked zone was found before; `left_out` counts those not asked.
    """

    subscriptions: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class PrivateZone:
    """A private DNS zone by id; its name is compared without regard to case."""

    id: ResourceId
    name: str
