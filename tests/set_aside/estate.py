"""Clusters made from the recorded ones: renamed, with two node pools in subnets of their own, in mixed letter case."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from worlds import FIXTURES, SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from .sites import Site

NETWORK = "Microsoft.Network/virtualNetworks"
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_RECORD = "Microsoft.Network/privateDnsZones/A"
_SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
_OLD_NODE_GROUP = "MC_clitest000001_cliakstest000001_westus2"


class Estate(Composed):
    """A cluster with the pools `system` (…0.0/24) and `apps` (…2.0/24), and a registry with a private endpoint (…1.5,
    its data endpoint …1.4) in the same network, linked to the zone: nothing is wrong with it."""

    def __init__(self, site: Site, title: str) -> None:
        super().__init__("recorded_private_endpoint", "set_aside", title)
        self.site = site
        self._add_scale_sets()
        self._rename()
        self._two_pools()
        self._mix_letters()

    @property
    def label(self) -> str:
        return self.site.registry.lower()

    @property
    def login(self) -> Any:
        """The record of the login server."""
        return self.find(_RECORD, self.label)

    @property
    def data(self) -> Any:
        """The record of the data endpoint."""
        return self.find(_RECORD, f"{self.label}.{self.site.registry_region}.data")

    @property
    def link(self) -> Any:
        return self.find(_LINK)

    @property
    def zone(self) -> Any:
        return self.find("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")

    @property
    def nodes(self) -> Any:
        """The nodes' network."""
        return self.find(NETWORK, self.site.network)

    @property
    def endpoint(self) -> Any:
        return self.find("Microsoft.Network/privateEndpoints", "acr-endpoint")

    @property
    def interface(self) -> Any:
        """The interface of the private endpoint."""
        return self.find("Microsoft.Network/networkInterfaces")

    def pool(self, name: str) -> Any:
        return next(pool for pool in self.cluster["properties"]["agentPoolProfiles"] if pool["name"] == name)

    def subnet(self, name: str, network: Any = None) -> Any:
        body = self.nodes if network is None else network
        return next(item for item in body["properties"]["subnets"] if item["name"] == name)

    def in_space(self, address: str) -> str:
        """An address of the nodes' network, from its last two numbers: `in_space("1.5")`."""
        return f"{self.site.space}.{address}"

    def scale_set(self, pool: str) -> Any:
        return self.find(_SCALE_SET, f"aks-{pool}-22209138-vmss")

    def put_pool_in(self, pool: str, subnet_id: str) -> None:
        """Move a node pool to another subnet, its scale set, too."""
        old = self.pool(pool)["vnetSubnetID"]
        self.pool(pool)["vnetSubnetID"] = subnet_id
        for key, body in list(self.resources.items()):
            if f"/virtualmachinescalesets/aks-{pool}-" in key:
                self.resources[key] = json.loads(json.dumps(body).replace(old, subnet_id))

    def open(self) -> None:
        """Open the public side of the registry."""
        self.registry["properties"] |= {
            "publicNetworkAccess": "Enabled",
            "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
        }

    def admit(self, *rules: str) -> None:
        """Open the public side to these addresses alone."""
        self.registry["properties"] |= {
            "publicNetworkAccess": "Enabled",
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"action": "Allow", "value": rule} for rule in rules],
            },
        }

    def drop_endpoint(self) -> None:
        """Remove private endpoint, zone and link."""
        self.registry["properties"]["privateEndpointConnections"] = []
        for key in [key for key in self.resources if "/privateendpoint" in key or "/privatednszones/" in key]:
            del self.resources[key]
        del self.resources[self.interface["id"].lower()]

    def replicate(self, *regions: str) -> None:
        """Replicas of the registry; its home is in the list, too, once there is another."""
        for region in (self.site.registry_region, *regions):
            self.part("replication", f"{self.registry['id']}/replications/{region}", region)

    def drop_pull_role(self) -> None:
        for body in self.pull_assignments():
            self.drop(body)

    def _add_scale_sets(self) -> None:
        recorded = json.loads((FIXTURES / "recorded_public_attached" / "world.json").read_text(encoding="utf-8"))
        client = self.cluster["properties"]["identityProfile"]["kubeletidentity"]["clientId"]
        network = f"{SUBSCRIPTION}/resourceGroups/clitest000001/providers/{NETWORK}/clivnet000005"
        for key, body in recorded["resources"].items():
            if "/virtualmachinescalesets/" not in key:
                continue
            subnet = f"/resourceGroups/{_OLD_NODE_GROUP}/providers/{NETWORK}/aks-vnet-23515570/subnets/aks-subnet"
            text = json.dumps(body).replace(f"{SUBSCRIPTION}{subnet}", f"{network}/subnets/clisubnet000006")
            text = text.replace("3a2496f5-faee-44ce-a41a-e6c171e39b3d", client)
            for pool in ("system", "apps"):
                self.put(json.loads(text.replace("nodepool1", pool)))

    def _rename(self) -> None:
        site = self.site
        text = json.dumps({**self.document, "source": {}, "edits": []})
        for old, new in (
            (SUBSCRIPTION, f"/subscriptions/{site.subscription}"),
            (_OLD_NODE_GROUP, site.node_group),
            ("testreg000002.westus.data", f"{site.registry.lower()}.{site.registry_region}.data"),
            ("registry_data_westus", f"registry_data_{site.registry_region}"),
            ("testreg000002.azurecr.io", f"{site.registry.lower()}.azurecr.io"),
            ("testreg000002.privatelink", f"{site.registry.lower()}.privatelink"),
            ("/A/testreg000002", f"/A/{site.registry.lower()}"),
            (
                '"name": "testreg000002", "type": "Microsoft.Network',
                f'"name": "{self.label}", "type": "Microsoft.Network',
            ),
            ("testreg000002", site.registry),
            ("clitest000001", site.group),
            ("cliakstest000001", site.cluster),
            ("clivnet000005", site.network),
            ("clisubnet000006", "snet-nodes"),
            ("testsubnet000004", "snet-endpoints"),
            ("priv_endpoint000005", "acr-endpoint"),
            ('"testresource"', '"to-nodes"'),
            ("/testresource", "/to-nodes"),
            ("westus2", site.region),
            ('"westus"', f'"{site.registry_region}"'),
            ("192.168.", f"{site.space}."),
            ("20.59.64.39", site.address),
        ):
            text = text.replace(old, new)
        self.document = json.loads(text)
        self.resources = {body["id"].lower(): body for body in self.document["resources"].values()}
        self.document["resources"] = self.resources

    def _two_pools(self) -> None:
        self.drop(self.find(f"{NETWORK}/subnets"))  # it says what the network's body says
        nodes = self.subnet("snet-nodes")
        apps = json.loads(json.dumps(nodes).replace("snet-nodes", "snet-apps"))
        apps["properties"]["addressPrefix"] = self.in_space("2.0/24")
        self.nodes["properties"]["subnets"].append(apps)
        [system] = self.cluster["properties"]["agentPoolProfiles"]
        second = copy.deepcopy(system) | {"name": "apps", "mode": "User", "vnetSubnetID": apps["id"]}
        system["name"] = "system"
        self.cluster["properties"]["agentPoolProfiles"].append(second)
        for key, body in list(self.resources.items()):
            if "/virtualmachinescalesets/aks-apps-" in key:
                self.resources[key] = json.loads(json.dumps(body).replace("snet-nodes", "snet-apps"))

    def _mix_letters(self) -> None:
        """Azure answers ids in other letters than they were created with; so does this estate."""
        for body, member in (
            (self.link["properties"]["virtualNetwork"], "id"),
            (self.endpoint["properties"]["subnet"], "id"),
            (self.cluster["properties"]["identityProfile"]["kubeletidentity"], "resourceId"),
        ):
            body[member] = body[member].lower()
        connection = self.registry["properties"]["privateEndpointConnections"][0]["properties"]["privateEndpoint"]
        connection["id"] = connection["id"].upper().replace("/PROVIDERS/", "/providers/")


def private(site: Site, title: str) -> Estate:
    """A healthy estate whose registry is reached by its private endpoint only."""
    return Estate(site, title)


def public(site: Site, title: str, *rules: str) -> Estate:
    """A healthy estate whose registry has no private endpoint, and admits everyone, or these addresses."""
    estate = Estate(site, title)
    estate.drop_endpoint()
    if rules:
        estate.admit(*rules)
    else:
        estate.open()
    return estate
