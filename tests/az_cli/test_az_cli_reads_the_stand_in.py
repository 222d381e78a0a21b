"""The real az CLI against the stand-in: what az takes for an Azure is one, and what we tell people to type runs.

`AKSACR_TEST_AZ` names the az to run; without it, the one on PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import pytest

from aksacr.standin import World
from aksacr.standin.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aksacr.standin.server import Exchange

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

AZ = os.environ.get("AKSACR_TEST_AZ") or shutil.which("az")
pytestmark = [
    pytest.mark.skipif(AZ is None, reason="no az CLI: set AKSACR_TEST_AZ to its executable, or put az on PATH"),
    pytest.mark.enable_socket,
]

FIXTURES = Path(__file__).parents[2] / "fixtures"
GROUP = "clitest000001"
IN_GROUP = f"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{GROUP}/providers"
REGISTRY = f"{IN_GROUP}/Microsoft.ContainerRegistry/registries/testreg000002"
NETWORKS = f"{IN_GROUP}/Microsoft.Network/virtualNetworks"
ZONE = ["-g", GROUP, "-z", "privatelink.azurecr.io"]
APP = "6002bdc3-7496-4654-aa6a-99454f15a071"
NODE = "4c68bb0a-6a01-4dd9-be91-dc704bf3fc4b"


def composed_world() -> World:
    """The recorded cluster with a private endpoint, with a second network and the directory of another recording."""
    document = json.loads((FIXTURES / "recorded_private_endpoint" / "world.json").read_bytes())
    other = json.loads((FIXTURES / "recorded_service_principal" / "world.json").read_bytes())
    document["graph"] = other["graph"]
    hub_id = f"{NETWORKS}/hub"
    document["resources"][hub_id.lower()] = {
        "id": hub_id,
        "name": "hub",
        "type": "Microsoft.Network/virtualNetworks",
        "location": "westus2",
        "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": []},
    }
    return World.parse(json.dumps(document).encode(), "composed.json")


class SignedIn:
    """The az CLI, signed in to a stand-in with a configuration of its own."""

    def __init__(self, azure: StandIn, folder: Path) -> None:
        self.azure = azure
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AZURE_CONFIG_DIR": str(folder / "azure"),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
            "REQUESTS_CA_BUNDLE": str(azure.ca_bundle),
        }
        self("cloud", "register", "-n", "StandIn", "--endpoint-resource-manager", azure.url)
        self("cloud", "set", "-n", "StandIn")
        self("config", "set", "core.instance_discovery=false")
        known = azure.sign_in
        secret = f"--password={known.client_secret}"
        self("login", "--service-principal", "-u", known.client_id, secret, "--tenant", known.tenant_id)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(AZ), *words, "-o", "json"]
        return subprocess.run(
            command, env=self._environment, cwd=self._folder, capture_output=True, text=True, check=False, timeout=120
        )

    def __call__(self, *words: str) -> Json:
        """What a command printed, read; fails the test when az fails."""
        result = self.run(*words)
        assert result.returncode == 0, result.stderr
        return cast("Json", json.loads(result.stdout)) if result.stdout.strip() else None

    def objects(self, *words: str) -> list[dict[str, Json]]:
        found = self(*words)
        assert isinstance(found, list)
        return [item for item in found if isinstance(item, dict)]

    def object(self, *words: str) -> dict[str, Json]:
        found = self(*words)
        assert isinstance(found, dict)
        return found


@pytest.fixture(scope="module")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    with StandIn(composed_world()) as azure:
        yield SignedIn(azure, tmp_path_factory.mktemp("az"))


def names(found: list[dict[str, Json]]) -> list[str]:
    return [str(item["name"]) for item in found]


def test_az_is_signed_in_to_the_stand_in(az: SignedIn) -> None:
    [account] = az.objects("account", "list")
    assert (account["cloudName"], account["tenantId"]) == ("StandIn", az.azure.sign_in.tenant_id)
    cloud = az.object("cloud", "show", "-n", "StandIn")
    endpoints, suffixes = cloud["endpoints"], cloud["suffixes"]
    assert isinstance(endpoints, dict)
    assert isinstance(suffixes, dict)
    assert {str(value).rstrip("/") for value in endpoints.values()} == {az.azure.url}
    assert suffixes["acrLoginServerEndpoint"] == ".azurecr.io"


def test_aks(az: SignedIn) -> None:
    cluster = az.object("aks", "show", "-g", GROUP, "-n", "cliakstest000001")
    identity = cluster["identityProfile"]
    assert isinstance(identity, dict)
    kubelet = identity["kubeletidentity"]
    assert isinstance(kubelet, dict)
    assert (cluster["provisioningState"], kubelet["objectId"]) == ("Succeeded", NODE)
    assert names(az.objects("aks", "nodepool", "list", "-g", GROUP, "--cluster-name", "cliakstest000001")) == [
        "nodepool1"
    ]


def test_acr_reads(az: SignedIn) -> None:
    assert az.object("acr", "show", "-n", "testreg000002")["loginServer"] == "testreg000002.azurecr.io"
    assert names(az.objects("acr", "list")) == ["testreg000002"]


def test_acr_network_rules(az: SignedIn) -> None:
    az("acr", "network-rule", "add", "-n", "testreg000002", "--ip-address", "203.0.113.7")
    rules = az.object("acr", "network-rule", "list", "-n", "testreg000002")
    assert rules["ipRules"] == [{"action": "Allow", "ipAddressOrRange": "203.0.113.7"}]
    az("acr", "network-rule", "remove", "-n", "testreg000002", "--ip-address", "203.0.113.7")
    assert az.object("acr", "network-rule", "list", "-n", "testreg000002")["ipRules"] == []


def test_acr_public_access(az: SignedIn) -> None:
    changed = az.object("acr", "update", "-n", "testreg000002", "--public-network-enabled", "true")
    assert (changed["publicNetworkAccess"], changed["loginServer"]) == ("Enabled", "testreg000002.azurecr.io")
    stored = az.azure.world.resources[REGISTRY.lower()]["properties"]
    assert isinstance(stored, dict)
    assert stored["publicNetworkAccess"] == "Enabled"


def test_role_assignments(az: SignedIn) -> None:
    listed = az.objects("role", "assignment", "list", "--scope", REGISTRY, "--include-inherited")
    assert len(listed) == 112
    [own] = [item for item in listed if item["principalId"] == NODE]
    assert own["roleDefinitionName"] == "AcrPull"
    new = "11111111-2222-3333-4444-555555555555"
    whom = ["--assignee-object-id", new, "--assignee-principal-type", "ServicePrincipal"]
    create = ["role", "assignment", "create", *whom, "--role", "AcrPull", "--scope", REGISTRY]
    created = az.object(*create)
    assert (created["principalId"], created["scope"]) == (new, REGISTRY)
    assert len(az.objects("role", "assignment", "list", "--scope", REGISTRY, "--include-inherited")) == 113
    az("role", "assignment", "delete", "--ids", str(created["id"]))
    assert len(az.objects("role", "assignment", "list", "--scope", REGISTRY, "--include-inherited")) == 112


def test_private_dns(az: SignedIn) -> None:
    assert names(az.objects("network", "private-dns", "zone", "list")) == ["privatelink.azurecr.io"]
    assert names(az.objects("network", "private-dns", "link", "vnet", "list", *ZONE)) == ["testresource"]
    create = [
        "network",
        "private-dns",
        "link",
        "vnet",
        "create",
        *ZONE,
        "-n",
        "hub",
        "-v",
        f"{NETWORKS}/hub",
        "-e",
        "false",
    ]
    link = az.object(*create)
    assert (link["virtualNetworkLinkState"], link["registrationEnabled"]) == ("Completed", False)
    assert len(az.objects("network", "private-dns", "link", "vnet", "list", *ZONE)) == 2
    records = az.objects("network", "private-dns", "record-set", "a", "list", *ZONE)
    assert names(records) == ["testreg000002.westus.data", "testreg000002"]
    added = az.object("network", "private-dns", "record-set", "a", "add-record", *ZONE, "-n", "new", "-a", "10.0.0.9")
    assert (added["fqdn"], added["aRecords"]) == ("new.privatelink.azurecr.io.", [{"ipv4Address": "10.0.0.9"}])


def test_networks_and_peerings(az: SignedIn) -> None:
    network = az.object("network", "vnet", "show", "-g", GROUP, "-n", "clivnet000005")
    subnets = network["subnets"]
    assert isinstance(subnets, list)
    assert len(subnets) == 2
    assert az.objects("network", "vnet", "peering", "list", "-g", GROUP, "--vnet-name", "hub") == []
    states: list[Json] = []
    for here, there in (("hub", "clivnet000005"), ("clivnet000005", "hub")):
        where = ["-g", GROUP, "--vnet-name", here, "-n", f"to-{there}"]
        remote = ["--remote-vnet", f"{NETWORKS}/{there}", "--allow-vnet-access"]
        states.append(az.object("network", "vnet", "peering", "create", *where, *remote)["peeringState"])
    assert states == ["Initiated", "Connected"]
    [peering] = az.objects("network", "vnet", "peering", "list", "-g", GROUP, "--vnet-name", "hub")
    assert (peering["name"], peering["peeringState"]) == ("to-clivnet000005", "Connected")


def test_private_endpoint(az: SignedIn) -> None:
    endpoint = az.object("network", "private-endpoint", "show", "-g", GROUP, "-n", "priv_endpoint000005")
    configurations = endpoint["customDnsConfigs"]
    assert isinstance(configurations, list)
    assert len(configurations) == 2


def test_directory(az: SignedIn) -> None:
    assert az.object("ad", "sp", "show", "--id", APP)["appId"] == APP
    [credential] = az.objects("ad", "app", "credential", "list", "--id", APP)
    assert credential["endDateTime"] == "2024-08-23T12:43:54Z"


def test_attaching_a_registry(az: SignedIn) -> None:
    az("role", "assignment", "delete", "--assignee-object-id", NODE, "--role", "AcrPull", "--scope", REGISTRY)
    az("aks", "update", "-g", GROUP, "-n", "cliakstest000001", "--attach-acr", "testreg000002")
    listed = az.objects("role", "assignment", "list", "--scope", REGISTRY)
    assert [(item["roleDefinitionName"], item["principalId"]) for item in listed] == [("AcrPull", NODE)]
    identity = az.object("aks", "show", "-g", GROUP, "-n", "cliakstest000001")["identityProfile"]
    assert identity


def test_az_understands_what_is_not_there(az: SignedIn) -> None:
    result = az.run("aks", "show", "-g", GROUP, "-n", "none")
    assert result.returncode == 3
    assert "(ResourceNotFound) The Resource 'Microsoft.ContainerService/managedClusters/none'" in result.stderr


def test_az_asked_nobody_else_and_nothing_failed(az: SignedIn) -> None:
    def is_expected(exchange: Exchange) -> bool:
        path = exchange.target.split("?")[0]
        if exchange.status == 409:
            return (
                "/roleAssignments/" in path
            )  # aks update --attach-acr grants twice, and takes the second no for a yes
        return exchange.status < 400 or path.endswith(("/A/new", "/managedClusters/none"))

    az("account", "show")
    unexpected = [exchange for exchange in az.azure.requests if not is_expected(exchange)]
    assert unexpected == []
    assert az.azure.requests
