"""Situations of 203 and 343: an Azure Firewall, or another appliance, on the nodes' way."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from worlds import HUB_SUBSCRIPTION, SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = "recorded_private_endpoint"
_ATTACHED = "recorded_public_attached"
_HUB_GROUP = f"{HUB_SUBSCRIPTION}/resourceGroups/hub-network/providers/Microsoft.Network"
HUB = f"{_HUB_GROUP}/virtualNetworks/hub-vnet"
_FIREWALL = f"{_HUB_GROUP}/azureFirewalls/hub-firewall"
POLICY = f"{_HUB_GROUP}/firewallPolicies/hub-policy"
PARENT = f"{_HUB_GROUP}/firewallPolicies/company-policy"
_IP_GROUPS = f"{_HUB_GROUP}/ipGroups"
_NETWORK = "Microsoft.Network/virtualNetworks"
HOP = "172.30.0.4"
REGISTRY_NAMES = ("*.azurecr.io", "*.blob.core.windows.net")


def situations() -> Iterator[Composed]:
    yield from _admitting()
    yield from _missing()
    yield from _not_seen()
    yield from _addresses()
    yield from _private_endpoints()


def _admitting() -> Iterator[Composed]:
    world = behind_firewall(
        "firewall_admits_registry", "An Azure Firewall on the way admits the registry and its storage"
    )
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES), aks_tag()))
    yield world

    world = behind_firewall(
        "firewall_rule_in_parent_policy", "The rule for the registry is in the parent of the firewall's policy"
    )
    policy(world, collection("aks", 200, aks_tag()))
    policy(world, collection("registries", 4000, names_rule("registry", *REGISTRY_NAMES)), policy_id=PARENT)
    world.resources[POLICY.lower()]["properties"]["basePolicy"] = {"id": PARENT}
    yield world

    world = behind_firewall(
        "firewall_admits_by_service_tags",
        "Network rules admit the service tags of registries and storage, then a rule denies all",
    )
    tags = addresses_rule("azure", "AzureContainerRegistry", "Storage.WestUS")
    policy(
        world,
        collection("azure-services", 300, tags),
        collection("the-rest", 65000, addresses_rule("all", "*"), action="Deny"),
    )
    yield world


def _missing() -> Iterator[Composed]:
    world = behind_firewall(
        "firewall_rules_missing", "The firewall's policy knows the AKS tag only, which leaves the registry out"
    )
    policy(world, collection("aks", 200, aks_tag()))
    yield world

    world = behind_firewall(
        "firewall_denies_before", "A collection that denies comes before the one that admits the registry"
    )
    policy(
        world,
        collection("no-registries", 150, names_rule("registries", "*.azurecr.io"), action="Deny"),
        collection("aks", 200, names_rule("registry", *REGISTRY_NAMES)),
    )
    yield world

    world = behind_firewall("firewall_admits_other_subnet", "The rule for the registry is for another subnet")
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES, sources=("10.24.0.0/16",))))
    yield world

    world = behind_firewall(
        "firewall_admits_registry_not_layers", "The rule names blob.windows.net, which is not where layers are"
    )
    policy(world, collection("aks", 200, names_rule("registry", "clireg000002.azurecr.io", "*.blob.windows.net")))
    yield world

    world = behind_firewall(
        "firewall_classic_rules_missing", "A firewall with classic rules admits the registry by HTTP only"
    )
    own = world.resources[_FIREWALL.lower()]["properties"]
    del own["firewallPolicy"]
    rule = names_rule("registry", *REGISTRY_NAMES) | {"protocols": [{"protocolType": "Http", "port": 80}]}
    del rule["ruleType"]
    own["applicationRuleCollections"] = [
        {
            "name": "aks",
            "id": f"{_FIREWALL}/applicationRuleCollections/aks",
            "properties": {"priority": 200, "action": {"type": "Allow"}, "rules": [rule]},
        }
    ]
    world.edit("classic application rules")
    yield world


def _not_seen() -> Iterator[Composed]:
    world = behind_firewall("firewall_policy_not_readable", "The firewall's policy may not be read")
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES)))
    world.refuse(POLICY, below=True)
    yield world

    world = behind_firewall("firewall_ip_group_not_readable", "The rule's sources are an IP group that may not be read")
    rule = names_rule("registry", *REGISTRY_NAMES, sources=())
    policy(world, collection("aks", 200, rule | {"sourceIpGroups": [f"{_IP_GROUPS}/aks-nodes"]}))
    world.refuse(_IP_GROUPS, below=True)
    yield world

    world = behind_firewall(
        "firewalls_not_readable", "The hub's firewalls may not be read, and the registry admits one address"
    )
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES)))
    _deny(world, "20.99.210.8")
    world.refuse(f"{HUB_SUBSCRIPTION}/providers/Microsoft.Network/azureFirewalls")
    yield world

    world = behind_firewall(
        "firewall_of_same_address_elsewhere",
        "The next hop is not the firewall of that address, which is in another network",
    )
    policy(world, collection("aks", 200, aks_tag()))
    configuration = world.resources[_FIREWALL.lower()]["properties"]["ipConfigurations"][0]["properties"]
    configuration["subnet"]["id"] = f"{_HUB_GROUP}/virtualNetworks/hub-vnet2/subnets/AzureFirewallSubnet"
    world.edit("the firewall is in hub-vnet2")
    yield world

    world = Composed(
        _ATTACHED, "egress_through_http_proxy", "Requests go to an HTTP proxy, and the registry admits one address"
    )
    world.cluster["properties"]["httpProxyConfig"] = {
        "httpProxy": "http://proxy.example.com:3128/",
        "httpsProxy": "http://proxy.example.com:3128/",
        "noProxy": ["localhost", "127.0.0.1", "169.254.169.254", "10.0.0.0/8"],
    }
    world.edit("httpProxyConfig")
    _deny(world, "20.59.64.39")
    yield world


def _addresses() -> Iterator[Composed]:
    both = "20.99.210.8", "20.99.210.9"
    world = behind_firewall(
        "firewall_addresses_allowed", "The firewall has two public addresses, and the registry admits both", *both
    )
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES)))
    _deny(world, "20.99.210.8/31")
    yield world

    world = behind_firewall(
        "firewall_address_not_allowed", "The firewall has two public addresses, and the registry admits one", *both
    )
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES)))
    _deny(world, "20.99.210.8", "20.59.64.39")
    yield world

    world = behind_firewall(
        "firewall_behind_nat_gateway",
        "The firewall leaves by a NAT gateway of its own subnet, whose address is admitted",
    )
    policy(world, collection("aks", 200, names_rule("registry", *REGISTRY_NAMES)))
    address = _public_address(world, "nat-egress", "20.99.211.7")
    gateway = world.part("natGateway", f"{_HUB_GROUP}/natGateways/hub-nat")
    gateway["properties"]["publicIpAddresses"] = [{"id": address["id"]}]
    world.resources[HUB.lower()]["properties"]["subnets"][0]["properties"]["natGateway"] = {"id": gateway["id"]}
    _deny(world, "20.99.211.7")
    yield world


def _private_endpoints() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "private_endpoint_beside_firewall",
        "The default route leads to a firewall that knows no registry; the private endpoint's own route goes past it",
    )
    hub_firewall(world)
    policy(world, collection("aks", 200, aks_tag()))
    route_to_firewall(world, "0.0.0.0/0")
    yield world

    for name, title, rule in (
        (
            "private_endpoint_through_firewall",
            "A route leads to the private endpoint through a firewall, which admits its subnet",
            addresses_rule("endpoints", "192.168.1.0/24", sources=("192.168.0.0/24",)),
        ),
        (
            "firewall_blocks_private_endpoint",
            "A route leads to the private endpoint through a firewall, which admits the login server's address only",
            addresses_rule("endpoints", "192.168.1.5", sources=("192.168.0.0/24",)),
        ),
    ):
        yield endpoint_behind_firewall(
            name, title, collection("aks", 200, aks_tag()), collection("endpoints", 100, rule)
        )


def endpoint_behind_firewall(name: str, title: str, *collections: Any) -> Composed:
    """A route that counts leads to the private endpoint through a firewall whose policy holds these collections."""
    world = Composed(_PRIVATE, name, title)
    hub_firewall(world)
    policy(world, *collections)
    route_to_firewall(world, "192.168.0.0/16")
    for subnet in world.find(_NETWORK, "clivnet000005")["properties"]["subnets"]:
        subnet["properties"]["privateEndpointNetworkPolicies"] = "RouteTableEnabled"
    world.drop(world.find("Microsoft.Network/virtualNetworks/subnets"))
    world.edit("the endpoint's subnet applies route tables")
    return world


def behind_firewall(name: str, title: str, *addresses: str) -> Composed:
    """Nodes behind a firewall in a hub, by a default route."""
    world = Composed(_ATTACHED, name, title)
    hub_firewall(world, *addresses)
    table = world.find("Microsoft.Network/routeTables")
    route = copy.deepcopy(table["properties"]["routes"][0])
    table["properties"]["routes"].append(_default(route, table["id"], "0.0.0.0/0"))
    profile = world.cluster["properties"]["networkProfile"]
    profile["outboundType"] = "userDefinedRouting"
    profile["loadBalancerProfile"] = {"backendPoolType": "nodeIPConfiguration"}
    world.edit(f"outboundType userDefinedRouting, default route to {HOP}")
    return world


def _default(route: Any, table_id: str, prefix: str) -> Any:
    route |= {"name": "to-firewall", "id": f"{table_id}/routes/to-firewall"}
    route["properties"] |= {"addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": HOP}
    return route


def route_to_firewall(world: Composed, prefix: str) -> None:
    """A route table for the nodes' subnet of a network that has none."""
    table = world.part(
        "routeTable", f"{SUBSCRIPTION}/resourceGroups/clitest000001/providers/Microsoft.Network/routeTables/nodes"
    )
    route = {"type": "Microsoft.Network/routeTables/routes", "properties": {"provisioningState": "Succeeded"}}
    table["properties"]["routes"] = [_default(route, table["id"], prefix)]
    network = world.find(_NETWORK, "clivnet000005")
    network["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table["id"]}
    world.edit(f"route {prefix} to {HOP}")


def hub_firewall(world: Composed, *addresses: str) -> None:
    nodes = next(body for key, body in world.resources.items() if "/virtualnetworks/" in key and "/subnets/" not in key)
    hub = copy.deepcopy(nodes) | {"id": HUB, "name": "hub-vnet"}
    hub["properties"]["addressSpace"] = {"addressPrefixes": ["172.30.0.0/16"]}
    subnet = copy.deepcopy(hub["properties"]["subnets"][0])
    subnet |= {"id": f"{HUB}/subnets/AzureFirewallSubnet", "name": "AzureFirewallSubnet"}
    subnet["properties"] = {"provisioningState": "Succeeded", "addressPrefix": "172.30.0.0/26"}
    hub["properties"]["subnets"] = [subnet]
    hub["properties"]["virtualNetworkPeerings"] = []
    world.put(hub)
    _half(world, nodes, HUB, "172.30.0.0/16")
    _half(world, hub, nodes["id"], nodes["properties"]["addressSpace"]["addressPrefixes"][0])
    body = world.part("azureFirewall", _FIREWALL)
    first = body["properties"]["ipConfigurations"][0]
    configurations: list[Any] = []
    for number, address in enumerate(addresses or ("20.99.210.8",)):
        made = copy.deepcopy(first) | {"name": f"address{number}"}
        made["id"] = f"{_FIREWALL}/azureFirewallIpConfigurations/address{number}"
        made["properties"]["privateIPAddress"] = HOP
        made["properties"]["publicIPAddress"] = {"id": _public_address(world, f"firewall-{number}", address)["id"]}
        made["properties"]["subnet"] = {"id": subnet["id"]}
        if number:  # only the first has the subnet and the private address
            del made["properties"]["subnet"], made["properties"]["privateIPAddress"]
        configurations.append(made)
    body["properties"]["ipConfigurations"] = configurations
    body["properties"]["firewallPolicy"] = {"id": POLICY}
    world.edit("an Azure Firewall in a hub network of another subscription, peered with the nodes' network")


def _public_address(world: Composed, name: str, address: str) -> Any:
    body = copy.deepcopy(next(body for key, body in world.resources.items() if "/publicipaddresses/" in key))
    body |= {"id": f"{_HUB_GROUP}/publicIPAddresses/{name}", "name": name}
    body["properties"]["ipAddress"] = address
    return world.put(body)


def _half(world: Composed, network: Any, remote: str, prefix: str) -> None:
    body = world.part("peering", f"{network['id']}/virtualNetworkPeerings/to-{remote.rsplit('/', 1)[-1]}")
    world.drop(body)
    space = {"addressPrefixes": [prefix]}
    body["properties"] |= {
        "peeringState": "Connected",
        "remoteVirtualNetwork": {"id": remote},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
        "remoteAddressSpace": space,
        "remoteVirtualNetworkAddressSpace": space,
    }
    network["properties"].setdefault("virtualNetworkPeerings", []).append(body)


def policy(world: Composed, *collections: Any, policy_id: str = POLICY) -> None:
    """A policy with one group that holds the collections."""
    body = world.part("firewallPolicy", policy_id)
    group = world.part("ruleCollectionGroup", f"{policy_id}/ruleCollectionGroups/workloads")
    group["properties"] |= {"priority": 500, "ruleCollections": list(collections)}
    body["properties"]["ruleCollectionGroups"] = [{"id": group["id"]}]
    world.edit(f"rules of {body['name']}: {', '.join(item['name'] for item in collections)}")


def collection(name: str, priority: int, *rules: Any, action: str = "Allow") -> Any:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": action},
        "rules": list(rules),
        "name": name,
        "priority": priority,
    }


