"""The real SDK's asynchronous clients on a world, without a socket."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from azure.core import AsyncPipelineClient
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.containerregistry.aio import ContainerRegistryManagementClient
from azure.mgmt.containerservice.aio import ContainerServiceClient
from azure.mgmt.network.aio import NetworkManagementClient
from azure.mgmt.network.models import SubResource, VirtualNetworkPeering, VirtualNetworkPeeringPropertiesFormat
from azure.mgmt.privatedns.aio import PrivateDnsManagementClient

from aksacr.standin.transport import WorldTransport

from .worlds import NETWORK, REGISTRY, SUBSCRIPTION, AnyToken, recorded, resource, world_of

if TYPE_CHECKING:
    from aksacr.standin import World

ZEROS = "00000000-0000-0000-0000-000000000000"
GROUP = "clitest000001"
NODE_GROUP = "MC_clitest000001_cliakstest000001_westus2"


@pytest.fixture(scope="module")
def private() -> World:
    return recorded("recorded_private_endpoint")


@pytest.fixture(scope="module")
def public() -> World:
    return recorded("recorded_public_attached")


def authorization(transport: WorldTransport) -> AuthorizationManagementClient:
    return AuthorizationManagementClient(AnyToken(), ZEROS, transport=transport)


async def test_container_service(public: World) -> None:
    async with ContainerServiceClient(AnyToken(), ZEROS, transport=WorldTransport(public)) as client:
        cluster = await client.managed_clusters.get(GROUP, "cliakstest000001")
        assert cluster.properties is not None
        assert cluster.properties.node_resource_group == NODE_GROUP
        assert cluster.properties.identity_profile is not None
        assert cluster.properties.identity_profile["kubeletidentity"].object_id is not None
        pools = [pool async for pool in client.agent_pools.list(GROUP, "cliakstest000001")]
        assert [pool.name for pool in pools] == ["nodepool1"]
        assert pools[0].properties is not None
        assert pools[0].properties.count == 2
        assert [found.name async for found in client.managed_clusters.list()] == ["cliakstest000001"]


async def test_container_registry(private: World) -> None:
    async with ContainerRegistryManagementClient(AnyToken(), ZEROS, transport=WorldTransport(private)) as client:
        registry = await client.registries.get(GROUP, "testreg000002")
        assert registry.properties is not None
        assert registry.properties.public_network_access == "Disabled"
        connections = client.private_endpoint_connections.list(GROUP, "testreg000002")
        [connection] = [found async for found in connections]
        assert connection.properties is not None
        assert connection.properties.private_link_service_connection_state is not None
        assert connection.properties.private_link_service_connection_state.status == "Approved"
        assert [found.name async for found in client.replications.list(GROUP, "testreg000002")] == []


async def test_the_subnet_rules_through_an_older_api_version() -> None:
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"action": "Allow", "id": "/subnet"}]}
    world = world_of([resource(REGISTRY, {"networkRuleSet": rules})])
    async with ContainerRegistryManagementClient(
        AnyToken(), SUBSCRIPTION[15:], transport=WorldTransport(world)
    ) as client:
        newer = await client.registries.get("Shop", "shopacr")
        assert "virtualNetworkRules" not in newer["properties"]["networkRuleSet"]
        request = HttpRequest("GET", f"{REGISTRY}?api-version=2021-08-01-preview")
        older = await client.send_request(request)
        older.raise_for_status()
        assert older.json()["properties"]["networkRuleSet"] == rules


async def test_authorization_follows_pages(public: World) -> None:
    transport = WorldTransport(public)
    public.page_size = 30
    try:
        async with authorization(transport) as client:
            listed = client.role_assignments.list_for_scope(public.target.registry, filter="atScope()")
            assignments = [found async for found in listed]
            assert (len(assignments), transport.requests) == (112, 4)
            assert all(assignment.principal_id and assignment.scope for assignment in assignments)
    finally:
        public.page_size = None


async def test_roles_and_deny_assignments(public: World) -> None:
    async with authorization(WorldTransport(public)) as client:
        scope = public.target.registry
        [role] = [found async for found in client.role_definitions.list(scope, filter="roleName eq 'acrpull'")]
        assert role.id is not None
        same = await client.role_definitions.get_by_id(role.id)
        assert same.role_name == "AcrPull"
        assert same.permissions is not None
        assert same.permissions[0].actions == ["Microsoft.ContainerRegistry/registries/pull/read"]
        assert [found async for found in client.deny_assignments.list_for_scope(scope)] == []


async def test_writing_and_deleting_a_role_assignment() -> None:
    world = world_of([resource(REGISTRY)])
    role = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    async with authorization(WorldTransport(world)) as client:
        wanted = RoleAssignmentCreateParameters(role_definition_id=role, principal_id=ZEROS)
        create = client.role_assignments.create  # pyright: ignore - one of its overloads takes an IO of unknown
        created = await create(REGISTRY, ZEROS, wanted)
        assert (created.scope, created.principal_id) == (REGISTRY, ZEROS)
        with pytest.raises(HttpResponseError) as caught:
            await create(REGISTRY, f"{ZEROS[:-1]}1", wanted)
        assert caught.value.error is not None
        assert caught.value.error.code == "RoleAssignmentExists"
        assert await client.role_assignments.delete(REGISTRY, ZEROS) is not None
        assert await client.role_assignments.delete(REGISTRY, ZEROS) is None


async def test_network(private: World) -> None:
    async with NetworkManagementClient(AnyToken(), ZEROS, transport=WorldTransport(private)) as client:
        network = await client.virtual_networks.get(GROUP, "clivnet000005")
        assert network.properties is not None
        assert [subnet.name for subnet in network.properties.subnets or []] == ["clisubnet000006", "testsubnet000004"]
        assert [found.name async for found in client.subnets.list(GROUP, "clivnet000005")] == [
            "clisubnet000006",
            "testsubnet000004",
        ]
        endpoint = await client.private_endpoints.get(GROUP, "priv_endpoint000005")
        assert endpoint.properties is not None
        assert len(endpoint.properties.custom_dns_configs or []) == 2
        groups = client.private_dns_zone_groups.list("priv_endpoint000005", GROUP)
        assert [found.name async for found in groups] == ["asotest-dnszonegroup-dksvwb"]


async def test_writes_that_azure_runs_long_are_done_at_once() -> None:
    world = world_of([resource(f"{NETWORK}/hub"), resource(f"{NETWORK}/spoke")])
    async with NetworkManagementClient(AnyToken(), SUBSCRIPTION[15:], transport=WorldTransport(world)) as client:
        inside = VirtualNetworkPeeringPropertiesFormat(remote_virtual_network=SubResource(id=f"{NETWORK}/spoke"))
        peering = VirtualNetworkPeering(properties=inside)
        poller = await client.virtual_network_peerings.begin_create_or_update("Shop", "hub", "p", peering)
        done = await poller.result()
        assert done.properties is not None
        assert done.properties.peering_state == "Initiated"
        gone = await client.virtual_network_peerings.begin_delete("Shop", "hub", "p")
        await gone.result()
        assert [found async for found in client.virtual_network_peerings.list("Shop", "hub")] == []


async def test_private_dns(private: World) -> None:
    async with PrivateDnsManagementClient(AnyToken(), ZEROS, transport=WorldTransport(private)) as client:
        [zone] = [found async for found in client.private_zones.list()]
        assert zone.name == "privatelink.azurecr.io"
        [link] = [found async for found in client.virtual_network_links.list(GROUP, zone.name)]
        assert link.properties is not None
        assert link.properties.virtual_network_link_state == "Completed"
        records = [found async for found in client.record_sets.list_by_type(GROUP, zone.name, "A")]
        assert [record.name for record in records] == ["testreg000002.westus.data", "testreg000002"]
        assert len([found async for found in client.record_sets.list(GROUP, zone.name)]) == 2


async def test_compute(public: World) -> None:
    async with ComputeManagementClient(AnyToken(), ZEROS, transport=WorldTransport(public)) as client:
        [scale_set] = [found async for found in client.virtual_machine_scale_sets.list(NODE_GROUP)]
        assert scale_set.name is not None
        machines = client.virtual_machine_scale_set_vms.list(NODE_GROUP, scale_set.name)
        assert [machine.instance_id async for machine in machines] == ["0", "1"]


async def test_a_404_is_the_sdks_own_error(private: World) -> None:
    async with ContainerServiceClient(AnyToken(), ZEROS, transport=WorldTransport(private)) as client:
        with pytest.raises(ResourceNotFoundError) as caught:
            await client.managed_clusters.get(GROUP, "none")
        assert caught.value.error is not None
        assert caught.value.error.code == "ResourceNotFound"
        with pytest.raises(ResourceNotFoundError) as caught:
            await client.agent_pools.get(GROUP, "cliakstest000001", "none")
        assert caught.value.error is not None
        assert caught.value.error.code == "NotFound"


@pytest.mark.parametrize(("status", "kind"), [(403, HttpResponseError), (401, ClientAuthenticationError)])
async def test_a_refusal_is_the_sdks_own_error(status: int, kind: type[HttpResponseError]) -> None:
    world = world_of([resource(REGISTRY)], refused=[{"path": REGISTRY, "status": status}])
    async with ContainerRegistryManagementClient(
        AnyToken(), SUBSCRIPTION[15:], transport=WorldTransport(world)
    ) as client:
        with pytest.raises(kind) as caught:
            await client.registries.get("Shop", "shopacr")
        assert caught.value.status_code == status


async def test_no_time_is_lost_between_retries() -> None:
    refused = {"path": REGISTRY, "status": 429, "headers": {"Retry-After": "3600"}}
    world = world_of([resource(REGISTRY)], refused=[refused])
    transport = WorldTransport(world)
    start = time.perf_counter()
    async with ContainerRegistryManagementClient(AnyToken(), SUBSCRIPTION[15:], transport=transport) as client:
        with pytest.raises(HttpResponseError) as caught:
            await client.registries.get("Shop", "shopacr")
    assert caught.value.status_code == 429
    assert transport.requests > 1
    assert time.perf_counter() - start < 5


async def test_graph_through_a_plain_pipeline() -> None:
    world = recorded("recorded_service_principal")
    app = "6002bdc3-7496-4654-aa6a-99454f15a071"
    token = AsyncBearerTokenCredentialPolicy[HttpRequest, AsyncHttpResponse](
        AnyToken(), "https://graph.microsoft.com/.default"
    )
    pipeline = AsyncPipeline(WorldTransport(world), [token])
    client = AsyncPipelineClient[HttpRequest, AsyncHttpResponse]("https://graph.microsoft.com", pipeline=pipeline)
    request = HttpRequest("GET", f"https://graph.microsoft.com/v1.0/applications(appId='{app}')")
    async with client:
        response = await client.send_request(request)
        assert response.json()["appId"] == app
        assert response.reason == "OK"
        assert not response.is_closed
        await response.close()
        assert response.is_closed
        assert [part async for part in response.iter_bytes()] == [response.content]


async def test_a_snapshot_asks_nobody_to_sign_in(private: World) -> None:
    url = f"https://management.azure.com{private.target.registry}?api-version=2025-11-01"
    async with WorldTransport(private) as transport:
        response = await transport.send(HttpRequest("GET", url))
        assert response.status_code == 200
        assert response.content_type == "application/json; charset=utf-8"
        assert response.headers["Content-Type"] == response.content_type
