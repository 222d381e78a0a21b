"""A virtual machine's metadata service (IMDS), as far as managed identities sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .json_values import same
from .messages import json_response

if TYPE_CHECKING:
    from .entra import SignIn
    from .messages import Request, Response

_PATH = "/metadata/identity/oauth2/token"


def answer(sign_in: SignIn, origin: str, request: Request) -> Response:
    """A token of the machine's one identity, in IMDS's form; `origin` is the Azure that it is for."""
    if request.path.rstrip("/").lower() != _PATH or request.method != "GET":
        return json_response(404, {"error": "not_found"})
    if request.headers.get("metadata", "").lower() != "true":
        return _refused("Required metadata header not specified")
    resource = request.query.get("resource", "")
    if not resource:
        return _refused("Required query variable 'resource' is missing")
    if not same(request.query.get("client_id", sign_in.client_id), sign_in.client_id):
        return _refused("Identity not found")
    issued = sign_in.issue(origin, resource, is_v1=True)
    return json_response(200, issued | {"client_id": sign_in.client_id})


def _refused(text: str) -> Response:
    return json_response(400, {"error": "invalid_request", "error_description": text})
