"""Writes change the world as Azure would."""

from __future__ import annotations

import pytest

from aksacr.standin import World

from .worlds import CLUSTER, GROUP, NETWORK, REGISTRY, SUBSCRIPTION, Json, ask, recorded, resource, world_of

KIND = "providers/Microsoft.Authorization"
ACR_PULL = f"{SUBSCRIPTION}/{KIND}/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
NODE = "aaaaaaaa-0000-0000-0000-000000000000"
GRANT = f"{REGISTRY}/{KIND}/roleAssignments/12121212-0000-0000-0000-000000000000"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"


@pytest.fixture
def world() -> World:
    rules: Json = {
        "defaultAction": "Deny",
        "ipRules": [],
        "virtualNetworkRules": [{"action": "Allow", "id": "/subnet"}],
    }
    return world_of(
        [
            resource(REGISTRY, {"roleAssignmentMode": "LegacyRegistryPermissions", "networkRuleSet": rules}),
            resource(CLUSTER, {"agentPoolProfiles": [{"name": "system", "count": 3}]}, location="westeurope"),
            resource(f"{NETWORK}/hub", {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": []}),
            resource(f"{NETWORK}/spoke", {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}),
            resource(ZONE),
        ]
    )


def grant(principal: str = NODE, role: str = ACR_PULL) -> Json:
    return {"properties": {"principalId": principal, "roleDefinitionId": role, "principalType": "ServicePrincipal"}}


def test_a_role_assignment_is_written_once(world: World) -> None:
    created = ask(world, GRANT, "PUT", body=grant())
    assert created.status == 201
    assert created["properties.scope"] == REGISTRY
    assert created["properties.createdOn"] == "2026-11-22T10:00:00.0000000Z"
    listed = ask(world, f"{REGISTRY}/{KIND}/roleAssignments?$filter=assignedTo('{NODE}')")
    assert listed.json == {"value": [created.json]}
    again = ask(world, f"{GRANT[:-1]}1", "PUT", body=grant(NODE.upper()))
    assert again.status == 409
    assert again["error"] == {"code": "RoleAssignmentExists", "message": "The role assignment already exists."}
    assert ask(world, GRANT, "PUT", body=grant()).status == 200
    assert ask(world, GRANT, "PUT", body=grant("b" * 8 + NODE[8:]))["error.code"] == "RoleAssignmentUpdateNotPermitted"


def test_a_role_assignment_is_deleted(world: World) -> None:
    ask(world, GRANT, "PUT", body=grant())
    assert ask(world, GRANT.upper(), "DELETE")["properties.principalId"] == NODE
    assert ask(world, GRANT, "DELETE").status == 204
    assert ask(world, f"{REGISTRY}/{KIND}/roleAssignments").json == {"value": []}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (grant("wow"), 400, "InvalidPrincipalId"),
        (grant(role=f"{ACR_PULL[:-4]}dead"), 404, "RoleDefinitionDoesNotExist"),
        ([], 400, "InvalidRequestContent"),
        (None, 400, "InvalidRequestContent"),
        ({"properties": 3}, 400, "InvalidRequestContent"),
    ],
)
def test_a_role_assignment_that_azure_refuses(world: World, body: Json, status: int, code: str) -> None:
    answer = ask(world, GRANT, "PUT", body=body)
    assert (answer.status, answer["error.code"]) == (status, code)
    assert ask(world, f"{REGISTRY}/{KIND}/roleAssignments").json == {"value": []}


def test_a_resource_is_created_with_what_azure_fills_in(world: World) -> None:
    path = f"{NETWORK}/New"
    sent: Json = {"id": "/nonsense", "location": "westeurope", "properties": {"addressSpace": {}}}
    created = ask(world, path, "PUT", body=sent)
    assert created.status == 201
    assert (created["id"], created["name"], created["type"]) == (path, "New", "Microsoft.Network/virtualNetworks")
    assert (created["location"], created["properties.provisioningState"]) == ("westeurope", "Succeeded")
    assert ask(world, path.lower()).json == created.json
    assert "New" in ask(world, NETWORK).names()


def test_replacing_keeps_the_identity_and_drops_what_is_left_out(world: World) -> None:
    subnet = f"{NETWORK}/hub/subnets/nodes"
    ask(world, subnet, "PUT", body={"properties": {"addressPrefix": "10.0.0.0/24", "routeTable": {"id": "/rt"}}})
    replaced = ask(world, subnet.upper(), "PUT", body={"properties": {"addressPrefix": "10.0.0.0/25"}})
    assert (replaced.status, replaced["id"]) == (200, subnet)
    assert "routeTable" not in str(replaced.json)
    assert ask(world, f"{NETWORK}/hub")["properties.subnets"] == [replaced.json]
    whole = ask(world, f"{NETWORK}/hub", "PUT", body={"tags": {"a": "b"}})
    assert whole["properties.subnets"] == [replaced.json]


