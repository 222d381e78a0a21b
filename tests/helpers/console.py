"""Runs the installed program as its user does: a process of its own, against the stand-in over TLS."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXTURES = Path(__file__).parents[2] / "fixtures"
PROGRAM = Path(sys.executable).parent / "aksacr"


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    status: int
    out: str
    err: str


def run(*words: str, home: Path, environment: Mapping[str, str] | None = None, stdin: str = "") -> Ended:
    """Run `aksacr` with these words in an environment that has nothing but what is given."""
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AZURE_CONFIG_DIR": str(home / ".azure"),
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9",
        "PYTHONUTF8": "1",
        "COLUMNS": "100",
        **(environment or {}),
    }
    ended = subprocess.run(
        [str(PROGRAM), *words],
        env=clean,
        cwd=home,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in ended.stdout + ended.stderr, ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)
