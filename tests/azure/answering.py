"""The collection's readers, an Azure that gives one answer to everything, and a session between them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from azure.core.credentials import AccessToken, AccessTokenInfo

from aksacr.azure import (
    authorization,
    compute,
    firewalls,
    graph,
    identities,
    network,
    private_dns,
    registries,
    security_groups,
    subscriptions,
)
from aksacr.azure.session import Session
from aksacr.clouds import Cloud
from aksacr.facts import Fact, ResourceId
from aksacr.standin.loading import WorldFile
from aksacr.standin.messages import Request, Response
from aksacr.standin.transport import WorldTransport
from aksacr.standin.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

    from aksacr.azure.recording import Recording

    Read: TypeAlias = Callable[[Session], Coroutine[Any, Any, Fact[Any]]]

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers"
REGISTRY = ResourceId(f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/shopacr")
APP = "33333333-3333-3333-3333-333333333333"
JSON = {"content-type": "application/json; charset=utf-8"}
GRAPH_PERMISSION = "Application.Read.All (Microsoft Graph), or ownership of the application"


def resource(kind: str, name: str = "shop") -> ResourceId:
    return ResourceId(f"{PROVIDERS}/{kind}/{name}")


ZONE = resource("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
ENDPOINT = resource("Microsoft.Network/privateEndpoints")
DEFINITION = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{APP}"


@dataclass(frozen=True)
class Reader:
    """One read of the collection: what it asks for, the permission that it needs, and whether a list comes back.

    `always_there`: what it hangs on was seen, so that a 404 is no answer to how many there are.
    """

    name: str
    form: Literal["one", "list"]
    permission: str
    read: Read
    always_there: bool = False

    @property
    def absent(self) -> object:
        """The value that says that Azure has none."""
        if self.name == "tenant":
            return ""
        return () if self.form == "list" or self.name == "subnet rules" else None


READERS = (
    Reader(
        "virtual network",
        "one",
        "Microsoft.Network/virtualNetworks/read",
        lambda session: network.read_virtual_network(session, resource("Microsoft.Network/virtualNetworks")),
    ),
    Reader(
        "route table",
        "one",
        "Microsoft.Network/routeTables/read",
        lambda session: network.read_route_table(session, resource("Microsoft.Network/routeTables")),
    ),
    Reader(
        "NAT gateway",
        "one",
        "Microsoft.Network/natGateways/read",
        lambda session: network.read_nat_gateway(session, resource("Microsoft.Network/natGateways")),
    ),
    Reader(
        "public address",
        "one",
        "Microsoft.Network/publicIPAddresses/read",
        lambda session: network.read_public_address(session, resource("Microsoft.Network/publicIPAddresses")),
    ),
    Reader(
        "public prefix",
        "one",
        "Microsoft.Network/publicIPPrefixes/read",
        lambda session: network.read_public_address(session, resource("microsoft.network/publicipprefixes")),
    ),
    Reader(
        "private endpoint",
        "one",
        "Microsoft.Network/privateEndpoints/read",
        lambda session: network.read_private_endpoint(session, ENDPOINT),
    ),
    Reader(
        "interface",
        "one",
        "Microsoft.Network/networkInterfaces/read",
        lambda session: network.read_interface(session, resource("Microsoft.Network/networkInterfaces")),
    ),
    Reader(
        "zone group",
        "list",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read",
        lambda session: network.read_zone_group_zones(session, ENDPOINT),
    ),
    Reader(
        "zones",
        "list",
        "Microsoft.Network/privateDnsZones/read",
        lambda session: private_dns.read_zones(session, SUBSCRIPTION, "azurecr.io"),
    ),
    Reader(
        "links",
        "list",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
        lambda session: private_dns.read_links(session, ZONE),
    ),
    Reader(
        "records",
        "list",
        "Microsoft.Network/privateDnsZones/A/read",
        lambda session: private_dns.read_records(session, ZONE),
    ),
    Reader(
        "scale sets",
        "list",
        "Microsoft.Compute/virtualMachineScaleSets/read",
        lambda session: compute.read_scale_sets(session, SUBSCRIPTION, "MC_shop"),
    ),
    Reader(
        "virtual machines",
        "list",
        "Microsoft.Compute/virtualMachines/read",
        lambda session: compute.read_virtual_machines(session, SUBSCRIPTION, "MC_shop"),
    ),
    Reader(
        "assignments",
        "list",
        "Microsoft.Authorization/roleAssignments/read",
        lambda session: authorization.read_assignments(session, REGISTRY),
        always_there=True,
    ),
    Reader(
        "assignments of a principal",
        "list",
        "Microsoft.Authorization/roleAssignments/read",
        lambda session: authorization.read_assignments_of(session, REGISTRY, APP),
        always_there=True,
    ),
    Reader(
        "deny assignments",
        "list",
        "Microsoft.Authorization/denyAssignments/read",
        lambda session: authorization.read_deny_assignments(session, REGISTRY),
        always_there=True,
    ),
    Reader(
        "eligible roles",
        "list",
        "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
        lambda session: authorization.read_eligible_roles(session, REGISTRY, APP),
    ),
    Reader(
        "identity",
        "one",
        "Microsoft.ManagedIdentity/userAssignedIdentities/read",
        lambda session: identities.read_identity(
            session, resource("Microsoft.ManagedIdentity/userAssignedIdentities", "agentpool")
        ),
    ),
    Reader(
        "instances",
        "list",
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
        lambda session: compute.read_instances(session, resource("Microsoft.Compute/virtualMachineScaleSets")),
    ),
    Reader(
        "tenant",
        "one",
        "Microsoft.Resources/subscriptions/read",
        lambda session: subscriptions.read_tenant(session, SUBSCRIPTION),
    ),
    Reader(
        "security group",
        "one",
        "Microsoft.Network/networkSecurityGroups/read",
        lambda session: security_groups.read_security_group(
            session, resource("Microsoft.Network/networkSecurityGroups")
        ),
    ),
    Reader(
        "groups of interfaces",
        "list",
        "Microsoft.Network/networkInterfaces/read",
        lambda session: security_groups.read_interface_groups(session, SUBSCRIPTION, "MC_shop"),
    ),
    Reader(
        "firewalls",
        "list",
        "Microsoft.Network/azureFirewalls/read",
        lambda session: firewalls.read_firewalls(session, SUBSCRIPTION),
    ),
    Reader(
        "firewall policies",
        "list",
        "Microsoft.Network/firewallPolicies/read",
        lambda session: firewalls.read_policies(session, SUBSCRIPTION),
    ),
    Reader(
        "firewall policy",
        "one",
        "Microsoft.Network/firewallPolicies/read",
        lambda session: firewalls.read_head(session, resource("Microsoft.Network/firewallPolicies")),
    ),
    Reader(
        "IP group",
        "one",
        "Microsoft.Network/ipGroups/read",
        lambda session: firewalls.read_ip_group(session, resource("Microsoft.Network/ipGroups")),
    ),
    Reader(
        "definition",
        "one",
        "Microsoft.Authorization/roleDefinitions/read",
        lambda session: authorization.read_definition(session, SUBSCRIPTION, DEFINITION),
    ),
    Reader(
        "replicas",
        "list",
        "Microsoft.ContainerRegistry/registries/replications/read",
        lambda session: registries.read_replicas(session, resource("Microsoft.ContainerRegistry/registries")),
    ),
    Reader(
        "subnet rules",
        "one",
        "Microsoft.ContainerRegistry/registries/read",
        lambda session: registries.read_subnet_rules(session, REGISTRY),
    ),
    Reader("application", "one", GRAPH_PERMISSION, lambda session: graph.read_application(session, APP)),
    Reader("service principal", "one", GRAPH_PERMISSION, lambda session: graph.read_service_principal(session, APP)),
    Reader("holder", "one", GRAPH_PERMISSION, lambda session: graph.read_holder(session, APP)),
)


class OneAnswer(World):
    """An Azure that gives the same answer to every request, and keeps the requests."""

    def __init__(self, answer: Response) -> None:
        super().__init__(WorldFile({"resources": {}}, "test"))
        self._answer = answer
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return self._answer


def answer(status: int, body: object, **headers: str) -> Response:
    """An answer with a JSON body."""
    return Response(status, {**JSON, **headers}, json.dumps(body).encode())


def refusal(status: int, code: str, *, at_the_top: bool = False) -> Response:
    """An error as Resource Manager sends it, or at the top of the body as AKS and private DNS do."""
    said = {"code": code, "message": f"{code} happened."}
    return answer(status, said if at_the_top else {"error": said})


class AnyToken:
    """A credential that always has a token."""

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        del scopes, options
        return AccessToken("a-token", int(time.time()) + 3600)

    async def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        del scopes, options
        return AccessTokenInfo("a-token", int(time.time()) + 3600)

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing to close."""


def session_with(world: World, recording: Recording | None = None) -> Session:
    """A session whose requests a world answers, in that world's cloud."""
    cloud = Cloud(
        name=world.cloud.name,
        resource_manager="https://management.invalid",
        authority="https://login.invalid",
        graph="https://graph.invalid",
        registry_suffix=world.cloud.registry_suffix,
        resource_manager_scope="https://management.invalid/.default",
        graph_scope="https://graph.invalid/.default",
        authority_is_known=False,
        storage_suffix=world.cloud.storage_suffix,
    )
    return Session(cloud, AnyToken(), WorldTransport(world), recording=recording)


async def value_of(read: Read, body: object) -> Any:
    """What a read makes of a body."""
    return (await read(session_with(OneAnswer(answer(200, body))))).value
