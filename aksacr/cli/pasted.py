"""Pull errors as a command line gives them: the text itself, `@FILE`, or `-` for stdin."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .output import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from aksacr.pull_errors import Explanation, PullError

_PIECE = 1 << 16


def read_pasted(words: Sequence[str]) -> Explanation:
    """What the given texts say, one entry for each different error. Raises `UsageError` when a file cannot be read."""
    from aksacr.pull_errors import Explanation  # noqa: PLC0415 - only where a text is given

    found = [error for word in dict.fromkeys(words) for error in _read(word).errors]
    return Explanation(errors=_each_once(found))


def _read(word: str) -> Explanation:
    from aksacr.pull_errors import read_errors  # noqa: PLC0415

    if word == "-":
        if sys.stdin is None:
            raise UsageError("there is nothing on stdin")
        return read_errors(_pieces(sys.stdin.buffer))
    if not word.startswith("@"):
        return read_errors(word)
    with _opened(word[1:]) as file:
        return read_errors(_pieces(file))


@contextmanager
def _opened(name: str) -> Generator[BinaryIO]:
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise UsageError(f"@{name}: {error.strerror or error}") from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


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
