"""The cluster and the registry: what their bodies say, and what it means when a property is not there."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.azure import managed_cluster, registries
from aksacr.facts import Cluster, Registry, ResourceId, Seen, SubnetRule

from .answering import ENDPOINT, REGISTRY, SUBSCRIPTION, OneAnswer, answer, resource, session_with

# --- the cluster ---


async def cluster(properties: dict[str, Any], **members: Any) -> Cluster:
    found = resource("Microsoft.ContainerService/managedClusters")
    body = {"id": found.text, "name": "shop", "location": "westeurope", "properties": properties, **members}
    return await managed_cluster.get(session_with(OneAnswer(answer(200, body))), SUBSCRIPTION, "shop", "shop")


def identity(key: str, **values: str) -> dict[str, Any]:
    at = resource("Microsoft.ManagedIdentity/userAssignedIdentities", "agentpool").text
    return {"identityProfile": {key: {"resourceId": at, "clientId": "client", "objectId": "object", **values}}}


@pytest.mark.parametrize("key", ["kubeletidentity", "kubeletIdentity", "KUBELETIDENTITY"])
async def test_the_kubelet_identity(key: str) -> None:
    found = await cluster(identity(key) | {"servicePrincipalProfile": {"clientId": "msi"}})
    assert found.kubelet_identity is not None
    assert (found.kubelet_identity.object_id, found.kubelet_identity.client_id) == ("object", "client")
    assert found.pulls_with == "managed-identity"


@pytest.mark.parametrize(
    ("properties", "pulls_with", "principal"),
    [
        ({"servicePrincipalProfile": {"clientId": "app-id"}}, "service-principal", "app-id"),
        ({"servicePrincipalProfile": {"clientId": "MSI"}}, "unknown", ""),
        ({"servicePrincipalProfile": {"clientId": "msi"}, "identityProfile": {}}, "unknown", ""),
        ({"identityProfile": {"other": {"resourceId": "/x/y"}}}, "unknown", ""),
        ({}, "unknown", ""),
    ],
)
async def test_who_pulls(properties: dict[str, Any], pulls_with: str, principal: str) -> None:
    found = await cluster(properties)
    assert (found.pulls_with, found.service_principal_client_id) == (pulls_with, principal)


async def test_versions_are_texts() -> None:
    """Long-term support puts letters into them: `int("100-akslts")` is somebody else's traceback."""
    pool = {"name": "p", "currentOrchestratorVersion": "1.30.100-akslts", "orchestratorVersion": "1.30"}
    found = await cluster({"currentKubernetesVersion": "1.30.100-akslts", "agentPoolProfiles": [pool]})
    assert found.kubernetes_version == "1.30.100-akslts"
    assert found.node_pools[0].kubernetes_version == "1.30.100-akslts"


async def test_the_node_resource_group_is_where_the_cluster_says() -> None:
    assert (await cluster({"nodeResourceGroup": "our-own-name"})).node_resource_group == "our-own-name"


@pytest.mark.parametrize(
    ("config", "has_proxy"),
    [
        ({"httpProxy": "http://p", "httpsProxy": "http://p", "noProxy": ["localhost"]}, True),
        ({"httpsProxy": "http://p", "noProxy": None}, True),
        ({"httpProxy": "http://p", "enabled": False}, False),
        ({"httpProxy": "http://p", "enabled": True}, True),
        ({"trustedCa": "x"}, False),
        (None, False),
    ],
)
async def test_the_proxy(config: dict[str, Any] | None, has_proxy: bool) -> None:
    assert ((await cluster({"httpProxyConfig": config})).http_proxy is not None) is has_proxy


async def test_effective_outbound_ids_are_of_either_kind() -> None:
    prefix = "/subscriptions/x/resourcegroups/g/providers/microsoft.network/publicipprefixes/out"
    gateway = resource("Microsoft.Network/publicIPAddresses", "nat").text
    profile = {
        "outboundType": "loadBalancer",
        "loadBalancerProfile": {"effectiveOutboundIPs": [{"id": prefix}, {"id": None}]},
        "natGatewayProfile": {"effectiveOutboundIPs": [{"id": gateway}]},
    }
    found = await cluster({"networkProfile": profile})
    assert [item.type for item in found.load_balancer_egress_ids] == ["microsoft.network/publicipprefixes"]
    assert [item.text for item in found.nat_gateway_egress_ids] == [gateway]
    bare = await cluster({"networkProfile": {"loadBalancerProfile": {"backendPoolType": "nodeIPConfiguration"}}})
    assert bare.load_balancer_egress_ids == ()


