"""Single resources, lists and the errors for what is not there, as Azure Resource Manager answers them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.standin import Request, World

from .worlds import CLUSTER, GROUP, NETWORK, REGISTRY, SUBSCRIPTION, TENANT, ask, recorded, resource, world_of

ZEROS = "/subscriptions/00000000-0000-0000-0000-000000000000"
RECORDED_GROUP = f"{ZEROS}/resourceGroups/clitest000001"
ZONE = f"{RECORDED_GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
NODE_GROUP = f"{ZEROS}/resourceGroups/MC_clitest000001_cliakstest000001_westus2"


@pytest.fixture(scope="module")
def private() -> World:
    return recorded("recorded_private_endpoint")


@pytest.fixture(scope="module")
def public() -> World:
    return recorded("recorded_public_attached")


@pytest.fixture
def shop() -> World:
    subnets = [resource(f"{NETWORK}/hub/subnets/nodes", {"addressPrefix": "10.0.0.0/24"})]
    pools = [{"name": "system", "count": 3, "osType": "Linux"}, {"name": "win", "osType": "Windows"}]
    return world_of(
        [
            resource(
                CLUSTER,
                {"agentPoolProfiles": pools},
                location="westeurope",
                type="Microsoft.ContainerService/ManagedClusters",
            ),
            resource(f"{NETWORK}/hub", {"subnets": subnets}, type="Microsoft.Network/virtualNetworks"),
            resource(REGISTRY, {"loginServer": "shopacr.azurecr.io"}, type="Microsoft.ContainerRegistry/registries"),
            resource(f"{REGISTRY}/replications/eastus", type="Microsoft.ContainerRegistry/registries/replications"),
        ]
    )


def test_a_resource_is_found_in_any_letter_case(private: World) -> None:
    for written in (private.target.cluster, private.target.cluster.lower(), private.target.cluster.upper()):
        answer = ask(private, written)
        assert (answer.status, answer["id"]) == (200, private.target.cluster)


def test_every_recorded_resource_is_answered_under_its_key(private: World, public: World) -> None:
    for world in (private, public):
        for key, body in world.resources.items():
            answer = ask(world, f"{key}?api-version=2026-09-01-preview")
            assert answer.status == 200, key
            assert answer["id"] == body["id"]


def test_names_may_be_words_of_the_path() -> None:
    group = f"{SUBSCRIPTION}/resourceGroups/providers"
    network = f"{group}/providers/Microsoft.Network/virtualNetworks/providers"
    subnet = resource(f"{network}/subnets/providers")
    world = world_of([resource(network, {"subnets": [subnet]})])
    assert ask(world, f"{network}/subnets/providers")["id"] == subnet["id"]
    assert ask(world, f"{network}/subnets").names() == ["providers"]
    assert ask(world, f"{group}/providers/Microsoft.Network/virtualNetworks").names() == ["providers"]
    assert ask(world, group)["name"] == "providers"


def test_collections_in_a_group_and_in_a_subscription(private: World) -> None:
    kind = "Microsoft.ContainerRegistry/registries"
    assert ask(private, f"{RECORDED_GROUP}/providers/{kind}").names() == ["testreg000002"]
    assert ask(private, f"{ZEROS}/providers/{kind.lower()}").names() == ["testreg000002"]
    assert ask(private, f"{NODE_GROUP}/providers/{kind}").names() == []


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (f"{ZONE}/A", ["testreg000002.westus.data", "testreg000002"]),
        (f"{ZONE}/ALL", ["testreg000002.westus.data", "testreg000002"]),
        (f"{ZONE}/recordSets", ["testreg000002.westus.data", "testreg000002"]),
        (f"{ZONE}/CNAME", []),
        (f"{ZONE}/virtualNetworkLinks", ["testresource"]),
    ],
)
def test_the_lists_of_a_private_zone(private: World, path: str, names: list[str]) -> None:
    assert ask(private, path).names() == names


def test_the_lists_of_a_private_endpoint_and_its_registry(private: World) -> None:
    endpoint = f"{RECORDED_GROUP}/providers/Microsoft.Network/privateEndpoints/priv_endpoint000005"
    assert ask(private, f"{endpoint}/privateDnsZoneGroups").names() == ["asotest-dnszonegroup-dksvwb"]
    connections = ask(private, f"{private.target.registry}/privateEndpointConnections")
    embedded = ask(private, private.target.registry)["properties.privateEndpointConnections"]
    assert connections.json == {"value": embedded}
    assert len(connections.objects()) == 1


def test_scale_sets_and_their_instances(public: World) -> None:
    sets = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets"
    [name] = ask(public, sets).names()
    instances = ask(public, f"{sets}/{name}/virtualMachines").objects()
    assert [instance["instanceId"] for instance in instances] == ["0", "1"]


def test_network_interfaces_of_a_scale_set_are_gathered_from_its_instances() -> None:
    scale_set = f"{GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/s"
    machine = f"{scale_set}/virtualMachines/0"
    world = world_of([resource(scale_set), resource(machine), resource(f"{machine}/networkInterfaces/nic")])
    assert ask(world, f"{scale_set}/networkInterfaces").names() == ["nic"]
    assert ask(world, f"{scale_set}/virtualMachines").names() == ["0"]


def test_agent_pools_out_of_the_cluster(shop: World) -> None:
    pools = ask(shop, f"{CLUSTER}/agentPools")
    assert pools.names() == ["system", "win"]
    assert pools["value.0"] == {
        "id": f"{CLUSTER}/agentPools/system",
        "name": "system",
        "type": "Microsoft.ContainerService/managedClusters/agentPools",
        "properties": {"count": 3, "osType": "Linux"},
    }
    assert ask(shop, f"{CLUSTER}/agentPools/WIN")["properties.osType"] == "Windows"


def test_agent_pools_of_their_own_come_first() -> None:
    own = resource(f"{CLUSTER}/agentPools/own", {"count": 1})
    world = world_of([resource(CLUSTER, {"agentPoolProfiles": [{"name": "other"}]}), own])
    assert ask(world, f"{CLUSTER}/agentPools").names() == ["own"]


def test_subscriptions_groups_and_tenants(shop: World) -> None:
    [subscription] = ask(shop, "/subscriptions").objects()
    assert (subscription["id"], subscription["displayName"]) == (SUBSCRIPTION, "Subscription")
    assert ask(shop, SUBSCRIPTION.upper())["state"] == "Enabled"
    assert ask(shop, f"{SUBSCRIPTION}/resourcegroups").names() == ["Shop"]
    group = ask(shop, f"{SUBSCRIPTION}/resourceGroups/SHOP")
    assert (group["name"], group["location"]) == ("Shop", "westeurope")
    assert [tenant["tenantId"] for tenant in ask(shop, "/tenants").objects()] == [shop.tenant_id]
    assert ask(shop, f"{SUBSCRIPTION}/resourceGroups/SHOP", "HEAD").status == 204
    assert ask(shop, f"{SUBSCRIPTION}/resourceGroups/none", "HEAD").status == 404


def test_a_stored_subscription_is_answered_as_it_is() -> None:
    body: dict[str, object] = {
        "id": SUBSCRIPTION,
        "subscriptionId": SUBSCRIPTION[15:],
        "displayName": "Shop",
        "tenantId": TENANT,
    }
    world = world_of([body, resource(REGISTRY)])
    assert ask(world, SUBSCRIPTION)["displayName"] == "Shop"
    assert world.tenant_id == TENANT


def test_a_group_that_only_a_scale_set_shouts_is_called_by_its_name() -> None:
    shouted = resource(f"{GROUP.upper()}/providers/Microsoft.Compute/virtualMachineScaleSets/s")
    world = world_of([shouted, resource(REGISTRY)])
    assert ask(world, f"{SUBSCRIPTION}/resourcegroups").names() == ["Shop"]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("", ["shop", "hub", "shopacr", "eastus"]),
        ("resourceType eq 'microsoft.containerregistry/REGISTRIES'", ["shopacr"]),
        ("resourceType eq 'Microsoft.ContainerRegistry/registries' and name eq 'ShopAcr'", ["shopacr"]),
        ("name eq 'nothing'", []),
        ("resourceGroup eq 'shop' and location eq 'WestEurope'", ["shop"]),
    ],
)
def test_the_general_list_is_filtered(shop: World, expression: str, names: list[str]) -> None:
    query = f"?$filter={expression.replace(' ', '%20')}" if expression else ""
    assert ask(shop, f"{SUBSCRIPTION}/resources{query}").names() == names
    assert all("properties" not in body for body in ask(shop, f"{GROUP}/resources").objects())
    assert ask(shop, f"{SUBSCRIPTION}/resourceGroups/none/resources")["error.code"] == "ResourceGroupNotFound"


@pytest.mark.parametrize("expression", ["tagName eq 'x'", "name ne 'x'", "nonsense", "name eq 'x' or name eq 'y'"])
def test_a_filter_that_is_not_understood_is_refused(shop: World, expression: str) -> None:
    answer = ask(shop, f"{SUBSCRIPTION}/resources?$filter={expression.replace(' ', '+')}")
    assert (answer.status, answer["error.code"]) == (400, "InvalidFilterInQueryString")


def test_providers_are_registered(shop: World) -> None:
    path = f"{SUBSCRIPTION}/providers/microsoft.containerregistry"
    for answer in (ask(shop, path), ask(shop, f"{path}/register", "POST")):
        assert (answer["namespace"], answer["registrationState"]) == ("Microsoft.ContainerRegistry", "Registered")
    assert len(ask(shop, f"{SUBSCRIPTION}/providers").objects()) > 5


def test_check_name_availability(shop: World) -> None:
    path = f"{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry/checkNameAvailability"
    taken = ask(shop, path, "POST", body={"name": "SHOPACR", "type": "Microsoft.ContainerRegistry/registries"})
    assert (taken["nameAvailable"], taken["reason"]) == (False, "AlreadyExists")
    assert ask(shop, path, "POST", body={"name": "free"}).json == {"nameAvailable": True}


@pytest.mark.parametrize("action", ["listCredentials", "regenerateCredential", "importImage"])
def test_an_action_gives_no_secret(shop: World, action: str) -> None:
    answer = ask(shop, f"{REGISTRY}/{action}", "POST", body={})
    assert (answer.status, answer["error.code"]) == (403, "AuthorizationFailed")
    assert f"action 'Microsoft.ContainerRegistry/registries/{action}/action'" in answer.text("error.message")
    assert ask(shop, f"{REGISTRY}x/{action}", "POST", body={}).status == 404


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        (
            f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/none",
            404,
            "ResourceNotFound",
            (
                "The Resource 'Microsoft.ContainerService/managedClusters/none' under resource group 'Shop' was not "
                "found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
            ),
        ),
        (
            f"{SUBSCRIPTION}/resourceGroups/bad-rg/providers/Microsoft.Network/virtualNetworks/v",
            404,
            "ResourceGroupNotFound",
            "Resource group 'bad-rg' could not be found.",
        ),
        (
            f"{SUBSCRIPTION}/resourceGroups/bad-rg",
            404,
            "ResourceGroupNotFound",
            "Resource group 'bad-rg' could not be found.",
        ),
        (
            "/subscriptions/c23fa617-d0cf-4c92-a529-5e444a4cc1fa/resourceGroups/x/providers/A/b/c",
            404,
            "SubscriptionNotFound",
            "The subscription 'c23fa617-d0cf-4c92-a529-5e444a4cc1fa' could not be found.",
        ),
        (
            f"{NETWORK}/none/subnets/s",
            404,
            "ParentResourceNotFound",
            (
                "Failed to perform 'read' on resource(s) of type 'virtualNetworks/subnets', because the parent "
                f"resource '{NETWORK}/none' could not be found."
            ),
        ),
        (f"{NETWORK}/hub/subnets/s", 404, "NotFound", f"Resource {NETWORK}/hub/subnets/s not found."),
        (
            f"{NETWORK}/hub/virtualNetworkPeerings/p",
            404,
            "NotFound",
            f"Resource {NETWORK}/hub/virtualNetworkPeerings/p not found.",
        ),
    ],
)
def test_what_is_not_there(shop: World, path: str, status: int, code: str, message: str) -> None:
    answer = ask(shop, path)
    assert (answer.status, answer["error.code"], answer["error.message"]) == (status, code, message)


def test_a_missing_agent_pool_is_answered_in_the_words_of_aks(shop: World) -> None:
    answer = ask(shop, f"{CLUSTER}/agentPools/ap2")
    assert answer.status == 404
    assert answer.json == {
        "code": "NotFound",
        "details": [{"code": "Unspecified", "message": "rpc error: code = NotFound desc = Agent Pool not found"}],
        "message": f"Could not find the agentpool: ap2 in subscription: {SUBSCRIPTION[15:]}, resourceGroup: Shop, "
        "resourceName: shop.",
        "subcode": "GetAgentPool_NotFound_HCPServerError",
    }


def test_a_missing_record_set_is_answered_in_the_words_of_private_dns(private: World) -> None:
    answer = ask(private, f"{ZONE}/A/none")
    assert (answer.status, answer["code"]) == (404, "NotFound")
    assert "record 'none'" in answer.text("message")


def test_the_list_below_a_missing_parent(shop: World) -> None:
    assert ask(shop, f"{NETWORK}/none/subnets")["error.code"] == "ParentResourceNotFound"
    assert ask(shop, f"{NETWORK}/hub/virtualNetworkPeerings").json == {"value": []}


def test_a_request_needs_a_token_and_an_api_version(shop: World) -> None:
    bare = ask(shop, CLUSTER, token=None)
    assert (bare.status, bare["error.code"]) == (401, "InvalidAuthenticationToken")
    assert bare.headers["www-authenticate"].startswith('Bearer authorization_uri="https://management.azure.com/"')
    assert ask(shop, CLUSTER, headers={"Authorization": "Basic abc"}).status == 401
    missing = ask(shop, f"{CLUSTER}?api-version=")
    assert (missing.status, missing["error.code"]) == (400, "MissingApiVersionParameter")
    assert ask(shop, f"{CLUSTER}?api-version=latest")["error.code"] == "InvalidApiVersionParameter"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", SUBSCRIPTION),
        ("PUT", f"{NETWORK}"),
        ("DELETE", f"{NETWORK}"),
        ("POST", f"{NETWORK}/hub"),
        ("TRACE", f"{NETWORK}/hub"),
        ("PATCH", f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/x"),
    ],
)
def test_a_method_that_does_not_fit_is_405(shop: World, method: str, path: str) -> None:
    answer = ask(shop, path, method, body={})
    assert (answer.status, answer["error.code"]) == (405, "MethodNotAllowed")


WORDS = [
    "subscriptions",
    SUBSCRIPTION[15:],
    "resourceGroups",
    "Shop",
    "providers",
    "Microsoft.Network",
    "virtualNetworks",
]
MORE = [
    "hub",
    "subnets",
    "Microsoft.Authorization",
    "roleAssignments",
    "roleDefinitions",
    "managedClusters",
    "agentPools",
]
REST = [
    "v1.0",
    "applications",
    "x(appId='1')",
    "me",
    "metadata",
    "endpoints",
    "tenants",
    "resources",
    "ALL",
    "",
    "%2f",
    "ü",
]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b'{"properties": 7}',
    b'{"properties": {"subnets": 5}}',
    b"\xff",
    b'{"ids": [3]}',
    b'"\\ud800"',
]
HOSTILE: dict[str, object] = {
    f"{NETWORK}/hub": {"properties": 7},
    CLUSTER: {"id": CLUSTER, "properties": {"agentPoolProfiles": [3, {"name": None}]}},
    REGISTRY: {"properties": {"networkRuleSet": {"virtualNetworkRules": [1, {}]}}},
    f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/1": {"properties": {"scope": 4}},
    f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/1": {"id": 7},
}


@given(
    st.sampled_from(["GET", "PUT", "PATCH", "DELETE", "POST", "HEAD", "ODD"]),
    st.lists(st.sampled_from([*WORDS, *MORE, *REST]), max_size=10),
    st.sampled_from(["", "$filter=atScope()", "$filter=x", "$top=0", "$skiptoken=zz", "$select=,", "$skiptoken=99999"]),
    st.sampled_from(BODIES),
)
def test_any_request_to_any_world_is_answered(method: str, segments: list[str], query: str, body: bytes) -> None:
    world = world_of(HOSTILE, graph={"applications": [{"appId": 3}]})
    url = f"https://localhost/{'/'.join(segments)}?api-version=2025-11-01&{query}"
    answer = world.answer(Request.of(method, url, {"Authorization": "Bearer a.b.c"}, body))
    assert 200 <= answer.status < 500
    world.to_bytes()
