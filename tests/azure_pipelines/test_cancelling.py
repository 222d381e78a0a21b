"""A cancelled job: the child is ended, what was written is published, and no key is left."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .agent import cancel
from .azure import azure_of, connection, inputs, machine, secrets_of
from .watching import is_alive

if TYPE_CHECKING:
    from subprocess import Popen

    from .agent import Agent
    from .watching import Watch

# aksacr that has written its reports and then hangs
HANGING = """#!{python}
import subprocess, sys, time
subprocess.run(["{real}", *sys.argv[1:]])
if "check" in sys.argv:
    time.sleep(60)
"""


def test_the_child_is_ended_and_the_key_is_removed(agent: Agent) -> None:
    pids: list[int] = []
    keys: list[Path] = []

    def stop(process: Popen[str], watch: Watch) -> None:
        child = watch.wait_for("check", "--output=text")
        pids.append(child.pid)
        keys.append(Path(child.environment["AZURE_CLIENT_CERTIFICATE_PATH"]))
        assert keys[0].exists()
        time.sleep(1)
        cancel(process)

    with azure_of(delay=60) as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure), connection(azure, "certificate"), during=stop)
        secrets = secrets_of(azure)
    assert (step.result, step.status, step.errors) == ("Canceled", 0, [])
    assert step.seconds < 20
    assert not is_alive(pids[0])
    assert not keys[0].parent.exists()
    assert not [file for file in agent.temp.rglob("*") if file.is_file() and b"PRIVATE KEY" in file.read_bytes()]
    assert not [line for line in step.lines if any(one in line for one in secrets) and "task.setsecret" not in line]


def test_the_reports_that_are_there_are_kept(agent: Agent) -> None:
    program = agent.root / "bin" / "aksacr"
    program.parent.mkdir()
    program.write_text(HANGING.format(python=sys.executable, real=shutil.which("aksacr", path=agent.path)))
    program.chmod(0o755)
    agent.path = f"{program.parent}:{agent.path}"

    def stop(process: Popen[str], watch: Watch) -> None:
        watch.wait_for("check", "--output=text")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not list(agent.temp.glob("aksacr-reports-*/aksacr.sarif")):
            time.sleep(0.05)
        cancel(process)

    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure), connection(azure), during=stop)
    assert step.result == "Canceled"
    assert len(step.all("task.uploadsummary")) == 1
    assert step.outputs["checkResult"] == "clear"
    assert step.seconds < 30


def test_an_installation_that_is_cancelled_leaves_nothing(agent: Agent) -> None:
    def stop(process: Popen[str], watch: Watch) -> None:
        watch.wait_for("venv")
        cancel(process)

    with azure_of() as azure:
        step = agent.run(inputs(azure, cliSource="install"), connection(azure), during=stop)
    assert step.result == "Canceled"
    assert [file for file in agent.tools.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("source", ["path", "install"])
def test_a_probe_that_hangs_is_ended_and_no_key_was_written(agent: Agent, source: str) -> None:
    program = agent.root / "bin" / ("aksacr" if source == "path" else "python3")
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ntrap '' INT\nsleep 50\nsleep 50\n")
    program.chmod(0o755)
    agent.path = f"{program.parent}:{agent.path}"
    pids: list[int] = []
    keys: list[Path] = []

    def stop(process: Popen[str], watch: Watch) -> None:
        pids.append(watch.wait_for("sleep", "50").pid)
        keys.extend(agent.temp.rglob("connection.pem"))
        cancel(process)

    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, cliSource=source), connection(azure, "certificate"), during=stop)
    assert (step.result, step.status, step.errors) == ("Canceled", 0, [])
    assert step.seconds < 15
    assert not is_alive(pids[0])
    assert keys == []
    assert {file.name for file in agent.temp.rglob("*") if file.is_file()} <= {".taskkey"}
