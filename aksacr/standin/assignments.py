"""The requests to Microsoft.Authorization: lists and reads at any scope, and the writing of role assignments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import errors, odata
from .authorization import ASSIGNMENTS, DENY_ASSIGNMENTS, definition_guid
from .json_values import as_text, properties
from .messages import empty_response, json_response
from .writes import body_of

if TYPE_CHECKING:
    from .json_values import JsonObject
    from .messages import Request, Response
    from .paths import ArmPath
    from .world import World

_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def answer(world: World, request: Request, path: ArmPath) -> Response:
    """The answer below `…/providers/Microsoft.Authorization`; raises AnswerError for what is not there or refused."""
    if len(path.rest) == 1:
        return _list(world, request, path)
    if len(path.rest) != 2:
        raise errors.method_not_allowed(request.method)
    match request.method, path.rest[0]:
        case (("GET" | "HEAD"), "roledefinitions"):
            definition = world.authorization.definition(path.lower[-1], path.subscription)
            if definition is None:
                raise errors.role_definition_not_found(path.name)
            return json_response(200, definition)
        case (("GET" | "HEAD"), kind):
            found = world.store.get(path.key)
            if found is None:
                raise errors.role_assignment_not_found(path.name) if kind == "roleassignments" else _not_found(path)
            return json_response(200, found)
        case "PUT", "roleassignments":
            return _grant(world, request, path)
        case "DELETE", "roleassignments":
            found = world.store.get(path.key)
            world.store.remove(path.key)
            return json_response(200, found) if found is not None else empty_response(204)
        case _:
            raise errors.method_not_allowed(request.method)


def _not_found(path: ArmPath) -> Exception:
    return errors.resource_not_found(path)


def _list(world: World, request: Request, path: ArmPath) -> Response:
    if request.method != "GET":
        raise errors.method_not_allowed(request.method)
    expression = request.query.get("$filter", "")
    match path.rest[0]:
        case "roleassignments":
            found = world.authorization.assignments(ASSIGNMENTS, path.scope, expression)
        case "denyassignments":
            found = world.authorization.assignments(DENY_ASSIGNMENTS, path.scope, expression)
        case "roledefinitions":
            found = world.authorization.definitions(path.subscription, expression)
        case "permissions":
            found: list[JsonObject] = [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]
        case _:
            found = world.store.children(path.key)
    return json_response(200, odata.paged(request, found, world.page_size))


def _grant(world: World, request: Request, path: ArmPath) -> Response:
    """Write a role assignment; refused as Azure does for a bad principal, an unknown role, or one that is there."""
    sent = properties(body_of(request))
    principal, role = as_text(sent.get("principalId")), definition_guid({"properties": sent})
    if not _GUID.fullmatch(principal):
        text = f"The Principal ID '{principal}' is not valid. Principal ID must be a GUID."
        raise errors.bad_request("InvalidPrincipalId", text)
    definition = world.authorization.definition(role, path.subscription)
    if definition is None:
        raise errors.role_definition_not_found(role)
    existing = world.store.get(path.key)
    if existing is not None and as_text(properties(existing).get("principalId")).lower() != principal.lower():
        text = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise errors.conflict("RoleAssignmentUpdateNotPermitted", text)
    if existing is None and world.authorization.is_granted(path.scope.text, principal, role):
        raise errors.conflict("RoleAssignmentExists", "The role assignment already exists.")
    moment = world.moment()
    inside: JsonObject = {
        "roleDefinitionId": as_text(definition.get("id")),
        "principalId": principal,
        "principalType": as_text(sent.get("principalType")) or "ServicePrincipal",
        "scope": path.scope.text,
        "condition": sent.get("condition"),
        "conditionVersion": sent.get("conditionVersion"),
        "createdOn": properties(existing or {}).get("createdOn") or moment,
        "updatedOn": moment,
        "createdBy": None,
        "updatedBy": None,
        "delegatedManagedIdentityResourceId": sent.get("delegatedManagedIdentityResourceId"),
        "description": sent.get("description"),
    }
    body: JsonObject = {
        "properties": inside,
        "id": path.text,
        "type": "Microsoft.Authorization/roleAssignments",
        "name": path.name,
    }
    world.store.put(path.key, body)
    return json_response(200 if existing is not None else 201, body)
