"""What a check may know of virtual networks, endpoints and the addresses that nodes leave from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from .resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet, as its virtual network shows it."""

    id: ResourceId
    name: str
    prefixes: tuple[str, ...]
    security_group_id: ResourceId | None
    route_table_id: ResourceId | None
    nat_gateway_id: ResourceId | None
    service_endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Peering:
    """One side of a virtual network peering. `sync_level` is "" where the API version does not tell."""

    id: ResourceId
    name: str
    remote_id: ResourceId
    state: str
    sync_level: str
    allow_access: bool
    allow_forwarded_traffic: bool
    use_remote_gateways: bool
    remote_prefixes: tuple[str, ...]


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
    """A user-defined route."""

    name: str
    prefix: str
    next_hop_type: str
    next_hop_address: str


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table."""

    id: ResourceId
    name: str
    routes: tuple[Route, ...]


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
    """A private endpoint. `statuses` are those of its own side, of both connection arrays."""

    id: ResourceId
    name: str
    location: str
    subnet_id: ResourceId
    statuses: tuple[str, ...]
    interface_ids: tuple[ResourceId, ...]
    custom_dns: tuple[tuple[str, tuple[str, ...]], ...]

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
class PrivateZone:
    """A private DNS zone by id; its name is compared without regard to case."""

    id: ResourceId
    name: str
