"""What is being asked of Azure at this moment, for somebody who waits for the answer."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Generator

_WORD = re.compile(r"[A-Za-z]+")
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAMED = 3


class Activity:
    """Counts answers, and knows which kinds of resource are asked for; `words` may be called from another thread."""

    def __init__(self) -> None:
        self._answered = 0
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def asking(self, url: str) -> Generator[None]:
        """Around a request, until it is answered or given up."""
        kind = kind_of(url)
        self._under_way[kind] += 1
        try:
            yield
        finally:
            self._under_way[kind] -= 1
            self._answered += 1

    def words(self) -> str:
        """`12 answers, 3 under way: role assignments, virtual networks`; before the first request `signing in`."""
        waiting = {kind: count for kind, count in self._under_way.copy().items() if count > 0}
        if not waiting:
            return _answers(self._answered) if self._answered else "signing in"
        kinds = list(waiting)
        names = ", ".join(kinds[:_NAMED]) + (", ..." if len(kinds) > _NAMED else "")
        return f"{_answers(self._answered)}, {sum(waiting.values())} under way: {names}"


def kind_of(url: str) -> str:
    """The kind of resource that a request of Resource Manager or Graph is about, in words: `virtual networks`."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    lower = [part.lower() for part in parts]
    if "providers" in lower:
        kinds = parts[len(lower) - lower[::-1].index("providers") + 1 :: 2]
    else:
        kinds = parts[::2] if lower[:1] == ["subscriptions"] else parts[1:]
    word = _WORD.match(kinds[-1]) if kinds else None
    return _INNER_CAPITAL.sub(" ", word[0]).lower() if word else "other"


def _answers(count: int) -> str:
    return f"{count} {'answer' if count == 1 else 'answers'}"
