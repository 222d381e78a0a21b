"""Situations of 332 and 342: network security groups at both ends of the way."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from worlds import FIXTURES, SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = "recorded_private_endpoint"
_ATTACHED = "recorded_public_attached"
_GROUPS = "Microsoft.Network/networkSecurityGroups"
_PROVIDER = f"{SUBSCRIPTION}/resourceGroups/clitest000001/providers"
NODES = "clisubnet000006"
_ENDPOINTS = "testsubnet000004"
_REGISTRY = "AzureContainerRegistry"


def situations() -> Iterator[Composed]:
    yield from _to_the_endpoint()
    yield from _at_the_endpoint()
    yield from _to_application_groups()
    yield from _to_the_endpoint_undecided()
    yield from _to_the_public_registry()
    yield from _on_network_interfaces()
    yield from _to_addresses()


def _to_the_endpoint() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "nsg_blocks_private_endpoint",
        "A rule of the nodes' subnet denies the virtual network, and the one that allows 443 comes after it",
    )
    group = network_group(world, "nodes-nsg", NODES)
    security_rule(world, group, "DenyLateral", 200, "Deny", to="VirtualNetwork")
    security_rule(world, group, "AllowHttps", 300, "Allow", to="VirtualNetwork", port="443", protocol="Tcp")
    security_rule(world, group, "AllowDns", 199, "Allow", to="VirtualNetwork", port="53")
    yield world

    world = Composed(
        _PRIVATE,
        "nsg_denies_after_it_allows",
        "Rules of the nodes' subnet deny everything, after one that allows 443 to the endpoint's subnet, and deny "
        "other ports, protocols and services before it: all is well",
    )
    group = network_group(world, "nodes-nsg", NODES)
    security_rule(world, group, "DenyAll", 4096, "Deny", to="*")
    security_rule(world, group, "AllowEndpoints", 400, "Allow", to="192.168.1.0/24", port="443", protocol="tcp")
    security_rule(world, group, "DenyPlainHttp", 100, "Deny", to="*", port="80", protocol="Tcp")
    security_rule(world, group, "DenyQuic", 110, "Deny", to="*", port="443", protocol="Udp")
    security_rule(world, group, "DenySql", 120, "Deny", to="Sql.WestUS", port="443", protocol="Tcp")
    security_rule(world, group, "DenyOtherSubnet", 130, "Deny", to="192.168.10.0/24", port="443", protocol="Tcp")
    yield world


def _at_the_endpoint() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "nsg_blocks_at_endpoint_subnet",
        "The endpoint's subnet applies security groups to endpoints, and its group lets the nodes in by another port",
    )
    group = network_group(world, "endpoints-nsg", _ENDPOINTS)
    security_rule(world, group, "AllowNodesHttp", 100, "Allow", "Inbound", source="192.168.0.0/24", port="80")
    security_rule(world, group, "DenyAllElse", 4000, "Deny", "Inbound")
    _policies(world, "NetworkSecurityGroupEnabled")
    yield world

    world = Composed(
        _PRIVATE,
        "nsg_at_endpoint_subnet_not_in_force",
        "The group of the endpoint's subnet denies everything, and the subnet does not apply groups to endpoints",
    )
    group = network_group(world, "endpoints-nsg", _ENDPOINTS)
    security_rule(world, group, "DenyAllElse", 4000, "Deny", "Inbound")
    yield world


def _to_application_groups() -> Iterator[Composed]:
    for name, title, is_member in (
        (
            "nsg_allows_application_group_with_endpoint",
            "Only an application security group is allowed, and the private endpoint is in it: all is well",
            True,
        ),
        (
            "nsg_allows_application_group_without_endpoint",
            "Only an application security group is allowed, and the private endpoint is not in it",
            False,
        ),
    ):
        world = Composed(_PRIVATE, name, title)
        group = network_group(world, "nodes-nsg", NODES)
        security_rule(world, group, "AllowRegistries", 200, "Allow", to="", port="443", protocol="Tcp")
        security_rule(world, group, "DenyAllElse", 300, "Deny")
        members = f"{_PROVIDER}/Microsoft.Network/applicationSecurityGroups"
        allow = group["properties"]["securityRules"][0]["properties"]
        allow["destinationApplicationSecurityGroups"] = [{"id": f"{members}/registries"}]
        del allow["destinationAddressPrefix"]
        endpoint = world.find("Microsoft.Network/privateEndpoints")
        mine = "REGISTRIES" if is_member else "databases"
        endpoint["properties"]["applicationSecurityGroups"] = [{"id": f"{members}/{mine}"}]
        world.edit(f"AllowRegistries is for application security group registries; the endpoint is in {mine}")
        yield world


def _to_the_endpoint_undecided() -> Iterator[Composed]:
    world = Composed(_PRIVATE, "nsg_not_readable", "The security group of the nodes' subnet may not be read")
    group = network_group(world, "nodes-nsg", NODES)
    world.refuse(group["id"])
    yield world

    world = Composed(
        _PRIVATE,
        "nsg_rule_for_some_nodes",
        "A rule denies 443 for half of the addresses of the nodes' subnet",
    )
    group = network_group(world, "nodes-nsg", NODES)
    security_rule(world, group, "DenyUpperHalf", 200, "Deny", source="192.168.0.128/25", to="VirtualNetwork")
    yield world


def _to_the_public_registry() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "nsg_blocks_registry",
        "The subnet's group denies the internet and allows Storage, and not the registry's service tag",
    )
    group = world.find(_GROUPS)
    security_rule(world, group, "AllowStorage", 100, "Allow", to="Storage.WestUS", port="443", protocol="Tcp")
    security_rule(world, group, "DenyInternet", 120, "Deny", to="Internet")
    yield world

    world = Composed(
        _ATTACHED,
        "nsg_blocks_layers",
        "The subnet's group denies the internet and allows the registry's service tag, and not Storage",
    )
    group = world.find(_GROUPS)
    security_rule(world, group, "AllowRegistry", 100, "Allow", to=_REGISTRY, port="443", protocol="Tcp")
    security_rule(world, group, "DenyInternet", 120, "Deny", to="Internet")
    yield world

    world = Composed(
        _ATTACHED,
        "nsg_allows_registry_by_service_tag",
        "The subnet's group denies the internet after it allows the service tags of registry and storage: all is well",
    )
    group = world.find(_GROUPS)
    security_rule(world, group, "DenyInternet", 4096, "Deny", to="INTERNET")
    security_rule(
        world, group, "AllowFrontDoor", 130, "Allow", to="AzureFrontDoor.FirstParty", port="443", protocol="Tcp"
    )
    security_rule(world, group, "AllowStorage", 120, "Allow", to="storage", port="443", protocol="Tcp")
    security_rule(world, group, "AllowRegistry", 110, "Allow", to=f"{_REGISTRY}.westus", port="400-500", protocol="TCP")
    security_rule(world, group, "DenyOtherPort", 100, "Deny", to=_REGISTRY, port="5000", protocol="*")
    yield world


def _on_network_interfaces() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "nsg_of_network_interfaces_blocks_registry",
        "The subnet's group lets everything out; that of the scale set's network interfaces denies all but the network",
    )
    group = world.copy_of(world.find(_GROUPS), "aks-agentpool-23515570-nsg", "hardened-nics")
    security_rule(world, group, "DenyOut", 1000, "Deny", to="0.0.0.0/0")
    security_rule(world, group, "TakenAlready", 999, "Allow", to="10.0.0.0/8")
    machines = world.find("Microsoft.Compute/virtualMachineScaleSets")
    interface = machines["properties"]["virtualMachineProfile"]["networkProfile"]["networkInterfaceConfigurations"][0]
    interface["properties"]["networkSecurityGroup"] = {"id": group["id"]}
    world.edit("the group hardened-nics is on the scale set's network interfaces")
    yield world


def _to_addresses() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "nsg_denies_address_range",
        "A rule denies a public address range, of which Azure does not say whether the registry is in it",
    )
    security_rule(world, world.find(_GROUPS), "DenyRange", 200, "Deny", to="20.0.0.0/8")
    yield world

    world = Composed(
        _ATTACHED,
        "nsg_allows_address_range_only",
        "A rule allows a public address range before another denies the internet",
    )
    group = world.find(_GROUPS)
    security_rule(world, group, "AllowPartner", 200, "Allow", to="20.62.128.0/24", port="443", protocol="Tcp")
    security_rule(world, group, "DenyInternet", 300, "Deny", to="Internet")
    yield world


def network_group(world: Composed, name: str, subnet: str) -> Any:
    """A group like the recorded one of AKS, without rules of its own, on a subnet."""
    recorded = json.loads((FIXTURES / _ATTACHED / "world.json").read_text(encoding="utf-8"))
    key, found = next(item for item in recorded["resources"].items() if "/networksecuritygroups/" in item[0])
    text = json.dumps(found).replace(found["id"], f"{_PROVIDER}/{_GROUPS}/{name}").replace(found["name"], name)
    group = world.put(json.loads(text))
    world.document["source"][group["id"].lower()] = recorded["source"][key]
    network = world.find("Microsoft.Network/virtualNetworks")
    for body in [*network["properties"]["subnets"], *world.resources.values()]:
        if body.get("id", "").lower().endswith(f"/subnets/{subnet}"):
            body["properties"]["networkSecurityGroup"] = {"id": group["id"]}
    world.edit(f"network security group {name} on subnet {subnet}, from a recorded group")
    return group


def security_rule(
    world: Composed,
    group: Any,
    name: str,
    priority: int,
    access: str,
    direction: str = "Outbound",
    *,
    source: str = "*",
    to: str = "*",
    port: str = "*",
    protocol: str = "*",
) -> None:
    """Add a rule, in the form of the recorded default rules."""
    rule = copy.deepcopy(group["properties"]["defaultSecurityRules"][0])
    rule |= {"name": name, "id": f"{group['id']}/securityRules/{name}", "type": f"{_GROUPS}/securityRules"}
    del rule["properties"]["description"]
    rule["properties"] |= {
        "protocol": protocol,
        "access": access,
        "priority": priority,
        "direction": direction,
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": to,
        "destinationPortRange": port,
    }
    group["properties"]["securityRules"].append(rule)
    world.edit(f"rule {name} of {group['name']}: {direction} {access} {protocol} {source} to {to}:{port}, {priority}")


def _policies(world: Composed, value: str) -> None:
    network = world.find("Microsoft.Network/virtualNetworks")
    for body in [*network["properties"]["subnets"], *world.resources.values()]:
        if body.get("id", "").lower().endswith(f"/subnets/{_ENDPOINTS}"):
            body["properties"]["privateEndpointNetworkPolicies"] = value
    world.edit(f"privateEndpointNetworkPolicies of {_ENDPOINTS} is {value}")
