"""Situations of 351 beside 311, 332 and 343: where layers are, and what is on the way to them alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from firewall_worlds import (
    HUB,
    PARENT,
    POLICY,
    REGISTRY_NAMES,
    behind_firewall,
    collection,
    endpoint_behind_firewall,
    names_rule,
    policy,
)
from security_rules_worlds import network_group, security_rule
from worlds import Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = "recorded_private_endpoint"
_ENDPOINTS = "Microsoft.Network/privateEndpoints"
_INTERFACES = "Microsoft.Network/networkInterfaces"
_RECORD = "Microsoft.Network/privateDnsZones/A"
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_CONNECTIONS = "Microsoft.ContainerRegistry/registries/privateEndpointConnections"
_NODES = "clisubnet000006"
_LOGIN, _DATA = "192.168.1.5", "192.168.1.4"


def situations() -> Iterator[Composed]:
    yield from _connections()
    yield from _security_rules()
    yield from _firewalls()


def _connections() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE,
        "second_endpoint_pending",
        "A second private endpoint waits for approval, and every record leads to the first",
    )
    _second_endpoint(world)
    yield world

    world = Composed(
        _PRIVATE,
        "data_record_of_pending_endpoint",
        "The data endpoint's record leads to a second private endpoint, which waits for approval",
    )
    record = world.find(_RECORD, "testreg000002.westus.data")
    record["properties"]["aRecords"] = [{"ipv4Address": _second_endpoint(world)}]
    world.edit("the data endpoint's record holds the second endpoint's address")
    yield world


def _second_endpoint(world: Composed) -> str:
    """Another endpoint of the registry beside the first, not approved yet; its address for the data endpoint."""
    interface, endpoint = world.find(_INTERFACES), world.find(_ENDPOINTS)
    made = world.copy_of(interface, "priv_endpoint000005", "priv_endpoint000007")
    for number, item in enumerate(made["properties"]["ipConfigurations"], start=24):
        item["properties"]["privateIPAddress"] = f"192.168.1.{number}"
    second = world.copy_of(endpoint, "priv_endpoint000005", "priv_endpoint000007")
    second["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"][
        "status"
    ] = "Pending"
    second["properties"]["customDnsConfigs"] = []
    own = world.find(_CONNECTIONS)
    waiting = copy.deepcopy(own)
    waiting |= {"id": f"{own['id']}2", "name": f"{own['name']}2"}
    waiting["properties"]["privateEndpoint"]["id"] = second["id"]
    waiting["properties"]["privateLinkServiceConnectionState"]["status"] = "Pending"
    world.registry["properties"]["privateEndpointConnections"].append(waiting)
    world.edit("a second private endpoint, whose connection is Pending")
    return next(
        item["properties"]["privateIPAddress"]
        for item in made["properties"]["ipConfigurations"]
        if "data" in item["properties"]["privateLinkConnectionProperties"]["requiredMemberName"]
    )


def _security_rules() -> Iterator[Composed]:
    for name, title, denied in (
        (
            "nsg_denies_layers_and_perhaps_login",
            "A rule denies some nodes the login server, and another denies all of them the data endpoint",
            _DATA,
        ),
        (
            "nsg_denies_perhaps_login_alone",
            "A rule denies some nodes the login server, and none bears on the data endpoint",
            "192.168.1.99",
        ),
    ):
        world = Composed(_PRIVATE, name, title)
        group = network_group(world, "nodes-nsg", _NODES)
        security_rule(world, group, "DenyUpperHalf", 200, "Deny", source="192.168.0.128/25", to=_LOGIN)
        security_rule(world, group, "DenyOne", 210, "Deny", to=denied)
        yield world


def _firewalls() -> Iterator[Composed]:
    rule = names_rule("registry", *REGISTRY_NAMES)
    world = behind_firewall(
        "firewall_parent_policy_not_readable", "The parent of the firewall's policy may not be read"
    )
    policy(world, collection("aks", 200, rule))
    world.resources[POLICY.lower()]["properties"]["basePolicy"] = {"id": PARENT}
    world.refuse(PARENT, below=True)
    yield world

    by_name = names_rule("registry", "*.azurecr.io", sources=("192.168.0.0/24",))
    world = endpoint_behind_firewall(
        "firewall_resolves_registry_otherwise",
        "A firewall admits the registry by its name, and finds its public address: its own network is not linked",
        collection("registry", 200, by_name),
    )
    _asks_azure_dns(world)
    yield world

    world = endpoint_behind_firewall(
        "firewall_resolves_registry_alike",
        "A firewall admits the registry by its name, and its own network is linked to the registry's zone",
        collection("registry", 200, by_name),
    )
    _asks_azure_dns(world)
    link: Any = copy.deepcopy(world.find(_LINK))
    link |= {"id": f"{link['id']}-hub", "name": f"{link['name']}-hub"}
    link["properties"]["virtualNetwork"]["id"] = HUB
    world.put(link)
    world.edit("the hub's network is linked to the zone")
    yield world


def _asks_azure_dns(world: Composed) -> None:
    world.resources[POLICY.lower()]["properties"]["dnsSettings"] = {"servers": [], "enableProxy": True}
    world.edit("the firewall asks Azure DNS")
