"""Bytes → lines of text: byte order marks, UTF-16 of PowerShell, invalid UTF-8, lines without end."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_LINE = 32_768
_SAMPLE = 512
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes) -> str:
    """The encoding that the first bytes tell; UTF-8 where they tell nothing."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    sample = start[:_SAMPLE]
    # Without a mark: every second byte of ASCII text in UTF-16 is zero.
    if len(sample) >= 8 and sample[1::2].count(0) > 0.4 * len(sample) / 2 and sample[0::2].count(0) < 0.1 * len(sample):
        return "utf-16-le"
    return "utf-8"


def texts_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of the chunks; bytes that are no text become U+FFFD. Where the chunks are cut changes nothing."""
    decoder: codecs.IncrementalDecoder | None = None
    held = b""
    for chunk in chunks:
        if decoder is not None:
            yield decoder.decode(chunk)
            continue
        held += chunk
        if len(held) >= _SAMPLE:
            decoder = _decoder(held)
            yield decoder.decode(held)
    if decoder is None:
        decoder = _decoder(held)
        yield decoder.decode(held)
    yield decoder.decode(b"", final=True)


def _decoder(start: bytes) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding_of(start))("replace")


def lines_of(texts: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in pieces. A line longer than any message is cut into several."""
    rest = ""
    for text in texts:
        if not text:
            continue
        text = rest + text  # noqa: PLW2901
        # The second half of a line end may be in the next piece.
        held = "\r" if text.endswith("\r") else ""
        *whole, rest = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in whole:
            yield from _pieces(line)
        while len(rest) > _LONGEST_LINE:
            yield rest[:_LONGEST_LINE]
            rest = rest[_LONGEST_LINE:]
        rest += held
    if rest:
        yield rest.removesuffix("\r")


def _pieces(line: str) -> Iterator[str]:
    if len(line) <= _LONGEST_LINE:
        yield line
        return
    line = line.strip()
    for start in range(0, len(line), _LONGEST_LINE):
        yield line[start : start + _LONGEST_LINE]
