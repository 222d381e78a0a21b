"""An explanation as plain values, as a report carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from .model import Explanation


def entries_of(explanation: Explanation) -> list[dict[str, Any]]:
    """The `errors` of an explanation as JSON values, keys as in its JSON."""
    return msgspec.convert(msgspec.to_builtins(explanation)["errors"], type=list[dict[str, Any]])
