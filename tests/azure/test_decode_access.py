"""Machines, roles, and the credentials of a service principal, from the bodies that Azure sends."""

from __future__ import annotations

import pytest

from aksacr.azure import authorization, compute, graph
from aksacr.facts import ResourceId, RoleDefinition

from .answering import REGISTRY, SUBSCRIPTION, OneAnswer, answer, resource, session_with, value_of


@pytest.mark.parametrize(
    ("name", "tags", "pool"),
    [
        ("aks-nodepool1-22209138-vmss", {"aks-managed-poolName": "other"}, "other"),
        ("aks-nodepool1-22209138-vmss", {"poolName": "older"}, "older"),
        ("aks-nodepool1-22209138-vmss", {"AKS-MANAGED-POOLNAME": "x", "poolName": "y"}, "x"),
        ("aks-nodepool1-22209138-vmss", {"aks-managed-poolName": ""}, "nodepool1"),
        ("aks-nodepool1-22209138-vmss", None, "nodepool1"),
        ("AKS-NODEPOOL1-22209138-VMSS", {}, "NODEPOOL1"),
        ("aks-default-x7k2p", {"karpenter.sh_nodepool": "default"}, "default"),
        ("aks-node-pool1-22209138-vmss", {}, ""),
        ("aks-nodepool1-22209138-vmss-old", {}, ""),
        ("akswin1", {}, ""),
        ("jumpbox", {"owner": "ops"}, ""),
    ],
)
def test_the_pool_of_a_machine(name: str, tags: dict[str, str] | None, pool: str) -> None:
    assert compute.pool_of(name, tags) == pool


SUBNET = f"{resource('Microsoft.Network/virtualNetworks', 'vnet1')}/subnets/nodes"


async def test_a_scale_sets_identities_and_subnets() -> None:
    at = resource("Microsoft.ManagedIdentity/userAssignedIdentities", "AgentPool")
    public = {"name": "public", "properties": {"publicIPPrefix": {"id": "/x/prefix"}}}
    first = {"properties": {"subnet": {"id": SUBNET}, "publicIPAddressConfiguration": public}}
    second = {"properties": {"subnet": {"id": SUBNET.upper()}}}
    interfaces = [{"properties": {"ipConfigurations": [first, second]}}]
    profile = {"networkProfile": {"networkInterfaceConfigurations": interfaces}}
    value = [
        {
            "id": resource("Microsoft.Compute/virtualMachineScaleSets").text,
            "name": "aks-p-1-vmss",
            "identity": {"userAssignedIdentities": {at.text.upper(): {"clientId": "x"}}},
            "properties": {"virtualMachineProfile": profile},
        },
        {"id": resource("Microsoft.Compute/virtualMachineScaleSets", "bare").text, "name": "bare", "identity": None},
    ]
    azure = session_with(OneAnswer(answer(200, {"value": value})))
    full, bare = (await compute.read_scale_sets(azure, SUBSCRIPTION, "MC_shop")).value
    assert at in full.identity_ids
    assert full.subnet_ids == (ResourceId(SUBNET),)
    assert (full.instance_public_ip, str(full.public_ip_prefix_id)) == (True, "/x/prefix")
    assert (bare.identity_ids, bare.subnet_ids, bare.instance_public_ip) == (frozenset(), (), False)


@pytest.mark.parametrize("scope", ["", "/subscriptions/other", "/providers/Microsoft.Management/managementGroups/top"])
async def test_a_role_is_known_by_its_guid(scope: str) -> None:
    guid = "7F951DDA-4ED3-4680-A7CA-43FE172D538D"
    properties = {
        "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}/",
        "principalId": "AAAAAAAA-0000-0000-0000-000000000001",
        "scope": REGISTRY.text,
        "condition": None,
    }
    body = {
        "value": [{"id": f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/x", "properties": properties}]
    }
    [found] = (await authorization.read_assignments(session_with(OneAnswer(answer(200, body))), REGISTRY)).value
    assert found.role_guid == guid.lower()
    assert found.principal_id == "aaaaaaaa-0000-0000-0000-000000000001"
    assert (found.condition, found.condition_version, found.scope) == ("", "", REGISTRY)
    assert found.changed_on is None


async def test_a_definition_keeps_its_permission_objects_apart() -> None:
    permissions = [
        {"actions": ["*"], "notActions": ["*/write"], "dataActions": [], "notDataActions": ["*/delete"]},
        {"actions": None, "dataActions": ["Microsoft.ContainerRegistry/*"]},
    ]
    body = {"id": "/x", "name": "GUID", "properties": {"roleName": "Ours", "permissions": permissions}}
    found: RoleDefinition = await value_of(
        lambda session: authorization.read_definition(session, SUBSCRIPTION, "/x"), body
    )
    first, second = found.permissions
    assert (found.guid, found.name) == ("guid", "Ours")
    assert (first.actions, first.not_actions, first.not_data_actions) == (("*",), ("*/write",), ("*/delete",))
    assert (second.actions, second.data_actions) == ((), ("Microsoft.ContainerRegistry/*",))


async def test_credentials_of_an_application() -> None:
    secret = {
        "keyId": "k1",
        "hint": "abc",
        "displayName": "aks",
        "endDateTime": "2027-01-01T00:00:00Z",
        "secretText": None,
    }
    certificate = {"keyId": "k2", "endDateTime": None, "displayName": None}
    body = {"id": "ABC", "appId": "app", "passwordCredentials": [secret], "keyCredentials": [certificate]}
    azure = OneAnswer(answer(200, {"value": [body]}))
    found = (await graph.read_application(session_with(azure), "app")).value
    assert found is not None
    assert (found.object_id, found.account_enabled) == ("abc", True)
    first, second = found.credentials
    assert (first.kind, first.key_id, first.hint, first.held_by) == ("client secret", "k1", "abc", "application")
    assert first.end is not None
    assert first.end.isoformat() == "2027-01-01T00:00:00+00:00"
    assert (second.kind, second.end, second.display_name) == ("certificate", None, "")
    [request] = azure.asked
    assert request.query["$filter"] == "appId eq 'app'"
    assert request.origin == "https://graph.invalid"


@pytest.mark.parametrize(("enabled", "expected"), [(True, True), (False, False), (None, True)])
async def test_a_disabled_service_principal(enabled: bool | None, expected: bool) -> None:
    azure = OneAnswer(answer(200, {"value": [{"id": "x", "appId": "app", "accountEnabled": enabled}]}))
    found = (await graph.read_service_principal(session_with(azure), "app")).value
    assert found is not None
    assert found.account_enabled is expected


async def test_graph_knows_no_such_application() -> None:
    assert (await graph.read_application(session_with(OneAnswer(answer(200, {"value": []}))), "app")).value is None
