"""As much of an Azure Pipelines agent as a step meets: what it is handed, and what becomes of the lines it prints.

After the agent's own sources: Handlers/Handler.cs (the environment), Command.cs and CommandStringConvertor.cs (how a
line is read), TaskCommandExtension.cs and TaskRestrictionsExtension.cs (what a restricted step may say).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENDPOINT = "5f0e8d2c-0000-4000-8000-0000000000ab"
RESULTS = ("Succeeded", "SucceededWithIssues", "Failed", "Canceled", "Skipped", "Abandoned")
_COMMAND = re.compile(r"##vso\[(?P<name>[^\] ]+)(?: (?P<properties>[^\]]*))?\](?P<data>.*)")
_RESTRICTED = {
    "task.logissue",
    "task.logdetail",
    "task.complete",
    "task.setprogress",
    "task.setsecret",
    "task.setvariable",
    "task.settaskvariable",
    "task.debug",
    "task.prependpath",
}
_KNOWN = {*_RESTRICTED, "task.issue", "task.uploadsummary", "artifact.upload", "results.publish"}
_UNESCAPED = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}


@dataclass(frozen=True)
class Command:
    """One `##vso[…]` line."""

    name: str
    properties: dict[str, str]
    data: str


@dataclass
class Step:
    """How a step ended, as the agent sees it."""

    status: int
    lines: list[str]
    seconds: float
    watch: Watch
    temp: Path
    commands: list[Command] = field(default_factory=list[Command])
    refused: list[str] = field(default_factory=list[str])

    @property
    def result(self) -> str:
        results = [one.properties["result"] for one in self.all("task.complete")]
        assert len(results) == 1, f"the step told {len(results)} results:\n" + "\n".join(self.lines)
        assert results[0] in RESULTS, "the agent knows no such result"
        return results[0]

    @property
    def message(self) -> str:
        return self.all("task.complete")[0].data

    @property
    def log(self) -> str:
        """What a person reads: everything that is no command, and the issues."""
        return "\n".join([*(line for line in self.lines if "##vso[" not in line), *self.errors, *self.warnings])

    @property
    def errors(self) -> list[str]:
        return self._issues("error")

    @property
    def warnings(self) -> list[str]:
        return self._issues("warning")

    @property
    def outputs(self) -> dict[str, str]:
        return {
            one.properties["variable"]: one.data
            for one in self.all("task.setvariable")
            if one.properties.get("isOutput") == "true"
        }

    def all(self, name: str) -> list[Command]:
        return [command for command in self.commands if command.name == name]

    def _issues(self, kind: str) -> list[str]:
        found = [one for name in ("task.logissue", "task.issue") for one in self.all(name)]
        return [one.data for one in found if one.properties["type"] == kind]


def read(line: str) -> Command | None:
    """A line as Command.TryParse reads it."""
    found = _COMMAND.search(line)
    if found is None:
        return None
    pairs = [pair.partition("=") for pair in (found["properties"] or "").split(";") if pair]
    return Command(found["name"], {key: _unescaped(value) for key, _, value in pairs}, _unescaped(found["data"]))


def _unescaped(text: str) -> str:
    for escape, letter in _UNESCAPED.items():
        text = text.replace(escape, letter)
    return text


@dataclass
class Agent:
    """A job on an agent: its folders, its variables, and the service connection that it hands over."""

    node: str
    task: Path
    root: Path
    path: str
    variables: dict[str, str] = field(default_factory=dict[str, str])
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    machine: dict[str, str] = field(default_factory=dict[str, str])
    restricted: bool = False

    def __post_init__(self) -> None:
        for folder in ("_temp", "_tool", "work", "home"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)

    @property
    def temp(self) -> Path:
        return self.root / "_temp"

    @property
    def tools(self) -> Path:
        return self.root / "_tool"

    @property
    def work(self) -> Path:
        return self.root / "work"

    def run(
        self,
        inputs: Mapping[str, str],
        connection: Mapping[str, str],
        *,
        during: Callable[[subprocess.Popen[str], Watch], None] | None = None,
    ) -> Step:
        """Run the task. `during` may act while it runs (it is called in a thread of its own)."""
        start = time.monotonic()
        environment = self._environment(inputs, connection)
        process = subprocess.Popen(
            [self.node, str(self.task / "index.js")],
            env=environment,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        watch = Watch(process.pid)
        if during is not None:
            threading.Thread(target=during, args=(process, watch), daemon=True).start()
        assert process.stdout is not None
        with process.stdout:
            lines = [line.rstrip("\r\n") for line in process.stdout]
        status = process.wait(60)
        watch.stop()
        step = Step(status, lines, time.monotonic() - start, watch, self.temp)
        self._obey(step)
        return step

    def _environment(self, inputs: Mapping[str, str], connection: Mapping[str, str]) -> dict[str, str]:
        variables = {
            "Agent.TempDirectory": str(self.temp),
            "Agent.ToolsDirectory": str(self.tools),
            "System.DefaultWorkingDirectory": str(self.work),
            "Build.SourcesDirectory": str(self.work),
            "System.HostType": "build",
            "System.CollectionUri": "https://dev.azure.com/organisation/",
            **self.variables,
        }
        return {
            "PATH": self.path,
            "HOME": str(self.root / "home"),
            "TF_BUILD": "True",
            **self.machine,
            **{_named(name): value for name, value in variables.items()},
            **{f"SECRET_{_named(name)}": value for name, value in self.secrets.items()},
            "VSTS_PUBLIC_VARIABLES": json.dumps(list(variables)),
            "VSTS_SECRET_VARIABLES": json.dumps(list(self.secrets)),
            **{f"INPUT_{_named(name)}": value for name, value in inputs.items()},
            **connection,
        }

    def _obey(self, step: Step) -> None:
        for line in step.lines:
            command = read(line)
            if command is None:
                continue
            assert command.name in _KNOWN, f"the task lets the agent execute {line!r}"
            if self.restricted and command.name not in _RESTRICTED:
                step.refused.append(command.name)
                continue
            step.commands.append(command)
            if command.name in {"task.uploadsummary", "artifact.upload"}:
                assert Path(command.data).exists(), f"the agent fails the step: {command.data} is not there"
                assert command.name != "artifact.upload" or self.variables.get("System.HostType", "build") == "build"


def _named(variable: str) -> str:
    return re.sub(r"[. ]", "_", variable).upper()


def endpoint(scheme: str, parameters: Mapping[str, str], data: Mapping[str, str], url: str) -> dict[str, str]:
    """A service connection, as the environment carries it."""
    key = f"{ENDPOINT}"
    return {
        f"ENDPOINT_URL_{key}": url,
        f"ENDPOINT_AUTH_{key}": json.dumps({"parameters": dict(parameters), "scheme": scheme}),
        f"ENDPOINT_AUTH_SCHEME_{key}": scheme,
        **{f"ENDPOINT_AUTH_PARAMETER_{key}_{name.upper()}": value for name, value in parameters.items()},
        f"ENDPOINT_DATA_{key}": json.dumps(dict(data)),
        **{f"ENDPOINT_DATA_{key}_{name.upper()}": value for name, value in data.items()},
    }


def cancel(process: subprocess.Popen[str]) -> None:
    """Cancel a step as the agent does, SIGINT first (Agent.Sdk/ProcessInvoker.cs)."""
    os.kill(process.pid, signal.SIGINT)
