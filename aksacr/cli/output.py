"""Where text goes: the result to stdout, remarks to stderr, reports to files. Needs nothing that is slow to import."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

from aksacr.log_safety import neutralise, printable
from aksacr.redaction.secrets import without_secrets

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO}


class UsageError(Exception):
    """The command line, or a file it names, cannot be used. One line, for a person."""


def in_pipeline() -> bool:
    """Whether an Azure Pipelines agent reads our output (it sets TF_BUILD)."""
    return bool(os.environ.get("TF_BUILD"))


def remark(text: str) -> None:
    """Say something that is not the result, on stderr; no secret that it may quote is said with it."""
    lines = [printable(line) for line in without_secrets(text).split("\n")]
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
    except (OSError, ValueError) as error:
        # The reader has gone (`| head`), or stdout was closed: the exit status still says what was found.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise UsageError(f"stdout could not be written: {_reason(error)}") from error


def is_replaced(path: Path) -> bool:
    """Whether writing there makes a file or replaces one, instead of feeding a device or a pipe."""
    return path.is_file() or not path.exists()


def require_writable(path: Path, option: str) -> None:
    """Raise `UsageError` when a file cannot be written there; what can be known beforehand is tried. Leaves nothing."""
    import tempfile  # noqa: PLC0415 - `explain` writes no file

    refused = UsageError(f"{option} {path}: may not be written")
    try:
        target = path.resolve()
        if target.is_dir():
            raise UsageError(f"{option} {path}: that is a folder")
        if path.exists() and not os.access(path, os.W_OK):
            raise refused
        if not is_replaced(path):
            return
        if not target.parent.is_dir():
            raise UsageError(f"{option} {path}: there is no folder {target.parent}")
        # Asking for the permission is not enough: it says nothing of a file system that is read-only or full.
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except PermissionError as error:
        raise refused from error
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{option} {path}: no file can be written there ({_reason(error)})") from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link is followed, a device or pipe is written to. Raises `UsageError`."""
    try:
        if is_replaced(path):
            _replace(path.resolve(), content)
        else:
            path.write_bytes(content)
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path} could not be written: {_reason(error)}") from error


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file, then put that in its place; whatever happens, Ctrl-C too, nothing else is left."""
    import tempfile  # noqa: PLC0415

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".aksacr-")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        with contextlib.suppress(OSError):  # some file systems know no permissions
            written.chmod(_permissions(path))
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _permissions(path: Path) -> int:
    """Those of the file that is replaced, else those of a file that a shell would make."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _reason(error: OSError | RuntimeError) -> str:
    return (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split())
