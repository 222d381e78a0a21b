"""What Azure Resource Manager answers itself: tenants, subscriptions, resource groups, general lists, providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors, odata, views
from .json_values import as_text, same
from .messages import empty_response, json_response
from .paths import ArmPath
from .writes import body_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .json_values import JsonObject
    from .messages import Request, Response
    from .world import World

_NAMESPACES = (
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.ContainerRegistry",
    "Microsoft.ContainerService",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.Resources",
)


def answer(world: World, request: Request, path: ArmPath) -> Response | None:
    """The answer to a path that no resource provider owns; None for one that a provider answers."""
    names = {1, 3} if path.subscription else set[int]()
    shape = "/".join("*" if position in names else word for position, word in enumerate(path.lower))
    handler = _HANDLERS.get(f"{request.method} {shape}")
    return handler(world, request, path) if handler else None


def _list(world: World, request: Request, found: list[JsonObject]) -> Response:
    return json_response(200, odata.paged(request, found, world.page_size))


def _tenants(world: World, request: Request, _path: ArmPath) -> Response:
    tenants = {as_text(world.subscription(found).get("tenantId")): None for found in world.store.subscriptions()}
    bodies: list[JsonObject] = [
        {"id": f"/tenants/{tenant}", "tenantId": tenant, "tenantCategory": "Home", "displayName": "Stand-in"}
        for tenant in ({world.tenant_id: None} | tenants)
    ]
    return _list(world, request, bodies)


def _subscriptions(world: World, request: Request, _path: ArmPath) -> Response:
    return _list(world, request, [world.subscription(found) for found in world.store.subscriptions()])


def _subscription(world: World, _request: Request, path: ArmPath) -> Response:
    return json_response(200, world.subscription(path.subscription))


def _groups(world: World, request: Request, path: ArmPath) -> Response:
    names = world.store.groups(path.subscription)
    return _list(world, request, [views.group_body(world.store, path.subscription, name) for name in names])


def _group(world: World, request: Request, path: ArmPath) -> Response:
    name = world.store.group_name(path.subscription, path.group)
    if request.method == "HEAD":
        return empty_response(404 if name is None else 204)
    if name is None:
        raise errors.group_not_found(path.group)
    return json_response(200, views.group_body(world.store, path.subscription, name))


def _nothing(world: World, request: Request, _path: ArmPath) -> Response:
    return _list(world, request, [])


def _providers(world: World, request: Request, path: ArmPath) -> Response:
    return _list(world, request, [_registered(path.subscription, name) for name in _NAMESPACES])


def _provider(_world: World, _request: Request, path: ArmPath) -> Response:
    return json_response(200, _registered(path.subscription, path.segments[3]))


def _registered(subscription: str, namespace: str) -> JsonObject:
    """A namespace as a subscription sees it: always registered, so that no client has a reason to register one."""
    name = next((known for known in _NAMESPACES if same(known, namespace)), namespace)
    return {
        "id": f"/subscriptions/{subscription}/providers/{name}",
        "namespace": name,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered",
        "resourceTypes": [],
    }


def _resources(world: World, request: Request, path: ArmPath) -> Response:
    """`…/resources`, filtered by `resourceType`, `name`, `location` or `resourceGroup`."""
    if path.group and world.store.group_name(path.subscription, path.group) is None:
        raise errors.group_not_found(path.group)
    expression = request.query.get("$filter", "")
    found = views.listed(world.store, path.key.rsplit("/", 1)[0])
    try:
        conditions = odata.clauses(expression)
    except odata.FilterError:
        raise errors.invalid_filter(expression) from None
    for condition in conditions:
        found = [body for body in found if _fits(body, condition)]
    return _list(world, request, found)


def _fits(body: JsonObject, condition: odata.Clause) -> bool:
    values = {
        "resourcetype": as_text(body.get("type")),
        "name": as_text(body.get("name")),
        "location": as_text(body.get("location")),
        "resourcegroup": ArmPath.of(as_text(body.get("id"))).group,
    }
    if condition.form != "eq" or condition.field not in values:
        raise errors.invalid_filter(condition.field)
    return same(values[condition.field], condition.value)


def _check_name(world: World, request: Request, path: ArmPath) -> Response:
    """Is a registry's name still free? Only Azure Container Registry is asked this."""
    if path.namespace != "microsoft.containerregistry":
        raise errors.method_not_allowed(request.method)
    name = as_text(body_of(request).get("name"))
    registries = world.store.everywhere("microsoft.containerregistry/registries")
    if not any(same(as_text(registry.get("name")), name) for registry in registries):
        return json_response(200, {"nameAvailable": True})
    said = f"The registry {name} is already in use."
    return json_response(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": said})


_HANDLERS: dict[str, Callable[[World, Request, ArmPath], Response]] = {
    "GET tenants": _tenants,
    "GET subscriptions": _subscriptions,
    "GET subscriptions/*": _subscription,
    "GET subscriptions/*/locations": _nothing,
    "GET subscriptions/*/resources": _resources,
    "GET subscriptions/*/resourcegroups": _groups,
    "GET subscriptions/*/resourcegroups/*": _group,
    "HEAD subscriptions/*/resourcegroups/*": _group,
    "GET subscriptions/*/resourcegroups/*/resources": _resources,
    "GET subscriptions/*/providers": _providers,
    "GET subscriptions/*/providers/*": _provider,
    "POST subscriptions/*/providers/*/register": _provider,
    "POST subscriptions/*/providers/*/checknameavailability": _check_name,
}
