"""Patterns that are compiled when they are first used: a run on one line uses a third of them, and start-up counts."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def lazily(source: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A function that gives the compiled pattern, the same one every time."""
    return cache(partial(re.compile, source, flags))
