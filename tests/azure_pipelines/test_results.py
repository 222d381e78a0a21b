"""How a step ends, what it raises, publishes and sets: one run for each verdict."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.standin.world import World

from .azure import FIXTURES, azure_of, connection, inputs, machine

if TYPE_CHECKING:
    from .agent import Agent, Step

FAULTY = "egress_address_not_allowed"
REFUSED = (
    'Failed to pull image "clireg000002.azurecr.io/app:1": failed to authorize: 403 Forbidden: '
    "client with IP '20.99.210.8' is not allowed access"
)


def run(agent: Agent, world: str | World, **changes: str) -> Step:
    with azure_of(world) as azure:
        agent.machine |= machine(azure)
        return agent.run(inputs(azure, **changes), connection(azure))


@pytest.mark.parametrize(
    ("world", "changes", "result", "outputs", "said"),
    [
        (FAULTY, {}, "Failed", ("blocked", "1", "AKA201", "1", "0"), "Faults found. Node pool nodepool1 leaves from"),
        (
            FAULTY,
            {"failOn": "never"},
            "SucceededWithIssues",
            ("blocked", "0", "AKA201", "1", "0"),
            "blocked: Node pool",
        ),
        ("egress_through_appliance", {}, "SucceededWithIssues", ("undetermined", "3", "", "0", "0"), "Undecided."),
        ("egress_through_appliance", {"allowUnknown": "all"}, "Succeeded", ("undetermined", "0", "", "0", "0"), ""),
        (
            "service_principal_secret_expires_soon",
            {},
            "SucceededWithIssues",
            ("at-risk", "0", "AKA111", "0", "1"),
            "at-risk: ",
        ),
        (
            "service_principal_secret_expires_soon",
            {"failOn": "warning"},
            "Failed",
            ("at-risk", "1", "AKA111", "0", "1"),
            "Warnings found, and failOn is warning.",
        ),
    ],
)
def test_the_exit_status_decides(
    agent: Agent, world: str, changes: dict[str, str], result: str, outputs: tuple[str, ...], said: str
) -> None:
    step = run(agent, world, **changes)
    names = ("checkResult", "exitStatus", "rootCauses", "failedCount", "warningCount")
    assert (step.result, step.status) == (result, 0)
    assert tuple(step.outputs[name] for name in names) == outputs
    assert step.message.startswith(said)


def test_a_fault_is_an_error_of_the_run_with_its_code_and_its_fix(agent: Agent) -> None:
    step = run(agent, FAULTY)
    (issue,) = [one for one in step.all("task.logissue") if one.properties.get("code")]
    assert issue.properties == {"type": "error", "code": "AKA201"}
    assert issue.data.startswith("AKA201 egress-address-not-allowed: Node pool nodepool1 leaves from 20.99.210.8")
    assert issue.data.endswith("Fix: Admit 20.99.210.8 at clireg000002")
    assert step.errors == [issue.data, step.message]
    assert "az acr network-rule add" in step.log


def test_a_step_that_may_not_fail_raises_no_error(agent: Agent) -> None:
    step = run(agent, FAULTY, failOn="never")
    assert step.errors == []
    assert any(text.startswith("AKA201 ") for text in step.warnings)


def test_what_could_not_be_seen_is_named_with_its_permission(agent: Agent) -> None:
    document: dict[str, Any] = json.loads((FIXTURES / "recorded_public_attached" / "world.json").read_bytes())
    scope = document["target"]["registry"] + "/providers/Microsoft.Authorization/roleAssignments"
    document["refused"] = [{"path": scope, "status": 403}]
    step = run(agent, World.parse(json.dumps(document).encode(), "refused"))
    assert step.result == "SucceededWithIssues"
    assert "Microsoft.Authorization/roleAssignments/read" in step.message
    assert any("could not be decided" in text for text in step.warnings)
    assert len(step.warnings) <= 10


def test_an_error_text_puts_cause_and_fix_into_the_summary(agent: Agent) -> None:
    events = agent.work / "events.txt"
    events.write_text(f"  Warning  Failed  {REFUSED}\n")
    with azure_of(FAULTY) as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, errorText=REFUSED, eventsFile="events.txt"), connection(azure))
    (summary,) = [Path(one.data).read_text() for one in step.all("task.uploadsummary")]
    assert "AKA201" in summary
    assert "az acr network-rule add" in summary
    report = json.loads(Path(step.outputs["reportJson"]).read_text())
    assert {one["symptom"] for one in report["observed"]} == {"forbidden-firewall"}
    program = step.watch.running("check", "--output=text")[0]
    assert not [word for word in program.words if "Forbidden" in word]
    assert f"--error=@{events}" in program.words


def test_everything_is_published_that_was_asked_for(agent: Agent) -> None:
    names = {"artifactName": "CodeAnalysisLogs", "publishTestResults": "true"}
    step = run(agent, FAULTY, **names, testRunTitle="nightly; pulls ]")
    (artifact,) = step.all("artifact.upload")
    assert artifact.properties == {"containerfolder": "CodeAnalysisLogs", "artifactname": "CodeAnalysisLogs"}
    files = {file.name for file in Path(artifact.data).iterdir()}
    assert files == {"aksacr.json", "aksacr.md", "TEST-aksacr.xml", "aksacr.sarif"}
    (tests,) = step.all("results.publish")
    assert (tests.properties["type"], tests.properties["runTitle"]) == ("JUnit", "nightly; pulls ]")
    assert tests.properties["resultFiles"] == step.outputs["reportJunit"]
    assert Path(step.outputs["reportMarkdown"]).parent == Path(artifact.data)


def test_nothing_is_published_that_was_not(agent: Agent) -> None:
    step = run(agent, FAULTY, publishSummary="false")
    assert [one.name for one in step.commands if one.name.startswith(("artifact", "results", "task.upload"))] == []


def test_a_classic_release_uploads_no_artifact(agent: Agent) -> None:
    agent.variables["System.HostType"] = "release"
    step = run(agent, FAULTY, artifactName="reports")
    assert step.result == "Failed"
    assert step.all("artifact.upload") == []
    assert "A classic release publishes no artifacts" in step.log


def test_a_restricted_step_ends_as_another(agent: Agent) -> None:
    agent.restricted = True
    step = run(agent, "recorded_public_attached", artifactName="reports", publishTestResults="true")
    assert (step.result, step.outputs["checkResult"]) == ("Succeeded", "clear")
    assert sorted(step.refused) == ["artifact.upload", "results.publish", "task.uploadsummary"]


def test_output_variables_are_those_that_the_task_may_set(agent: Agent) -> None:
    declared = json.loads((agent.task / "task.json").read_text())
    step = run(agent, "recorded_public_attached")
    names = [one["name"] for one in declared["outputVariables"]]
    assert list(step.outputs) == names
    assert declared["restrictions"]["settableVariables"]["allowed"] == names


@pytest.mark.parametrize("redact", ["", "support"])
def test_reports_are_masked_and_the_commands_in_the_log_are_ready_to_paste(agent: Agent, redact: str) -> None:
    step = run(agent, FAULTY, redact=redact)
    program = step.watch.running("check", "--output=text")[0]
    assert not [word for word in program.words if word.startswith("--redact")]
    assert "--subscription 00000000-0000-0000-0000-000000000000 --ip-address" in step.log


def test_the_inputs_reach_aksacr(agent: Agent) -> None:
    step = run(
        agent,
        FAULTY,
        image="app:1",
        onlyChecks="AKA201, aka101",
        skipChecks="AKA111",
        timeoutMinutes="1.5",
        extraArguments='--debug --only-show-errors --query "a b"',
        redact="public",
        subscription="00000000-0000-0000-0000-000000000000",
    )
    program = step.watch.running("check", "--output=text")[0]
    assert {
        "--image=app:1",
        "--only=AKA201, aka101",
        "--skip=AKA111",
        "--timeout=90",
        "--redact=public",
        "--subscription=00000000-0000-0000-0000-000000000000",
        "--debug",
        "a b",
    } <= set(program.words)
    assert step.result == "Failed"


def test_a_report_that_could_not_be_written_fails_the_step(agent: Agent) -> None:
    """The verdict is known and published, but what was asked for is not all there."""
    step = run(agent, "recorded_public_attached", extraArguments="--report markdown=/dev/full")
    assert step.result == "Failed"
    assert "/dev/full" in step.message
    assert step.outputs["checkResult"] == "clear"


@pytest.mark.parametrize(
    ("report", "status", "result", "said"),
    [
        ("{", 1, "Failed", "Faults found, but the report"),
        ('{"schemaVersion": "2.0"}', 3, "SucceededWithIssues", "Undecided, and the report"),
        ('{"schemaVersion": "1.0", "verdict": {}, "checks": [1]}', 5, "Failed", "signing in"),
    ],
)
def test_a_report_that_cannot_be_read_does_not_hide_the_end(
    agent: Agent, report: str, status: int, result: str, said: str
) -> None:
    program = agent.root / "bin" / "aksacr"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport sys\nif '--version' in sys.argv:\n    sys.exit(print('aksacr 9.9'))\n"
        "(file,) = (word[14:] for word in sys.argv if word.startswith('--report=json='))\n"
        f"open(file, 'w').write({report!r})\nsys.exit({status})\n"
    )
    program.chmod(0o755)
    agent.path = f"{program.parent}:{agent.path}"
    step = run(agent, FAULTY)
    assert (step.result, step.outputs["exitStatus"], step.outputs["checkResult"]) == (result, str(status), "error")
    assert said in step.message
    assert any("The JSON report of aksacr" in warning for warning in step.warnings)


def test_what_is_undecided_is_an_issue_with_fail_on_never_unless_it_is_allowed(agent: Agent) -> None:
    never = run(agent, "egress_through_appliance", failOn="never")
    allowed = run(agent, "egress_through_appliance", failOn="never", allowUnknown="all")
    assert (never.result, allowed.result) == ("SucceededWithIssues", "Succeeded")
