"""PUT, PATCH and DELETE: they change the world, and answer at once what Azure answers when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import uuid4

from . import effects, errors
from .json_values import JsonObject, as_object, as_objects, as_text, decode, merged, properties, same
from .messages import empty_response, json_response
from .views import agent_pools, one_of, shown, subnet_of_rule

if TYPE_CHECKING:
    from .json_values import JsonValue
    from .messages import Request, Response
    from .paths import ArmPath
    from .store import Store

_CLUSTER = "microsoft.containerservice/managedclusters"
_REGISTRY = "microsoft.containerregistry/registries"

# A client that replaces one of these leaves out what its model holds for read-only, and Azure keeps that. Their models
# differ too much by api-version to list the rest, so nothing left out is lost.
_KEEP_ALL = frozenset({_CLUSTER, _REGISTRY, f"{_CLUSTER}/agentpools"})
_KEPT_BY_AZURE = frozenset(
    {
        "customDnsConfigs",
        "defaultSecurityRules",
        "fqdn",
        "ipAddress",
        "ipConfiguration",
        "ipConfigurations",
        "networkInterfaces",
        "peeringState",
        "peeringSyncLevel",
        "privateEndpoints",
        "provisioningState",
        "remoteAddressSpace",
        "remoteVirtualNetworkAddressSpace",
        "resourceGuid",
        "subnets",
        "virtualNetworkLinkState",
        "virtualNetworkPeerings",
    }
)


def body_of(request: Request) -> JsonObject:
    """The request's JSON object; raises AnswerError (400) when there is none."""
    try:
        value = decode(request.body)
    except (ValueError, RecursionError) as error:
        raise errors.invalid_body(" ".join(str(error).split())) from None
    if not isinstance(value, dict):
        raise errors.invalid_body("the body is not an object")
    if value.get("properties") is None:
        return {name: member for name, member in value.items() if name != "properties"}
    if not isinstance(value["properties"], dict):
        raise errors.invalid_body("'properties' is not an object")
    return value


def put(store: Store, request: Request, path: ArmPath, version: str) -> Response:
    """Create or replace; 201 or 200. Raises AnswerError when Azure would refuse."""
    existing = one_of(store, path)
    if existing is not None and request.headers.get("if-none-match") == "*":
        raise errors.precondition_failed(as_text(existing.get("etag")))
    kind = kind_of(path)
    sent = _as_stored(body_of(request), kind)
    if existing is not None:
        sent = _with_what_azure_keeps(existing, sent, kind)
    inside: JsonObject = {**properties(sent), "provisioningState": "Succeeded"}
    if kind.startswith("microsoft.network/privatednszones/") and not kind.endswith("/virtualnetworklinks"):
        del inside["provisioningState"]  # a record set has none
    body: JsonObject = {
        **sent,
        "id": as_text((existing or {}).get("id")) or path.text,
        "name": as_text((existing or {}).get("name")) or path.name,
        "type": as_text((existing or {}).get("type")) or path.type_name(),
        "properties": inside,
    }
    if path.namespace == "microsoft.network":
        body["etag"] = f'W/"{uuid4()}"'
    _store(store, path, effects.completed(store, path, body, request))
    effects.spread(store, path)
    return json_response(200 if existing is not None else 201, shown(one_of(store, path) or body, kind, version))


def patch(store: Store, request: Request, path: ArmPath, version: str) -> Response:
    """Merge into what is there; raises AnswerError when it is not."""
    existing = one_of(store, path)
    if existing is None:
        raise errors.resource_not_found(path)
    kind = kind_of(path)
    identity = {name: existing[name] for name in ("id", "name", "type") if name in existing}
    _store(store, path, {**merged(existing, _as_stored(body_of(request), kind)), **identity})
    effects.spread(store, path)
    return json_response(200, shown(one_of(store, path) or existing, kind, version))


def delete(store: Store, path: ArmPath) -> Response:
    """Remove the resource and all below it; 204 when it was not there."""
    existing = one_of(store, path)
    if existing is None:
        return empty_response(204)
    effects.before_removal(store, path)
    if kind_of(path) == f"{_CLUSTER}/agentpools":
        _drop_profile(store, path)
    store.remove(path.key)
    # AKS has no 200 for a finished removal, and its clients refuse one.
    return empty_response(204 if path.namespace == "microsoft.containerservice" else 200)


def kind_of(path: ArmPath) -> str:
    """The lower-case type that a resource's path names."""
    return "/".join((path.namespace, *path.rest[::2]))


def _as_stored(body: JsonObject, kind: str) -> JsonObject:
    """A written body in the form worlds keep: a registry's subnet rules under `id`, whichever key the client used."""
    rules = as_object(properties(body).get("networkRuleSet"))
    if kind != _REGISTRY or not isinstance(rules.get("virtualNetworkRules"), list):
        return body
    kept: list[JsonValue] = [
        {"action": rule.get("action", "Allow"), "id": subnet_of_rule(rule)}
        for rule in as_objects(rules["virtualNetworkRules"])
    ]
    return {**body, "properties": {**properties(body), "networkRuleSet": {**rules, "virtualNetworkRules": kept}}}


def _with_what_azure_keeps(existing: JsonObject, sent: JsonObject, kind: str) -> JsonObject:
    """`sent` as the new body, with what a client cannot write carried over from the old one."""
    old = properties(existing)
    kept = {name: value for name, value in old.items() if kind in _KEEP_ALL or name in _KEPT_BY_AZURE}
    fixed = {name: existing[name] for name in ("location", "systemData", "sku", "identity") if name in existing}
    inside: JsonObject = {**kept, **properties(sent)}
    if kind == _REGISTRY and "networkRuleSet" in kept:
        inside["networkRuleSet"] = merged(as_object(kept["networkRuleSet"]), as_object(inside.get("networkRuleSet")))
    return {**fixed, **sent, "properties": inside}


def _store(store: Store, path: ArmPath, body: JsonObject) -> None:
    """Put `body` where it lives: an agent pool is part of its cluster's body, and may stand by itself, too."""
    if kind_of(path) != f"{_CLUSTER}/agentpools":
        store.put(path.key, body)
        return
    cluster = store.get(path.parent.key)
    is_described_only = not store.children(f"{path.parent.key}/agentpools")
    if cluster is not None:
        profile: JsonObject = {"name": path.name, **properties(body)}
        _set_profiles(store, path, [*_profiles_without(cluster, path.name), profile])
    if cluster is None or not is_described_only:
        store.put(path.key, body)


def _drop_profile(store: Store, path: ArmPath) -> None:
    cluster = store.get(path.parent.key)
    if cluster is not None and agent_pools(store, path.parent.key):
        _set_profiles(store, path, _profiles_without(cluster, path.name))


def _profiles_without(cluster: JsonObject, name: str) -> list[JsonObject]:
    profiles = as_objects(properties(cluster).get("agentPoolProfiles"))
    return [profile for profile in profiles if not same(as_text(profile.get("name")), name)]


def _set_profiles(store: Store, path: ArmPath, profiles: list[JsonObject]) -> None:
    cluster = store.get(path.parent.key) or {}
    inside: JsonObject = {**properties(cluster), "agentPoolProfiles": cast("list[JsonValue]", profiles)}
    store.put(path.parent.key, {**cluster, "properties": inside})
