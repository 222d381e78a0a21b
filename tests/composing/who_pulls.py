"""Situations of 1xx: identity, roles, secrets."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from worlds import SUBSCRIPTION, Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_MACHINES = "Microsoft.Compute/virtualMachineScaleSets"
_ATTACHED = "recorded_public_attached"
_SERVICE_PRINCIPAL = "recorded_service_principal"
_GROUP = "00000000-0000-0000-0000-00000000c0de"
_CUSTOM = "00000000-0000-0000-0000-0000000c0001"


def situations() -> Iterator[Composed]:
    yield from _roles()
    yield from _abac()
    yield from _machines()
    yield from _secrets()
    yield from _holders()
    yield from _conditions()
    yield from _denials()
    yield from _identities()
    yield from _tenants_and_policies()


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


def _holders() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED, "pull_role_on_control_plane_identity", "AcrPull is held by the cluster's control-plane identity"
    )
    _hold_by(world, world.cluster["identity"]["principalId"])
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_on_client_id",
        "AcrPull was given to the kubelet identity's client id instead of its object id",
    )
    _hold_by(world, world.cluster["properties"]["identityProfile"]["kubeletidentity"]["clientId"])
    yield world

    world = Composed(
        _ATTACHED, "pull_role_on_deleted_principal", "AcrPull is held by a principal that no longer exists"
    )
    _hold_by(world, "00000000-0000-0000-0000-00000000dead")
    yield world

    world = Composed(
        _ATTACHED,
        "pull_role_on_stranger",
        "AcrPull is held by an application that has nothing to do with the cluster, whose nodes are new",
    )
    _hold_by(world, _application(world, "build-server"))
    world.cluster["properties"]["agentPoolProfiles"][0]["nodeImageVersion"] = "AKSUbuntu-2204gen2containerd-202611.03.0"
    world.edit("node image of November 2026")
    yield world

    world = Composed(
        _ATTACHED,
        "identity_migration_unfinished",
        "The cluster was moved to a managed identity, and the service principal that it left still holds AcrPull",
    )
    _hold_by(world, _application(world, "aks-prod-sp"))
    yield world

    world = Composed(_ATTACHED, "pull_role_just_granted", "AcrPull was granted four minutes ago")
    for assignment in world.pull_assignments():
        assignment["properties"] |= {"createdOn": "2026-11-22T09:56:00.1Z", "updatedOn": "2026-11-22T09:56:00.1Z"}
    world.edit("AcrPull granted at 09:56")
    yield world


def _hold_by(world: Composed, principal: str) -> None:
    for assignment in world.pull_assignments():
        assignment["properties"]["principalId"] = principal
    world.edit(f"AcrPull is held by {principal}")


def _application(world: Composed, name: str) -> str:
    """The recorded service principal, under another name, in the directory; its object id."""
    recorded = Composed(_SERVICE_PRINCIPAL, "other", "other").document["graph"]["servicePrincipals"][0]
    world.document["graph"]["servicePrincipals"].append({**recorded, "displayName": name, "appDisplayName": name})
    world.edit(f"service principal {name} in the directory")
    return str(recorded["id"])


_NAME = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"
_PULL = "Microsoft.ContainerRegistry/registries/repositories"
_OTHERS = f"!(ActionMatches{{'{_PULL}/content/read'}}) AND !(ActionMatches{{'{_PULL}/metadata/read'}})"


def _conditions() -> Iterator[Composed]:
    world = _conditional(
        "condition_admits_repository",
        "The role's condition admits the image's repository",
        f"(({_OTHERS}) OR ({_NAME} StringStartsWithIgnoreCase 'Backend/'))",
    )
    world.document["target"]["image"] = "backend/api:1.4"
    yield world

    world = _conditional(
        "condition_excludes_repository",
        "The role's condition admits other repositories than the image's",
        f"(({_OTHERS}) OR ({_NAME} StringEquals 'backend'))",
    )
    world.document["target"]["image"] = "frontend/web:2.0"
    yield world

    yield _conditional(
        "condition_without_image",
        "The role has a condition, and no image was named",
        f"(({_OTHERS}) OR ({_NAME} StringEquals 'backend'))",
    )

    world = _conditional(
        "condition_not_understood",
        "The role's condition is of a form that is not known",
        f"{_NAME} SoundsLike 'backend' AND (",
    )
    world.document["target"]["image"] = "backend:1"
    yield world


def _conditional(name: str, title: str, condition: str) -> Composed:
    world = Composed(_ATTACHED, name, title)
    world.registry["properties"]["roleAssignmentMode"] = "AbacRepositoryPermissions"
    reader = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/b93aa761-3e63-49ed-ac28-beffa264f7ac"
    for assignment in world.pull_assignments():
        assignment["properties"] |= {"roleDefinitionId": reader, "condition": condition, "conditionVersion": "2.0"}
    world.edit(f"ABAC mode, Repository Reader under the condition {condition}")
    return world


def _denials() -> Iterator[Composed]:
    world = Composed(
        _ATTACHED,
        "repository_role_in_rbac_mode",
        "The registry is in RBAC mode, and the identity holds a repository role",
    )
    world.registry["properties"]["roleAssignmentMode"] = "LegacyRegistryPermissions"
    reader = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/b93aa761-3e63-49ed-ac28-beffa264f7ac"
    for assignment in world.pull_assignments():
        assignment["properties"]["roleDefinitionId"] = reader
    world.edit("Repository Reader in the mode LegacyRegistryPermissions")
    yield world

    world = Composed(
        _ATTACHED, "deny_assignment_for_everyone", "A deny assignment of a deployment stack refuses everyone"
    )
    _deny(world, [])
    yield world

    world = Composed(
        _ATTACHED,
        "deny_assignment_excludes_the_identity",
        "A deny assignment refuses everyone but the kubelet identity",
    )
    _deny(world, [world.cluster["properties"]["identityProfile"]["kubeletidentity"]["objectId"]])
    yield world

    for name, title, excluded in (
        ("deny_assignment_excludes_a_group", "A deny assignment refuses everyone but a group's members", [_GROUP]),
        ("deny_assignment_for_a_group", "A deny assignment refuses the members of a group", []),
    ):
        world = Composed(_ATTACHED, name, title)
        _deny(world, excluded)
        denial = next(body for key, body in world.resources.items() if "/denyassignments/" in key)["properties"]
        for principal in denial["excludePrincipals"]:
            principal["type"] = "Group"
        if not excluded:
            denial["principals"] = [{"id": _GROUP, "type": "Group"}]
        world.edit("a group in the deny assignment")
        yield world

    world = Composed(_ATTACHED, "deny_assignment_above_for_its_scope_alone", "A deny assignment does not reach down")
    _deny(world, [])
    denial = next(body for key, body in world.resources.items() if "/denyassignments/" in key)["properties"]
    denial["doNotApplyToChildScopes"] = True
    world.edit("doNotApplyToChildScopes")
    yield world

    world = Composed(_ATTACHED, "deny_assignments_not_readable", "Deny assignments of the registry may not be read")
    world.refuse(f"{world.registry['id']}/providers/Microsoft.Authorization/denyAssignments")
    yield world


def _deny(world: Composed, excluded: list[str]) -> None:
    # No full list of deny assignments was found recorded: composed after the REST reference.
    scope = f"{SUBSCRIPTION}/resourceGroups/clitest000001"
    name = "5184754b-6c52-436a-90a5-cae79bfbfea1"
    world.put(
        {
            "id": f"{scope}/providers/Microsoft.Authorization/denyAssignments/{name}",
            "name": name,
            "type": "Microsoft.Authorization/denyAssignments",
            "properties": {
                "denyAssignmentName": "Deny assignment created by stack landing-zone",
                "scope": scope,
                "permissions": [
                    {"actions": ["*"], "notActions": ["*/delete"], "dataActions": [], "notDataActions": []}
                ],
                "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
                "excludePrincipals": [{"id": item, "type": "ServicePrincipal"} for item in excluded],
                "doNotApplyToChildScopes": False,
                "isSystemProtected": True,
            },
        }
    )
    world.edit("a deny assignment at the resource group, composed after the REST reference")


def _identities() -> Iterator[Composed]:
    world = Composed(
        _SERVICE_PRINCIPAL,
        "service_principal_deleted",
        "The cluster's service principal is not in the directory any more",
    )
    world.document["graph"]["servicePrincipals"] = []
    world.document["graph"]["applications"] = []
    world.edit("application and service principal deleted")
    yield world

    world = Composed(_SERVICE_PRINCIPAL, "service_principal_disabled", "The cluster's service principal is disabled")
    _attach(world)
    _end(world, "2027-08-23T12:43:54Z")
    world.document["graph"]["servicePrincipals"][0]["accountEnabled"] = False
    world.edit("accountEnabled false")
    yield world

    world = Composed(
        _ATTACHED, "node_behind_scale_set_model", "One instance of the scale set does not run its latest model"
    )
    scale_set = world.find(_MACHINES)
    instance = world.resources[f"{scale_set['id']}/virtualMachines/0".lower()]
    instance["properties"]["latestModelApplied"] = False
    world.edit("latestModelApplied false on instance 0")
    yield world

    world = Composed(_ATTACHED, "scale_set_instances_not_readable", "The instances of the scale set may not be read")
    world.refuse(f"{world.find(_MACHINES)['id']}/virtualMachines", below=True)
    yield world

    world = Composed(_ATTACHED, "kubelet_identity_deleted", "The kubelet identity was deleted")
    world.drop(world.find("Microsoft.ManagedIdentity/userAssignedIdentities"))
    world.edit("user-assigned identity removed")
    yield world

    world = Composed(
        _ATTACHED, "kubelet_identity_recreated", "The kubelet identity was recreated under its name, with other ids"
    )
    properties = world.find("Microsoft.ManagedIdentity/userAssignedIdentities")["properties"]
    properties |= {
        "principalId": "00000000-0000-0000-0000-00000000beef",
        "clientId": "00000000-0000-0000-0000-00000000cafe",
    }
    world.edit("other principalId and clientId")
    yield world

    world = Composed(_ATTACHED, "kubelet_identity_not_readable", "The kubelet identity may not be read")
    world.refuse(world.find("Microsoft.ManagedIdentity/userAssignedIdentities")["id"])
    yield world


def _tenants_and_policies() -> Iterator[Composed]:
    world = Composed(_ATTACHED, "registry_in_other_tenant", "The registry is in another Entra tenant")
    _other_subscription(world, "00000000-0000-0000-0000-0000000000cc")
    yield world

    world = Composed(
        _ATTACHED, "registry_in_other_subscription", "The registry is in another subscription of the same tenant"
    )
    _other_subscription(world, "00000000-0000-0000-0000-0000000000aa")
    yield world

    world = Composed(_ATTACHED, "registry_subscription_not_readable", "The registry's subscription may not be read")
    _other_subscription(world, "00000000-0000-0000-0000-0000000000aa")
    world.refuse("/subscriptions/00000000-0000-0000-0000-0000000000ee")
    yield world

    world = Composed(
        _ATTACHED,
        "arm_audience_tokens_refused",
        "The registry refuses Resource Manager tokens, and the node image is from 2024",
    )
    _refuse_arm_tokens(world)
    yield world

    world = Composed(
        _ATTACHED,
        "arm_audience_tokens_not_needed",
        "The registry refuses Resource Manager tokens, and the node image is new",
    )
    _refuse_arm_tokens(world)
    world.cluster["properties"]["agentPoolProfiles"][0]["nodeImageVersion"] = "AKSUbuntu-2204gen2containerd-202609.21.0"
    world.edit("node image of September 2026")
    yield world

    world = Composed(
        _ATTACHED,
        "arm_audience_tokens_while_creating",
        "The registry refuses Resource Manager tokens, and the cluster is being created",
    )
    _refuse_arm_tokens(world)
    world.cluster["properties"]["provisioningState"] = "Creating"
    del world.cluster["properties"]["identityProfile"]
    world.edit("provisioningState Creating, no identityProfile")
    yield world


def _refuse_arm_tokens(world: Composed) -> None:
    world.registry["properties"]["policies"]["azureADAuthenticationAsArmPolicy"]["status"] = "disabled"
    world.edit("azureADAuthenticationAsArmPolicy disabled")


def _other_subscription(world: Composed, tenant: str) -> None:
    mine, other = SUBSCRIPTION, "/subscriptions/00000000-0000-0000-0000-0000000000ee"
    for key in [key for key in world.resources if "/registries/" in key]:
        text = json.dumps(world.resources.pop(key)).replace(mine, other)
        world.put(json.loads(text))
    world.document["target"]["registry"] = world.document["target"]["registry"].replace(mine, other)
    for subscription, name, held in (
        (mine, "clusters", "00000000-0000-0000-0000-0000000000aa"),
        (other, "registries", tenant),
    ):
        guid = subscription.rsplit("/", 1)[-1]
        world.put(
            {"id": subscription, "subscriptionId": guid, "displayName": name, "tenantId": held, "state": "Enabled"}
        )
    world.edit(f"the registry is in {other}, of tenant {tenant}")
