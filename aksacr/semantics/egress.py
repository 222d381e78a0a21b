"""The addresses that a node pool leaves from, towards the internet.

Precedence (Azure, outbound connectivity): an HTTP proxy hides the nodes; a user-defined default route to an appliance
or gateway beats all else; then a NAT gateway on the subnet; then public addresses of the instances; then the load
balancer's outbound rule. Addresses of Services and ingress in the node resource group are not egress addresses.
An Azure Firewall leaves from any of its public addresses, or from the NAT gateway of its own subnet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Unseen, UnseenError, look, same

from .appliances import appliance_behind
from .peering_routes import next_hop_gap
from .pools import network_of, subnet_of
from .proxy import bypasses
from .public_routes import PublicRoutes, public_routes
from .remembering import remembered
from .routing import is_virtual_hub
from .service_tags import REGISTRY_TAG

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, Facts, NodePool, PublicAddress, ResourceId, Route, Subnet

    from .appliances import Appliance

_NO_EGRESS = {"none", "block"}
_DROPPING = {"none", "vnetlocal"}
_LOAD_BALANCER = {"", "loadbalancer"}
_GATEWAY_SUBNET = "GatewaySubnet"
_MANAGED_NAT = {"managednatgateway", "managednatgatewayv2"}


@dataclass(frozen=True, slots=True)
class Egress:
    """Where a pool's packets seem to come from.

    kind: `known` (`addresses` is the whole set, of the resources `address_ids`), `none` (no way out), or `unknowable`
    (Azure does not show it). `through` says by what: the load balancer, a NAT gateway, …; `reason` says why it is not
    known, and what to ask; `gap` is what may not be read and might show it; `route` is the user-defined route that
    leaves no way out. `is_way_out_seen` is false where Azure shows none at all, and there may be one all the same.
    `doubtful` are routes that lead elsewhere if they hold the registry's address.
    """

    kind: Literal["known", "none", "unknowable"]
    through: str
    addresses: tuple[PublicAddress, ...] = ()
    reason: str = ""
    gap: Unseen | None = None
    is_way_out_seen: bool = True
    address_ids: tuple[ResourceId, ...] = ()
    route: Route | None = None
    doubtful: tuple[Route, ...] = ()

    @property
    def ranges(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(item.range for item in self.addresses if item.range is not None)

    @property
    def ipv4(self) -> tuple[IPv4Network, ...]:
        """The IPv4 part: the registry's public endpoint and its rules are IPv4."""
        return tuple(item for item in self.ranges if isinstance(item, IPv4Network))


@remembered
def egress(facts: Facts, pool: NodePool) -> Egress:
    """The pool's egress, with its addresses. Raises `UnseenError` when a resource that decides was not seen."""
    found = way_out(facts, pool)
    return _with_addresses(facts, found) if found.kind == "known" else found


@remembered
def way_out(facts: Facts, pool: NodePool) -> Egress:
    """By what a pool leaves; of its addresses only the ids. Raises `UnseenError` when what decides was not seen."""
    proxy = proxy_of(facts, pool, facts.registry.login_server)
    if proxy:
        return Egress(
            "unknowable", "the cluster's HTTP proxy", reason=f"requests leave from the address of the proxy {proxy}"
        )
    subnet = subnet_of(facts, pool)
    routes = public_routes(facts, subnet, REGISTRY_TAG)
    return _in_doubt(facts, subnet, routes, _by_likeliest(facts, pool, subnet, routes.route))


def _in_doubt(facts: Facts, subnet: Subnet, routes: PublicRoutes, found: Egress) -> Egress:
    """The same, unless another route takes the requests if it holds the registry's address, which Azure does not show.

    Where that one leads makes no difference only if neither leads out.
    """
    dropping = [route for route in routes.doubtful if route.next_hop_type.lower() in _DROPPING]
    if not routes.doubtful or (found.kind == "none" and len(dropping) == len(routes.doubtful)):
        return found
    ways = " and ".join(f"route {route.name} of subnet {subnet.name} {_does(route)}" for route in routes.doubtful)
    held = f"Azure does not show whether the address of {facts.registry.login_server} is in that"
    hops = [f"{route.next_hop_type} {route.next_hop_address}".strip() for route in routes.doubtful]
    return Egress(
        "unknowable",
        " or ".join(dict.fromkeys([found.through, *hops])),
        reason=f"{ways}, and {held}; if not, {_otherwise(found)}",
        gap=found.gap,
        is_way_out_seen=found.kind != "none" and found.is_way_out_seen and not dropping,
        doubtful=routes.doubtful,
    )


