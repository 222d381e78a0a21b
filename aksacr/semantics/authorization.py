"""Whether Azure would let the pulling principal pull from the registry.

Rules (Azure RBAC, and the registry's two permission modes):
* assignments at the registry and at every scope above it count, direct or through groups; principals by object id;
* a permission object grants an action when one of its patterns matches and none of its not-patterns does;
* mode "RBAC Registry Permissions" asks for the action `registries/pull/read`;
* mode "RBAC Registry + ABAC Repository Permissions" asks for data actions on repositories, subject to conditions,
  and ignores AcrPull, Owner, Contributor and Reader for pulling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.facts import BUILT_IN_ROLES, RoleDefinition, Seen, Unseen, UnseenError, same

if TYPE_CHECKING:
    from aksacr.facts import Facts, RoleAssignment

PULL_ACTION = "Microsoft.ContainerRegistry/registries/pull/read"
PULL_DATA_ACTIONS = (
    "Microsoft.ContainerRegistry/registries/repositories/content/read",
    "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
)


@dataclass(frozen=True, slots=True)
class Held:
    """A role that the pulling principal holds at the registry or above.

    `grants_pull` is in the registry's own mode; `conditional` says that a condition decides per repository.
    """

    assignment: RoleAssignment
    role: RoleDefinition | None
    through_group: bool
    grants_pull: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What the pulling principal holds, and the role definitions that could not be read."""

    principal_id: str
    held: tuple[Held, ...]
    unread: tuple[Unseen, ...]

    @property
    def granting(self) -> tuple[Held, ...]:
        """Roles that grant pull without a condition."""
        return tuple(held for held in self.held if held.grants_pull and not held.conditional)

    @property
    def conditional(self) -> tuple[Held, ...]:
        """Roles that grant pull where their condition admits the repository."""
        return tuple(held for held in self.held if held.grants_pull and held.conditional)


def pulling_principal(facts: Facts) -> str:
    """The object id of the principal that nodes pull with, lower case.

    Raises `UnseenError` while the cluster has no identity profile yet, and where Graph does not show the object id
    of a service principal (assignments hold the object id; the cluster only knows the application's id).
    """
    cluster = facts.cluster
    if cluster.kubelet_identity is not None:
        if not cluster.kubelet_identity.object_id:
            raise UnseenError(Unseen(cluster.id.text, "", "its identityProfile names no object id yet"))
        return cluster.kubelet_identity.object_id.lower()
    if cluster.pulls_with == "unknown":
        raise UnseenError(Unseen(cluster.id.text, "", identity_missing(facts)))
    principal = facts.service_principal.value
    if principal is None:
        app_id = cluster.service_principal_client_id
        raise UnseenError(
            Unseen(
                f"service principal {app_id}", "", "Microsoft Graph knows none of that application id in this tenant"
            )
        )
    return principal.object_id


def identity_missing(facts: Facts) -> str:
    """Why a cluster shows no pulling identity, in words."""
    state = facts.cluster.provisioning_state or "unknown"
    return f"it shows no identityProfile and no service principal yet (provisioning state {state})"


def access(facts: Facts) -> Access:
    """Every role that the pulling principal holds at the registry and above, with its proof.

    Raises `UnseenError` when the principal, the assignments or the group memberships were not seen.
    """
    principal = pulling_principal(facts)
    held: list[Held] = []
    unread: list[Unseen] = []
    for assignment in facts.role_assignments.value:
        direct = same(assignment.principal_id, principal)
        through_group = not direct and _reached_through_group(facts, assignment)
        if not direct and not through_group:
            continue
        role = definition(facts, assignment.role_guid)
        if isinstance(role, Unseen):
            unread.append(role)
            continue
        granted = role.value is not None and grants_pull(role.value, abac=facts.registry.uses_abac)
        conditional = facts.registry.uses_abac and bool(assignment.condition)
        held.append(Held(assignment, role.value, through_group, granted, conditional))
    return Access(principal, tuple(held), tuple(unread))


def _reached_through_group(facts: Facts, assignment: RoleAssignment) -> bool:
    groups = facts.reached_through_groups
    return isinstance(groups, Seen) and assignment.id in groups.value


def definition(facts: Facts, guid: str) -> Seen[RoleDefinition | None] | Unseen:
    """A role definition by GUID: built in, or as Azure showed it."""
    if guid in BUILT_IN_ROLES:
        return Seen(BUILT_IN_ROLES[guid])
    kept = facts.role_definitions.get(guid)
    return kept if kept is not None else Unseen(f"role definition {guid}", "", "was not read in this run")


def grants_pull(role: RoleDefinition, *, abac: bool) -> bool:
    """Whether a role's permissions allow a pull in the registry's permission mode (conditions aside)."""
    if abac:
        return all(_allows_data(role, action) for action in PULL_DATA_ACTIONS)
    return any(_allows(permission.actions, permission.not_actions, PULL_ACTION) for permission in role.permissions)


def _allows_data(role: RoleDefinition, action: str) -> bool:
    return any(_allows(item.data_actions, item.not_data_actions, action) for item in role.permissions)


def _allows(patterns: tuple[str, ...], but: tuple[str, ...], action: str) -> bool:
    return any(matches(item, action) for item in patterns) and not any(matches(item, action) for item in but)


def matches(pattern: str, action: str) -> bool:
    """Whether an action pattern covers an action: letter case never counts, `*` stands for any text, slashes too."""
    first, *rest = pattern.lower().split("*")
    action = action.lower()
    if not rest:
        return first == action
    if not action.startswith(first):
        return False
    *middle, last = rest
    position = len(first)
    for piece in middle:
        found = action.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(action) - len(last) >= position and action.endswith(last)
