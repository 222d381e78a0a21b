"""Who asks: the claims of a bearer token, which the stand-in reads and does not verify."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .json_values import JsonObject, as_object, as_text, decode, encode

if TYPE_CHECKING:
    from .messages import Request

_NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Caller:
    """The client of a token: its application id, and the object id that Azure's errors name."""

    client_id: str = _NOBODY
    object_id: str = _NOBODY


def caller_of(request: Request) -> Caller | None:
    """Who the request's bearer token names; None without one. A token that is no JWT names nobody in particular."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    claims = claims_of(token.strip())
    return Caller(as_text(claims.get("appid")) or _NOBODY, as_text(claims.get("oid")) or _NOBODY)


def claims_of(token: str) -> JsonObject:
    """The claims of a JWT, or none when it is not one."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return as_object(decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))))
    except (binascii.Error, ValueError, RecursionError):
        return {}


def token_with(claims: JsonObject) -> str:
    """A JWT that carries `claims` and no signature worth the name: only the stand-in takes it."""
    header: JsonObject = {"typ": "JWT", "alg": "none"}
    return ".".join([_part(encode(header)), _part(encode(claims)), _part(b"stand-in")])


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
