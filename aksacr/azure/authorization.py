"""Role assignments and definitions: `Microsoft.Authorization`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest

from aksacr.facts import (
    DenyAssignment,
    EligibleRole,
    Fact,
    Permission,
    ResourceId,
    RoleAssignment,
    RoleDefinition,
    mapped,
)

from .reading import read_list, read_one, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from azure.mgmt.authorization.v2022_04_01 import models

    from .session import Session

ASSIGNMENTS_READ = "Microsoft.Authorization/roleAssignments/read"
DEFINITIONS_READ = "Microsoft.Authorization/roleDefinitions/read"
DENIALS_READ = "Microsoft.Authorization/denyAssignments/read"
_GROUPS = {"group", "foreigngroup"}
_ELIGIBILITY_API = "2020-10-01"


async def read_assignments(session: Session, scope: ResourceId) -> Fact[tuple[RoleAssignment, ...]]:
    """Every assignment at `scope` and above it: resource group, subscription, management groups, root."""
    return await _read(session, scope, "atScope()")


async def read_assignments_of(session: Session, scope: ResourceId, object_id: str) -> Fact[tuple[RoleAssignment, ...]]:
    """The assignments at `scope`, above and below it, that reach a principal, directly or by membership in groups.

    Resource Manager expands the groups itself, so that this needs no permission in Graph.
    """
    return await _read(session, scope, f"assignedTo('{object_id}')")


async def _read(session: Session, scope: ResourceId, condition: str) -> Fact[tuple[RoleAssignment, ...]]:
    async def ask() -> AsyncIterable[models.RoleAssignment]:
        client = await session.authorization(scope.subscription_id)
        return client.role_assignments.list_for_scope(scope.text.strip("/"), filter=condition)

    source = f"{scope.text}/providers/Microsoft.Authorization/roleAssignments"
    # The registry is there, so that a 404 cannot mean that it has no assignments.
    return await read_list(session, source, ASSIGNMENTS_READ, ask, decode_assignment, absent_is_empty=False)


async def read_definition(session: Session, subscription_id: str, definition_id: str) -> Fact[RoleDefinition | None]:
    """A role definition by the id that an assignment carries. `Seen(None)` when it was deleted."""

    async def ask() -> models.RoleDefinition:
        client = await session.authorization(subscription_id)
        return await client.role_definitions.get_by_id(definition_id.strip("/"))

    return await read_one(session, definition_id, DEFINITIONS_READ, ask, decode_definition)


async def read_deny_assignments(session: Session, scope: ResourceId) -> Fact[tuple[DenyAssignment, ...]]:
    """Every deny assignment at `scope` and above it."""

    async def ask() -> AsyncIterable[models.DenyAssignment]:
        client = await session.authorization(scope.subscription_id)
        return client.deny_assignments.list_for_scope(scope.text.strip("/"), filter="atScope()")

    source = f"{scope.text}/providers/Microsoft.Authorization/denyAssignments"
    return await read_list(session, source, DENIALS_READ, ask, decode_denial, absent_is_empty=False)


async def read_eligible_roles(session: Session, scope: ResourceId, object_id: str) -> Fact[tuple[EligibleRole, ...]]:
    """Roles that a principal may activate at `scope` (Privileged Identity Management), whether or not it has."""
    source = f"{scope.text}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances"
    condition = quote(f"assignedTo('{object_id}')")
    url = f"{session.cloud.resource_manager}{source}?api-version={_ELIGIBILITY_API}&$filter={condition}"

    async def ask() -> bytes:
        response = await session.resource_manager(HttpRequest("GET", url))
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=response)
        return response.content

    action = "Microsoft.Authorization/roleEligibilityScheduleInstances/read"
    fact = await read_one(session, source, action, ask, _decode_eligible)
    return mapped(fact, lambda found: found or ())


class _Eligible(msgspec.Struct, rename="camel"):
    principal_id: str = ""
    role_definition_id: str = ""


class _Instance(msgspec.Struct):
    id: str
    properties: _Eligible


class _Instances(msgspec.Struct):
    value: list[_Instance]


def _decode_eligible(body: bytes) -> tuple[EligibleRole, ...]:
    return tuple(
        EligibleRole(item.id, _guid(item.properties.role_definition_id), item.properties.principal_id.lower())
        for item in msgspec.json.decode(body, type=_Instances).value
    )


def _guid(definition_id: str) -> str:
    """The GUID of a role definition, whatever scope its id carries."""
    return definition_id.rstrip("/").rsplit("/", 1)[-1].lower()


def decode_denial(denial: models.DenyAssignment) -> DenyAssignment:
    def ids(principals: Sequence[models.Principal] | None, *, groups: bool = False) -> frozenset[str]:
        return frozenset(
            text(principal.id).lower()
            for principal in principals or ()
            if not groups or text(principal.type).lower() in _GROUPS
        )

    return DenyAssignment(
        id=ResourceId(text(denial.id)),
        name=text(denial.deny_assignment_name) or text(denial.name),
        scope=ResourceId(text(denial.scope)),
        permissions=tuple(_permission(permission) for permission in denial.permissions or []),
        principal_ids=ids(denial.principals),
        excluded_principal_ids=ids(denial.exclude_principals),
        group_ids=ids(denial.principals, groups=True),
        excluded_group_ids=ids(denial.exclude_principals, groups=True),
        for_scope_alone=bool(denial.do_not_apply_to_child_scopes),
        condition=_condition(denial),
    )


def _condition(denial: models.DenyAssignment) -> str:
    """What narrows a deny assignment: its own condition, or those of its permissions."""
    parts = [text(denial.condition), *(text(permission.condition) for permission in denial.permissions or ())]
    return " | ".join(dict.fromkeys(part for part in parts if part.strip()))


def decode_assignment(assignment: models.RoleAssignment) -> RoleAssignment:
    definition = text(assignment.role_definition_id)
    return RoleAssignment(
        id=ResourceId(text(assignment.id)),
        scope=ResourceId(text(assignment.scope)),
        role_guid=_guid(definition),
        role_definition_id=definition,
        principal_id=text(assignment.principal_id).lower(),
        principal_type=text(assignment.principal_type),
        condition=text(assignment.condition),
        condition_version=text(assignment.condition_version),
        changed_on=max([moment for moment in (assignment.created_on, assignment.updated_on) if moment], default=None),
    )


def decode_definition(definition: models.RoleDefinition) -> RoleDefinition:
    return RoleDefinition(
        guid=text(definition.name).lower(),
        name=text(definition.role_name),
        permissions=tuple(_permission(permission) for permission in definition.permissions or []),
    )


def _permission(permission: models.Permission | models.DenyAssignmentPermission) -> Permission:
    def patterns(values: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(values or ())

    return Permission(
        patterns(permission.actions),
        patterns(permission.not_actions),
        patterns(permission.data_actions),
        patterns(permission.not_data_actions),
    )