async def test_principals_of_the_cluster_other_than_the_kubelets() -> None:
    held = {"identity": {"objectId": "addon-object", "clientId": "addon-client", "resourceId": "/a/b"}}
    found = await cluster(
        {"addonProfiles": {"azurepolicy": {"enabled": True, **held}, "off": {"enabled": False}}},
        identity={"type": "SystemAssigned", "principalId": "control-plane", "tenantId": "tenant"},
    )
    assert {item.role: item.object_id for item in found.other_principals} == {
        "control-plane identity": "control-plane",
        "add-on azurepolicy": "addon-object",
    }


# --- the registry ---


async def registry(**properties: Any) -> Registry:
    body = {"id": REGISTRY.text, "name": "shopacr", "sku": {"name": "Premium"}}
    given = {"loginServer": "ShopAcr-a1b2.azurecr.io", **properties}
    return await registries.get(session_with(OneAnswer(answer(200, {**body, "properties": given}))), REGISTRY)


async def test_a_registry_without_rules_admits_everybody() -> None:
    """Basic and Standard registries have no `networkRuleSet`."""
    found = await registry()
    assert (found.default_action, found.public_network_access, found.ip_rules) == ("Allow", "Enabled", ())
    assert (found.role_assignment_mode, found.uses_abac, found.endpoint_connections) == ("", False, ())
    assert found.login_server == "shopacr-a1b2.azurecr.io"


async def test_rules_and_connections_of_a_registry() -> None:
    endpoint = {"privateEndpoint": {"id": ENDPOINT.text}, "privateLinkServiceConnectionState": {"status": "Pending"}}
    found = await registry(
        networkRuleSet={"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "20.0.0.0/28"}]},
        privateEndpointConnections=[{"name": "one", "properties": endpoint}, {"name": "bare"}],
        roleAssignmentMode="AbacRepositoryPermissions",
        publicNetworkAccess="Disabled",
    )
    assert (found.default_action, found.ip_rules, found.public_network_access) == ("Deny", ("20.0.0.0/28",), "Disabled")
    first, bare = found.endpoint_connections
    assert (first.endpoint_id, first.status) == (ENDPOINT, "Pending")
    assert (bare.endpoint_id, bare.status) == (None, "")
    assert found.uses_abac


async def test_a_registry_that_is_being_created_has_no_login_server() -> None:
    with pytest.raises(ValueError, match=r"properties\.loginServer is missing"):
        await registry(loginServer=None)


SUBNET = f"{resource('Microsoft.Network/virtualNetworks', 'vnet1')}/subnets/nodes"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"action": "Allow", "id": SUBNET}], [(SUBNET, "Allow")]),
        ([{"action": "Allow", "virtualNetworkSubnetResourceId": SUBNET}], [(SUBNET, "Allow")]),
        ([{"virtualNetworkSubnetResourceId": SUBNET}], [(SUBNET, "Allow")]),
        ([{"action": "Deny", "id": SUBNET}], [(SUBNET, "Deny")]),
        ([{"action": "Allow", "id": SUBNET, "virtualNetworkSubnetResourceId": None}], [(SUBNET, "Allow")]),
        ([{"action": "Allow"}], []),
        ([], []),
        (None, []),
    ],
)
async def test_subnet_rules_under_both_keys(rules: Any, expected: list[tuple[str, str]]) -> None:
    given = {"loginServer": "x.azurecr.io", "networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": rules}}
    azure = OneAnswer(answer(200, {"id": REGISTRY.text, "name": "shopacr", "properties": given}))
    found = await registries.read_subnet_rules(session_with(azure), REGISTRY)
    assert found == Seen(tuple(SubnetRule(ResourceId(subnet), action) for subnet, action in expected), REGISTRY.text)
    assert [request.query["api-version"] for request in azure.asked] == ["2021-08-01-preview"]
