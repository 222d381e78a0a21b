"""Situations of 204 to 211 and 302 to 351: rules, records, endpoints, routes, proxies, layers."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from the_way import move_endpoint, peer
from what_is_admitted import deny
from worlds import SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTACHED = "recorded_public_attached"
_PRIVATE = "recorded_private_endpoint"
_GROUP = f"{SUBSCRIPTION}/resourceGroups/clitest000001"
_ZONES = f"{_GROUP}/providers/Microsoft.Network/privateDnsZones"
_NETWORK = "Microsoft.Network/virtualNetworks"
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_RECORD = "Microsoft.Network/privateDnsZones/A"


def situations() -> Iterator[Composed]:
    yield from _rules()
    yield from _keys()
    yield from _records()
    yield from _links()
    yield from _endpoints()
    yield from _peerings()
    yield from _routes()
    yield from _proxies()
    yield from _layers()


def _rules() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "service_endpoint_without_rule",
        "The subnet has the registry's service endpoint, and no rule names the subnet",
    )
    _service_endpoint(world)
    deny(world, "20.59.64.39")
    yield world

    world = Composed(
        _ATTACHED, "subnet_rule_without_service_endpoint", "A rule names the subnet, which has no service endpoint"
    )
    subnet = world.find(_NETWORK)["properties"]["subnets"][0]
    deny(world)
    world.registry["properties"]["networkRuleSet"]["virtualNetworkRules"] = [{"action": "Allow", "id": subnet["id"]}]
    yield world

    world = Composed(
        _ATTACHED,
        "subnet_rules_not_readable",
        "The registry may not be read with the API version that shows subnet rules",
    )
    _service_endpoint(world)
    deny(world, "20.59.64.39")
    world.refuse(world.registry["id"])
    world.document["refused"][-1]["query"] = {"api-version": "2021-08-01-preview"}
    yield world

    world = Composed(
        _ATTACHED, "network_rules_not_in_effect", "The registry has rules, and its default action admits everyone"
    )
    deny(world, "203.0.113.7")
    world.registry["properties"]["networkRuleSet"]["defaultAction"] = "Allow"
    world.edit("default action Allow")
    yield world

    world = Composed(
        _ATTACHED, "public_access_of_unknown_kind", "The registry's public access is of a kind that is not known here"
    )
    deny(world, "20.59.64.39")
    world.registry["properties"]["publicNetworkAccess"] = "SecuredByPerimeter"
    world.edit("publicNetworkAccess SecuredByPerimeter")
    yield world


def _service_endpoint(world: Composed) -> None:
    subnet = world.find(_NETWORK)["properties"]["subnets"][0]
    subnet["properties"]["serviceEndpoints"] = [
        {"provisioningState": "Succeeded", "service": "Microsoft.ContainerRegistry", "locations": ["*"]}
    ]
    world.edit("service endpoint Microsoft.ContainerRegistry")


def _keys() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "encryption_key_identity_removed",
        "The identity that reads the encryption key was taken off the registry",
    )
    _encrypt(world, on_registry=False)
    yield world

    world = Composed(
        _ATTACHED,
        "encryption_key_in_reach",
        "The registry is encrypted with a customer's key and has the identity that reads it",
    )
    _encrypt(world, on_registry=True)
    yield world

    world = Composed(_ATTACHED, "encryption_key_unclear", "The encrypted registry is not ready and does not say why")
    _encrypt(world, on_registry=True)
    world.registry["properties"]["status"] = {"displayStatus": "Degraded", "message": "See the activity log."}
    world.edit("status Degraded")
    yield world


def _encrypt(world: Composed, *, on_registry: bool) -> None:
    # The form of both settings is that of the REST reference; no recording of an encrypted registry was found.
    client_id = "00000000-0000-0000-0000-00000000ca11"
    identity = f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/registry-key"
    world.registry["sku"] = {"name": "Premium", "tier": "Premium"}
    world.registry["properties"]["encryption"] = {
        "status": "enabled",
        "keyVaultProperties": {"keyIdentifier": "https://contoso.vault.azure.net/keys/registry", "identity": client_id},
    }
    held = {identity: {"clientId": client_id, "principalId": "00000000-0000-0000-0000-00000000ca12"}}
    world.registry["identity"] = {"type": "userAssigned", "userAssignedIdentities": held if on_registry else {}}
    world.edit(f"customer-managed key, its identity {'on' if on_registry else 'off'} the registry")


def _records() -> Iterator[Composed]:
    world = Composed(_PRIVATE, "private_dns_record_missing", "The linked zone has no record of the login server")
    world.drop(world.find(_RECORD, "testreg000002"))
    world.edit("record of the login server removed")
    yield world

    world = Composed(_PRIVATE, "private_dns_data_record_missing", "The linked zone has no record of the data endpoint")
    world.drop(world.find(_RECORD, "testreg000002.westus.data"))
    world.edit("record of the data endpoint removed")
    yield world

    world = Composed(
        _PRIVATE,
        "private_dns_record_missing_with_redirect",
        "The linked zone has no record, and the link falls back to the public name, which is open",
    )
    world.drop(world.find(_RECORD, "testreg000002"))
    world.find(_LINK)["properties"]["resolutionPolicy"] = "NxDomainRedirect"
    _open(world)
    yield world

    world = Composed(_PRIVATE, "private_dns_records_not_readable", "The records of the linked zone may not be read")
    world.refuse(f"{_ZONES}/privatelink.azurecr.io/A")
    yield world

    world = Composed(
        _PRIVATE, "private_dns_record_stale", "The record points at an address that no private endpoint has"
    )
    world.find(_RECORD, "testreg000002")["properties"]["aRecords"] = [{"ipv4Address": "192.168.1.99"}]
    world.edit("record of the login server is 192.168.1.99")
    yield world

    world = Composed(
        _PRIVATE,
        "private_endpoint_interface_not_readable",
        "The record may be stale: the endpoint's interface may not be read",
    )
    world.find(_RECORD, "testreg000002")["properties"]["aRecords"] = [{"ipv4Address": "192.168.1.99"}]
    world.refuse(world.find("Microsoft.Network/networkInterfaces")["id"])
    yield world

    world = Composed(
        _PRIVATE,
        "replica_without_data_record",
        "A replica was added in the nodes' region, and the private endpoint has no address for its data endpoint",
    )
    _replicas(world, "westus2")
    yield world

    world = Composed(
        _PRIVATE,
        "replica_far_away_without_data_record",
        "A replica far from the nodes has no data endpoint in the private endpoint; the nearest one has",
    )
    _data_endpoint(world, "westus2", "192.168.1.6")
    _replicas(world, "westus2", "northeurope")
    yield world

    world = Composed(
        _PRIVATE,
        "replica_with_data_record",
        "The private endpoint has an address for the data endpoint of each replica, and the zone a record",
    )
    _data_endpoint(world, "westus2", "192.168.1.6")
    _replicas(world, "westus2")
    yield world

    world = Composed(
        _PRIVATE,
        "private_dns_zone_shadowed",
        "A zone of the data endpoint's region is linked, too, and hides its record",
    )
    zone = world.find("Microsoft.Network/privateDnsZones")
    other = world.copy_of(zone, "privatelink.azurecr.io", "westus.data.privatelink.azurecr.io")
    link = copy.deepcopy(world.find(_LINK))
    link["id"] = f"{other['id']}/virtualNetworkLinks/{link['name']}"
    world.put(link)
    yield world


def _replicas(world: Composed, *regions: str) -> None:
    """Replicas that clients are sent to, beside the registry's home."""
    registry = world.registry
    for region in (registry["location"], *regions):
        world.part("replication", f"{registry['id']}/replications/{region}", region)


