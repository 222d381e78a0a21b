"""Situations of 1xx: identity, roles, secrets."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from worlds import SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTACHED = "recorded_public_attached"
_SERVICE_PRINCIPAL = "recorded_service_principal"
_GROUP = "00000000-0000-0000-0000-00000000c0de"
_CUSTOM = "00000000-0000-0000-0000-0000000c0001"


def situations() -> Iterator[Composed]:
    yield from _roles()
    yield from _abac()
    yield from _machines()
    yield from _secrets()


def _roles() -> Iterator[Composed]:
    world = Composed(_ATTACHED, "pull_role_missing", "The kubelet identity holds no role on the registry")
    for assignment in world.pull_assignments():
        world.drop(assignment)
    world.edit("AcrPull of the kubelet identity removed")
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_through_group",
        "AcrPull is held by a group, at the resource group, and the kubelet identity is a member",
    )
    _hold_by_group(world)
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_of_a_group_it_is_not_in",
        "AcrPull is held by a group that the kubelet identity is not a member of",
    )
    _hold_by_group(world)
    world.document["memberOf"] = {}
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_custom_at_management_group",
        "A custom role with a wildcard, at a management group, grants pull",
    )
    _custom(world, ["Microsoft.ContainerRegistry/registries/*/read"], [])
    yield world

    world = Composed(
        _ATTACHED, "pull_role_custom_without_pull", "A custom role allows everything on registries except pull"
    )
    _custom(world, ["Microsoft.ContainerRegistry/*"], ["Microsoft.ContainerRegistry/registries/pull/*"])
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_custom_not_readable",
        "The only role held is a custom one whose definition may not be read",
    )
    definition = _custom(world, ["Microsoft.ContainerRegistry/registries/pull/read"], [])
    world.refuse(definition["id"])
    yield world

    world = Composed(_ATTACHED, "role_assignments_not_readable", "Role assignments of the registry may not be read")
    world.refuse(f"{world.registry['id']}/providers/Microsoft.Authorization/roleAssignments")
    yield world


def _hold_by_group(world: Composed) -> None:
    assignment = world.pull_assignments()[0]
    world.drop(assignment)
    scope = f"{SUBSCRIPTION}/resourceGroups/clitest000001"
    held = copy.deepcopy(assignment)
    held["id"] = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{held['name']}"
    held["properties"] |= {"scope": scope, "principalId": _GROUP, "principalType": "Group"}
    world.put(held)
    world.document["memberOf"] = {assignment["properties"]["principalId"]: [_GROUP]}
    world.edit("AcrPull moved to a group, at the resource group")


def _custom(world: Composed, actions: list[str], not_actions: list[str]) -> Any:
    definition = world.part("customRole", f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{_CUSTOM}")
    definition["properties"]["roleName"] = "registry-operators"
    definition["properties"]["permissions"] = [
        {"actions": actions, "notActions": not_actions, "dataActions": [], "notDataActions": []}
    ]
    assignment = world.pull_assignments()[0]
    world.drop(assignment)
    scope = "/providers/Microsoft.Management/managementGroups/mg-landing-zone"
    held = copy.deepcopy(assignment)
    held["id"] = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{held['name']}"
    held["properties"] |= {"scope": scope, "roleDefinitionId": definition["id"]}
    world.put(held)
    world.edit("AcrPull replaced by a custom role at a management group")
    return definition


def _abac() -> Iterator[Composed]:
    mode = "AbacRepositoryPermissions"
    world = Composed(
        _ATTACHED, "pull_role_ignored_in_abac_mode", "The registry is in ABAC mode, where AcrPull does not count"
    )
    world.registry["properties"]["roleAssignmentMode"] = mode
    world.edit(f"roleAssignmentMode {mode}")
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_repository_reader_in_abac_mode",
        "The registry is in ABAC mode and the identity holds Repository Reader",
    )
    world.registry["properties"]["roleAssignmentMode"] = mode
    reader = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/b93aa761-3e63-49ed-ac28-beffa264f7ac"
    world.pull_assignments()[0]["properties"]["roleDefinitionId"] = reader
    world.edit(f"roleAssignmentMode {mode}, Container Registry Repository Reader")
    yield world


def _machines() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED, "kubelet_identity_off_one_node_pool", "One of two node pools has lost the kubelet identity"
    )
    _second_pool(world)["identity"] = {"type": "None"}
    yield world

    world = Composed(_ATTACHED, "scale_sets_not_readable", "The scale sets of the node resource group may not be read")
    group = world.cluster["properties"]["nodeResourceGroup"]
    world.refuse(
        f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets", below=True
    )
    yield world

    world = Composed(
        _ATTACHED,
        "virtual_machines_pool_without_identity",
        "A pool of type VirtualMachines has a machine without the kubelet identity",
    )
    pool = copy.deepcopy(world.cluster["properties"]["agentPoolProfiles"][0])
    pool |= {"name": "vms", "type": "VirtualMachines", "mode": "User"}
    world.cluster["properties"]["agentPoolProfiles"].append(pool)
    group = f"{SUBSCRIPTION}/resourceGroups/{world.cluster['properties']['nodeResourceGroup']}"
    machine = world.part("virtualMachine", f"{group}/providers/Microsoft.Compute/virtualMachines/aks-vms-12345678-vms1")
    machine["tags"] = {"aks-managed-poolName": "vms"}
    yield world

    world = Composed(
        _ATTACHED, "cluster_being_created", "The cluster is still being created and shows no identity profile"
    )
    world.cluster["properties"]["provisioningState"] = "Creating"
    del world.cluster["properties"]["identityProfile"]
    del world.cluster["properties"]["servicePrincipalProfile"]
    world.edit("provisioningState Creating, no identityProfile, no servicePrincipalProfile")
    yield world


def _second_pool(world: Composed) -> Any:
    pool = copy.deepcopy(world.cluster["properties"]["agentPoolProfiles"][0])
    pool |= {"name": "userpool", "mode": "User"}
    world.cluster["properties"]["agentPoolProfiles"].append(pool)
    scale_set = world.find("Microsoft.Compute/virtualMachineScaleSets")
    return world.copy_of(scale_set, "nodepool1", "userpool")


def _secrets() -> Iterator[Composed]:
    world = Composed(
        _SERVICE_PRINCIPAL,
        "service_principal_secret_valid",
        "A service-principal cluster with a valid secret and its role",
    )
    _attach(world)
    _end(world, "2027-08-23T12:43:54Z")
    yield world

    world = Composed(
        _SERVICE_PRINCIPAL,
        "service_principal_secret_expires_soon",
        "The only secret of the cluster's service principal ends in 12 days",
    )
    _attach(world)
    _end(world, "2026-12-04T12:43:54Z")
    yield world

    world = Composed(
        _SERVICE_PRINCIPAL,
        "service_principal_secret_expired",
        "The secret of the cluster's service principal has expired; its role is there",
    )
    _attach(world)
    yield world

    world = Composed(
        _SERVICE_PRINCIPAL,
        "service_principal_one_secret_of_two_expired",
        "One of two secrets has expired, and which one AKS holds cannot be told",
    )
    _attach(world)
    secrets = world.document["graph"]["applications"][0]["passwordCredentials"]
    secrets.append(
        {
            **secrets[0],
            "keyId": "00000000-0000-0000-0000-00000000f00d",
            "hint": "xQ8",
            "displayName": "second",
            "endDateTime": "2028-01-01T00:00:00Z",
        }
    )
    world.edit("a second secret, valid until 2028")
    yield world

    world = Composed(
        _SERVICE_PRINCIPAL,
        "directory_not_readable",
        "Microsoft Graph does not let the caller read the service principal",
    )
    _attach(world)
    world.refuse("graph", below=True)
    yield world


def _attach(world: Composed) -> None:
    """Give the service principal AcrPull, as `az aks update --attach-acr` does."""
    principal = world.document["graph"]["servicePrincipals"][0]["id"]
    name = "88888888-0000-0000-0000-0000000000a1"
    scope = world.registry["id"]
    like = next(body for key, body in world.resources.items() if "/roleassignments/" in key)
    held = copy.deepcopy(like)
    held |= {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", "name": name}
    role = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    held["properties"] |= {
        "scope": scope,
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": role,
        "description": None,
    }
    world.put(held)
    world.edit("AcrPull on the registry for the service principal")


def _end(world: Composed, moment: str) -> None:
    world.document["graph"]["applications"][0]["passwordCredentials"][0]["endDateTime"] = moment
    world.edit(f"the secret ends {moment}")
