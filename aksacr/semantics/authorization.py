"""Whether Azure would let the pulling principal pull from the registry, and what that rests on.

Rules (Azure RBAC, and the registry's two permission modes):
* assignments at the registry and at every scope above it count, direct or through groups; principals by object id;
* a permission object grants an action when one of its patterns matches and none of its not-patterns does;
* mode "RBAC Registry Permissions" asks for the action `registries/pull/read`, and no condition bears on it;
* mode "RBAC Registry + ABAC Repository Permissions" asks for data actions on repositories, subject to conditions,
  and ignores AcrPull, Owner, Contributor and Reader for pulling;
* a deny assignment at the registry or above that names the principal (or everyone) and the action wins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from aksacr.check import az
from aksacr.facts import BUILT_IN_ROLES, RoleDefinition, Seen, Unseen, UnseenError, same

from .conditions import Access as Asked
from .conditions import ConditionError, admits, bears_on_repository
from .image_names import is_elsewhere
from .patterns import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aksacr.facts import DenyAssignment, Fact, Facts, Permission, RoleAssignment

PULL_ACTION = "Microsoft.ContainerRegistry/registries/pull/read"
PULL_DATA_ACTIONS = (
    "Microsoft.ContainerRegistry/registries/repositories/content/read",
    "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
)
EVERYONE = "00000000-0000-0000-0000-000000000000"

ConditionVerdict = Literal["none", "admits", "excludes", "needs-repository", "unparsable", "undecidable"]
_CERTAIN_FIRST: tuple[ConditionVerdict, ...] = (
    *("none", "admits", "needs-repository", "undecidable", "unparsable", "excludes"),
)
_NOT_AT_ALL = len(_CERTAIN_FIRST)
_LONGEST_CONDITION = 300


@dataclass(frozen=True, slots=True)
class Held:
    """A role that the pulling principal holds at the registry or above, with what it is worth for a pull.

    `grants_pull` is in the registry's own mode, conditions aside; `grants_in_other_mode` in the mode that it is not in.
    `condition` is what the condition says of the image's repository, and `condition_note` why it could not be told.
    """

    assignment: RoleAssignment
    role: RoleDefinition | None
    through_group: bool
    grants_pull: bool
    grants_in_other_mode: bool
    condition: ConditionVerdict = "none"
    condition_note: str = ""

    @property
    def role_name(self) -> str:
        return self.role.name if self.role else f"role {self.assignment.role_guid}"


@dataclass(frozen=True, slots=True)
class Access:
    """What the pulling principal holds, and the role definitions that could not be read."""

    principal_id: str
    held: tuple[Held, ...]
    unread: tuple[Unseen, ...]

    @property
    def granting(self) -> tuple[Held, ...]:
        """Roles that grant pull; a condition may still narrow them."""
        return tuple(held for held in self.held if held.grants_pull)

    @property
    def effective(self) -> tuple[Held, ...]:
        """Roles that grant pull of the repository asked for: those that surely do, else those that may."""
        sure = tuple(held for held in self.granting if held.condition in {"none", "admits"})
        return sure or tuple(held for held in self.granting if held.condition != "excludes")

    @property
    def unconditional(self) -> tuple[Held, ...]:
        """Roles that grant pull of every repository."""
        return tuple(held for held in self.granting if held.condition == "none")


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
        raise UnseenError(identity_unseen(facts))
    principal = facts.service_principal.value
    if principal is None:
        app_id = cluster.service_principal_client_id
        raise UnseenError(
            Unseen(
                f"service principal {app_id}", "", "Microsoft Graph knows none of that application id in this tenant"
            )
        )
    return principal.object_id


def identity_unseen(facts: Facts) -> Unseen:
    """That the cluster shows no pulling identity, and what would show it.

    Azure fills `identityProfile` in when it has made the cluster, and again when it reconciles it.
    """
    cluster = facts.cluster
    state = cluster.provisioning_state or "unknown"
    reason = f"it shows neither a kubelet identity (identityProfile) nor a service principal, and is {state}"
    if same(state, "Creating"):
        return Unseen(cluster.id.text, "the end of its creation: run again when it is Succeeded", reason)
    where = ("-g", cluster.id.resource_group, "-n", cluster.name, "--subscription", cluster.id.subscription_id)
    reconcile = az("aks", "update", *where)
    return Unseen(cluster.id.text, f"its owner to reconcile it (`{reconcile}`), which makes Azure fill it in", reason)


def access(facts: Facts) -> Access:
    """Every role that the pulling principal holds at the registry and above, with its proof.

    Raises `UnseenError` when the principal or the assignments were not seen. Memberships that were not seen are no
    error here: see `grant`.
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
        else:
            held.append(_held(facts, assignment, role.value, through_group))
    return Access(principal, _together(facts, held), tuple(unread))


