"""Which key of a body has another form than the SDK's model, and aksacr, take for granted.

The SDK's models take any JSON and fail where it is used, with the name of a Python attribute at best. What an operator
can act on is the key: it is found by taking keys away until the body can be read.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

M = TypeVar("M")
T = TypeVar("T")
_Path: TypeAlias = "tuple[str | int, ...]"

# What decoding raises when a body has another form than the SDK, or the decoder, takes for granted.
UNKNOWN_FORM = (AttributeError, KeyError, TypeError, ValueError)
# What the session says of a body that is neither a resource nor a list of them.
NO_ID = "its id is missing"
_DEEPEST = 6
_MOST_TRIES = 2000


class UnknownFormError(ValueError):
    """A body that cannot be read, with the key that is to blame, where one is."""


def decoded(decode: Callable[[M], T], model: M) -> T:
    """What `decode` makes of a model of the SDK. Raises `UnknownFormError`; never a value of the body in it."""
    try:
        return decode(model)
    except UnknownFormError:
        raise
    except UNKNOWN_FORM as error:
        key = _culprit(decode, model)
        if key:
            raise UnknownFormError(f"{_words(key)} is {_kind(_at(_body_of(model), key))}") from error
        raise


def missing(key: str) -> UnknownFormError:
    """The error for a key without which there is nothing to go by."""
    return UnknownFormError(f"{key} is missing")


def _culprit(decode: Callable[[M], T], model: M) -> _Path:
    """The deepest key without which the body can be read; () where no single one is to blame."""
    original: object = model
    if not isinstance(original, MutableMapping):
        return ()
    kind = cast("Callable[[object], M]", type(model))
    body = _body_of(model)

    def reads_without(path: _Path) -> bool:
        body = copy.deepcopy(_body_of(model))
        del _at(body, path[:-1])[path[-1]]
        try:
            decode(kind(body))
        except UNKNOWN_FORM:
            return False
        return True

    for path in sorted(_paths(body), key=len)[:_MOST_TRIES]:
        if reads_without(path):
            return _deepest(body, path, reads_without)
    return ()


def _deepest(body: object, path: _Path, reads_without: Callable[[_Path], bool]) -> _Path:
    for longer in _paths(_at(body, path), depth=1):
        if reads_without((*path, *longer)):
            return _deepest(body, (*path, *longer), reads_without)
    return path


def _body_of(model: object) -> dict[str, object]:
    return dict(cast("Mapping[str, object]", model))


def _paths(value: object, depth: int = _DEEPEST) -> Iterator[_Path]:
    if depth == 0:
        return
    items: list[tuple[str | int, object]] = []
    if isinstance(value, Mapping):
        items = list(cast("Mapping[str, object]", value).items())
    elif isinstance(value, list):
        items = list(enumerate(cast("list[object]", value)))
    for key, inner in items:
        yield (key,)
        for path in _paths(inner, depth - 1):
            yield (key, *path)


def _at(value: object, path: _Path) -> Any:
    found: Any = value
    for key in path:
        found = found[key]
    return found


def _words(path: _Path) -> str:
    """`properties.agentPoolProfiles[0].powerState`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def _kind(value: object) -> str:
    names: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list"}
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object of another form"
    return names.get(type(value), "of another form")
