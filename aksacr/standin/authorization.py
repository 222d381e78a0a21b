"""Role assignments, role definitions and deny assignments at any scope, as Microsoft.Authorization lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import errors
from .json_values import as_objects, as_text, properties, same
from .odata import FilterError, clauses
from .paths import MANAGEMENT_GROUPS, ArmPath, ancestors, key_of
from .roles import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_values import JsonObject
    from .odata import Clause
    from .store import Store

ASSIGNMENTS = "microsoft.authorization/roleassignments"
DENY_ASSIGNMENTS = "microsoft.authorization/denyassignments"
DEFINITIONS = "microsoft.authorization/roledefinitions"
_EVERYONE = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class _Grant:
    """One assignment, with what lists are filtered by."""

    scope: str
    principals: frozenset[str]
    body: JsonObject


class Authorization:
    """The assignments and definitions of one state of a store; a change of the store makes a new one."""

    def __init__(self, store: Store, member_of: Mapping[str, frozenset[str]]) -> None:
        self._store = store
        self._member_of = member_of
        self._grants: dict[str, list[_Grant]] = {}

    def _all(self, kind: str) -> list[_Grant]:
        if kind not in self._grants:
            self._grants[kind] = [_grant(body) for body in self._store.everywhere(kind)]
        return self._grants[kind]

    def assignments(self, kind: str, scope: ArmPath, expression: str) -> list[JsonObject]:
        """The (deny) assignments that a list at `scope` with a `$filter` answers; raises AnswerError for a bad filter.

        Without a filter those at, above and below the scope; `atScope()` leaves out what is below;
        `principalId eq` takes the principal's own, `assignedTo()` also those of the groups it is in.
        """
        conditions = _conditions(expression)
        calls = {condition.field for condition in conditions if condition.form == "call"}
        at_scope = "atscope" in calls
        own = {condition.value.lower() for condition in conditions if condition.field == "principalid"}
        reached = {condition.value.lower() for condition in conditions if condition.field == "assignedto"}
        groups = {group for principal in reached for group in self._member_of.get(principal, frozenset())}
        everyone = {_EVERYONE} if kind == DENY_ASSIGNMENTS else set[str]()
        above, below = ancestors(scope.key), scope.key.rstrip("/") + "/"
        return [
            grant.body
            for grant in self._all(kind)
            if (grant.scope in above or grant.scope.startswith(MANAGEMENT_GROUPS) or _is_below(grant, below, at_scope))
            and (not own or own & grant.principals)
            and (not reached or (reached | groups | everyone) & grant.principals)
        ]

    def definition(self, guid: str, subscription: str) -> JsonObject | None:
        """A role definition by its GUID, whatever scope it is stored or asked under; built-in ones always exist."""
        stored = self._store.everywhere(DEFINITIONS)
        found = next((body for body in stored if same(_guid(body), guid)), None)
        if found is not None:
            return _under(found, subscription)
        role = BUILT_IN.get(guid.lower())
        return role.body(subscription) if role else None

    def definitions(self, subscription: str, expression: str) -> list[JsonObject]:
        """The role definitions that a list with a `$filter` on name, id or type answers."""
        stored = self._store.everywhere(DEFINITIONS)
        known = {_guid(body).lower() for body in stored}
        bodies = [_under(body, subscription) for body in stored]
        bodies += [role.body(subscription) for guid, role in BUILT_IN.items() if guid not in known]
        wanted = [condition for condition in _conditions(expression) if condition.form == "eq"]
        return [body for body in bodies if all(_fits(body, condition) for condition in wanted)]

    def is_granted(self, scope: str, principal: str, definition: str) -> bool:
        """True when exactly this assignment is there: scope, principal and role."""
        return any(
            grant.scope == key_of(scope)
            and principal.lower() in grant.principals
            and same(definition_guid(grant.body), definition)
            for grant in self._all(ASSIGNMENTS)
        )


def _grant(body: JsonObject) -> _Grant:
    inside = properties(body)
    scope = as_text(inside.get("scope")) or ArmPath.of(as_text(body.get("id"))).scope.text
    principals = {as_text(inside.get("principalId")).lower()}
    if "principals" in inside:  # a deny assignment; the few of them must not slow down the many grants
        principals |= {as_text(principal.get("id")).lower() for principal in as_objects(inside["principals"])}
    return _Grant(key_of(scope), frozenset(principals - {""}), body)


def _is_below(grant: _Grant, prefix: str, at_scope: bool) -> bool:
    return not at_scope and grant.scope.startswith(prefix)


def _conditions(expression: str) -> list[Clause]:
    try:
        return clauses(expression)
    except FilterError:
        raise errors.invalid_filter(expression) from None


def _guid(body: JsonObject) -> str:
    return as_text(body.get("id")).rsplit("/", 1)[-1] or as_text(body.get("name"))


def _under(definition: JsonObject, subscription: str) -> JsonObject:
    """A stored definition with the id that Azure gives it below a subscription; az compares such ids by their text."""
    if not subscription and as_text(properties(definition).get("type")) != "BuiltInRole":
        return definition
    prefix = f"/subscriptions/{subscription}" if subscription else ""
    return {**definition, "id": f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{_guid(definition)}"}


def definition_guid(assignment: JsonObject) -> str:
    """The GUID of the role that an assignment grants."""
    return as_text(properties(assignment).get("roleDefinitionId")).rsplit("/", 1)[-1]


def _fits(body: JsonObject, condition: Clause) -> bool:
    inside = properties(body)
    values = {
        "rolename": as_text(inside.get("roleName")),
        "type": as_text(inside.get("type")),
        "id": _guid(body),
        "name": _guid(body),
    }
    wanted = condition.value.rsplit("/", 1)[-1] if condition.field == "id" else condition.value
    return same(values.get(condition.field, ""), wanted)
