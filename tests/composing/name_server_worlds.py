"""Situations of 305: DNS servers that nodes cannot ask, Azure Firewalls that answer for names, servers that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firewall_worlds import HOP, HUB, POLICY, hub_firewall, policy
from security_rules_worlds import NODES, network_group, security_rule
from the_way import hub_network
from worlds import Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTACHED = "recorded_public_attached"
_PRIVATE = "recorded_private_endpoint"
_NETWORK = "Microsoft.Network/virtualNetworks"
_NODES_NETWORK = "clivnet000005"
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_GROUPS = "Microsoft.Network/networkSecurityGroups"
_TAG = "AzurePlatformDNS"
_IN_HUB = "10.100.0.4"


def situations() -> Iterator[Composed]:
    yield from _rules()
    yield from _firewalls()
    yield from _differing()


def _rules() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED, "nsg_blocks_azure_dns", "A rule of the nodes' subnet denies the service tag of Azure DNS"
    )
    security_rule(world, world.find(_GROUPS), "DenyAzureDns", 300, "Deny", to=_TAG)
    yield world

    world = Composed(
        _PRIVATE,
        "nsg_spares_azure_dns",
        "Rules deny everything, and 168.63.129.16 by its address, which does not bear on Azure DNS; the one that "
        "denies its service tag comes after one that allows it: all is well",
    )
    group = network_group(world, "nodes-nsg", NODES)
    security_rule(world, group, "AllowEndpoints", 100, "Allow", to="192.168.1.0/24", port="443", protocol="Tcp")
    security_rule(world, group, "DenyWireServer", 110, "Deny", to="168.63.129.16")
    security_rule(world, group, "DenyInternet", 120, "Deny", to="Internet")
    security_rule(world, group, "AllowAzureDns", 130, "Allow", to=_TAG, port="53")
    security_rule(world, group, "DenyAzureDns", 140, "Deny", to=_TAG)
    security_rule(world, group, "DenyAll", 4096, "Deny")
    yield world

    world = Composed(
        _PRIVATE, "nsg_blocks_dns_server", "A rule of the nodes' subnet denies port 53 to the DNS server in the hub"
    )
    group = network_group(world, "nodes-nsg", NODES)
    security_rule(world, group, "DenyDns", 200, "Deny", to="10.0.0.0/8", port="53")
    hub = hub_network(world)
    for subnet in hub["properties"]["subnets"]:
        subnet["properties"].pop("networkSecurityGroup", None)
    _servers(world, _IN_HUB)
    world.find(_LINK)["properties"]["virtualNetwork"]["id"] = hub["id"]
    world.edit("the zone is linked to the hub only")
    yield world


def _firewalls() -> Iterator[Composed]:
    world = _behind_firewall(
        "dns_proxy_of_firewall_off", "The network asks an Azure Firewall for names, and its DNS proxy is off", None
    )
    yield world

    world = _behind_firewall(
        "dns_proxy_of_firewall_in_linked_hub",
        "The network asks an Azure Firewall for names, which asks Azure DNS; the zone is linked to the firewall's hub",
        {"enableProxy": True, "servers": []},
    )
    yield world

    world = _behind_firewall(
        "dns_proxy_of_firewall_in_hub_not_linked",
        "The network asks an Azure Firewall for names, and the zone is linked to the nodes' network only",
        {"enableProxy": True, "servers": []},
        linked=False,
    )
    yield world

    world = _behind_firewall(
        "dns_proxy_of_firewall_not_readable",
        "The network asks an Azure Firewall for names, and the firewall's policy may not be read",
        {"enableProxy": True, "servers": []},
    )
    world.refuse(f"{POLICY.split('/resourceGroups/')[0]}/providers/Microsoft.Network/firewallPolicies")
    world.refuse(POLICY, below=True)
    yield world


def _behind_firewall(name: str, title: str, settings: Any, *, linked: bool = True) -> Composed:
    """The nodes ask the private address of a firewall in a hub; packets go past it."""
    world = Composed(_PRIVATE, name, title)
    hub_firewall(world)
    policy(world)
    body = world.resources[POLICY.lower()]["properties"]
    del body["dnsSettings"]
    if settings is not None:
        body["dnsSettings"] = settings
    world.edit(f"dnsSettings of the policy: {settings}")
    _servers(world, HOP)
    if linked:
        world.find(_LINK)["properties"]["virtualNetwork"]["id"] = HUB
        world.edit("the zone is linked to the hub only")
    return world


def _differing() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "dns_servers_differ",
        "The network asks a DNS server of its own and one in a hub, and the zone is linked to the first one's network",
    )
    hub_network(world)
    _servers(world, "192.168.0.53", _IN_HUB)
    yield world


def _servers(world: Composed, *servers: str) -> None:
    world.find(_NETWORK, _NODES_NETWORK)["properties"]["dhcpOptions"] = {"dnsServers": list(servers)}
    world.edit(f"DNS servers {', '.join(servers)}")