def _held(facts: Facts, assignment: RoleAssignment, role: RoleDefinition | None, through_group: bool) -> Held:
    abac = facts.registry.uses_abac
    granted = role is not None and grants_pull(role, abac=abac)
    other = role is not None and grants_pull(role, abac=not abac)
    verdict, note = condition_verdict(facts, assignment) if abac and granted else ("none", "")
    return Held(assignment, role, through_group, granted, other, verdict, note)


def _together(facts: Facts, held: list[Held]) -> tuple[Held, ...]:
    """The roles held, where Azure joins what they grant: in the ABAC mode a pull takes several data actions.

    Each data action may come from another assignment, whose condition is judged for that action alone.
    """
    if not facts.registry.uses_abac:
        return tuple(held)
    best = min((_CERTAIN_FIRST.index(item.condition) for item in held if item.grants_pull), default=_NOT_AT_ALL)
    pieces = {action: _pieces(facts, held, action) for action in PULL_DATA_ACTIONS}
    if best == 0 or not all(pieces.values()):
        return tuple(held)
    joined, note = max((found[0][:2] for found in pieces.values()), key=lambda item: _CERTAIN_FIRST.index(item[0]))
    if _CERTAIN_FIRST.index(joined) >= best:
        return tuple(held)
    used = {id(found[0][2]) for found in pieces.values()}
    return tuple(
        replace(item, grants_pull=True, condition=joined, condition_note=note) if id(item) in used else item
        for item in held
    )


def _pieces(facts: Facts, held: list[Held], action: str) -> list[tuple[ConditionVerdict, str, Held]]:
    """Who brings one data action, the most certain first."""
    found = [
        (*condition_verdict(facts, item.assignment, (action,)), item)
        for item in held
        if item.role is not None and _allows_data(item.role, action)
    ]
    return sorted(found, key=lambda piece: _CERTAIN_FIRST.index(piece[0]))


def condition_verdict(
    facts: Facts, assignment: RoleAssignment, actions: tuple[str, ...] = PULL_DATA_ACTIONS
) -> tuple[ConditionVerdict, str]:
    """What an assignment's condition says of pulling the image's repository, and why when it says nothing."""
    text = assignment.condition.strip()
    if not text:
        return "none", ""
    if assignment.condition_version not in {"", "1.0", "2.0"}:
        return "unparsable", f"its version {assignment.condition_version} is not known"
    repository = repository_of(facts)
    try:
        answers = [admits(text, Asked(action, repository)) for action in actions]
        if all(answer is True for answer in answers):
            return "admits", ""
        if any(answer is False for answer in answers):
            return "excludes", ""
        if repository is None and any(bears_on_repository(text, action) for action in actions):
            return "needs-repository", ""
    except ConditionError as error:
        return "unparsable", str(error)
    return "undecidable", f"it asks for what is not known here: {_shortened(text)}"


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_CONDITION else f"{words[:_LONGEST_CONDITION]} …"


def is_effective(facts: Facts, assignment: RoleAssignment) -> bool:
    """Whether an assignment, whoever holds it, grants pull in the registry's mode, as far as its role was read."""
    role = definition(facts, assignment.role_guid)
    if isinstance(role, Unseen) or role.value is None or not grants_pull(role.value, abac=facts.registry.uses_abac):
        return False
    return not facts.registry.uses_abac or condition_verdict(facts, assignment)[0] != "excludes"


