"""Virtual networks, addresses, endpoints and private DNS, from the bodies that Azure sends."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.azure import network, private_dns
from aksacr.facts import ResourceId

from .answering import ENDPOINT, SUBSCRIPTION, ZONE, OneAnswer, answer, resource, session_with, value_of

SUBNET = f"{resource('Microsoft.Network/virtualNetworks', 'vnet1')}/subnets/nodes"
VNET = resource("Microsoft.Network/virtualNetworks", "vnet1")
REMOTE = resource("Microsoft.Network/virtualNetworks", "hub")


async def network_with(**properties: Any) -> Any:
    body = {"id": VNET.text, "name": "vnet1", "properties": properties}
    return await value_of(lambda session: network.read_virtual_network(session, VNET), body)


async def test_a_subnet_has_one_prefix_or_several() -> None:
    subnets = [
        {"id": f"{VNET}/subnets/one", "name": "one", "properties": {"addressPrefix": "10.0.0.0/24"}},
        {"id": f"{VNET}/subnets/two", "name": "two", "properties": {"addressPrefixes": ["10.1.0.0/24", "fd00::/64"]}},
        {"id": f"{VNET}/subnets/bare", "name": "bare"},
    ]
    found = await network_with(subnets=subnets)
    assert [item.prefixes for item in found.subnets] == [("10.0.0.0/24",), ("10.1.0.0/24", "fd00::/64"), ()]
    assert found.subnet(ResourceId(f"{VNET}/SUBNETS/ONE")).name == "one"
    assert (found.dns_servers, found.peerings, found.prefixes) == ((), (), ())


async def test_parts_of_a_subnet() -> None:
    parts = {
        "natGateway": {"id": "/x/nat"},
        "routeTable": {"id": "/x/routes"},
        "networkSecurityGroup": {"id": "/x/nsg"},
        "serviceEndpoints": [
            {"service": "Microsoft.ContainerRegistry"},
            {"service": "Microsoft.Storage", "locations": ["eastus", "westus"]},
        ],
        "serviceEndpointPolicies": [{"id": "/x/policy"}],
        "privateEndpointNetworkPolicies": "RouteTableEnabled",
        "defaultOutboundAccess": False,
    }
    found = await network_with(subnets=[{"id": f"{VNET}/subnets/nodes", "name": "nodes", "properties": parts}])
    [nodes] = found.subnets
    assert (nodes.nat_gateway_id.text, nodes.route_table_id.text) == ("/x/nat", "/x/routes")
    assert nodes.security_group_id.text == "/x/nsg"
    assert nodes.service_endpoints == ("Microsoft.ContainerRegistry", "Microsoft.Storage")
    assert nodes.service_endpoint_regions == (("Microsoft.Storage", "eastus"), ("Microsoft.Storage", "westus"))
    assert [item.text for item in nodes.service_endpoint_policy_ids] == ["/x/policy"]
    assert (nodes.endpoint_policies, nodes.default_outbound_access) == ("RouteTableEnabled", False)


async def test_a_peering_of_an_old_version_lacks_its_sync_level() -> None:
    old = {"remoteVirtualNetwork": {"id": REMOTE.text}, "peeringState": "Connected"}
    new = {
        **old,
        "peeringState": "Initiated",
        "peeringSyncLevel": "RemoteNotInSync",
        "allowVirtualNetworkAccess": False,
        "allowForwardedTraffic": True,
        "useRemoteGateways": True,
        "allowGatewayTransit": True,
        "peerCompleteVnets": False,
        "localSubnetNames": ["nodes"],
        "remoteSubnetNames": ["endpoints"],
        "enableOnlyIPv6Peering": True,
        "remoteAddressSpace": {"addressPrefixes": ["10.8.0.0/16"]},
        "remoteVirtualNetworkAddressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
    }
    found = await network_with(
        virtualNetworkPeerings=[{"name": "old", "properties": old}, {"name": "new", "properties": new}]
    )
    first, second = found.peerings
    assert (first.state, first.sync_level, first.allow_access, first.remote_prefixes) == ("Connected", "", True, ())
    assert (second.sync_level, second.allow_access) == ("RemoteNotInSync", False)
    assert second.remote_prefixes == ("10.8.0.0/16",), "what the peering knows, not what the network has become"
    assert second.current_remote_prefixes == ("10.9.0.0/16",)
    assert (second.allow_forwarded_traffic, second.use_remote_gateways, second.allow_gateway_transit) == (True,) * 3
    assert (second.complete_networks, second.only_ipv6) == (False, True)
    assert (second.local_subnet_names, second.remote_subnet_names) == (("nodes",), ("endpoints",))
    assert (first.complete_networks, first.only_ipv6, first.local_subnet_names) == (True, False, ())
    assert (first.allow_forwarded_traffic, first.use_remote_gateways, first.allow_gateway_transit) == (False,) * 3
    assert first.remote_id == REMOTE


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("publicIPAddresses", {"ipAddress": "20.0.0.1"}, "20.0.0.1/32"),
        ("publicIPAddresses", {"publicIPAllocationMethod": "Dynamic"}, None),
        ("publicIPAddresses", {"ipAddress": "2603:1020::1"}, "2603:1020::1/128"),
        ("publicIPPrefixes", {"ipPrefix": "20.0.0.0/28"}, "20.0.0.0/28"),
        ("publicipprefixes", {"ipPrefix": "20.0.0.16/28"}, "20.0.0.16/28"),
        ("PUBLICIPPREFIXES", {}, None),
    ],
)
async def test_addresses_and_prefixes_are_told_apart_by_their_ids(
    kind: str, properties: dict[str, Any], expected: str | None
) -> None:
    """`effectiveOutboundIPs` holds ids of either kind, those of prefixes in lower case."""
    at = resource(f"microsoft.network/{kind}", "out")
    body = {"id": at.text, "name": "out", "properties": properties}
    found = await value_of(lambda session: network.read_public_address(session, at), body)
    assert (str(found.range) if found.range else None) == expected


async def test_a_nat_gateways_addresses_prefixes_and_ipv6() -> None:
    at = resource("Microsoft.Network/natGateways")
    kinds = ("publicIpAddresses", "publicIpPrefixes", "publicIpAddressesV6", "publicIpPrefixesV6")
    body = {"id": at.text, "name": "shop", "properties": {kind: [{"id": f"/x/{kind}"}] for kind in kinds}}
    found = await value_of(lambda session: network.read_nat_gateway(session, at), body)
    assert {item.name for item in found.address_ids} == set(kinds)


async def test_an_endpoint_that_waits_for_approval_is_in_the_manual_list() -> None:
    waiting = {"name": "c", "properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}
    properties = {"subnet": {"id": SUBNET}, "manualPrivateLinkServiceConnections": [waiting], "customDnsConfigs": []}
    body = {"id": ENDPOINT.text, "name": "shop", "properties": properties}
    found = await value_of(lambda session: network.read_private_endpoint(session, ENDPOINT), body)
    assert (found.statuses, found.virtual_network_id, found.custom_dns) == (("Pending",), VNET, ())


async def test_an_interface_says_which_names_each_address_answers_for() -> None:
    at = resource("Microsoft.Network/networkInterfaces")
    link = {"requiredMemberName": "registry_data_westeurope", "fqdns": ["shopacr.westeurope.data.azurecr.io"]}
    configurations = [
        {"properties": {"privateIPAddress": "10.1.0.9", "privateLinkConnectionProperties": link}},
        {"properties": {"privateIPAddress": "10.1.0.10"}},
        {"properties": {"primary": False}},
    ]
    body = {"id": at.text, "name": "shop", "properties": {"ipConfigurations": configurations}}
    found = await value_of(lambda session: network.read_interface(session, at), body)
    assert [(str(item.address), item.member, item.names) for item in found] == [
        ("10.1.0.9", "registry_data_westeurope", ("shopacr.westeurope.data.azurecr.io",)),
        ("10.1.0.10", "", ()),
    ]


async def test_zones_are_those_of_the_clouds_suffix() -> None:
    names = (
        "privatelink.azurecr.io",
        "AZURECR.IO",
        "privatelink.azurecr.cn",
        "xazurecr.io",
        "privatelink.blob.core.windows.net",
    )
    value = [{"id": ZONE.text.replace(ZONE.name, name), "name": name} for name in names]
    azure = session_with(OneAnswer(answer(200, {"value": value})))
    found = await private_dns.read_zones(azure, SUBSCRIPTION, "azurecr.io")
    assert [zone.name for zone in found.value] == ["privatelink.azurecr.io", "AZURECR.IO"]


async def test_links_and_records() -> None:
    state = {"virtualNetworkLinkState": "InProgress", "virtualNetwork": {"id": VNET.text}}
    redirect = {**state, "resolutionPolicy": "NxDomainRedirect", "virtualNetworkLinkState": "Completed"}
    value = [
        {"id": f"{ZONE}/virtualNetworkLinks/a", "name": "a", "properties": state},
        {"id": f"{ZONE}/virtualNetworkLinks/b", "name": "b", "properties": redirect},
    ]
    links = await private_dns.read_links(session_with(OneAnswer(answer(200, {"value": value}))), ZONE)
    assert [(item.state, item.resolution_policy) for item in links.value] == [
        ("InProgress", ""),
        ("Completed", "NxDomainRedirect"),
    ]
    record = {"id": f"{ZONE}/A/shopacr", "name": "shopacr", "properties": {"aRecords": [{"ipv4Address": "10.1.0.9"}]}}
    empty = {"id": f"{ZONE}/A/empty", "name": "empty", "properties": {"ttl": 10}}
    records = await private_dns.read_records(session_with(OneAnswer(answer(200, {"value": [record, empty]}))), ZONE)
    assert [(item.name, item.addresses) for item in records.value] == [("shopacr", ("10.1.0.9",)), ("empty", ())]


TABLE = resource("Microsoft.Network/routeTables", "nodes-routes")


async def table_with(**properties: Any) -> Any:
    body = {"id": TABLE.text, "name": "nodes-routes", "properties": properties}
    return await value_of(lambda session: network.read_route_table(session, TABLE), body)


@pytest.mark.parametrize("value", ["All", "None", "Later"])
async def test_a_route_table_may_keep_peerings_out(value: str) -> None:
    assert (await table_with(disablePeeringRoute=value)).disable_peering_route == value


async def test_an_old_answer_says_nothing_of_peerings() -> None:
    found = await table_with(disableBgpRoutePropagation=True)
    assert (found.disable_peering_route, found.propagates_gateway_routes) == ("", False)


async def test_a_route_to_several_appliances_names_them_all() -> None:
    one = {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4"}
    hops = {"nextHopIpAddresses": ["10.0.0.4", "10.0.0.5"]}
    many = {"addressPrefix": "10.0.0.0/8", "nextHopType": "VirtualApplianceEcmp", "nextHop": hops}
    found = await table_with(routes=[{"name": "one", "properties": one}, {"name": "many", "properties": many}])
    assert [(item.next_hop_type, item.next_hop_address) for item in found.routes] == [
        ("VirtualAppliance", "10.0.0.4"),
        ("VirtualApplianceEcmp", "10.0.0.4, 10.0.0.5"),
    ]


async def test_an_endpoint_names_its_application_groups() -> None:
    groups = [{"id": "/x/applicationSecurityGroups/a"}, {}, {"id": "/x/applicationSecurityGroups/b"}]
    properties: dict[str, Any] = {"subnet": {"id": SUBNET}, "applicationSecurityGroups": groups}
    body = {"id": ENDPOINT.text, "name": "endpoint", "properties": properties}
    found = await value_of(lambda session: network.read_private_endpoint(session, ENDPOINT), body)
    assert [item.name for item in found.application_group_ids] == ["a", "b"]
    del properties["applicationSecurityGroups"]
    bare = await value_of(lambda session: network.read_private_endpoint(session, ENDPOINT), body)
    assert bare.application_group_ids == ()
