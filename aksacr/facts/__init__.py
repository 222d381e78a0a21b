"""Facts: all that a check may know. Small frozen values, each seen or unseen; no Azure types, no clock, no network."""

from __future__ import annotations

from .access import (
    Credential,
    DirectoryObject,
    Permission,
    RoleAssignment,
    RoleDefinition,
)
from .built_in_roles import ACR_PULL, BUILT_IN_ROLES, REPOSITORY_READER
from .cluster import (
    Cluster,
    HttpProxy,
    KubeletIdentity,
    Machine,
    NamedPrincipal,
    NodePool,
)
from .facts import CloudNames, Facts, look
from .network import (
    AddressRecord,
    EndpointAddress,
    NatGateway,
    Peering,
    PrivateEndpoint,
    PrivateZone,
    PublicAddress,
    Route,
    RouteTable,
    Subnet,
    VirtualNetwork,
    ZoneLink,
)
from .registry import EndpointConnection, Registry, SubnetRule
from .resource_id import ResourceId, same
from .seen import Fact, Seen, Unseen, UnseenError, mapped

__all__ = [
    "ACR_PULL",
    "BUILT_IN_ROLES",
    "REPOSITORY_READER",
    "AddressRecord",
    "CloudNames",
    "Cluster",
    "Credential",
    "DirectoryObject",
    "EndpointAddress",
    "EndpointConnection",
    "Fact",
    "Facts",
    "HttpProxy",
    "KubeletIdentity",
    "Machine",
    "NamedPrincipal",
    "NatGateway",
    "NodePool",
    "Peering",
    "Permission",
    "PrivateEndpoint",
    "PrivateZone",
    "PublicAddress",
    "Registry",
    "ResourceId",
    "RoleAssignment",
    "RoleDefinition",
    "Route",
    "RouteTable",
    "Seen",
    "Subnet",
    "SubnetRule",
    "Unseen",
    "UnseenError",
    "VirtualNetwork",
    "ZoneLink",
    "look",
    "mapped",
    "same",
]
