"""Microsoft Graph, as far as applications, service principals and other directory objects are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import errors, odata, refusal
from .bearer import caller_of
from .json_values import JsonObject, as_list, as_text, decode
from .messages import AnswerError, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_values import JsonValue
    from .messages import Request
    from .world import World

_CALL = re.compile(r"(?P<collection>\w+)\((?P<field>\w+)='(?P<value>[^']*)'\)")
_TYPES = {
    "applications": "application",
    "groups": "group",
    "serviceprincipals": "servicePrincipal",
    "users": "user",
}


def answer(world: World, request: Request) -> Response:
    """The answer to a request below `/v1.0/`; nothing can be written."""
    try:
        segments = [segment for segment in request.path.split("/") if segment][1:]
        if caller_of(request) is None:
            raise errors.graph_error(401, "InvalidAuthenticationToken", "Access token is empty.")
        refused = world.refused("/" + "/".join(["graph", *segments]).lower(), request.query)
        if refused is not None:
            return _refused(refused.status) if refused.body is None else refusal.recorded(refused)
        return _route(world, request, segments)
    except AnswerError as error:
        return error.response


def _refused(status: int) -> Response:
    if status == 403:
        return errors.graph_denied().response
    code = {401: "InvalidAuthenticationToken", 429: "TooManyRequests"}.get(status, "UnknownError")
    return errors.graph_error(status, code, "The request was not answered.").response


def _route(world: World, request: Request, segments: list[str]) -> Response:
    match request.method, segments:
        case "POST", [objects, action] if (objects.lower(), action.lower()) == ("directoryobjects", "getbyids"):
            return _by_ids(world, request)
        case "GET", ["me"]:
            text = "/me request is only valid with delegated authentication flow."
            raise errors.graph_error(400, "BadRequest", text)
        case "GET", [collection] if (called := _CALL.fullmatch(collection)) is not None:
            return _entity(world, request, called["collection"], called["field"], called["value"])
        case "GET", [collection] if collection.lower() in _TYPES:
            return _listed(world, request, collection)
        case "GET", [collection, object_id] if collection.lower() in _TYPES:
            return _entity(world, request, collection, "id", object_id)
        case "GET", [collection, object_id, "owners" | "memberOf" | "transitiveMemberOf"]:
            _entity(world, request, collection, "id", object_id)
            return json_response(200, {"@odata.context": _context(request, "directoryObjects"), "value": []})
        case "GET", _:
            text = f"Resource not found for the segment '{segments[0] if segments else ''}'."
            raise errors.graph_error(400, "BadRequest", text)
        case _:
            raise errors.graph_denied()


def _collection(graph: Mapping[str, list[JsonObject]], name: str) -> list[JsonObject]:
    return [body for known, bodies in graph.items() if known.lower() == name.lower() for body in bodies]


def _context(request: Request, what: str) -> str:
    return f"{request.origin}/v1.0/$metadata#{what}"


def _entity(world: World, request: Request, collection: str, field: str, value: str) -> Response:
    condition = odata.Clause("eq", field.lower(), value)
    found = [body for body in _collection(world.graph, collection) if _fits(body, condition)]
    if not found:
        raise errors.graph_not_found(value)
    body: JsonObject = {"@odata.context": _context(request, f"{collection}/$entity"), **found[0]}
    return json_response(200, odata.selected(body, request.query.get("$select", "")))


def _listed(world: World, request: Request, collection: str) -> Response:
    expression = request.query.get("$filter", "")
    try:
        conditions = odata.clauses(expression)
    except odata.FilterError:
        raise errors.graph_error(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter.") from None
    found = [
        odata.selected(body, request.query.get("$select", ""))
        for body in _collection(world.graph, collection)
        if all(_fits(body, condition) for condition in conditions)
    ]
    page = odata.paged(request, found, world.page_size, "@odata.nextLink")
    return json_response(200, {"@odata.context": _context(request, collection), **page})


def _fits(body: JsonObject, condition: odata.Clause) -> bool:
    value = next((member for name, member in body.items() if name.lower() == condition.field), None)
    wanted = condition.value.lower()
    if condition.form == "any":
        return any(as_text(item).lower() == wanted for item in as_list(value))
    if condition.form == "startswith":
        return as_text(value).lower().startswith(wanted)
    if condition.form != "eq":
        return False
    return _written(value).lower() == wanted


def _written(value: JsonValue) -> str:
    """A value as a filter writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _by_ids(world: World, request: Request) -> Response:
    try:
        sent = decode(request.body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict) or not isinstance(sent.get("ids"), list):
        raise errors.graph_error(400, "Request_BadRequest", "Property ids in payload has a value that does not match.")
    ids = {as_text(value).lower() for value in as_list(sent["ids"])}
    types = {as_text(value).lower() for value in as_list(sent.get("types"))}
    value: list[JsonValue] = []
    for collection, bodies in world.graph.items():
        kind = _TYPES.get(collection.lower(), "directoryObject")
        if types and kind.lower() not in types:
            continue
        found = [body for body in bodies if as_text(body.get("id")).lower() in ids]
        value.extend({"@odata.type": f"#microsoft.graph.{kind}", **body} for body in found)
    return json_response(200, {"@odata.context": _context(request, "directoryObjects"), "value": value})
