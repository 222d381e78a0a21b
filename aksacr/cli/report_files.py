"""The files that reports go to (`--report FORMAT=FILE`)."""

from __future__ import annotations

from pathlib import Path

from .formats import FORMATS, FORMATS_LISTED
from .output import UsageError, is_replaced, require_writable

_FORM = f"write FORMAT=FILE, where FORMAT is {FORMATS_LISTED}"


def report_files(words: list[str] | None) -> tuple[tuple[str, Path], ...]:
    """`FORMAT=FILE` pairs, `~` expanded. Raises `UsageError` for what cannot be written, before anything is read."""
    found: list[tuple[str, Path]] = []
    for word in words or []:
        kind, path = _parsed(word)
        require_writable(path, "--report")
        for other, taken in found:
            if _same(taken, path):
                raise UsageError(f"--report: {other} and {kind} would go to the same file, {path}; give each its own")
        found.append((kind, path))
    return tuple(found)


def _parsed(word: str) -> tuple[str, Path]:
    kind, separator, name = word.partition("=")
    kind = kind.strip().lower()
    if not separator or not name.strip():
        raise UsageError(f'--report "{word}": {_FORM}')
    if kind not in FORMATS:
        raise UsageError(f'--report "{word}": there is no format "{kind}"; {_FORM}')
    if name == "-":
        raise UsageError(f'--report "{word}": "-" is no file; -o {kind} writes to stdout')
    try:
        return kind, Path(name).expanduser()  # a shell expands `~` only at the start of a word
    except RuntimeError as error:
        raise UsageError(f'--report "{word}": whose home folder that is, is not known') from error


def _same(one: Path, other: Path) -> bool:
    """Whether the second report would overwrite the first; a device takes both."""
    if not is_replaced(one) or not is_replaced(other):
        return False
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)
