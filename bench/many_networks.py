"""A large cluster's network, made from recorded worlds: many node pools, peered networks and security rules.

Everything is copied from a recorded body and renamed; nothing of Azure's form is made up.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
_BASE = "private_endpoint_behind_hub"
_RECORDED_GROUP = "nsg_at_endpoint_subnet_not_in_force"
_RECORDED_MACHINES = "recorded_public_attached"
_NETWORK = "/providers/microsoft.network/virtualnetworks/"
_NODES, _HUB, _DATA = "clivnet000005", "hub-vnet", "data-spoke"
_NODE_SUBNET, _ENDPOINT_SUBNET = "clisubnet000006", "endpoints"


@dataclass(frozen=True)
class Size:
    """How much there is of everything.

    layout: `one`, all node pools in one virtual network, as AKS has it; `denied`, the same, and the last rule of every
    security group denies; `spread`, node pools in every peered network, each with a security group of its own: more
    than AKS allows.
    """

    layout: str
    pools: int
    networks: int
    rules: int


class _World:
    """A fixture's world that grows."""

    def __init__(self, fixture: str) -> None:
        self.document: dict[str, Any] = _fixture(fixture)
        self.resources: dict[str, Any] = self.document["resources"]

    def network(self, name: str) -> Any:
        return next(body for key, body in self.resources.items() if key.endswith(_NETWORK + name))

    def put(self, body: Any) -> Any:
        self.resources[body["id"].lower()] = body
        return body


def large_world(size: Size) -> str:
    """The world as the text of a file that `aksacr check --snapshot` reads."""
    world = _World(_BASE)
    nodes, hub = world.network(_NODES), world.network(_HUB)
    homes = [nodes]
    for number in range(size.networks - 2):  # beside the hub and the network of the endpoint
        spoke = world.put(_renamed(world.network(_DATA), _DATA, f"spoke{number:03}"))
        _set_space(spoke, f"10.{number}.0.0/16")
        hub["properties"]["virtualNetworkPeerings"].append(_peering(hub, spoke))
        if size.layout == "spread":
            homes.append(spoke)
        else:
            nodes["properties"]["virtualNetworkPeerings"].append(_peering(nodes, spoke))
            spoke["properties"]["virtualNetworkPeerings"].append(_peering(spoke, nodes))
    template = next(item for item in nodes["properties"]["subnets"] if item["name"] == _NODE_SUBNET)
    for home in homes:
        home["properties"]["subnets"] = [item for item in home["properties"]["subnets"] if item["name"] != _NODE_SUBNET]
    last = "Deny" if size.layout == "denied" else "Allow"
    groups = [_group(world, f"nodes-{place}-nsg", size.rules, "Outbound", last) for place in range(len(homes))]
    _pools(world, size.pools, homes, template, groups)
    at_endpoint = _group(world, "endpoints-nsg", size.rules, "Inbound", last)
    for subnet in world.network(_DATA)["properties"]["subnets"]:
        subnet["properties"] |= {
            "networkSecurityGroup": {"id": at_endpoint["id"]},
            "privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled",
        }
    _link_all(world, homes)
    return json.dumps(world.document)


def _fixture(name: str) -> dict[str, Any]:
    return json.loads((_FIXTURES / name / "world.json").read_text(encoding="utf-8"))


def _renamed(body: Any, old: str, new: str) -> Any:
    return json.loads(json.dumps(body).replace(old, new))


def _set_space(network: Any, prefix: str) -> None:
    network["properties"]["addressSpace"] = {"addressPrefixes": [prefix]}
    for subnet in network["properties"]["subnets"]:
        subnet["properties"]["addressPrefix"] = prefix.replace("0.0/16", "255.0/24")


