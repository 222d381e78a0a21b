"""What a check may know of roles, assignments and the service principal behind a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role assignment at the registry or above. `role_guid` is the definition's GUID, whatever scope its id has."""

    id: ResourceId
    scope: ResourceId
    role_guid: str
    role_definition_id: str
    principal_id: str
    principal_type: str
    condition: str
    condition_version: str
    changed_on: datetime | None


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission object of a role definition: patterns, compared without regard to case."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    data_actions: tuple[str, ...]
    not_data_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role definition."""

    guid: str
    name: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class DenyAssignment:
    """A deny assignment at the registry or above. `principal_ids` may hold the id that stands for everyone."""

    id: ResourceId
    name: str
    scope: ResourceId
    permissions: tuple[Permission, ...]
    principal_ids: frozenset[str]
    excluded_principal_ids: frozenset[str]
    group_ids: frozenset[str] = frozenset()
    excluded_group_ids: frozenset[str] = frozenset()
    for_scope_alone: bool = False
    condition: str = ""


@dataclass(frozen=True, slots=True)
class EligibleRole:
    """A role that a principal may activate (Privileged Identity Management) and has not."""

    id: str
    role_guid: str
    principal_id: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A service principal that holds a pull role, as Graph shows it. `kind` is Application or ManagedIdentity."""

    object_id: str
    display_name: str
    kind: str
    resource_id: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A client secret or certificate of an application or a service principal; the secret itself is never read."""

    kind: str
    key_id: str
    hint: str
    display_name: str
    start: datetime | None
    end: datetime | None
    held_by: str


@dataclass(frozen=True, slots=True)
class DirectoryObject:
    """An application or a service principal, from Microsoft Graph."""

    object_id: str
    app_id: str
    display_name: str
    account_enabled: bool
    home_tenant_id: str
    credentials: tuple[Credential, ...]