def _data_endpoint(world: Composed, region: str, address: str) -> None:
    """The data endpoint of a region: an address of the interface, and its record."""
    interface = world.find("Microsoft.Network/networkInterfaces")
    first = interface["properties"]["ipConfigurations"][0]
    made = json.loads(json.dumps(first).replace("westus", region).replace("192.168.1.4", address))
    made["id"] += region
    made["name"] += region
    made["properties"]["primary"] = False
    interface["properties"]["ipConfigurations"].append(made)
    record = json.dumps(world.find(_RECORD, "testreg000002.westus.data"))
    world.put(json.loads(record.replace("westus", region).replace("192.168.1.4", address)))
    world.edit(f"data endpoint of {region} at {address}, with its record")


def _open(world: Composed) -> None:
    world.registry["properties"] |= {
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
    }
    world.edit("public side open")


def _links() -> Iterator[Composed]:
    world = Composed(_PRIVATE, "private_dns_link_in_progress", "The network's link to the zone is not complete")
    world.find(_LINK)["properties"] |= {"virtualNetworkLinkState": "InProgress", "provisioningState": "Updating"}
    world.edit("link InProgress")
    yield world

    world = Composed(_PRIVATE, "private_dns_links_not_readable", "The links of the zone may not be read")
    world.refuse(f"{_ZONES}/privatelink.azurecr.io/virtualNetworkLinks")
    yield world

    world = Composed(
        _PRIVATE,
        "dns_server_in_hub_that_is_not_linked",
        "The network asks a DNS server in a hub that is not linked to the zone",
    )
    move_endpoint(world, keep_in_place=True)
    world.find(_NETWORK, "clivnet000005")["properties"]["dhcpOptions"] = {"dnsServers": ["10.100.0.4"]}
    peer(world, "Connected", "Connected")
    world.edit("DNS server 10.100.0.4 in the hub, which is not linked")
    yield world


