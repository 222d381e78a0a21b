"""Other spellings of one text: escapes of URLs and of JSON, and base64."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING

from .spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable

ENCODED = "encoded-value-masked"

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\/|\\_|&amp;|&#x?[0-9A-Fa-f]{1,6};")
_DEEPEST = 3
_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}+={0,2}")
_READABLE = re.compile(rb"[\x20-\x7e]{5,}")
_STANDARD = str.maketrans("-_", "+/")


def in_escapes(text: str, find: Callable[[str], list[Span]], *, depth: int = 0) -> list[Span]:
    r"""What `find` finds in a text without its escapes (`%2F`, `\u0040`), told by its place in the text itself."""
    if depth == _DEEPEST or ("%" not in text and "\\" not in text and "&" not in text):
        return []
    plain, places = _plain(text)
    if places is None:
        return []
    inner = [*find(plain), *in_escapes(plain, find, depth=depth + 1)]
    return [Span(places[span.start], places[span.end], span.token) for span in inner if span.end > span.start]


def _plain(text: str) -> tuple[str, list[int] | None]:
    """The text without escapes, and for each of its characters where it begins in the text; None without escapes."""
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for match in _ESCAPES.finditer(text):
        pieces.append(text[at : match.start()])
        places += range(at, match.start())
        for character, distance in _unescaped(match[0]):
            pieces.append(character)
            places.append(match.start() + distance)
        at = match.end()
    if not pieces:
        return text, None
    pieces.append(text[at:])
    places += range(at, len(text) + 1)
    return "".join(pieces), places


def _unescaped(escape: str) -> list[tuple[str, int]]:
    """The characters of an escape, each with its distance from the escape's beginning."""
    if escape.startswith("%"):
        found: list[tuple[str, int]] = []
        octets = bytes.fromhex(escape.replace("%", ""))
        at = 0
        for character in octets.decode("utf-8", "surrogateescape"):
            found.append((character, 3 * at))
            at += len(character.encode("utf-8", "surrogateescape"))
        return found
    if escape[:2] in {"\\u", "\\x"}:
        return [(chr(int.from_bytes(bytes.fromhex(escape[2:]))), 0)]
    if escape.startswith("&#"):
        return [(html.unescape(escape) or "\ufffd", 0)]
    return [("&" if escape == "&amp;" else escape[1], 0)]


def in_base64(text: str, holds: Callable[[str], bool]) -> list[Span]:
    """The runs of base64 (either alphabet, also inside a longer run, UTF-8 or UTF-16) that `holds` is true of."""
    return [
        Span(*match.span(), ENCODED)
        for match in _RUN.finditer(text)
        if match[0] != ENCODED and any(holds(piece) for piece in _decoded(match[0]))
    ]


def _decoded(run: str) -> list[str]:
    found: list[str] = []
    standard = run.rstrip("=").translate(_STANDARD)
    for skipped in range(4):
        body = standard[skipped:]
        rest = len(body) % 4
        if rest == 1:
            body = body[:-1]
        octets = base64.b64decode(body + "=" * (-len(body) % 4)).replace(b"\0", b"")
        found += [piece.decode("ascii") for piece in _READABLE.findall(octets)]
    return found
