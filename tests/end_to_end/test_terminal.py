"""A run on a real (pseudo) terminal: what it shows meanwhile, what stays, and what a pipe and a pipeline get."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from console import PROGRAM, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
ERASED = "\x1b[2K"


def _on_a_terminal(
    home: Path, *words: str, only_stderr: bool = False, environment: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """What `aksacr` wrote to the terminal, and what to a pipe at stdout (with `only_stderr`)."""
    leader, follower = pty.openpty()
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "LINES": "24",
        **(environment or {}),
    }
    with subprocess.Popen(
        [str(PROGRAM), *words],
        env=clean,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if only_stderr else follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        seen = bytearray()
        with suppress(OSError):  # the program has ended, and its side of the terminal is closed
            while piece := os.read(leader, 65536):
                seen += piece
        piped = process.stdout.read() if process.stdout else b""
    os.close(leader)
    assert process.returncode == 0
    return seen.decode(), piped.decode()


def test_it_says_what_azure_is_asked_and_takes_it_away(tmp_path: Path) -> None:
    shown, piped = _on_a_terminal(tmp_path, "demo", only_stderr=True)
    assert "Asking Azure: signing in" in shown
    assert re.search(r"Asking Azure: \d+ answers?", shown)
    assert "Asking Azure" not in shown.rpartition(ERASED)[2]
    assert "Asking Azure" not in piped
    assert piped.startswith("✘ BLOCKED: ")
    assert "\x1b" not in piped


def test_a_terminal_gets_colour_and_then_the_result_alone(tmp_path: Path) -> None:
    shown, _ = _on_a_terminal(tmp_path, "demo", "--only-show-errors")
    assert shown.startswith("\x1b[1;38;5;160m✘ BLOCKED:\x1b[0m ")
    assert "Asking Azure" not in shown


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TF_BUILD": "True"}])
def test_no_spinner_and_no_colour_where_they_cannot_be_shown(tmp_path: Path, environment: dict[str, str]) -> None:
    shown, _ = _on_a_terminal(tmp_path, "demo", environment=environment)
    assert "Asking Azure" not in shown
    assert "\x1b" not in shown
    assert "✘ BLOCKED: " in shown


def test_no_color_is_obeyed(tmp_path: Path) -> None:
    shown, _ = _on_a_terminal(tmp_path, "demo", "--only-show-errors", environment={"NO_COLOR": "1"})
    assert "\x1b" not in shown


@pytest.mark.parametrize("chosen", [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}])
def test_the_c_locale_gets_ascii(tmp_path: Path, chosen: dict[str, str]) -> None:
    shown, _ = _on_a_terminal(tmp_path, "demo", environment=chosen)
    assert shown.isascii()
    assert "x BLOCKED: " in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_a_pipe_gets_no_progress(tmp_path: Path) -> None:
    ended = run("demo", "--only-show-errors", home=tmp_path)
    assert ended.err == ""