def _does(route: Route) -> str:
    if same(route.next_hop_type, "None"):
        return f"drops {route.prefix}"
    return f"sends {route.prefix} to {route.next_hop_type} {route.next_hop_address}".rstrip()


def _otherwise(found: Egress) -> str:
    if found.kind == "known":
        return f"requests leave by {found.through}"
    return found.reason if found.kind == "unknowable" else f"nothing leaves ({found.reason})"


def _by_likeliest(facts: Facts, pool: NodePool, subnet: Subnet, route: Route | None) -> Egress:
    cluster = facts.cluster
    if route is not None and not same(route.next_hop_type, "Internet"):
        return _by_route(facts, pool, route, subnet)
    kind = cluster.outbound_type.lower()
    if subnet.nat_gateway_id is not None:
        return _by_nat_gateway(facts, subnet.nat_gateway_id)
    if pool.node_public_ip:
        return _by_instances(pool)
    if kind in _MANAGED_NAT:
        return _known("the managed NAT gateway", cluster.nat_gateway_egress_ids)
    if kind in _NO_EGRESS:
        return Egress(
            "none", f'outbound type "{cluster.outbound_type}"', reason="the cluster has no outbound path of its own"
        )
    if kind == "userassignednatgateway":
        reason = f"outbound type is userAssignedNATGateway, but subnet {subnet.name} has no NAT gateway"
        return _not_shown(facts, pool, subnet, "no NAT gateway", reason)
    if kind == "userdefinedrouting":
        reason = f"outbound type is userDefinedRouting, and subnet {subnet.name} has no default route that Azure shows"
        return _not_shown(facts, pool, subnet, "user-defined routing", reason)
    if kind not in _LOAD_BALANCER:
        reason = f'networkProfile.outboundType is "{cluster.outbound_type}", which is not known here'
        raise UnseenError(Unseen(cluster.id.text, "", reason))
    return _by_load_balancer(facts)


def _not_shown(facts: Facts, pool: NodePool, subnet: Subnet, through: str, reason: str) -> Egress:
    """No way out is shown. None is left where the subnet has no default outbound access, and no gateway gives routes.

    Azure's default outbound access, or a default route that a gateway learns, may still lead out.
    """
    vnet = network_of(facts, pool)
    has_gateway = any(same(item.name, _GATEWAY_SUBNET) for item in vnet.subnets)
    has_gateway |= any(item.use_remote_gateways or is_virtual_hub(item) for item in vnet.peerings)
    if subnet.default_outbound_access is False and not has_gateway:
        return Egress("none", through, reason=f"{reason}, nor default outbound access")
    return Egress("unknowable", through, reason=reason, is_way_out_seen=False)


def proxy_of(facts: Facts, pool: NodePool, host: str) -> str:
    """The HTTP proxy that takes a pool's requests for a host, or "". Windows nodes have none; `noProxy` exempts."""
    proxy = facts.cluster.http_proxy
    if proxy is None or same(pool.os_type, "Windows") or bypasses(proxy.no_proxy, host):
        return ""
    return proxy.https_proxy or proxy.http_proxy


def _by_route(facts: Facts, pool: NodePool, route: Route, subnet: Subnet) -> Egress:
    if same(route.next_hop_type, "None"):
        dropped = f"route {route.name} of subnet {subnet.name} drops {route.prefix}"
        return Egress("none", f"route {route.name}", reason=dropped, route=route)
    if same(route.next_hop_type, "VnetLocal"):
        kept = f"route {route.name} of subnet {subnet.name} keeps {route.prefix} in the virtual network"
        return Egress("none", f"route {route.name}", reason=kept, route=route)
    vnet = network_of(facts, pool)
    unreached = next_hop_gap(facts, vnet, subnet, route)
    if unreached is not None:
        raise UnseenError(unreached)
    found = appliance_behind(facts, vnet, route)
    if found.firewall is not None:
        return _by_firewall(facts, found.firewall)
    goes = f"route {route.name} of subnet {subnet.name} sends {route.prefix} to {found.hop}"
    return Egress("unknowable", found.hop, reason=f"{goes}; {_whose_address(found)}", gap=found.gap)


