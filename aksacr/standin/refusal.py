"""The answer to a read that a world says Azure would not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors
from .messages import Response, json_response

if TYPE_CHECKING:
    from .bearer import Caller
    from .loading import Refused
    from .messages import Request
    from .paths import ArmPath


def response(refused: Refused, request: Request, path: ArmPath, caller: Caller) -> Response:
    """The body that Azure sent, or the usual one: for a 403 the sentence with client, action and scope."""
    if refused.body is not None:
        return recorded(refused)
    if refused.status == 403:
        composed = errors.authorization_failed(caller, *_action_and_scope(request.method, path))
    else:
        composed = errors.of_status(refused.status, request.origin)
    return Response(composed.status, {**composed.headers, **refused.headers}, composed.body)


def recorded(refused: Refused) -> Response:
    """The body that the world stores; a text is sent as it is (a gateway's HTML page)."""
    if isinstance(refused.body, str):
        kind = "text/html" if refused.body.lstrip().startswith("<") else "text/plain"
        return Response(refused.status, {"content-type": kind, **refused.headers}, refused.body.encode())
    return json_response(refused.status, refused.body, refused.headers)


def _action_and_scope(method: str, path: ArmPath) -> tuple[str, str]:
    """What ARM would name: `Microsoft.Network/virtualNetworks/read` and the resource, or what holds the list."""
    verb = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}.get(method, "action")
    if path.provider < 0:
        kind = "Microsoft.Resources/subscriptions" + ("/resourceGroups" if path.group else "")
        return f"{kind}/{verb}", path.text
    if not path.is_collection:
        return f"{path.type_name()}/{verb}", path.text
    if path.namespace == "microsoft.authorization":
        return f"{path.type_name()}/{verb}", path.scope.text
    return f"{path.type_name()}/{verb}", path.parent.text
