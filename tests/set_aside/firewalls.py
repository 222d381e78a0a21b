"""The finer rules of Azure Firewall and of routes that name services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .estate import public
from .examination import cluster
from .networks import routes
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, nat_gateway

if TYPE_CHECKING:
    from .estate import Estate

_BOTH = ("*.azurecr.io", "*.blob.core.windows.net")


def _addresses(*destinations: str, ports: str = "443", protocol: str = "TCP") -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": "addresses",
        "ipProtocols": [protocol],
        "sourceAddresses": ["*"],
        "sourceIpGroups": [],
        "destinationAddresses": list(destinations),
        "destinationIpGroups": [],
        "destinationFqdns": [],
        "destinationPorts": [ports],
    }


def _collections(estate: Estate) -> list[Any]:
    return estate.find("Microsoft.Network/firewallPolicies/ruleCollectionGroups")["properties"]["ruleCollections"]


@cluster(
    "Network rules, which come first, deny everything; the application rules that admit the registry are never asked",
    "network rules come before application rules",
    "blocked",
    "AKA343",
)
def network_rules_deny_first(title: str) -> Estate:
    estate = public(HARBOUR, title)
    firewall(estate, names(*_BOTH), _addresses("*", ports="*", protocol="Any"))
    _collections(estate)[1]["action"]["type"] = "Deny"
    return estate


@cluster(
    "Network rules admit the service tags; application rules, which come after, deny the registry",
    "network rules come before application rules",
    "clear",
    AKA343="pass",
    AKA351="pass",
)
def network_rules_admit_first(title: str) -> Estate:
    estate = public(ORCHARD, title)
    firewall(estate, names(*_BOTH), _addresses("azurecontainerregistry", "STORAGE", ports="400-500"))
    _collections(estate)[0]["action"]["type"] = "Deny"
    return estate


@cluster(
    "The firewall admits the registry's names by HTTPS on another port",
    "protocol and port of application rules",
    "blocked",
    "AKA343",
)
def other_port(title: str) -> Estate:
    estate = public(QUARRY, title)
    firewall(estate, names(*_BOTH) | {"protocols": [{"protocolType": "Https", "port": 8443}]})
    return estate


@cluster(
    "The firewall's wildcard has no dot, and covers the registry all the same",
    "wildcards of application rules",
    "clear",
    AKA343="pass",
)
def wildcard_without_a_dot(title: str) -> Estate:
    estate = public(HARBOUR, title)
    firewall(estate, names("*azurecr.io", "*core.windows.net"))
    return estate


@cluster(
    "The policy of the firewall has an FQDN tag of the future, and nothing else",
    "what an FQDN tag holds is not shown",
    "undetermined",
    AKA343="unknown",
)
def fqdn_tag_of_the_future(title: str) -> Estate:
    estate = public(ORCHARD, title)
    firewall(estate, names() | {"fqdnTags": ["AzureContainerImages"]})
    return estate


@cluster(
    "A route for the tag Storage drops the layers",
    "routes may name service tags",
    "blocked",
    "AKA351",
    AKA341="pass",
)
def storage_dropped_by_route(title: str) -> Estate:
    estate = public(QUARRY, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), ("Storage", "None", ""))
    return estate


@cluster(
    "A default route drops everything but what the registry's and storage's tags route to the internet",
    "a route for a service tag is longer than a default route",
    "clear",
    AKA341="pass",
    AKA351="pass",
)
def tags_routed_to_the_internet(title: str) -> Estate:
    estate = public(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(
            estate,
            estate.subnet(name),
            ("0.0.0.0/0", "None", ""),
            ("AzureContainerRegistry", "Internet", ""),
            ("Storage", "Internet", ""),
        )
    return estate


@cluster(
    "The subnets' NAT gateway comes before the load balancer, and its address is admitted",
    "a NAT gateway comes before a load balancer",
    "clear",
    AKA201="pass",
)
def nat_gateway_before_load_balancer(title: str) -> Estate:
    estate = public(ORCHARD, title, "191.235.60.1")
    nat_gateway(estate, "nat", "191.235.60.1", estate.subnet("snet-nodes"), estate.subnet("snet-apps"))
    return estate


@cluster(
    "The load balancer's public address is gone, and the registry admits it by number",
    "an outbound address that does not exist",
    "undetermined",
    AKA201="unknown|not-applicable",
)
def outbound_address_gone(title: str) -> Estate:
    estate = public(QUARRY, title, QUARRY.address)
    estate.drop(estate.find("Microsoft.Network/publicIPAddresses"))
    return estate


@cluster(
    "One pool leaves by the load balancer, the other through an appliance that Azure does not know",
    "one pool's address is known, and one's is not",
    "undetermined",
    AKA203="unknown",
    AKA201="pass|unknown",
)
def one_pool_through_an_appliance(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    routes(estate, estate.subnet("snet-apps"), ("0.0.0.0/0", "VirtualAppliance", estate.in_space("9.4")))
    return estate


@cluster(
    "One pool's address is not admitted, the other pool's is not known",
    "what is known to fail fails, beside what is not known",
    "blocked",
    "AKA201",
    pools={"AKA201": ("system",)},
)
def one_address_wrong_one_unknown(title: str) -> Estate:
    estate = public(QUARRY, title, "203.0.113.40")
    routes(estate, estate.subnet("snet-apps"), ("0.0.0.0/0", "VirtualAppliance", estate.in_space("9.4")))
    return estate
