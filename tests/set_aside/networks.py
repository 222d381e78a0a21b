"""Networks, peerings, routes and security rules of an estate."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from worlds import FIXTURES

from .estate import NETWORK

if TYPE_CHECKING:
    from .estate import Estate

_GROUPS = "Microsoft.Network/networkSecurityGroups"


def network(estate: Estate, name: str, space: str, *, scope: str = "", **subnets: str) -> Any:
    """Another network: `network(estate, "hub", "10.90.0.0/16", endpoints="10.90.1.0/24")`."""
    body = copy.deepcopy(estate.nodes)
    model = body["properties"]["subnets"][0]
    body |= {"name": name, "id": f"{scope or estate.site.hub_scope}/{NETWORK}/{name}"}
    body["properties"]["addressSpace"] = {"addressPrefixes": [space]}
    body["properties"]["virtualNetworkPeerings"] = []
    body["properties"]["subnets"] = []
    body["properties"].pop("dhcpOptions", None)
    for subnet_name, prefix in subnets.items():
        subnet = copy.deepcopy(model) | {"name": subnet_name, "id": f"{body['id']}/subnets/{subnet_name}"}
        subnet["properties"] = {
            "provisioningState": "Succeeded",
            "addressPrefix": prefix,
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
        }
        body["properties"]["subnets"].append(subnet)
    return estate.put(body)


def half(estate: Estate, near: Any, far: Any, **changes: Any) -> Any:
    """One half of a peering; `changes` are properties that differ from a healthy one."""
    name = f"{near['name']}-to-{far['name']}"
    body = estate.part("peering", f"{near['id']}/virtualNetworkPeerings/{name}")
    estate.drop(body)
    space = copy.deepcopy(far["properties"]["addressSpace"])
    body["properties"] |= {
        "peeringState": "Connected",
        "remoteVirtualNetwork": {"id": far["id"].lower()},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
        "remoteAddressSpace": space,
        "remoteVirtualNetworkAddressSpace": space,
        **changes,
    }
    near["properties"]["virtualNetworkPeerings"].append(body)
    return body


def peer(estate: Estate, one: Any, other: Any, **changes: Any) -> tuple[Any, Any]:
    """Both halves of a peering: (one's, the other's)."""
    return half(estate, one, other, **changes), half(estate, other, one, **changes)


def move_endpoint(estate: Estate, subnet: Any, start: str) -> None:
    """Put the private endpoint into another subnet, at `start`4 and `start`5."""
    old = estate.subnet("snet-endpoints")["id"]
    for key, body in list(estate.resources.items()):
        if any(part in key for part in ("/privateendpoints/", "/networkinterfaces/", "/privatednszones/")):
            text = json.dumps(body).replace(old, subnet["id"]).replace(old.lower(), subnet["id"].lower())
            estate.resources[key] = json.loads(text.replace(estate.in_space("1."), start))


def endpoint_in_hub(estate: Estate) -> Any:
    """The private endpoint is in a hub network of its own, at 10.90.1.5 (data 10.90.1.4), without a peering yet."""
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", endpoints="10.90.1.0/24")
    move_endpoint(estate, hub["properties"]["subnets"][0], "10.90.1.")
    return hub


def routes(estate: Estate, subnet: Any, *entries: tuple[str, str, str], bgp: bool = True) -> Any:
    """A route table on a subnet; entries are (prefix, kind of next hop, address or nothing)."""
    scope = subnet["id"].rpartition("/providers/")[0]
    table_id = f"{scope}/providers/Microsoft.Network/routeTables/rt-{subnet['name']}"
    table = estate.part("routeTable", table_id, estate.site.region)
    made: list[Any] = []
    for number, (prefix, kind, address) in enumerate(entries):
        properties = {"provisioningState": "Succeeded", "addressPrefix": prefix, "nextHopType": kind}
        if address:
            properties["nextHopIpAddress"] = address
        made.append({"name": f"route-{number}", "id": f"{table_id}/routes/route-{number}", "properties": properties})
    table["properties"] = {
        "provisioningState": "Succeeded",
        "disableBgpRoutePropagation": not bgp,
        "routes": made,
    }
    subnet["properties"]["routeTable"] = {"id": table["id"].upper().replace("/PROVIDERS/", "/providers/")}
    return table


def rule(
    priority: int,
    access: str,
    to: str = "*",
    *,
    port: str = "*",
    source: str = "*",
    protocol: str = "*",
    direction: str = "Outbound",
) -> dict[str, Any]:
    """The properties of a security rule."""
    return {
        "provisioningState": "Succeeded",
        "protocol": protocol,
        "sourcePortRange": "*",
        "destinationPortRange": port,
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": to,
        "access": access,
        "priority": priority,
        "direction": direction,
        "sourcePortRanges": [],
        "destinationPortRanges": [],
        "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": [],
    }


def guard(estate: Estate, subnet: Any, *rules: dict[str, Any]) -> Any:
    """A security group with these rules on a subnet, with the recorded default rules after them."""
    recorded = json.loads((FIXTURES / "recorded_public_attached" / "world.json").read_text(encoding="utf-8"))
    found = next(body for key, body in recorded["resources"].items() if "/networksecuritygroups/" in key)
    scope = subnet["id"].rpartition("/providers/")[0]
    name = f"Nsg-{subnet['name']}"
    group_id = f"{scope}/providers/{_GROUPS}/{name}"
    group = json.loads(json.dumps(found).replace(found["id"], group_id).replace(found["name"], name))
    group["location"] = estate.site.region
    for listed in ("networkInterfaces", "subnets"):
        group["properties"].pop(listed, None)
    group["properties"]["securityRules"] = [
        {
            "name": f"{properties['access']}-{properties['priority']}",
            "id": f"{group_id}/securityRules/{properties['access']}-{properties['priority']}",
            "type": f"{_GROUPS}/securityRules",
            "properties": properties,
        }
        for properties in rules
    ]
    subnet["properties"]["networkSecurityGroup"] = {"id": group_id.lower()}
    return estate.put(group)
