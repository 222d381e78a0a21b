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
_PARENT = f"{_HUB_GROUP}/firewallPolicies/company-policy"
_IP_GROUPS = f"{_HUB_GROUP}/ipGroups"
_NETWORK = "Microsoft.Network/virtualNetworks"
HOP = "172.30.0.4"
_REGISTRY_NAMES = ("*.azurecr.io", "*.blob.core.windows.net")


def situations() -> Iterator[Composed]:
    yield from _admitting()
    yield from _missing()
    yield from _not_seen()
    yield from _addresses()
    yield from _private_endpoints()


def _admitting() -> Iterator[Composed]:
    world = _world("firewall_admits_registry", "An Azure Firewall on the way admits the registry and its storage")
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES), _aks_tag()))
    yield world

    world = _world(
        "firewall_rule_in_parent_policy", "The rule for the registry is in the parent of the firewall's policy"
    )
    policy(world, _collection("aks", 200, _aks_tag()))
    policy(world, _collection("registries", 4000, _names("registry", *_REGISTRY_NAMES)), policy_id=_PARENT)
    world.resources[POLICY.lower()]["properties"]["basePolicy"] = {"id": _PARENT}
    yield world

    world = _world(
        "firewall_admits_by_service_tags",
        "Network rules admit the service tags of registries and storage, then a rule denies all",
    )
    tags = _addresses_rule("azure", "AzureContainerRegistry", "Storage.WestUS")
    policy(
        world,
        _collection("azure-services", 300, tags),
        _collection("the-rest", 65000, _addresses_rule("all", "*"), action="Deny"),
    )
    yield world


def _missing() -> Iterator[Composed]:
    world = _world(
        "firewall_rules_missing", "The firewall's policy knows the AKS tag only, which leaves the registry out"
    )
    policy(world, _collection("aks", 200, _aks_tag()))
    yield world

    world = _world("firewall_denies_before", "A collection that denies comes before the one that admits the registry")
    policy(
        world,
        _collection("no-registries", 150, _names("registries", "*.azurecr.io"), action="Deny"),
        _collection("aks", 200, _names("registry", *_REGISTRY_NAMES)),
    )
    yield world

    world = _world("firewall_admits_other_subnet", "The rule for the registry is for another subnet")
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES, sources=("10.24.0.0/16",))))
    yield world

    world = _world(
        "firewall_admits_registry_not_layers", "The rule names blob.windows.net, which is not where layers are"
    )
    policy(world, _collection("aks", 200, _names("registry", "clireg000002.azurecr.io", "*.blob.windows.net")))
    yield world

    world = _world("firewall_classic_rules_missing", "A firewall with classic rules admits the registry by HTTP only")
    firewall = world.resources[_FIREWALL.lower()]["properties"]
    del firewall["firewallPolicy"]
    rule = _names("registry", *_REGISTRY_NAMES) | {"protocols": [{"protocolType": "Http", "port": 80}]}
    del rule["ruleType"]
    firewall["applicationRuleCollections"] = [
        {
            "name": "aks",
            "id": f"{_FIREWALL}/applicationRuleCollections/aks",
            "properties": {"priority": 200, "action": {"type": "Allow"}, "rules": [rule]},
        }
    ]
    world.edit("classic application rules")
    yield world


def _not_seen() -> Iterator[Composed]:
    world = _world("firewall_policy_not_readable", "The firewall's policy may not be read")
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES)))
    world.refuse(POLICY, below=True)
    yield world

    world = _world("firewall_ip_group_not_readable", "The rule's sources are an IP group that may not be read")
    rule = _names("registry", *_REGISTRY_NAMES, sources=())
    policy(world, _collection("aks", 200, rule | {"sourceIpGroups": [f"{_IP_GROUPS}/aks-nodes"]}))
    world.refuse(_IP_GROUPS, below=True)
    yield world

    world = _world("firewalls_not_readable", "The hub's firewalls may not be read, and the registry admits one address")
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES)))
    _deny(world, "20.99.210.8")
    world.refuse(f"{HUB_SUBSCRIPTION}/providers/Microsoft.Network/azureFirewalls")
    yield world

    world = _world(
        "firewall_of_same_address_elsewhere",
        "The next hop is not the firewall of that address, which is in another network",
    )
    policy(world, _collection("aks", 200, _aks_tag()))
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
    world = _world(
        "firewall_addresses_allowed", "The firewall has two public addresses, and the registry admits both", *both
    )
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES)))
    _deny(world, "20.99.210.8/31")
    yield world

    world = _world(
        "firewall_address_not_allowed", "The firewall has two public addresses, and the registry admits one", *both
    )
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES)))
    _deny(world, "20.99.210.8", "20.59.64.39")
    yield world

    world = _world(
        "firewall_behind_nat_gateway",
        "The firewall leaves by a NAT gateway of its own subnet, whose address is admitted",
    )
    policy(world, _collection("aks", 200, _names("registry", *_REGISTRY_NAMES)))
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
    policy(world, _collection("aks", 200, _aks_tag()))
    _route(world, "0.0.0.0/0")
    yield world

    for name, title, rule in (
        (
            "private_endpoint_through_firewall",
            "A route leads to the private endpoint through a firewall, which admits its subnet",
            _addresses_rule("endpoints", "192.168.1.0/24", sources=("192.168.0.0/24",)),
        ),
        (
            "firewall_blocks_private_endpoint",
            "A route leads to the private endpoint through a firewall, which admits the login server's address only",
            _addresses_rule("endpoints", "192.168.1.5", sources=("192.168.0.0/24",)),
        ),
    ):
        world = Composed(_PRIVATE, name, title)
        hub_firewall(world)
        policy(world, _collection("aks", 200, _aks_tag()), _collection("endpoints", 100, rule))
        _route(world, "192.168.0.0/16")
        for subnet in world.find(_NETWORK, "clivnet000005")["properties"]["subnets"]:
            subnet["properties"]["privateEndpointNetworkPolicies"] = "RouteTableEnabled"
        world.drop(world.find("Microsoft.Network/virtualNetworks/subnets"))
        world.edit("the endpoint's subnet applies route tables")
        yield world


def _world(name: str, title: str, *addresses: str) -> Composed:
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


def _route(world: Composed, prefix: str) -> None:
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
    """A firewall in a hub of another subscription, which peers with the nodes' network."""
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
    firewall = world.part("azureFirewall", _FIREWALL)
    first = firewall["properties"]["ipConfigurations"][0]
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
    firewall["properties"]["ipConfigurations"] = configurations
    firewall["properties"]["firewallPolicy"] = {"id": POLICY}
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
    made = world.part("firewallPolicy", policy_id)
    group = world.part("ruleCollectionGroup", f"{policy_id}/ruleCollectionGroups/workloads")
    group["properties"] |= {"priority": 500, "ruleCollections": list(collections)}
    made["properties"]["ruleCollectionGroups"] = [{"id": group["id"]}]
    world.edit(f"rules of {made['name']}: {', '.join(item['name'] for item in collections)}")


def _collection(name: str, priority: int, *rules: Any, action: str = "Allow") -> Any:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": action},
        "rules": list(rules),
        "name": name,
        "priority": priority,
    }


def _names(name: str, *hosts: str, sources: tuple[str, ...] = ("10.240.0.0/16",)) -> dict[str, Any]:
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


def _aks_tag() -> dict[str, Any]:
    return _names("aks", sources=("*",)) | {"fqdnTags": ["AzureKubernetesService"]}


def _addresses_rule(name: str, *destinations: str, sources: tuple[str, ...] = ("*",)) -> dict[str, Any]:
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
