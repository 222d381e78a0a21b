"""aksacr in a virtual environment of the agent's tool folder: made once, made whole, made anew when it is broken."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .agent import Agent
from .azure import azure_of, connection, inputs, machine
from .conftest import NODES, WHEELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .agent import Step

pytestmark = pytest.mark.skipif(not WHEELS, reason="no wheels: set AKSACR_TEST_WHEELS to a folder of them")

OFFLINE = {"cliSource": "wheelhouse", "wheelhouse": WHEELS, "pythonPath": sys.executable}


def run(agent: Agent, **changes: str) -> Step:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        return agent.run(inputs(azure, **{**OFFLINE, **changes}), connection(azure))


def places(agent: Agent) -> list[Path]:
    return sorted(agent.tools.glob("aksacr/*/*"))


@pytest.mark.xdist_group("installing")
def test_two_jobs_at_once_then_one_again_then_a_broken_one(agent: Agent) -> None:
    """One test, because an installation takes seconds: everything that follows from it is looked at here."""
    other = Agent(agent.node, agent.task, agent.root / "other", agent.path)
    other.variables["Agent.ToolsDirectory"] = str(agent.tools)
    with ThreadPoolExecutor() as jobs:
        steps = [job.result() for job in [jobs.submit(run, one) for one in (agent, other)]]
    assert [step.result for step in steps] == ["Succeeded", "Succeeded"], steps[0].message + steps[1].message
    (place,) = places(agent)
    assert (place / ".complete").exists()

    again = run(agent)
    assert again.result == "Succeeded"
    assert again.watch.running("pip") == []
    program = again.watch.running("aksacr", "check")[0]
    assert program.words[0] == str(place / "bin" / "python")

    shutil.rmtree(next(place.glob("lib/python*/site-packages/msgspec")))
    mended = run(agent)
    assert mended.result == "Succeeded", mended.message
    assert mended.watch.running("pip") != []
    assert places(agent) == [place]

    # Whole by name and size, and does not run all the same.
    module = next(place.glob("lib/python*/site-packages/aksacr/cli/app.py"))
    module.write_bytes(b"(" * module.stat().st_size)
    again_mended = run(agent)
    assert again_mended.result == "Succeeded", again_mended.message
    assert again_mended.watch.running("pip") != []
    assert places(agent) == [place]


@pytest.mark.xdist_group("installing")
def test_pip_obeys_its_own_variables_and_the_check_does_not_see_them(agent_on: Callable[[str], Agent]) -> None:
    agent = agent_on(NODES[-1])
    agent.variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS, "PIP_USER": "1"}
    step = run(agent, cliSource="install")
    assert step.result == "Succeeded", step.message
    program = step.watch.running("aksacr", "check")[0]
    assert not [name for name in program.environment if name.startswith("PIP_")]


def test_a_version_that_no_index_has(agent: Agent) -> None:
    agent.variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS}
    step = run(agent, cliSource="install", cliVersion="99.0")
    assert step.result == "Failed"
    assert "pip could not install aksacr 99.0 (No matching distribution found for aksacr==99.0)." in step.message
    assert "PIP_INDEX_URL" in step.message
    assert places(agent) == []


def test_a_folder_without_the_wheel(agent: Agent) -> None:
    empty = agent.root / "empty"
    empty.mkdir()
    step = run(agent, wheelhouse=str(empty))
    assert step.result == "Failed"
    assert f"{empty} holds no wheel of aksacr" in step.message
    other = run(agent, cliVersion="2.0")
    assert "and aksacr 2.0 is wanted" in other.message


def test_a_folder_without_what_aksacr_needs(agent: Agent) -> None:
    poor = agent.root / "poor"
    poor.mkdir()
    for wheel in Path(WHEELS).glob("aksacr-*.whl"):
        shutil.copy(wheel, poor)
    step = run(agent, wheelhouse=str(poor))
    assert step.result == "Failed"
    assert "Fill the folder with the wheels of aksacr and of all that it needs" in step.message
    assert places(agent) == []


def test_a_python_that_cannot_make_environments(agent: Agent) -> None:
    python = agent.root / "python3"
    python.write_text(
        f'#!{sys.executable}\nimport json\nprint(json.dumps([[3, 12, 1], "/usr/bin/python3", "x86_64", False]))\n'
    )
    python.chmod(0o755)
    step = run(agent, pythonPath=str(python))
    assert step.result == "Failed"
    assert "/usr/bin/python3 (3.12.1) cannot make virtual environments" in step.message
    assert "python3-venv" in step.message


def test_a_python_of_the_tool_folder(agent: Agent) -> None:
    """Where UsePythonVersion keeps them; the newest that is new enough, though PATH has none."""
    for version in ("3.9.20", "3.13.1", "3.12.9"):
        python = agent.tools / "Python" / version / "x64" / "bin" / "python3"
        python.parent.mkdir(parents=True)
        numbers = version.replace(".", ", ")
        python.write_text(
            f'#!{sys.executable}\nimport json, sys\nif "-c" not in sys.argv:\n    sys.exit("asked for a venv")\n'
            f'print(json.dumps([[{numbers}], sys.argv[0], "x86_64", True]))\n'
        )
        python.chmod(0o755)
    agent.path = str(agent.root / "nothing")
    step = run(agent, pythonPath="")
    assert "Python 3.13.1" in step.log
    assert "could not make a virtual environment" in step.message
