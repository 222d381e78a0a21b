"""Where text goes: the result to stdout, remarks to stderr, reports to files. Needs nothing that is slow to import."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from aksacr.log_safety import neutralise, printable


class UsageError(Exception):
    """The command line, or a file it names, cannot be used. One line, for a person."""


def in_pipeline() -> bool:
    """Whether an Azure Pipelines agent reads our output (it sets TF_BUILD)."""
    return bool(os.environ.get("TF_BUILD"))


def remark(text: str) -> None:
    """Say something that is not the result, on stderr."""
    lines = [printable(line) for line in text.split("\n")]
    shown = neutralise(" ".join(lines)) if in_pipeline() else "\n".join(lines)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or never there
        sys.stderr.write(f"{shown}\n")
        sys.stderr.flush()


def show(text: str) -> None:
    """Put the result on stdout, and nothing else; an agent that reads it must not execute it."""
    if sys.stdout is None:
        return
    encoding = sys.stdout.encoding or "utf-8"
    safe = neutralise(text) if in_pipeline() else text
    try:
        sys.stdout.write(safe.encode(encoding, "replace").decode(encoding))
        if not safe.endswith("\n"):
            sys.stdout.write("\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        # The reader has gone (`| head`), or stdout was closed: the exit status still says what was found.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def require_writable(path: Path, option: str) -> None:
    """Raise `UsageError` when a file cannot be written there."""
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {folder}")
    if path.is_dir():
        raise UsageError(f"{option} {path}: that is a folder")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise UsageError(f"{option} {path}: may not be written")


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link is followed, a device or pipe is written to. Raises `UsageError`."""
    import tempfile  # noqa: PLC0415 - `explain` writes no file

    path = path.resolve()
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(file.name).chmod(0o666 & ~umask)
        Path(file.name).replace(path)
    except OSError as error:
        raise UsageError(f"{path} could not be written: {error.strerror or error}") from error