def test_writes_need_their_surroundings(world: World) -> None:
    nowhere = f"{SUBSCRIPTION}/resourceGroups/none/providers/Microsoft.Network/virtualNetworks/v"
    assert ask(world, nowhere, "PUT", body={})["error.code"] == "ResourceGroupNotFound"
    orphan = ask(world, f"{NETWORK}/none/subnets/s", "PUT", body={})
    assert orphan["error.code"] == "ParentResourceNotFound"
    assert orphan.text("error.message").startswith("Failed to perform 'write' on resource(s) of type")
    assert ask(world, f"{NETWORK}/none", "PATCH", body={})["error.code"] == "ResourceNotFound"
    assert ask(world, f"{NETWORK}/hub", "PUT", headers={"If-None-Match": "*"}, body={}).status == 412


def test_patch_merges_and_null_removes(world: World) -> None:
    rules: Json = {"networkRuleSet": {"ipRules": [{"value": "203.0.113.7"}]}, "publicNetworkAccess": "Enabled"}
    answer = ask(
        world, f"{REGISTRY}?api-version=2021-08-01-preview", "PATCH", body={"properties": rules, "id": "/other"}
    )
    assert (answer.status, answer["id"]) == (200, REGISTRY)
    assert answer["properties.networkRuleSet"] == {
        "defaultAction": "Deny",
        "ipRules": [{"value": "203.0.113.7"}],
        "virtualNetworkRules": [{"action": "Allow", "id": "/subnet"}],
    }
    ask(world, REGISTRY, "PATCH", body={"tags": {"a": "b", "c": "d"}})
    assert ask(world, REGISTRY, "PATCH", body={"tags": {"a": None}})["tags"] == {"c": "d"}


def test_subnet_rules_are_taken_under_either_key(world: World) -> None:
    rule: Json = {"action": "Allow", "virtualNetworkSubnetResourceId": "/other"}
    body: Json = {"properties": {"networkRuleSet": {"virtualNetworkRules": [rule]}}}
    newer = ask(world, f"{REGISTRY}?api-version=2026-09-01-preview", "PATCH", body=body)
    assert newer["properties.networkRuleSet.virtualNetworkRules"] == [rule]
    older = ask(world, f"{REGISTRY}?api-version=2021-08-01-preview")
    assert older["properties.networkRuleSet.virtualNetworkRules"] == [{"action": "Allow", "id": "/other"}]


def test_putting_a_registry_or_a_cluster_loses_nothing(world: World) -> None:
    body: Json = {"location": "westeurope", "properties": {"networkRuleSet": {"defaultAction": "Allow"}}}
    ask(world, f"{REGISTRY}?api-version=2023-07-01", "PUT", body=body)
    kept = ask(world, f"{REGISTRY}?api-version=2026-09-01-preview")
    assert kept["properties.roleAssignmentMode"] == "LegacyRegistryPermissions"
    assert kept["properties.networkRuleSet.defaultAction"] == "Allow"
    assert len(kept.objects("properties.networkRuleSet.virtualNetworkRules")) == 1
    cluster = ask(world, CLUSTER, "PUT", body={"location": "westeurope", "properties": {}})
    assert cluster.names("properties.agentPoolProfiles") == ["system"]


def test_delete_takes_what_lies_below(world: World) -> None:
    ask(world, GRANT, "PUT", body=grant())
    ask(world, f"{REGISTRY}/replications/eastus", "PUT", body={})
    assert ask(world, REGISTRY, "DELETE").status == 200
    for path in (REGISTRY, f"{REGISTRY}/replications/eastus", GRANT):
        assert ask(world, path).status == 404
    assert ask(world, REGISTRY, "DELETE").status == 204
    assert ask(world, f"{SUBSCRIPTION}/resourceGroups/Shop").status == 200


def test_agent_pools_are_part_of_their_cluster(world: World) -> None:
    pool = f"{CLUSTER}/agentPools/user"
    assert ask(world, pool, "PUT", body={"properties": {"count": 1}}).status == 201
    assert ask(world, CLUSTER).names("properties.agentPoolProfiles") == ["system", "user"]
    changed = ask(world, f"{CLUSTER}/agentPools/system", "PUT", body={"properties": {"count": 5}})
    assert (changed.status, changed["properties.count"]) == (200, 5)
    assert ask(world, pool, "DELETE").status == 204
    assert ask(world, f"{CLUSTER}/agentPools").names() == ["system"]
    assert ask(world, CLUSTER)["properties.agentPoolProfiles.0.count"] == 5


def peer(world: World, here: str, there: str, query: str = "", **properties: Json) -> Json:
    body: Json = {"properties": {"remoteVirtualNetwork": {"id": f"{NETWORK}/{there}"}, **properties}}
    answer = ask(world, f"{NETWORK}/{here}/virtualNetworkPeerings/to-{there}{query}", "PUT", body=body)
    return answer["properties"] if answer.status < 300 else answer["error.code"]