def _peering(network: Any, remote: Any) -> Any:
    """A half like the first one that the network has."""
    made = copy.deepcopy(network["properties"]["virtualNetworkPeerings"][0])
    made["name"] = f"to-{remote['name']}"
    made["id"] = f"{network['id']}/virtualNetworkPeerings/{made['name']}"
    space = remote["properties"]["addressSpace"]
    made["properties"] |= {
        "remoteVirtualNetwork": {"id": remote["id"]},
        "remoteAddressSpace": space,
        "remoteVirtualNetworkAddressSpace": space,
    }
    return made


def _group(world: _World, name: str, rules: int, direction: str, last: str) -> Any:
    """A group whose rules, but the last, are about other places and ports, each by addresses of its own."""
    recorded = _fixture(_RECORDED_GROUP)["resources"]
    found = next(body for key, body in recorded.items() if "/networksecuritygroups/" in key)
    group = world.put(_renamed(found, found["name"], name))
    template = found["properties"]["securityRules"][0]
    made: list[Any] = []
    for number in range(rules):
        rule = _renamed(template, found["name"], name)
        rule["id"] = rule["id"].replace(rule["name"], f"rule{number:04}")
        rule["name"] = f"rule{number:04}"
        is_last = number == rules - 1
        rule["properties"] |= {
            "priority": 100 + number,
            "direction": direction,
            "access": last if is_last else "Allow" if number % 2 else "Deny",
            "protocol": "Tcp",
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*" if is_last else f"172.{16 + number // 256 % 16}.{number % 256}.0/24",
            "destinationPortRange": "443",
        }
        made.append(rule)
    group["properties"]["securityRules"] = made
    return group


def _pools(world: _World, count: int, homes: list[Any], template: Any, groups: list[Any]) -> None:
    cluster = next(body for key, body in world.resources.items() if "/managedclusters/" in key)
    profile = cluster["properties"]["agentPoolProfiles"][0]
    identity_id = cluster["properties"]["identityProfile"]["kubeletidentity"]["resourceId"]
    recorded = _fixture(_RECORDED_MACHINES)["resources"]
    machines = next(body for key, body in recorded.items() if "/virtualmachinescalesets/" in key)
    pool_name = machines["tags"]["aks-managed-poolName"]
    profiles: list[Any] = []
    for number in range(count):
        name, place = f"pool{number:04}", number % len(homes)
        home = homes[place]
        subnet = copy.deepcopy(template)
        subnet |= {"name": name, "id": f"{home['id']}/subnets/{name}"}
        [prefix] = home["properties"]["addressSpace"]["addressPrefixes"]
        subnet["properties"] |= {
            "addressPrefix": prefix.replace("0.0/16", f"{2 + number // len(homes) % 250}.0/24"),
            "networkSecurityGroup": {"id": groups[place]["id"]},
        }
        home["properties"]["subnets"].append(subnet)
        profiles.append({**profile, "name": name, "vnetSubnetID": subnet["id"]})
        scale_set = _renamed(machines, pool_name, name)
        scale_set["identity"]["userAssignedIdentities"] = {
            identity_id: next(iter(scale_set["identity"]["userAssignedIdentities"].values()))
        }
        scale_set["id"] = _in_node_group(scale_set["id"], cluster)
        world.put(scale_set)
    cluster["properties"]["agentPoolProfiles"] = profiles


def _in_node_group(resource_id: str, cluster: Any) -> str:
    parts = resource_id.split("/")
    parts[2], parts[4] = cluster["id"].split("/")[2], cluster["properties"]["nodeResourceGroup"]
    return "/".join(parts)


def _link_all(world: _World, homes: list[Any]) -> None:
    """The zone is linked to every network that has nodes."""
    link = next(body for key, body in world.resources.items() if "/virtualnetworklinks/" in key)
    for home in homes[1:]:
        made = copy.deepcopy(link)
        made |= {"name": home["name"], "id": link["id"].replace(link["name"], home["name"])}
        made["properties"]["virtualNetwork"] = {"id": home["id"]}
        world.put(made)