def _endpoints() -> Iterator[Composed]:
    world = Composed(_PRIVATE, "private_endpoint_pending", "The private endpoint connection waits for approval")
    _pending(world)
    yield world

    world = Composed(
        _PRIVATE, "private_endpoint_pending_not_readable", "A private endpoint waits for approval, and may not be read"
    )
    _pending(world)
    world.refuse(world.find("Microsoft.Network/privateEndpoints")["id"])
    yield world

    world = Composed(
        _PRIVATE,
        "private_endpoint_pending_public_side_not_seen",
        "A private endpoint waits for approval, and the nodes' public address may not be read",
    )
    _pending(world)
    deny(world, "20.59.64.39")
    world.registry["properties"]["publicNetworkAccess"] = "Enabled"
    world.drop(world.find(_LINK))
    addresses = world.find("Microsoft.Network/publicIPAddresses")["id"].rpartition("/")[0]
    world.refuse(addresses, below=True)
    world.edit("virtual network link removed, and no public address may be read")
    yield world

    world = Composed(
        _PRIVATE,
        "private_endpoint_in_unpeered_network",
        "The private endpoint is in a network that the nodes' has no way to",
    )
    move_endpoint(world)
    yield world


def _pending(world: Composed) -> None:
    for connection in (
        world.registry["properties"]["privateEndpointConnections"][0],
        world.find("Microsoft.ContainerRegistry/registries/privateEndpointConnections"),
    ):
        connection["properties"]["privateLinkServiceConnectionState"]["status"] = "Pending"
    world.edit("the connection is Pending")


def _peerings() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE, "peering_out_of_sync", "The endpoint's network has grown, and the peering does not know the new range"
    )
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    for half in _halves(world):
        half["properties"]["peeringSyncLevel"] = "RemoteNotInSync"
        if half["name"] == "to-hub-vnet":
            half["properties"]["remoteAddressSpace"] = {"addressPrefixes": ["10.99.0.0/16"]}
    world.edit("RemoteNotInSync, 10.99.0.0/16 known")
    yield world

    world = Composed(
        _PRIVATE,
        "peering_out_of_sync_harmless",
        "The peering is out of sync, but knows the range that the endpoint is in",
    )
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    for half in _halves(world):
        half["properties"]["peeringSyncLevel"] = "RemoteNotInSync"
    world.edit("RemoteNotInSync")
    yield world

    world = Composed(
        _PRIVATE, "peering_blocks_traffic", "The other half of the peering does not allow virtual network access"
    )
    move_endpoint(world)
    peer(world, "Connected", "Connected")
    for half in _halves(world):
        if half["name"] == "to-clivnet000005":
            half["properties"]["allowVirtualNetworkAccess"] = False
    world.edit("allowVirtualNetworkAccess false on the hub's half")
    yield world


def _halves(world: Composed) -> list[Any]:
    networks = [body for key, body in world.resources.items() if "/virtualnetworks/" in key and key.count("/") == 8]
    return [half for network in networks for half in network["properties"].get("virtualNetworkPeerings", [])]


