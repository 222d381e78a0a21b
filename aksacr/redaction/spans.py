"""Pieces of a text that are to be replaced, and replacing them all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Span(NamedTuple):
    """`text[start:end]` is to read `token`."""

    start: int
    end: int
    token: str


def replaced(text: str, spans: Iterable[Span]) -> str:
    """The text with its spans replaced. Of spans that overlap the first given names the token for all they cover."""
    joined = united(spans)
    if not joined:
        return text
    pieces: list[str] = []
    at = 0
    for span in joined:
        pieces += (text[at : span.start], span.token)
        at = span.end
    return "".join([*pieces, text[at:]])


def united(spans: Iterable[Span]) -> list[Span]:
    """The spans in the order of the text, none over another."""
    ranked = sorted(((span.start, rank, span) for rank, span in enumerate(spans)), key=lambda item: item[:2])
    joined: list[tuple[int, Span]] = []
    for start, rank, span in ranked:
        if joined and start < joined[-1][1].end:
            best, last = joined[-1]
            token = last.token if best <= rank else span.token
            joined[-1] = (min(best, rank), Span(last.start, max(last.end, span.end), token))
        else:
            joined.append((rank, span))
    return [span for _, span in joined]


def in_turn(text: str, finders: Iterable[Callable[[str], list[Span]]]) -> list[Span]:
    """What all finders find; the earlier a finder, the more its tokens count."""
    return [span for finder in finders for span in finder(text)]