def names_rule(name: str, *hosts: str, sources: tuple[str, ...] = ("10.240.0.0/16",)) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "protocols": [{"protocolType": "Https", "port": 443}],
        "fqdnTags": [],
        "webCategories": [],
        "targetFqdns": list(hosts),
        "targetUrls": [],
        "terminateTLS": False,
        "sourceAddresses": list(sources),
        "destinationAddresses": [],
        "sourceIpGroups": [],
        "httpHeadersToInsert": [],
    }


def aks_tag() -> dict[str, Any]:
    return names_rule("aks", sources=("*",)) | {"fqdnTags": ["AzureKubernetesService"]}


def addresses_rule(name: str, *destinations: str, sources: tuple[str, ...] = ("*",)) -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": ["TCP"],
        "sourceAddresses": list(sources),
        "sourceIpGroups": [],
        "destinationAddresses": list(destinations),
        "destinationIpGroups": [],
        "destinationFqdns": [],
        "destinationPorts": ["443"],
    }


def _deny(world: Composed, *rules: str) -> None:
    world.registry["sku"] = {"name": "Premium", "tier": "Premium"}
    world.registry["properties"]["networkRuleSet"] = {
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "value": rule} for rule in rules],
    }
    world.edit(f"Premium, default action Deny, ipRules {list(rules)}")