def state(world: World, here: str, there: str) -> Json:
    return ask(world, f"{NETWORK}/{here}/virtualNetworkPeerings/to-{there}")["properties.peeringState"]


def test_two_peerings_connect_and_one_alone_does_not(world: World) -> None:
    first = peer(world, "hub", "spoke")
    assert isinstance(first, dict)
    assert (first["peeringState"], first["peeringSyncLevel"]) == ("Initiated", "RemoteNotInSync")
    assert first["remoteAddressSpace"] == {"addressPrefixes": ["10.1.0.0/16"]}
    second = peer(world, "spoke", "hub", allowForwardedTraffic=True)
    assert isinstance(second, dict)
    assert (second["peeringState"], second["peeringSyncLevel"]) == ("Connected", "FullyInSync")
    assert (second["allowForwardedTraffic"], second["allowVirtualNetworkAccess"]) == (True, True)
    assert state(world, "hub", "spoke") == "Connected"
    assert ask(world, f"{NETWORK}/hub").names("properties.virtualNetworkPeerings") == ["to-spoke"]


def test_a_peering_whose_other_end_is_deleted_is_disconnected_until_both_are_new(world: World) -> None:
    peer(world, "hub", "spoke")
    peer(world, "spoke", "hub")
    ask(world, f"{NETWORK}/hub/virtualNetworkPeerings/to-spoke", "DELETE")
    assert state(world, "spoke", "hub") == "Disconnected"
    assert peer(world, "hub", "spoke") == "RemotePeeringIsDisconnected"
    ask(world, f"{NETWORK}/spoke/virtualNetworkPeerings/to-hub", "DELETE")
    peer(world, "hub", "spoke")
    peer(world, "spoke", "hub")
    assert state(world, "hub", "spoke") == "Connected"


def test_peering_with_a_network_that_is_not_there(world: World) -> None:
    assert peer(world, "hub", "none") == "InvalidResourceReference"


def test_syncing_a_peering_takes_the_other_networks_space_of_today(world: World) -> None:
    peer(world, "hub", "spoke")
    peer(world, "spoke", "hub")
    today: Json = {"addressPrefixes": ["10.1.0.0/16", "10.2.0.0/16"]}
    ask(world, f"{NETWORK}/spoke", "PATCH", body={"properties": {"addressSpace": today}})
    old: Json = {"addressPrefixes": ["10.1.0.0/16"]}
    kept = peer(world, "hub", "spoke", remoteAddressSpace=old)
    assert isinstance(kept, dict)
    assert kept["remoteAddressSpace"] == old
    synced = peer(world, "hub", "spoke", "?syncRemoteAddressSpace=true", remoteAddressSpace=old)
    assert isinstance(synced, dict)
    assert synced["remoteAddressSpace"] == today


def test_a_zone_link_and_a_record(world: World) -> None:
    link = ask(world, f"{ZONE}/virtualNetworkLinks/nodes", "PUT", body={"properties": {"virtualNetwork": {"id": "/v"}}})
    assert link.status == 201
    assert link["properties"] == {
        "virtualNetwork": {"id": "/v"},
        "provisioningState": "Succeeded",
        "virtualNetworkLinkState": "Completed",
        "registrationEnabled": False,
        "resolutionPolicy": "Default",
    }
    assert link["location"] == "global"
    records: Json = [{"ipv4Address": "10.0.0.5"}]
    record = ask(world, f"{ZONE}/A/shopacr", "PUT", body={"properties": {"ttl": 10, "aRecords": records}})
    assert record["properties"] == {
        "ttl": 10,
        "aRecords": records,
        "fqdn": "shopacr.privatelink.azurecr.io.",
        "isAutoRegistered": False,
    }
    assert ask(world, f"{ZONE}/A").names() == ["shopacr"]
    assert ask(world, f"{ZONE}/A/shopacr", "DELETE").status == 200
    assert ask(world, f"{ZONE}/ALL").json == {"value": []}


def test_approving_a_connection_reaches_the_private_endpoint() -> None:
    world = recorded("recorded_private_endpoint")
    connections = f"{world.target.registry}/privateEndpointConnections"
    [connection] = ask(world, connections).objects()
    inside = connection["properties"]
    assert isinstance(inside, dict)
    rejected: Json = {**inside, "privateLinkServiceConnectionState": {"status": "Rejected"}}
    path = f"{connections}/{connection['name']}"
    assert ask(world, path, "PUT", body={"properties": rejected}).status == 200
    endpoint = inside["privateEndpoint"]
    assert isinstance(endpoint, dict)
    seen = ask(world, str(endpoint["id"])).json
    assert "'status': 'Rejected'" in str(seen)
    assert "'status': 'Approved'" not in str(seen)
    assert "Rejected" in str(ask(world, world.target.registry)["properties.privateEndpointConnections"])


def test_what_was_written_is_saved(world: World) -> None:
    ask(world, GRANT, "PUT", body=grant())
    again = World.parse(world.to_bytes(), "again")
    assert ask(again, GRANT)["properties.principalId"] == NODE
