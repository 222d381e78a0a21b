"""What others wrote (Azure's data, pasted text, a child's own words) never reaches the agent as a command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.standin.world import World

from .agent import read
from .azure import FIXTURES, azure_of, connection, inputs, machine

if TYPE_CHECKING:
    from .agent import Agent, Step

EVIL = "##vso[task.setvariable variable=PATH]/evil"
FORMS = [EVIL, "##VSO[task.complete result=Succeeded;]x", "#\xad#v\u200bso[task.prependpath]/evil", "##[error]forged"]


def poisoned(name: str) -> World:
    """A world whose node pools, tags and route names carry commands."""
    text = (FIXTURES / name / "world.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text.replace('"to-firewall"', json.dumps(EVIL)))
    for body in document["resources"].values():
        body["tags"] = {EVIL: EVIL}
    return World.parse(json.dumps(document).encode(), name)


def assert_no_command_of_others(step: Step, *, is_printed: bool = True) -> None:
    assert any("/evil" in line for line in step.lines) is is_printed
    for line in step.lines:
        command = read(line)
        if command is not None:
            assert line.startswith("##vso["), line
            assert "/evil" not in json.dumps(command.properties)
            assert command.name == "task.debug" or "##vso[" not in command.data
    assert [one.properties["variable"] for one in step.all("task.setvariable")] == list(step.outputs)
    assert not [line for line in step.lines if line.startswith(("##[", "##_[")) and "forged" not in line]


def test_names_in_azure(agent: Agent) -> None:
    with azure_of(poisoned("egress_through_appliance")) as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure), connection(azure))
    assert step.result == "SucceededWithIssues"
    assert_no_command_of_others(step)


@pytest.mark.parametrize("evil", FORMS)
def test_pasted_text(agent: Agent, evil: str) -> None:
    text = f'Failed to pull image "clireg000002.azurecr.io/app:1": {evil} 403 Forbidden\n{evil}/evil\n'
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, errorText=text), connection(azure))
    assert step.result in {"Succeeded", "Failed", "SucceededWithIssues"}
    report = json.loads(Path(step.outputs["reportJson"]).read_text(encoding="utf-8"))
    assert report["observed"], "the text was not read at all"
    assert_no_command_of_others(step, is_printed=False)


def test_a_name_that_is_not_there(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, clusterName=EVIL), connection(azure))
    assert step.result == "Failed"
    assert_no_command_of_others(step)


BROKEN = """#!{python}
import sys, time
if "--version" in sys.argv:
    print("aksacr 9")
    sys.exit(0)
for piece in {pieces!r}:
    sys.{stream}.buffer.write(piece)
    sys.{stream}.buffer.flush()
    time.sleep(0.1)
sys.exit(7)
"""
PIECES = [
    b"##v",
    b"so[task.setvariable variable=PATH]/evil\n",
    b"\xff\xfe##[",
    b"error]forged /evil\r##vso[task.complete result=Succeeded;]/evil",
]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_whatever_the_child_prints_and_however_it_is_cut(agent: Agent, stream: str) -> None:
    """A broken aksacr, or pip's build of a package: bytes in pieces, no newline at the end, no UTF-8."""
    program = agent.root / "bin" / "aksacr"
    program.parent.mkdir()
    program.write_text(BROKEN.format(python=sys.executable, pieces=PIECES, stream=stream))
    program.chmod(0o755)
    agent.path = f"{program.parent}:{agent.path}"
    with azure_of() as azure:
        step = agent.run(inputs(azure), connection(azure))
    assert step.result == "Failed"
    assert step.message == "The check could not run: aksacr ended with status 7."
    assert_no_command_of_others(step)
    assert any("##_vso[task.setvariable variable=PATH]/evil" in line for line in step.lines)


@pytest.mark.parametrize("name", ["errorText", "extraArguments"])
def test_a_secret_in_free_text_is_not_printed(agent: Agent, name: str) -> None:
    """Not even in task-lib's debug lines, which say the value of every input that it reads."""
    secret = "hunter2-of-the-registry"
    given = {
        "errorText": f"docker login -p {secret}\nfailed to authorize: 401 Unauthorized",
        "extraArguments": f"--only-show-errors --query '{secret}'",
    }
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, **{name: given[name]}), connection(azure))
    program = step.watch.running("check", "--output=text")[0]
    assert any(word.startswith("--error=@") or secret in word for word in program.words), "it was not read at all"
    assert not [line for line in step.lines if secret in line and line.startswith("##vso[task.debug]")]
    assert name == "extraArguments" or not [line for line in step.lines if secret in line]
