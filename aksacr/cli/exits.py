"""What ends a run early: one line on stderr, one exit status, and a traceback only with --debug."""

from __future__ import annotations

import contextlib
from enum import IntEnum
from typing import TYPE_CHECKING

from .output import remark

if TYPE_CHECKING:
    from collections.abc import Generator


class ExitStatus(IntEnum):
    """The statuses that are not a verdict's. 0, 1, 3 and 6 come from the report."""

    USAGE = 2
    NO_TARGET = 4
    NO_SIGN_IN = 5
    INTERNAL = 6
    INTERRUPTED = 130


@contextlib.contextmanager
def one_line_per_failure(*, debug: bool) -> Generator[None]:
    """Turn what a command raises into one line and its exit status."""
    if debug:
        _log_to_stderr()
    try:
        yield
    except KeyboardInterrupt:
        remark("aksacr: interrupted")
        raise SystemExit(ExitStatus.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - no traceback is ever shown without --debug
        if debug:
            import traceback  # noqa: PLC0415

            remark(traceback.format_exc())
        status, line = _told(error)
        remark(f"aksacr: {line}")
        raise SystemExit(status) from None


def _log_to_stderr() -> None:
    """What the libraries log, too, as remarks are said: without secrets, and nothing that an agent would execute."""
    import logging  # noqa: PLC0415 - only with --debug

    class Remarks(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            remark(self.format(record))

    logging.basicConfig(level=logging.INFO, handlers=[Remarks()], format=logging.BASIC_FORMAT)


def _told(error: Exception) -> tuple[ExitStatus, str]:
    kinds: dict[str, ExitStatus] = {
        "UsageError": ExitStatus.USAGE,
        "UnknownCheckError": ExitStatus.USAGE,
        "WorldError": ExitStatus.USAGE,
        "AzSettingsError": ExitStatus.NO_TARGET,
        "UnknownSubscriptionError": ExitStatus.NO_TARGET,
        "CloudError": ExitStatus.NO_TARGET,
        "TargetError": ExitStatus.NO_TARGET,
        "TlsError": ExitStatus.NO_SIGN_IN,
        "SignInError": ExitStatus.NO_SIGN_IN,
    }
    # By name, because importing the classes would import what the command may not have needed.
    name = type(error).__name__
    if name in kinds:
        return kinds[name], " ".join(str(error).split())
    return (
        ExitStatus.INTERNAL,
        f"failed with {name}: {' '.join(str(error).split())[:300]} (run again with --debug and report what it prints)",
    )
