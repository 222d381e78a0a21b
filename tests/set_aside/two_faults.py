"""Two faults at once: both must be named, in the order in which a pull meets them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .doors import ENDPOINT, leave_by
from .estate import private, public
from .examination import cluster
from .networks import endpoint_in_hub, guard, half, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, nat_gateway, outbound

if TYPE_CHECKING:
    from .estate import Estate


@cluster(
    "One pool's network is not linked, the other pool's group denies the endpoint",
    "zone not linked; outbound rule",
    "blocked",
    "AKA301",
    "AKA332",
    pools={"AKA301": ("apps",), "AKA332": ("system",)},
)
def link_and_rule(title: str) -> Estate:
    estate = private(HARBOUR, title)
    own = network(estate, "vnet-apps", "10.63.0.0/16", scope=HARBOUR.scope, pods="10.63.4.0/24")
    peer(estate, estate.nodes, own)
    estate.put_pool_in("apps", own["properties"]["subnets"][0]["id"])
    guard(estate, estate.subnet("snet-nodes"), rule(100, "Deny", estate.in_space("1.4/31"), port="443"))
    return estate


@cluster(
    "One of two addresses is not admitted, and storage is denied",
    "some addresses only; storage behind a security rule",
    "blocked",
    "AKA201",
    "AKA351",
)
def address_and_storage(title: str) -> Estate:
    estate = public(QUARRY, title, QUARRY.address)
    estate.replicate()
    leave_by(estate, "52.253.101.90")
    for name in ("snet-nodes", "snet-apps"):
        guard(
            estate,
            estate.subnet(name),
            rule(100, "Allow", "AzureContainerRegistry.japaneast", port="443"),
            rule(101, "Allow", "AzureFrontDoor.FirstParty", port="443"),
            rule(102, "Deny", "Internet"),
        )
    return estate


@cluster(
    "The zone is not linked, and no role lets the nodes pull",
    "zone not linked; role missing",
    "blocked",
    "AKA301",
    "AKA101",
)
def link_and_role(title: str) -> Estate:
    estate = private(ORCHARD, title)
    estate.drop(estate.link)
    estate.drop_pull_role()
    return estate


@cluster(
    "A route drops the endpoint, and a rule denies it",
    "route to None; outbound rule",
    "blocked",
    "AKA331",
    "AKA332",
)
def route_and_rule(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(
            estate,
            estate.subnet(name),
            (estate.in_space("1.4/31"), "None", ""),
            (estate.in_space("1.5/32"), "None", ""),
        )
        guard(estate, estate.subnet(name), rule(100, "Deny", "VirtualNetwork", port="443", protocol="Tcp"))
    return estate


@cluster(
    "The peering lost its other half, and a rule denies the endpoint",
    "half of a peering is gone; outbound rule",
    "blocked",
    "AKA322",
    "AKA332",
)
def peering_and_rule(title: str) -> Estate:
    estate = private(QUARRY, title)
    half(estate, estate.nodes, endpoint_in_hub(estate), peeringState="Disconnected")
    for name in ("snet-nodes", "snet-apps"):
        guard(estate, estate.subnet(name), rule(100, "Deny", "10.90.0.0/16"))
    return estate


@cluster(
    "The login server's record is missing, and the peering lets nothing through to the data endpoint",
    "record missing; peering without network access",
    "blocked",
    "AKA302",
    "AKA324",
)
def record_and_peering(title: str) -> Estate:
    estate = private(ORCHARD, title)
    hub = endpoint_in_hub(estate)
    half(estate, estate.nodes, hub)
    half(estate, hub, estate.nodes, allowVirtualNetworkAccess=False)
    estate.drop(estate.login)
    return estate


@cluster(
    "The firewall does not know the registry, which does not admit the firewall",
    "firewall rules missing; address not admitted",
    "blocked",
    "AKA343",
    "AKA201",
)
def firewall_and_address(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    firewall(estate, names("*.azurecr.us", "*.blob.core.windows.net"))
    return estate


@cluster(
    "The registry is closed without an endpoint, and no role lets the nodes pull",
    "closed without a private path; role missing",
    "blocked",
    "AKA202",
    "AKA101",
)
def closed_and_role(title: str) -> Estate:
    estate = public(QUARRY, title)
    estate.registry["properties"]["publicNetworkAccess"] = "Disabled"
    estate.drop_pull_role()
    return estate


@cluster(
    "One pool's subnet has a service endpoint and no rule, the other pool's address is not admitted",
    "address not admitted; service endpoint without a rule",
    "blocked",
    "AKA204",
    "AKA201",
    pools={"AKA201": ("system",), "AKA204": ("apps",)},
)
def address_and_subnet_rule(title: str) -> Estate:
    estate = public(ORCHARD, title, "203.0.113.99")
    estate.subnet("snet-apps")["properties"]["serviceEndpoints"] = [ENDPOINT]
    return estate


@cluster(
    "One pool's default route drops everything, the other pool's group denies the internet",
    "default route to None; outbound rule",
    "blocked",
    "AKA341",
    "AKA342",
    pools={"AKA341": ("apps",), "AKA342": ("system",)},
)
def no_way_out_and_rule(title: str) -> Estate:
    estate = public(HARBOUR, title)
    routes(estate, estate.subnet("snet-apps"), ("0.0.0.0/0", "None", ""))
    guard(estate, estate.subnet("snet-nodes"), rule(100, "Deny", "Internet"))
    return estate


@cluster(
    "The login server's record is stale, and a second zone hides the data endpoint's",
    "stale record; a second zone hides records",
    "blocked",
    "AKA304",
    "AKA303",
)
def stale_and_hidden(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.login["properties"]["aRecords"] = [{"ipv4Address": estate.in_space("1.205")}]
    name = "japaneast.data.privatelink.azurecr.io"
    zone, link = copy.deepcopy(estate.zone), copy.deepcopy(estate.link)
    zone |= {"id": zone["id"].replace("privatelink.azurecr.io", name), "name": name}
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    estate.put(zone)
    estate.put(link)
    return estate


@cluster(
    "The proxy takes the registry's names, and the role is missing",
    "noProxy lacks the registry; role missing",
    "blocked",
    "AKA344",
    "AKA101",
)
def proxy_and_role(title: str) -> Estate:
    estate = private(ORCHARD, title)
    estate.cluster["properties"]["httpProxyConfig"] = {
        "httpProxy": "http://172.22.9.9:3128/",
        "httpsProxy": "http://172.22.9.9:3128/",
        "noProxy": ["localhost", "127.0.0.1", "169.254.169.254", "172.22.0.0/16"],
    }
    estate.drop_pull_role()
    return estate


@cluster(
    "One pool has no egress by its NAT gateway, the other leaves by one that is not admitted",
    "a pool's subnet without its NAT gateway; address not admitted",
    "blocked",
    "AKA341",
    "AKA201",
    pools={"AKA341": ("apps",), "AKA201": ("system",)},
)
def nat_gateways_of_two_pools(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    outbound(estate, "userAssignedNATGateway")
    nat_gateway(estate, "nat-Nodes", "20.91.144.1", estate.subnet("snet-nodes"))
    estate.subnet("snet-apps")["properties"]["defaultOutboundAccess"] = False
    return estate
