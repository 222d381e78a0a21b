"""Situations of 2xx: the registry's rules and the addresses that nodes leave from."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from worlds import SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTACHED = "recorded_public_attached"
_ADDRESS = "20.59.64.39"
_GROUP = f"{SUBSCRIPTION}/resourceGroups/MC_clitest000001_cliakstest000001_westus2"


def situations() -> Iterator[Composed]:
    yield from _load_balancer()
    yield from _prefixes()
    yield from _other_ways_out()


def deny(world: Composed, *rules: str) -> None:
    """A Premium registry that denies by default, with these IP rules."""
    world.registry["sku"] = {"name": "Premium", "tier": "Premium"}
    world.registry["properties"]["networkRuleSet"] = {
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "value": rule} for rule in rules],
    }
    world.edit(f"Premium, default action Deny, ipRules {list(rules)}")


def _second_address(world: Composed) -> Any:
    address = world.find("Microsoft.Network/publicIPAddresses")
    other = world.copy_of(address, "f75886c5-1a89-4963-a565-7bce7dbdbec9", "0c1d2e3f-1a89-4963-a565-7bce7dbdbec9")
    other["properties"]["ipAddress"] = "20.99.210.8"
    world.cluster["properties"]["networkProfile"]["loadBalancerProfile"]["effectiveOutboundIPs"].append(
        {"id": other["id"]}
    )
    return other


def _load_balancer() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "egress_address_not_allowed",
        "The cluster leaves from two addresses, and the registry's rules admit one of them",
    )
    _second_address(world)
    deny(world, _ADDRESS, "198.51.100.17")
    yield world

    world = Composed(
        _ATTACHED,
        "egress_addresses_allowed",
        "The registry's rules admit both addresses of the cluster, one of them by a range",
    )
    _second_address(world)
    deny(world, _ADDRESS, "20.99.208.0/20")
    yield world

    world = Composed(
        _ATTACHED, "egress_address_not_readable", "The public address of the load balancer may not be read"
    )
    deny(world, _ADDRESS)
    world.refuse(f"{_GROUP}/providers/Microsoft.Network/publicIPAddresses", below=True)
    yield world

    world = Composed(
        _ATTACHED,
        "ingress_address_allowed_instead",
        "The registry's rules admit the address of an ingress, not the one the nodes leave from",
    )
    address = world.find("Microsoft.Network/publicIPAddresses")
    ingress = world.copy_of(address, "f75886c5-1a89-4963-a565-7bce7dbdbec9", "kubernetes-a0b1c2d3e4f5")
    ingress["properties"]["ipAddress"] = "20.99.210.8"
    deny(world, "20.99.210.8")
    yield world


def _prefixes() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "egress_prefix_allowed_by_two_ranges",
        "The cluster leaves from a prefix that two rules cover together",
    )
    _leave_from_prefix(world)
    deny(world, "4.246.79.208/29", "4.246.79.216/29")
    yield world

    world = Composed(
        _ATTACHED, "egress_prefix_half_allowed", "The cluster leaves from a prefix, and the rules cover half of it"
    )
    _leave_from_prefix(world)
    deny(world, "4.246.79.208/29")
    yield world


def _leave_from_prefix(world: Composed) -> None:
    # With outboundIPPrefixes, effectiveOutboundIPs holds the id of the prefix, in lower case.
    prefix = world.part("publicIPPrefix", f"{_GROUP}/providers/Microsoft.Network/publicIPPrefixes/aks-egress")
    profile = world.cluster["properties"]["networkProfile"]["loadBalancerProfile"]
    profile["effectiveOutboundIPs"] = [{"id": prefix["id"].lower()}]
    profile["outboundIPPrefixes"] = {"publicIPPrefixes": [{"id": prefix["id"]}]}
    del profile["managedOutboundIPs"]
    world.edit("the load balancer uses a public IP prefix")


def _other_ways_out() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "nat_gateway_address_not_allowed",
        "The subnet leaves by a NAT gateway, and the rules name the load balancer's address",
    )
    _nat_gateway(world)
    deny(world, _ADDRESS)
    yield world

    world = Composed(
        _ATTACHED, "nat_gateway_address_allowed", "The subnet leaves by a NAT gateway, whose address the rules admit"
    )
    _nat_gateway(world)
    deny(world, "20.99.210.8")
    yield world

    world = Composed(
        _ATTACHED,
        "egress_through_appliance",
        "A user-defined route sends everything to an appliance, whose public address Azure does not show",
    )
    table = world.find("Microsoft.Network/routeTables")
    route = copy.deepcopy(table["properties"]["routes"][0])
    route["name"] = "to-firewall"
    route["id"] = f"{table['id']}/routes/to-firewall"
    route["properties"] |= {
        "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": "10.9.0.4",
    }
    table["properties"]["routes"].append(route)
    world.cluster["properties"]["networkProfile"]["outboundType"] = "userDefinedRouting"
    world.cluster["properties"]["networkProfile"]["loadBalancerProfile"] = {"backendPoolType": "nodeIPConfiguration"}
    world.edit("outboundType userDefinedRouting, default route to 10.9.0.4")
    deny(world, _ADDRESS)
    yield world

    world = Composed(
        _ATTACHED,
        "subnet_rule_by_service_endpoint",
        "The subnet has the registry's service endpoint, and a rule names the subnet",
    )
    network = world.find("Microsoft.Network/virtualNetworks")
    subnet = network["properties"]["subnets"][0]
    subnet["properties"]["serviceEndpoints"] = [
        {"provisioningState": "Succeeded", "service": "Microsoft.ContainerRegistry", "locations": ["*"]}
    ]
    deny(world)
    world.registry["properties"]["networkRuleSet"]["virtualNetworkRules"] = [{"action": "Allow", "id": subnet["id"]}]
    world.edit("service endpoint and virtualNetworkRules")
    yield world


def _nat_gateway(world: Composed) -> None:
    address = world.find("Microsoft.Network/publicIPAddresses")
    other = world.copy_of(address, "f75886c5-1a89-4963-a565-7bce7dbdbec9", "nat-egress")
    other["properties"]["ipAddress"] = "20.99.210.8"
    gateway = world.part("natGateway", f"{_GROUP}/providers/Microsoft.Network/natGateways/aks-nat")
    gateway["properties"]["publicIpAddresses"] = [{"id": other["id"]}]
    subnet = world.find("Microsoft.Network/virtualNetworks")["properties"]["subnets"][0]
    subnet["properties"]["natGateway"] = {"id": gateway["id"]}
    profile = world.cluster["properties"]["networkProfile"]
    profile["outboundType"] = "userAssignedNATGateway"
    profile["loadBalancerProfile"] = {"backendPoolType": "nodeIPConfiguration"}
    world.edit("outboundType userAssignedNATGateway")
