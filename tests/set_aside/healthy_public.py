"""Clusters that look broken, use the public side of their registry and are healthy."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .doors import ENDPOINT, admit_subnets, instance_addresses
from .estate import private, public
from .examination import cluster
from .networks import guard, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, nat_gateway, outbound, public_address, public_prefix

if TYPE_CHECKING:
    from .estate import Estate

FINE = "pass|not-applicable"


@cluster(
    "A zone without this registry's records is linked, and the registry has no private endpoint anywhere",
    "without an endpoint the public name does not lead into the zone",
    "clear",
    AKA302=FINE,
    AKA301=FINE,
)
def empty_zone_and_no_endpoint(title: str) -> Estate:
    estate = private(QUARRY, title)
    zone, link = copy.deepcopy(estate.zone), copy.deepcopy(estate.link)
    estate.drop_endpoint()
    estate.put(zone)
    estate.put(link)
    estate.open()
    return estate


@cluster(
    "Service tags are written in another case, and the region is the registry's own",
    "tags compare without regard to case",
    "clear",
    AKA342="pass",
    AKA351="pass",
)
def tags_in_other_case(title: str) -> Estate:
    estate = public(ORCHARD, title)
    for name in ("snet-nodes", "snet-apps"):
        guard(
            estate,
            estate.subnet(name),
            rule(100, "allow", "AZURECONTAINERREGISTRY.EASTUS2", port="440-450", protocol="tcp"),
            rule(110, "Allow", "storage", port="443", protocol="*"),
            rule(120, "Allow", "azurefrontdoor.firstparty", port="443", protocol="TCP"),
            rule(130, "Deny", "internet"),
        )
    return estate


@cluster(
    "A rule names the subnet in capitals; another names one without service endpoint, whose address is admitted",
    "an address rule is enough where a subnet rule cannot count",
    "clear",
    AKA204=FINE,
    AKA201=FINE,
)
def subnet_rule_and_address(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    admit_subnets(estate, "snet-nodes", "snet-apps")
    estate.subnet("snet-nodes")["properties"]["serviceEndpoints"] = [ENDPOINT]
    return estate


@cluster(
    "A managed NAT gateway beside a load balancer profile that has no address",
    "a profile without addresses is normal beside a NAT gateway",
    "clear",
    AKA201="pass",
    AKA341="pass",
)
def managed_nat_admitted(title: str) -> Estate:
    estate = public(QUARRY, title, "20.27.3.0/30")
    address = public_address(estate, "managed-nat", "20.27.3.3")
    outbound(estate, "ManagedNatGateway", natGatewayProfile={"effectiveOutboundIPs": [{"id": address["id"].upper()}]})
    return estate


@cluster(
    "No egress by AKS, and the subnets have a NAT gateway of the company's own",
    "a way out of one's own counts",
    "clear",
    AKA341="pass",
)
def own_way_out(title: str) -> Estate:
    estate = public(ORCHARD, title)
    outbound(estate, "none")
    nat_gateway(estate, "nat", "191.235.60.1", estate.subnet("snet-nodes"), estate.subnet("snet-apps"))
    return estate


@cluster(
    "Nodes have addresses of their own from a prefix, of which the rules admit more than all",
    "an address range that covers a prefix",
    "clear",
    AKA201="pass",
)
def instance_addresses_admitted(title: str) -> Estate:
    estate = public(ORCHARD, title, ORCHARD.address, "20.91.8.0/27")
    instance_addresses(estate, "20.91.8.0/28")
    return estate


@cluster(
    "The firewall's rules write the registry's names in capitals; two ranges together admit its addresses",
    "names compare without regard to case",
    "clear",
    AKA343="pass",
    AKA351="pass",
    AKA201="pass",
)
def firewall_in_capitals(title: str) -> Estate:
    estate = public(QUARRY, title, "20.240.7.8/31", "20.240.7.10")
    firewall(
        estate, names("QuarryRegistry.AZURECR.IO", "*.BLOB.core.windows.net"), addresses=("20.240.7.9", "20.240.7.10")
    )
    return estate


@cluster(
    "A dual-stack cluster leaves by IPv4 and IPv6, and the rules, which are for IPv4, admit the former",
    "an IPv4 registry is asked over IPv4",
    "clear",
    AKA201="pass",
)
def dual_stack(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    settings = estate.cluster["properties"]["networkProfile"]
    settings["ipFamilies"] = ["IPv4", "IPv6"]
    address = public_address(estate, "egress-v6", "2603:1020:5:2::1f")
    address["properties"]["publicIPAddressVersion"] = "IPv6"
    settings["loadBalancerProfile"]["effectiveOutboundIPs"].append({"id": address["id"]})
    return estate


@cluster(
    "The link to storage's privatelink zone leaves the accounts of Microsoft alone",
    "storage's privatelink zone is harmless",
    "clear",
    AKA351="pass",
)
def privatelink_zone_of_storage(title: str) -> Estate:
    estate = private(QUARRY, title)
    zone, link = copy.deepcopy(estate.zone), copy.deepcopy(estate.link)
    name = "privatelink.blob.core.windows.net"
    zone |= {"id": zone["id"].replace("privatelink.azurecr.io", name), "name": name}
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    estate.drop_endpoint()
    estate.open()
    estate.put(zone)
    estate.put(link)
    return estate


@cluster(
    "A stopped pool's subnet denies the internet; no node of it pulls",
    "a fault of a pool that is stopped on purpose",
    "at-risk",
    "AKA601",
    AKA601="warn",
    AKA342=FINE,
)
def stopped_pool(title: str) -> Estate:
    estate = public(HARBOUR, title)
    estate.pool("apps")["powerState"] = {"code": "Stopped"}
    guard(estate, estate.subnet("snet-apps"), rule(100, "Deny", "Internet"))
    return estate


@cluster(
    "The load balancer leaves by a prefix of the company's own, and the rules admit a range around it",
    "outbound addresses may be prefixes",
    "clear",
    AKA201="pass",
)
def own_prefix_admitted(title: str) -> Estate:
    estate = public(ORCHARD, title, "191.235.100.0/24")
    made = public_prefix(estate, "Egress", "191.235.100.16/28", ORCHARD.hub_scope)
    profile = estate.cluster["properties"]["networkProfile"]["loadBalancerProfile"]
    profile["effectiveOutboundIPs"] = [{"id": made["id"].lower()}]
    profile["outboundIPPrefixes"] = {"publicIPPrefixes": [{"id": made["id"]}]}
    return estate
