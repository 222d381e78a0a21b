"""Pull errors as a command line gives them: the text itself, `@FILE`, or `-` for stdin."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aksacr.observed import saying_nothing

from .output import UsageError, remark

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from aksacr.pull_errors import Explanation, PullError

_PIECE = 1 << 16
_SAMPLE = 8192
# Blanks, and the byte order marks that may be all there is.
_BLANKS = b" \t\r\n\0\xef\xbb\xbf\xfe\xff"
# What no log holds; tabs, line ends, backspaces and the escapes of colours are not among them.
_CONTROLS = frozenset(map(chr, {*range(8), 11, *range(14, 27), *range(28, 32), 127}))
_MOST_STRANGE = 0.1
_SHOWN = 100


def read_pasted(words: Sequence[str]) -> Explanation:
    """What the given texts say, one entry for each different error; none where nothing but blanks was given.

    Raises `UsageError` when a file cannot be read, or holds no text.
    """
    from aksacr.pull_errors import Explanation  # noqa: PLC0415 - only where a text is given

    found = [error for word in dict.fromkeys(words) for error in _read(word)]
    return Explanation(errors=_each_once(found))


def errors_seen(words: Sequence[str] | None, *, quiet: bool) -> Explanation | None:
    """The errors of `--error`; a text without anything in it, as an empty variable gives, is a remark and no error."""
    if not words:
        return None
    found = read_pasted(words)
    if not found.errors and not quiet:
        remark("aksacr: --error holds nothing, and is left out")
    if not quiet:
        _remark_what_says_nothing(found)
    return found if found.errors else None


def _remark_what_says_nothing(found: Explanation) -> None:
    from aksacr.pull_errors import entries_of  # noqa: PLC0415

    for entry in entries_of(found):
        for symptom in saying_nothing([entry]):
            text = " ".join(str(entry["text"]).split())
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            remark(
                f'aksacr: the error "{shown}" says nothing of why a pull fails ({symptom}): paste the whole event '
                "whose reason is Failed (`kubectl describe pod` shows it)"
            )


def _read(word: str) -> list[PullError]:
    from aksacr.pull_errors import read_errors  # noqa: PLC0415

    if word == "-":
        if sys.stdin is None:
            raise UsageError("there is nothing on stdin")
        source = _Source(sys.stdin.buffer, "stdin")
        found = read_errors(source.pieces()).errors
        return found if source.holds_something else []
    if not word.startswith("@"):
        return read_errors(word).errors if word.strip() else []
    with _opened(word[1:]) as file:
        source = _Source(file, word)
        found = read_errors(source.pieces()).errors
        return found if source.holds_something else []


class _Source:
    """A file or a pipe, piece by piece; `holds_something` tells once it was read.

    Raises `UsageError` for what is no text.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.holds_something = False

    def pieces(self) -> Iterator[bytes]:
        first = True
        while piece := self._file.read(_PIECE):
            if first and not _is_text(piece[:_SAMPLE]):
                raise UsageError(
                    f"{self._name} holds no text: give what kubectl, the kubelet or a pipeline printed, not an archive "
                    "or a program"
                )
            first = False
            self.holds_something = self.holds_something or bool(piece.strip(_BLANKS))
            yield piece


def _is_text(sample: bytes) -> bool:
    """Whether bytes read as text in the encoding that they begin with, but for a few."""
    from aksacr.pull_errors.decode import texts_of  # noqa: PLC0415

    text = "".join(texts_of([sample]))
    strange = sum(character == "\N{REPLACEMENT CHARACTER}" or character in _CONTROLS for character in text)
    return strange <= _MOST_STRANGE * len(text)


@contextmanager
def _opened(name: str) -> Generator[BinaryIO]:
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise UsageError(f"@{name}: {error.strerror or error}") from error


def _each_once(errors: Iterable[PullError]) -> list[PullError]:
    import msgspec  # noqa: PLC0415 - loaded by pull_errors anyway

    found: list[PullError] = []
    for error in errors:
        same = next(
            (n for n, one in enumerate(found) if msgspec.structs.replace(one, count=error.count) == error), None
        )
        if same is None:
            found.append(error)
        else:
            found[same] = msgspec.structs.replace(error, count=found[same].count + error.count)
    return found
