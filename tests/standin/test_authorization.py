"""Role assignments at any scope, role definitions, deny assignments: what lists and filters answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from .worlds import GROUP, REGISTRY, SUBSCRIPTION, Json, ask, recorded, resource, world_of

if TYPE_CHECKING:
    from aksacr.standin import World

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
NODE, TEAM, OTHER = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "abc")
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/corp"
KIND = "providers/Microsoft.Authorization"


def assignment(name: str, scope: str, principal: str = OTHER, role: str = ACR_PULL) -> dict[str, object]:
    definition = f"/subscriptions/x/{KIND}/roleDefinitions/{role}"
    inside: Json = {"scope": scope, "principalId": principal, "roleDefinitionId": definition}
    return resource(f"{scope.rstrip('/')}/{KIND}/roleAssignments/{name}", inside)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(
        [
            resource(REGISTRY),
            resource(f"{REGISTRY}2"),
            assignment("root", "/"),
            assignment("corp", MANAGEMENT_GROUP),
            assignment("sub", SUBSCRIPTION, NODE),
            assignment("group", GROUP.lower(), TEAM),
            assignment("registry", REGISTRY, NODE.upper()),
            assignment("below", f"{REGISTRY}/scopeMaps/m"),
            assignment("neighbour", f"{REGISTRY}2"),
            assignment("elsewhere", f"{SUBSCRIPTION}/resourceGroups/other"),
        ],
        memberOf={NODE.upper(): [TEAM.upper()]},
    )


def listed(world: World, scope: str, expression: str = "", kind: str = "roleAssignments") -> list[str]:
    query = f"?$filter={expression}" if expression else ""
    return ask(world, f"{scope.rstrip('/')}/{KIND}/{kind}{query}".replace(" ", "%20")).names()


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("", ["root", "corp", "sub", "group", "registry", "below"]),
        ("atScope()", ["root", "corp", "sub", "group", "registry"]),
        (f"principalId eq '{NODE}'", ["sub", "registry"]),
        (f"assignedTo('{NODE}')", ["sub", "group", "registry"]),
        (f"atScope() and assignedTo('{NODE}')", ["sub", "group", "registry"]),
        (f"assignedTo('{OTHER}')", ["root", "corp", "below"]),
        (f"atScope() and assignedTo('{OTHER}')", ["root", "corp"]),
        (f"ATSCOPE() and principalId eq '{TEAM}'", ["group"]),
        (f"principalId eq '{ACR_PULL}'", []),
    ],
)
def test_filters_at_a_registry(world: World, expression: str, names: list[str]) -> None:
    assert listed(world, REGISTRY, expression) == names
    assert listed(world, REGISTRY.upper(), expression) == names


def test_scopes_above_the_registry(world: World) -> None:
    assert listed(world, GROUP, "atScope()") == ["root", "corp", "sub", "group"]
    assert "neighbour" in listed(world, GROUP)
    assert listed(world, SUBSCRIPTION, "atScope()") == ["root", "corp", "sub"]
    assert len(listed(world, SUBSCRIPTION)) == 8
    assert listed(world, MANAGEMENT_GROUP, "atScope()") == ["root", "corp"]


def test_the_recorded_page_is_answered_whole() -> None:
    recorded_world = recorded("recorded_public_attached")
    registry = recorded_world.target.registry
    assert len(listed(recorded_world, registry, "atScope()")) == 112
    assert len(listed(recorded_world, registry, "principalId eq '4c68bb0a-6a01-4dd9-be91-dc704bf3fc4b'")) == 1


def test_a_filter_that_is_not_understood_is_refused(world: World) -> None:
    answer = ask(world, f"{REGISTRY}/{KIND}/roleAssignments?$filter=whatever()")
    assert (answer.status, answer["error.code"]) == (400, "InvalidFilterInQueryString")


def test_one_assignment_and_none(world: World) -> None:
    assert ask(world, f"{REGISTRY}/{KIND}/roleAssignments/REGISTRY")["name"] == "registry"
    answer = ask(world, f"{REGISTRY}/{KIND}/roleAssignments/none")
    assert answer.status == 404
    assert answer["error"] == {"code": "RoleAssignmentNotFound", "message": "The role assignment 'none' is not found."}


@pytest.mark.parametrize("prefix", ["", SUBSCRIPTION, REGISTRY, MANAGEMENT_GROUP])
def test_a_built_in_role_is_answered_under_any_scope(world: World, prefix: str) -> None:
    answer = ask(world, f"{prefix}/{KIND}/roleDefinitions/{ACR_PULL.upper()}")
    assert answer["properties.roleName"] == "AcrPull"
    assert answer["properties.permissions.0.actions"] == ["Microsoft.ContainerRegistry/registries/pull/read"]
    holder = SUBSCRIPTION if prefix.startswith(SUBSCRIPTION) else ""
    assert answer["id"] == f"{holder}/{KIND}/roleDefinitions/{ACR_PULL}"


def test_a_custom_role_is_found_by_its_guid_whatever_scope_its_id_has() -> None:
    guid = "99999999-0000-0000-0000-000000000009"
    stored = resource(f"{SUBSCRIPTION}/{KIND}/roleDefinitions/{guid}", {"roleName": "Puller", "type": "CustomRole"})
    world = world_of([stored])
    assert ask(world, f"/{KIND}/roleDefinitions/{guid}")["properties.roleName"] == "Puller"
    other = "/subscriptions/33333333-3333-3333-3333-333333333333"
    world.store.learn(other)
    assert ask(world, f"{other}/{KIND}/roleDefinitions/{guid}")["id"] == f"{other}/{KIND}/roleDefinitions/{guid}"
    assert listed(world, SUBSCRIPTION, "roleName eq 'PULLER'", "roleDefinitions") == [guid]
    assert listed(world, SUBSCRIPTION, "type eq 'CustomRole'", "roleDefinitions") == [guid]
    assert len(listed(world, SUBSCRIPTION, "", "roleDefinitions")) > 20


def test_a_stored_definition_stands_before_the_built_in_one() -> None:
    inside: Json = {"roleName": "AcrPull", "type": "BuiltInRole", "description": "stored"}
    world = world_of([resource(f"/{KIND}/roleDefinitions/{ACR_PULL}", inside), resource(REGISTRY)])
    for holder in (SUBSCRIPTION, REGISTRY):
        below = ask(world, f"{holder}/{KIND}/roleDefinitions/{ACR_PULL}")
        assert below["id"] == f"{SUBSCRIPTION}/{KIND}/roleDefinitions/{ACR_PULL}"
    assert ask(world, f"/{KIND}/roleDefinitions/{ACR_PULL}")["id"] == f"/{KIND}/roleDefinitions/{ACR_PULL}"
    assert ask(world, f"{SUBSCRIPTION}/{KIND}/roleDefinitions/{ACR_PULL}")["properties.description"] == "stored"
    assert listed(world, SUBSCRIPTION, "roleName eq 'acrpull'", "roleDefinitions") == [ACR_PULL]


def test_an_unknown_role(world: World) -> None:
    answer = ask(world, f"{SUBSCRIPTION}/{KIND}/roleDefinitions/00000000-0000-0000-0000-00000000dead")
    assert (answer.status, answer["error.code"]) == (404, "RoleDefinitionDoesNotExist")


@pytest.mark.parametrize(
    ("name", "actions", "data_actions"),
    [
        ("Owner", ["*"], []),
        ("Reader", ["*/read"], []),
        (
            "Container Registry Repository Reader",
            [],
            [
                "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
                "Microsoft.ContainerRegistry/registries/repositories/content/read",
            ],
        ),
    ],
)
def test_what_built_in_roles_grant(world: World, name: str, actions: list[Json], data_actions: list[Json]) -> None:
    [role] = ask(world, f"{REGISTRY}/{KIND}/roleDefinitions?$filter=roleName eq '{name}'".replace(" ", "%20")).objects()
    inside = role["properties"]
    assert isinstance(inside, dict)
    wanted: Json = {"actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": []}
    assert inside["permissions"] == [wanted]


def test_only_the_known_roles_grant_pull(world: World) -> None:
    pull = "Microsoft.ContainerRegistry/registries/pull/read"
    granting: list[str] = []
    for role in ask(world, f"{SUBSCRIPTION}/{KIND}/roleDefinitions").objects():
        inside = role["properties"]
        assert isinstance(inside, dict)
        if pull in str(inside["permissions"]):
            granting.append(str(inside["roleName"]))
    assert granting == ["AcrPull", "AcrPush", "Container Registry Data Importer and Data Reader"]


def test_deny_assignments() -> None:
    def deny(name: str, scope: str, principal: str) -> dict[str, object]:
        inside: Json = {"scope": scope, "principals": [{"id": principal, "type": "ServicePrincipal"}]}
        return resource(f"{scope}/{KIND}/denyAssignments/{name}", inside)

    everyone = "00000000-0000-0000-0000-000000000000"
    bodies = [deny("all", GROUP, everyone), deny("one", REGISTRY, NODE), deny("b", f"{REGISTRY}2", NODE)]
    world = world_of([resource(REGISTRY), *bodies])
    assert listed(world, REGISTRY, "", "denyAssignments") == ["all", "one"]
    assert listed(world, REGISTRY, f"assignedTo('{NODE}')", "denyAssignments") == ["all", "one"]
    assert listed(world, REGISTRY, f"principalId eq '{NODE}'", "denyAssignments") == ["one"]
    assert listed(world, REGISTRY, f"assignedTo('{OTHER}')", "denyAssignments") == ["all"]


def test_permissions_of_the_caller(world: World) -> None:
    assert ask(world, f"{REGISTRY}/{KIND}/permissions")["value.0.actions"] == ["*"]


def test_five_thousand_assignments_are_answered_in_milliseconds() -> None:
    many = [assignment(f"{n:05}", SUBSCRIPTION, f"{n:08}-0000-0000-0000-000000000000") for n in range(5000)]
    world = world_of([resource(REGISTRY), *many])
    wanted = f"assignedTo('{1234:08}-0000-0000-0000-000000000000')"
    assert listed(world, REGISTRY, wanted) == ["01234"]
    start = time.perf_counter()
    for _ in range(20):
        listed(world, REGISTRY, f"atScope() and {wanted}")
    assert (time.perf_counter() - start) / 20 < 0.02  # two to three milliseconds on an idle machine