def _routes() -> Iterator[Composed]:
    world = Composed(
        _PRIVATE, "route_drops_private_endpoint", "A route of the nodes' subnet drops the endpoint's address"
    )
    _route(world, "192.168.1.5/32", "None", "")
    yield world

    world = Composed(
        _PRIVATE,
        "default_route_does_not_bear_on_endpoint",
        "A default route to an appliance leaves the private endpoint alone",
    )
    _route(world, "0.0.0.0/0", "VirtualAppliance", "192.168.0.68")
    yield world

    world = Composed(_PRIVATE, "route_of_endpoint_to_appliance", "A route sends the endpoint's address to an appliance")
    _route(world, "192.168.1.5/32", "VirtualAppliance", "192.168.0.68")
    yield world

    world = Composed(_ATTACHED, "no_egress", "The cluster has no way out, and the registry is public only")
    world.cluster["properties"]["networkProfile"]["outboundType"] = "none"
    world.cluster["properties"]["networkProfile"]["loadBalancerProfile"] = {"backendPoolType": "nodeIPConfiguration"}
    world.edit("outboundType none")
    yield world

    world = Composed(_ATTACHED, "route_table_not_readable", "The route table of the nodes' subnet may not be read")
    deny(world, "20.59.64.39")
    world.refuse(world.find("Microsoft.Network/routeTables")["id"])
    yield world


def _route(world: Composed, prefix: str, kind: str, address: str) -> None:
    table = world.part("routeTable", f"{_GROUP}/providers/Microsoft.Network/routeTables/nodes-routes")
    properties: dict[str, Any] = {"provisioningState": "Succeeded", "addressPrefix": prefix, "nextHopType": kind}
    if address:
        properties["nextHopIpAddress"] = address
    route = {"name": "to-firewall", "id": f"{table['id']}/routes/to-firewall", "properties": properties}
    table["properties"] = {"provisioningState": "Succeeded", "disableBgpRoutePropagation": True, "routes": [route]}
    for subnet in world.find(_NETWORK, "clivnet000005")["properties"]["subnets"]:
        if subnet["name"] == "clisubnet000006":
            subnet["properties"]["routeTable"] = {"id": table["id"]}
    world.edit(f"route {prefix} to {kind} {address}".rstrip())


def _proxies() -> Iterator[Composed]:
    world = Composed(_PRIVATE, "proxy_in_the_way", "The cluster's proxy takes requests for the private registry")
    _proxy(world, ["localhost", "127.0.0.1", "169.254.169.254", "192.168.0.0/16"])
    yield world

    world = Composed(_PRIVATE, "proxy_leaves_registry_alone", "The cluster's proxy leaves the registry's names alone")
    _proxy(world, ["localhost", "127.0.0.1", "169.254.169.254", ".azurecr.io"])
    yield world

    world = Composed(
        _PRIVATE, "proxy_and_zones_not_readable", "The cluster has a proxy, and private DNS zones may not be read"
    )
    _proxy(world, ["localhost", "169.254.169.254"])
    world.refuse(f"{SUBSCRIPTION}/providers/Microsoft.Network/privateDnsZones")
    world.refuse(_ZONES, below=True)
    yield world


def _proxy(world: Composed, no_proxy: list[str]) -> None:
    # The form of httpProxyConfig is that of the REST reference; the address is for documentation (RFC 5737).
    address = "http://203.0.113.20:3128/"
    world.cluster["properties"]["httpProxyConfig"] = {"httpProxy": address, "httpsProxy": address, "noProxy": no_proxy}
    world.edit(f"HTTP proxy, noProxy {no_proxy}")


def _layers() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "storage_restricted_by_policy",
        "A service endpoint policy of the subnet keeps nodes from the registry's storage",
    )
    subnet = world.find(_NETWORK)["properties"]["subnets"][0]
    group = subnet["id"].split("/providers/")[0]
    subnet["properties"]["serviceEndpoints"] = [
        {"provisioningState": "Succeeded", "service": "Microsoft.Storage", "locations": ["westus2"]}
    ]
    policy = f"{group}/providers/Microsoft.Network/serviceEndpointPolicies/own-accounts-only"
    subnet["properties"]["serviceEndpointPolicies"] = [{"id": policy}]
    world.edit("service endpoint Microsoft.Storage with a policy")
    yield world
