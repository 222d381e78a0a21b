"""Ways to the public side: addresses, prefixes, NAT gateways, Azure Firewalls."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .networks import network, peer, routes

if TYPE_CHECKING:
    from .estate import Estate

_ADDRESS = "Microsoft.Network/publicIPAddresses"
HOP = "10.90.0.4"


def public_address(estate: Estate, name: str, address: str, scope: str = "") -> Any:
    """A public address beside the recorded one of the load balancer."""
    recorded = next(body for key, body in estate.resources.items() if "/publicipaddresses/" in key)
    body = copy.deepcopy(recorded) | {"name": name, "id": f"{scope or estate.site.scope}/{_ADDRESS}/{name}"}
    body["properties"].pop("ipConfiguration", None)
    body["properties"]["ipAddress"] = address
    return estate.put(body)


def public_prefix(estate: Estate, name: str, prefix: str, scope: str = "") -> Any:
    body = estate.part(
        "publicIPPrefix", f"{scope or estate.site.scope}/Microsoft.Network/publicIPPrefixes/{name}", estate.site.region
    )
    body["properties"] |= {"ipPrefix": prefix, "prefixLength": int(prefix.rpartition("/")[2])}
    return body


def nat_gateway(estate: Estate, name: str, address: str, *subnets: Any) -> Any:
    gateway = estate.part("natGateway", f"{estate.site.scope}/Microsoft.Network/natGateways/{name}", estate.site.region)
    gateway["properties"]["publicIpAddresses"] = [{"id": public_address(estate, f"pip-{name}", address)["id"]}]
    for subnet in subnets:
        subnet["properties"]["natGateway"] = {"id": gateway["id"].lower()}
    return gateway


def outbound(estate: Estate, kind: str, **profile: Any) -> None:
    """Set the cluster's outbound type; the load balancer profile keeps no address."""
    settings = estate.cluster["properties"]["networkProfile"]
    settings |= {"outboundType": kind, "loadBalancerProfile": {"backendPoolType": "nodeIPConfiguration"}, **profile}


def firewall(estate: Estate, *rules: dict[str, Any], addresses: tuple[str, ...] = ("20.240.7.9",)) -> Any:
    """All pools leave through an Azure Firewall in a peered hub, whose policy has these rules, a collection each."""
    scope = f"{estate.site.hub_scope}/Microsoft.Network"
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", AzureFirewallSubnet="10.90.0.0/26")
    peer(estate, estate.nodes, hub)
    body = estate.part("azureFirewall", f"{scope}/azureFirewalls/Fw-Hub", estate.site.region)
    first = body["properties"]["ipConfigurations"][0]
    body["properties"]["ipConfigurations"] = []
    for number, address in enumerate(addresses):
        made = copy.deepcopy(first) | {
            "name": f"ip{number}",
            "id": f"{body['id']}/azureFirewallIpConfigurations/ip{number}",
        }
        public = public_address(estate, f"pip-fw-{number}", address, estate.site.hub_scope)
        made["properties"] |= {
            "privateIPAddress": HOP,
            "publicIPAddress": {"id": public["id"]},
            "subnet": {"id": hub["properties"]["subnets"][0]["id"]},
        }
        if number:
            del made["properties"]["subnet"], made["properties"]["privateIPAddress"]
        body["properties"]["ipConfigurations"].append(made)
    policy = estate.part("firewallPolicy", f"{scope}/firewallPolicies/Pol-Hub", estate.site.region)
    policy["properties"].pop("dnsSettings", None)
    group = estate.part("ruleCollectionGroup", f"{policy['id']}/ruleCollectionGroups/workloads", estate.site.region)
    group["properties"] |= {
        "priority": 300,
        "ruleCollections": [
            {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "action": {"type": "Allow"},
                "rules": [entry],
                "name": f"collection-{number}",
                "priority": 200 + number,
            }
            for number, entry in enumerate(rules)
        ],
    }
    policy["properties"]["ruleCollectionGroups"] = [{"id": group["id"]}]
    body["properties"]["firewallPolicy"] = {"id": policy["id"].lower()}
    outbound(estate, "userDefinedRouting")
    for subnet in (estate.subnet("snet-nodes"), estate.subnet("snet-apps")):
        routes(estate, subnet, ("0.0.0.0/0", "VirtualAppliance", HOP))
    return body


def names(*hosts: str, source: str = "*") -> dict[str, Any]:
    """An application rule for HTTPS to these names."""
    return {
        "ruleType": "ApplicationRule",
        "name": "names",
        "protocols": [{"protocolType": "Https", "port": 443}],
        "fqdnTags": [],
        "webCategories": [],
        "targetFqdns": list(hosts),
        "targetUrls": [],
        "terminateTLS": False,
        "sourceAddresses": [source],
        "destinationAddresses": [],
        "sourceIpGroups": [],
        "httpHeadersToInsert": [],
    }
