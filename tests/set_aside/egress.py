"""The way to a public registry: outbound types, routes, security rules, firewalls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estate import public
from .examination import cluster
from .networks import guard, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, nat_gateway, outbound

if TYPE_CHECKING:
    from .estate import Estate


@cluster("A cluster without egress, and a public registry", "no egress", "blocked", "AKA341")
def blocked_outbound(title: str) -> Estate:
    estate = public(HARBOUR, title)
    outbound(estate, "block")
    return estate


@cluster(
    "A cluster of the type none asks a registry that is public only",
    "no egress",
    "blocked",
    "AKA341",
)
def outbound_none(title: str) -> Estate:
    estate = public(QUARRY, title)
    outbound(estate, "None")
    for name in ("snet-nodes", "snet-apps"):
        estate.subnet(name)["properties"]["defaultOutboundAccess"] = False
    return estate


@cluster(
    "Own NAT gateways, and the second pool's subnet was forgotten; it has no default outbound access",
    "a pool's subnet without its NAT gateway",
    "blocked",
    "AKA341",
    pools={"AKA341": ("apps",)},
)
def nat_gateway_forgotten(title: str) -> Estate:
    estate = public(ORCHARD, title)
    outbound(estate, "userAssignedNATGateway")
    nat_gateway(estate, "nat-Nodes", "191.235.60.1", estate.subnet("snet-nodes"))
    estate.subnet("snet-apps")["properties"]["defaultOutboundAccess"] = False
    return estate


@cluster(
    "The second pool's default route drops everything",
    "default route to None, for one pool",
    "blocked",
    "AKA341",
    pools={"AKA341": ("apps",)},
)
def one_pool_without_way_out(title: str) -> Estate:
    estate = public(HARBOUR, title)
    routes(estate, estate.subnet("snet-apps"), ("0.0.0.0/0", "none", ""))
    return estate


@cluster(
    "User-defined routing with a table that has no default route, in a subnet without default outbound access",
    "user-defined routing without a default route",
    "blocked",
    "AKA341",
)
def no_default_route(title: str) -> Estate:
    estate = public(QUARRY, title)
    outbound(estate, "userDefinedRouting")
    for name in ("snet-nodes", "snet-apps"):
        subnet = estate.subnet(name)
        subnet["properties"]["defaultOutboundAccess"] = False
        routes(estate, subnet, ("10.0.0.0/8", "VirtualAppliance", "192.168.9.4"), bgp=False)
    return estate


@cluster(
    "The internet is denied, and the registry's tag is allowed for a region that the registry is not in",
    "service tag of another region",
    "blocked",
    "AKA342",
)
def tag_of_other_region(title: str) -> Estate:
    estate = public(ORCHARD, title)
    estate.replicate()
    for name in ("snet-nodes", "snet-apps"):
        guard(
            estate,
            estate.subnet(name),
            rule(100, "Allow", "AzureContainerRegistry.BrazilSouth", port="443", protocol="Tcp"),
            rule(110, "Allow", "Storage", port="443", protocol="Tcp"),
            rule(120, "Allow", "AzureFrontDoor.FirstParty", port="443", protocol="Tcp"),
            rule(130, "Deny", "Internet"),
        )
    return estate


@cluster(
    "Registry and storage are allowed before the internet is denied, and Front Door is not",
    "Front Door is where mcr.microsoft.com is, not the registry",
    "clear",
    AKA342="pass",
    AKA351="pass",
)
def front_door_left_out(title: str) -> Estate:
    estate = public(HARBOUR, title)
    estate.replicate()
    for name in ("snet-nodes", "snet-apps"):
        guard(
            estate,
            estate.subnet(name),
            rule(100, "Allow", "AzureContainerRegistry", port="443", protocol="Tcp"),
            rule(110, "Allow", "Storage.SwedenCentral", port="443", protocol="Tcp"),
            rule(120, "Deny", "Internet"),
        )
    return estate


@cluster(
    "One pool may reach the world by HTTP and DNS only",
    "outbound rules without HTTPS, for one pool",
    "blocked",
    "AKA342",
    pools={"AKA342": ("apps",)},
)
def https_forgotten(title: str) -> Estate:
    estate = public(QUARRY, title)
    group = guard(estate, estate.subnet("snet-apps"), rule(100, "Allow", port="80"), rule(4000, "Deny", "0.0.0.0/0"))
    group["properties"]["securityRules"][0]["properties"].update(destinationPortRanges=["80", "53"])
    del group["properties"]["securityRules"][0]["properties"]["destinationPortRange"]
    return estate


@cluster(
    "The firewall knows the registry of the name before: quarryregistry0",
    "firewall rules without the registry",
    "blocked",
    "AKA343",
)
def firewall_names_other_registry(title: str) -> Estate:
    estate = public(QUARRY, title)
    firewall(estate, names("quarryregistry0.azurecr.io", "*.blob.core.windows.net"))
    return estate


@cluster(
    "The firewall's rule is for the first pool's range",
    "firewall rules leave a pool out",
    "blocked",
    "AKA343",
    pools={"AKA343": ("apps",)},
)
def firewall_knows_one_pool(title: str) -> Estate:
    estate = public(ORCHARD, title)
    firewall(estate, names("*.azurecr.io", "*.blob.core.windows.net", source="172.22.0.0/24"))
    return estate
