"""What ends a run early: one line on stderr, one exit status, and a traceback only with --debug."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from aksacr.log_safety import neutralise

if TYPE_CHECKING:
    from collections.abc import Generator


class ExitStatus(IntEnum):
    """The statuses that are not a verdict's. 0, 1, 3 and 6 come from the report."""

    USAGE = 2
    NO_TARGET = 4
    NO_SIGN_IN = 5
    INTERNAL = 6
    INTERRUPTED = 130


class UsageError(Exception):
    """The command line, or a file it names, cannot be used. One line, for a person."""


def in_pipeline() -> bool:
    """Whether an Azure Pipelines agent reads our output (it sets TF_BUILD)."""
    return bool(os.environ.get("TF_BUILD"))


def remark(text: str) -> None:
    """Say something that is not the result, on stderr."""
    line = " ".join(text.split("\n")) if in_pipeline() else text
    typer.echo(neutralise(line) if in_pipeline() else line, err=True)


@contextmanager
def one_line_per_failure(*, debug: bool) -> Generator[None]:
    """Turn what a command raises into one line and its exit status."""
    if debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    try:
        yield
    except KeyboardInterrupt:
        remark("aksacr: interrupted")
        raise typer.Exit(ExitStatus.INTERRUPTED) from None
    except (typer.Exit, SystemExit):
        raise
    except Exception as error:  # noqa: BLE001 - no traceback is ever shown without --debug
        if debug:
            remark(traceback.format_exc())
        status, line = _told(error)
        remark(f"aksacr: {line}")
        raise typer.Exit(status) from None


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
