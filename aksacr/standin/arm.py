"""Azure Resource Manager: which answer a path and a method get."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import assignments, errors, odata, refusal, subscriptions, views, writes
from .bearer import caller_of
from .messages import AnswerError, Response, json_response
from .paths import ArmPath

if TYPE_CHECKING:
    from .messages import Request
    from .world import World

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?", re.IGNORECASE)
_READS = frozenset({"GET", "HEAD"})


def answer(world: World, request: Request) -> Response:
    """The answer to any request below the ARM endpoint. Never raises for what a client may send."""
    try:
        path = ArmPath.of(request.path)
        caller = caller_of(request)
        if caller is None:
            return errors.no_token(request.origin)
        version = _api_version(request)
        refused = world.refused(path.key, request.query)
        if refused is not None:
            return refusal.response(refused, request, path, caller)
        return _route(world, request, path, version)
    except AnswerError as error:
        return error.response


def _api_version(request: Request) -> str:
    version = request.query.get("api-version", "")
    if not version:
        raise errors.missing_api_version()
    if not _VERSION.fullmatch(version):
        raise errors.invalid_api_version(version)
    return version.lower()


def _route(world: World, request: Request, path: ArmPath, version: str) -> Response:
    if path.subscription and not world.store.has_subscription(path.subscription):
        raise errors.subscription_not_found(path.subscription)
    found = subscriptions.answer(world, request, path)
    if found is not None:
        return found
    if path.provider < 0 or not path.rest:
        raise errors.unknown_path(path) if request.method in _READS else errors.method_not_allowed(request.method)
    if path.group and world.store.group_name(path.subscription, path.group) is None:
        raise errors.group_not_found(path.group)
    if path.namespace == "microsoft.authorization":
        return assignments.answer(world, request, path)
    if request.method == "POST":
        return _action(world, request, path)
    return _collection(world, request, path, version) if path.is_collection else _one(world, request, path, version)


def _require_parent(world: World, path: ArmPath, verb: str) -> None:
    if path.has_parent_resource and views.one_of(world.store, path.parent) is None:
        raise errors.parent_not_found(path, verb)


def _collection(world: World, request: Request, path: ArmPath, version: str) -> Response:
    found = views.children_of(world.store, path)
    if not found:
        _require_parent(world, path, "read")
    kind = writes.kind_of(path)
    if request.method not in _READS:
        raise errors.method_not_allowed(request.method)
    bodies = [views.shown(body, kind, version) for body in found]
    return json_response(200, odata.paged(request, bodies, world.page_size))


def _one(world: World, request: Request, path: ArmPath, version: str) -> Response:
    store = world.store
    match request.method:
        case "GET" | "HEAD":
            body = views.one_of(store, path)
            if body is None:
                _require_parent(world, path, "read")
                raise errors.resource_not_found(path)
            return json_response(200, views.shown(body, writes.kind_of(path), version))
        case "PUT":
            _require_parent(world, path, "write")
            return writes.put(store, request, path, version)
        case "PATCH":
            _require_parent(world, path, "write")
            return writes.patch(store, request, path, version)
        case "DELETE":
            return writes.delete(store, path)
        case _:
            raise errors.method_not_allowed(request.method)


def _action(world: World, request: Request, path: ArmPath) -> Response:
    """A POST on a resource. Those that Azure has give secrets or start work: the stand-in's client may do neither."""
    if not path.is_collection or not path.has_parent_resource:
        raise errors.method_not_allowed(request.method)
    holder = path.parent
    if views.one_of(world.store, holder) is None:
        _require_parent(world, holder, "action")
        raise errors.resource_not_found(holder)
    caller = caller_of(request)
    if caller is None:
        return errors.no_token(request.origin)
    return errors.authorization_failed(caller, f"{holder.type_name()}/{path.name}/action", holder.text)