def repository_of(facts: Facts) -> str | None:
    """The repository of the image that is asked for, without host, tag and digest; None when no image is.

    An image of another registry has no repository here.
    """
    if not facts.image or is_elsewhere(facts):
        return None
    name = facts.image.removeprefix("https://").split("@", 1)[0]
    host, slash, rest = name.partition("/")
    if slash and ("." in host or ":" in host):
        name = rest
    head, _, last = name.rpartition("/")
    return (f"{head}/" if head else "") + last.split(":", 1)[0]


def _reached_through_group(facts: Facts, assignment: RoleAssignment) -> bool:
    groups = facts.reached_through_groups
    return isinstance(groups, Seen) and assignment.id in groups.value


def definition(facts: Facts, guid: str) -> Fact[RoleDefinition | None]:
    """A role definition by GUID: built in, or as Azure showed it."""
    return definition_among(facts.role_definitions, guid)


def definition_among(read: Mapping[str, Fact[RoleDefinition | None]], guid: str) -> Fact[RoleDefinition | None]:
    """A role definition by GUID: built in, or among those that were read. An assignment without a role has none."""
    if guid in BUILT_IN_ROLES:
        return Seen(BUILT_IN_ROLES[guid])
    if not guid:
        return Seen(None)
    kept = read.get(guid)
    return kept if kept is not None else Unseen(f"role definition {guid}", "", "was not read in this run")


def grants_pull(role: RoleDefinition, *, abac: bool) -> bool:
    """Whether a role's permissions allow a pull in a permission mode (conditions aside)."""
    if abac:
        return all(_allows_data(role, action) for action in PULL_DATA_ACTIONS)
    return any(_allows(permission.actions, permission.not_actions, PULL_ACTION) for permission in role.permissions)


def _allows_data(role: RoleDefinition, action: str) -> bool:
    return any(_allows(item.data_actions, item.not_data_actions, action) for item in role.permissions)


def _allows(patterns: tuple[str, ...], but: tuple[str, ...], action: str) -> bool:
    return any(matches(item, action) for item in patterns) and not any(matches(item, action) for item in but)


def denials_of_pull(facts: Facts) -> list[DenyAssignment]:
    """The deny assignments that cover pull, whomever they name. Raises `UnseenError`."""
    return [
        item
        for item in facts.deny_assignments.value
        if _denies(facts, item) and not (item.for_scope_alone and item.scope != facts.registry.id)
    ]


def denials(facts: Facts) -> list[DenyAssignment]:
    """The deny assignments that keep the pulling principal from pulling. Raises `UnseenError`."""
    found = denials_of_pull(facts)
    if not found:
        return []
    principal = pulling_principal(facts)
    return [item for item in found if _names(facts, item, principal)]


def _names(facts: Facts, item: DenyAssignment, principal: str) -> bool:
    """Whether a deny assignment is for the principal, itself or as a member. Raises `UnseenError`."""
    if principal in item.excluded_principal_ids:
        return False
    by_itself = bool(item.principal_ids & {principal, EVERYONE})
    if not by_itself and not _is_member(facts, item, item.group_ids):
        return False
    return not _is_member(facts, item, item.excluded_group_ids)


def _is_member(facts: Facts, item: DenyAssignment, groups: frozenset[str]) -> bool:
    """Whether the principal is in one of these groups, as far as role assignments of theirs show it."""
    if not groups:
        return False
    reached = facts.reached_through_groups.value
    held = [each for each in facts.role_assignments.value if each.principal_id.lower() in groups]
    if any(each.id in reached for each in held):
        return True
    open_ones = groups - {each.principal_id.lower() for each in held}
    if open_ones:
        names = ", ".join(sorted(open_ones))
        reason = (
            f'deny assignment "{item.name}" names group {names}, and nothing here shows whether the identity is in it'
        )
        raise UnseenError(Unseen(item.id.text, f"a look at the members of group {names} in Entra", reason))
    return False


def _denies(facts: Facts, item: DenyAssignment) -> bool:
    return any(_denies_pull(permission, abac=facts.registry.uses_abac) for permission in item.permissions)


def _denies_pull(permission: Permission, *, abac: bool) -> bool:
    if abac:
        return any(_allows(permission.data_actions, permission.not_data_actions, item) for item in PULL_DATA_ACTIONS)
    return _allows(permission.actions, permission.not_actions, PULL_ACTION)