def _whose_address(found: Appliance) -> str:
    if found.gap is not None:
        return f"whether that is an Azure Firewall could not be read ({found.gap.reason})"
    if not found.is_gateway:
        return "the source address is the appliance's"
    return "the source address is that of whatever lies behind the gateway"


def _by_firewall(facts: Facts, firewall: AzureFirewall) -> Egress:
    through = f"Azure Firewall {firewall.name}"
    subnet = _home(facts, firewall)
    routes = public_routes(facts, subnet, REGISTRY_TAG) if subnet else PublicRoutes(None)
    onward = routes.route
    if subnet is not None and onward is not None and not same(onward.next_hop_type, "Internet"):
        reason = f"{through} sends {onward.prefix} on to {onward.next_hop_type} {onward.next_hop_address}".rstrip()
        return Egress("unknowable", through, reason=f"{reason} (route {onward.name} of subnet {subnet.name})")
    if subnet is not None and subnet.nat_gateway_id is not None:
        found = _by_nat_gateway(facts, subnet.nat_gateway_id)
        found = replace(found, through=f"{through} and {found.through}")
    else:
        found = _known(through, firewall.public_address_ids)
    return _in_doubt(facts, subnet, routes, found) if subnet is not None else found


def _home(facts: Facts, firewall: AzureFirewall) -> Subnet | None:
    """The firewall's own subnet, whose NAT gateway or routes decide; None when its network is gone."""
    if firewall.subnet_id is None:
        return None
    network = facts.virtual_network(firewall.subnet_id.parent).value
    return network.subnet(firewall.subnet_id) if network else None


def _by_nat_gateway(facts: Facts, gateway_id: ResourceId) -> Egress:
    gateway = look(facts.nat_gateways, gateway_id).value
    if gateway is None:
        raise UnseenError(Unseen(gateway_id.text, "", "Azure has no NAT gateway of that id"))
    return _known(f"NAT gateway {gateway.name}", gateway.address_ids)


def _by_instances(pool: NodePool) -> Egress:
    if pool.node_public_ip_prefix_id is not None:
        return _known(f"public IP prefix {pool.node_public_ip_prefix_id.name}", (pool.node_public_ip_prefix_id,))
    reason = f"every node of {pool.name} has a public address of its own, which changes when the pool scales"
    return Egress("unknowable", "instance public addresses", reason=reason)


def _by_load_balancer(facts: Facts) -> Egress:
    ids = facts.cluster.load_balancer_egress_ids
    if not ids:
        sku = facts.cluster.load_balancer_sku or "unknown"
        reason = f"the cluster ({sku} load balancer) shows no effective outbound address"
        # A Standard load balancer leaves nodes no other way out. A Basic one never shows its address.
        is_definite = same(sku, "standard") and same(facts.cluster.provisioning_state, "Succeeded")
        kind = "none" if is_definite else "unknowable"
        return Egress(kind, "the load balancer", reason=reason, is_way_out_seen=not same(sku, "standard"))
    return _known("the load balancer", ids)


def _known(through: str, ids: tuple[ResourceId, ...]) -> Egress:
    if not ids:
        return Egress("unknowable", through, reason=f"{through} shows no public address")
    return Egress("known", through, address_ids=tuple(dict.fromkeys(ids)))


def _with_addresses(facts: Facts, found: Egress) -> Egress:
    addresses: list[PublicAddress] = []
    for item in found.address_ids:
        address = look(facts.public_addresses, item).value
        if address is None or address.range is None:
            why = "Azure has no public address of that id" if address is None else "Azure has assigned no address to it"
            raise UnseenError(Unseen(item.text, "", why))
        addresses.append(address)
    if all(isinstance(item.range, IPv6Network) for item in addresses):
        reason = f"{found.through} shows IPv6 addresses only, and registry rules are IPv4"
        return replace(found, kind="unknowable", reason=reason)
    return replace(found, addresses=tuple(addresses))
