"""Phrases, and a text to look for them in: plain substrings in lower case, so that reading is linear in the text."""

from __future__ import annotations

from functools import cache


def phrases(listed: str) -> tuple[str, ...]:
    """The phrases of a list that is written with ` | ` between them."""
    return tuple(listed.split(" | "))


def words(listed: str) -> frozenset[str]:
    """The words of a list that is written with blanks between them."""
    return frozenset(listed.split())


class Said:
    """A text to look for phrases in. `wrapped`: it was put together from lines, so blanks in it prove nothing."""

    __slots__ = ("_squeezed", "low")

    def __init__(self, low: str, *, wrapped: bool = False) -> None:
        self.low = low
        self._squeezed = _squeeze(low) if wrapped else None

    def has(self, phrase: str) -> bool:
        """Whether the phrase stands in the text."""
        if phrase in self.low:
            return True
        return self._squeezed is not None and " " in phrase and _squeezed_phrase(phrase) in self._squeezed

    def has_any(self, wanted: tuple[str, ...]) -> bool:
        """Whether one of the phrases stands in the text."""
        low = self.low
        for phrase in wanted:
            if phrase in low:
                return True
        return self._squeezed is not None and any(self.has(phrase) for phrase in wanted)


def _squeeze(text: str) -> str:
    return "".join(text.split())


@cache
def _squeezed_phrase(phrase: str) -> str:
    return _squeeze(phrase)
