"""What a write changes elsewhere: the other end of a peering, the private endpoint of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors
from .json_values import as_object, as_objects, as_text, properties, same
from .paths import ArmPath, key_of

if TYPE_CHECKING:
    from .json_values import JsonObject, JsonValue
    from .messages import Request
    from .store import Store

_PEERING = "microsoft.network/virtualnetworks/virtualnetworkpeerings"
_LINK = "microsoft.network/privatednszones/virtualnetworklinks"
_CONNECTION = "microsoft.containerregistry/registries/privateendpointconnections"
_IN_SYNC = "FullyInSync"


def completed(store: Store, path: ArmPath, body: JsonObject, request: Request) -> JsonObject:
    """`body`, about to be written, with the members that Azure fills in; raises AnswerError where it refuses."""
    kind = "/".join((path.namespace, *path.rest[::2]))
    if kind == _PEERING:
        return _peering(store, path, body, is_sync=request.query.get("syncremoteaddressspace", "").lower() == "true")
    if kind == _LINK:
        return _link(path, body)
    if kind.startswith("microsoft.network/privatednszones/"):
        zone = path.segments[-3]
        fqdn = f"{zone}." if path.name == "@" else f"{path.name}.{zone}."
        return _with(body, {"fqdn": fqdn, "isAutoRegistered": False})
    return body


def spread(store: Store, path: ArmPath) -> None:
    """Bring the rest of the world in line with what was just written at `path`."""
    kind = "/".join((path.namespace, *path.rest[::2]))
    body = store.get(path.key)
    if body is None:
        return
    if kind == _PEERING and properties(body).get("peeringState") == "Connected":
        _set_other_end(store, body, path.parent.key, {"peeringState": "Connected", "peeringSyncLevel": _IN_SYNC})
    if kind == _CONNECTION:
        _tell_endpoint(store, body, path.parent.key)


def before_removal(store: Store, path: ArmPath) -> None:
    """Bring the rest of the world in line with the removal of `path`."""
    kind = "/".join((path.namespace, *path.rest[::2]))
    body = store.get(path.key)
    if kind == _PEERING and body is not None:
        _set_other_end(store, body, path.parent.key, {"peeringState": "Disconnected"})


def _with(body: JsonObject, filled: JsonObject) -> JsonObject:
    return {**body, "properties": {**properties(body), **filled}}


def _link(path: ArmPath, body: JsonObject) -> JsonObject:
    filled: JsonObject = {"virtualNetworkLinkState": "Completed"}
    inside = properties(body)
    if "registrationEnabled" not in inside:
        filled["registrationEnabled"] = False
    if "resolutionPolicy" not in inside and path.segments[-3].lower().startswith("privatelink."):
        filled["resolutionPolicy"] = "Default"
    return {"location": "global", **_with(body, filled)}


def _remote_of(peering: JsonObject) -> str:
    return key_of(as_text(as_object(properties(peering).get("remoteVirtualNetwork")).get("id")))


def _other_end(store: Store, peering: JsonObject, network_key: str) -> tuple[str, JsonObject] | None:
    """The peering that leads back to `network_key`, with its lower-case id."""
    remote = _remote_of(peering)
    for candidate in store.children(f"{remote}/virtualnetworkpeerings"):
        if _remote_of(candidate) == network_key:
            name = as_text(candidate.get("id")).rsplit("/", 1)[-1].lower()
            return f"{remote}/virtualnetworkpeerings/{name}", candidate
    return None


def _set_other_end(store: Store, peering: JsonObject, network_key: str, state: JsonObject) -> None:
    other = _other_end(store, peering, network_key)
    if other is not None:
        store.put(other[0], _with(other[1], state))


def _peering(store: Store, path: ArmPath, body: JsonObject, *, is_sync: bool) -> JsonObject:
    """A peering with its state: Connected when the other network has one back, else Initiated."""
    remote = store.get(_remote_of(body))
    if remote is None:
        wanted = as_text(as_object(properties(body).get("remoteVirtualNetwork")).get("id"))
        text = f"Resource {wanted} referenced by resource {path.text} was not found. Please make sure that the"
        raise errors.bad_request("InvalidResourceReference", f"{text} referenced resource exists.")
    other = _other_end(store, body, path.parent.key)
    if other is not None and properties(other[1]).get("peeringState") == "Disconnected":
        text = (
            f"Cannot create or update peering {path.text}. because remote peering {as_text(other[1].get('id'))} "
            f"referencing parent virtual network is in Disconnected state. Update or re-create the remote peering to "
            f"get it back to Initiated state."
        )
        raise errors.bad_request("RemotePeeringIsDisconnected", text)
    space = properties(remote).get("addressSpace") or {}
    filled: JsonObject = {
        "peeringState": "Connected" if other is not None else "Initiated",
        "peeringSyncLevel": _IN_SYNC if other is not None else "RemoteNotInSync",
        "remoteVirtualNetworkAddressSpace": space,
    }
    if is_sync or "remoteAddressSpace" not in properties(body):
        filled["remoteAddressSpace"] = space
    usual: JsonObject = {
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": False,
        "allowGatewayTransit": False,
        "useRemoteGateways": False,
        "peerCompleteVnets": True,
    }
    return {**body, "properties": {**usual, **properties(body), **filled}}


def _tell_endpoint(store: Store, connection: JsonObject, registry_key: str) -> None:
    """Give a private endpoint the state that its connection was set to on the registry."""
    endpoint_key = key_of(as_text(as_object(properties(connection).get("privateEndpoint")).get("id")))
    endpoint = store.get(endpoint_key)
    if endpoint is None:
        return
    state = properties(connection).get("privateLinkServiceConnectionState")
    inside = dict(properties(endpoint))
    for member in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        lines: list[JsonValue] = []
        for line in as_objects(inside.get(member)):
            is_this = same(key_of(as_text(properties(line).get("privateLinkServiceId"))), registry_key)
            lines.append(_with(line, {"privateLinkServiceConnectionState": state}) if is_this else line)
        inside[member] = lines
    store.put(endpoint_key, {**endpoint, "properties": inside})
