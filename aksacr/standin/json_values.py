"""JSON as the stand-in handles it: plain values, read without trusting their shape.

A world may be a customer's file, so nothing here assumes that a body has the members Azure documents.
"""

from __future__ import annotations

import json
from typing import TypeAlias, cast

import msgspec

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"


def decode(data: bytes) -> JsonValue:
    """The value in `data`; raises ValueError (JSONDecodeError, UnicodeDecodeError) or RecursionError.

    msgspec is several times faster; the standard library is asked again when it refuses, because it knows the line
    and column of an error and reads what a shell's redirection made of a file (UTF-16, byte order mark).
    """
    try:
        return cast("JsonValue", msgspec.json.decode(data))
    except msgspec.DecodeError:
        value = cast("JsonValue", json.loads(data))
        encode(value)  # half a surrogate pair passes json.loads, but no answer could be written from it
        return value


def encode(value: JsonValue) -> bytes:
    """Compact UTF-8 JSON of `value`, members in their order."""
    return msgspec.json.encode(value)


def as_object(value: JsonValue) -> JsonObject:
    """`value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: JsonValue) -> list[JsonValue]:
    """`value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_objects(value: JsonValue) -> list[JsonObject]:
    """The objects of a list; anything else is left out."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_text(value: JsonValue) -> str:
    """`value` when it is a string, else ""."""
    return value if isinstance(value, str) else ""


def properties(body: JsonObject) -> JsonObject:
    """The `properties` of a resource, or an empty object that is not part of it."""
    return as_object(body.get("properties"))


def same(left: str, right: str) -> bool:
    """True when two names are the same to Azure: letter case never counts."""
    return left.lower() == right.lower()


def merged(base: JsonObject, patch: JsonObject) -> JsonObject:
    """`base` with `patch` laid over it as RFC 7386 says: null removes, objects merge, all else replaces."""
    result = dict(base)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merged(as_object(result.get(name)), value)
        else:
            result[name] = value
    return result
