"""Role assignments and definitions: `Microsoft.Authorization`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Fact, Permission, ResourceId, RoleAssignment, RoleDefinition

from .reading import read_list, read_one, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from azure.mgmt.authorization.v2022_04_01 import models

    from .session import Session

ASSIGNMENTS_READ = "Microsoft.Authorization/roleAssignments/read"
DEFINITIONS_READ = "Microsoft.Authorization/roleDefinitions/read"


async def read_assignments(session: Session, scope: ResourceId) -> Fact[tuple[RoleAssignment, ...]]:
    """Every assignment at `scope` and above it: resource group, subscription, management groups, root."""
    return await _read(session, scope, "atScope()")


async def read_assignments_of(session: Session, scope: ResourceId, object_id: str) -> Fact[tuple[RoleAssignment, ...]]:
    """The assignments at `scope` and above that reach a principal, directly or by membership in groups.

    Resource Manager expands the groups itself, so that this needs no permission in Graph.
    """
    return await _read(session, scope, f"atScope() and assignedTo('{object_id}')")


async def _read(session: Session, scope: ResourceId, condition: str) -> Fact[tuple[RoleAssignment, ...]]:
    async def ask() -> AsyncIterable[models.RoleAssignment]:
        client = await session.authorization(scope.subscription_id)
        return client.role_assignments.list_for_scope(scope.text.strip("/"), filter=condition)

    source = f"{scope.text}/providers/Microsoft.Authorization/roleAssignments"
    return await read_list(session, source, ASSIGNMENTS_READ, ask, decode_assignment)


async def read_definition(session: Session, subscription_id: str, definition_id: str) -> Fact[RoleDefinition | None]:
    """A role definition by the id that an assignment carries. `Seen(None)` when it was deleted."""

    async def ask() -> models.RoleDefinition:
        client = await session.authorization(subscription_id)
        return await client.role_definitions.get_by_id(definition_id.strip("/"))

    return await read_one(session, definition_id, DEFINITIONS_READ, ask, decode_definition)


def decode_assignment(assignment: models.RoleAssignment) -> RoleAssignment:
    definition = text(assignment.role_definition_id)
    return RoleAssignment(
        id=ResourceId(text(assignment.id)),
        scope=ResourceId(text(assignment.scope)),
        role_guid=definition.rstrip("/").rsplit("/", 1)[-1].lower(),
        role_definition_id=definition,
        principal_id=text(assignment.principal_id).lower(),
        principal_type=text(assignment.principal_type),
        condition=text(assignment.condition),
        created_on=assignment.created_on,
    )


def decode_definition(definition: models.RoleDefinition) -> RoleDefinition:
    return RoleDefinition(
        guid=text(definition.name).lower(),
        name=text(definition.role_name),
        permissions=tuple(_permission(permission) for permission in definition.permissions or []),
    )


def _permission(permission: models.Permission) -> Permission:
    def patterns(values: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(values or ())

    return Permission(
        patterns(permission.actions),
        patterns(permission.not_actions),
        patterns(permission.data_actions),
        patterns(permission.not_data_actions),
    )
