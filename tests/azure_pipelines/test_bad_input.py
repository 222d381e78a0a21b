"""What goes wrong on agents: one clear error that says what to do, the result Failed, and no secret."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from .agent import ENDPOINT
from .azure import SUBSCRIPTION, azure_of, connection, inputs, machine
from .proxy import intercepting

if TYPE_CHECKING:
    from .agent import Agent, Step

OLD_PYTHON = f"""#!{sys.executable}
import json, sys
print(json.dumps([[3, 9, 2], sys.argv[0], "x86_64", True]))
"""
PARAMETER = f"ENDPOINT_AUTH_PARAMETER_{ENDPOINT}"
PROXY_PASSWORD = "pa:ss/word-of-the-proxy"


def assert_one_clear_error(step: Step, *said: str) -> None:
    assert (step.result, step.status) == ("Failed", 0), "\n".join(step.lines)
    assert step.errors == [step.message]
    for words in said:
        assert words in step.message
    assert step.outputs["checkResult"] == "error"
    assert [one for one in step.commands if one.name in {"task.uploadsummary", "artifact.upload"}] == []
    assert "    at " not in "\n".join(step.lines), "a stack trace"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connectedServiceNameARM": ""}, ["The input azureSubscription is empty. Set it in the step."]),
        ({"resourceGroup": " "}, ["The input resourceGroup is empty."]),
        ({"clusterName": "$(cluster)"}, ["The input clusterName is $(cluster), a variable that has no value."]),
        ({"failOn": "error"}, ['The input failOn is "error". Set it to one of: fault, warning, never.']),
        ({"redact": "all"}, ["redact", "support, public, none"]),
        ({"publishSummary": "yes"}, ["Set it to true or false"]),
        ({"timeoutMinutes": "soon"}, ["timeoutMinutes", "Write a number of minutes, such as 5."]),
        ({"timeoutMinutes": "-1"}, ["timeoutMinutes"]),
        ({"image": "app:$(tag)"}, ["The input image holds $(tag), a variable that has no value."]),
        ({"allowUnknown": "$(accepted)"}, ["The input allowUnknown is $(accepted), a variable that has no value."]),
        ({"extraArguments": "--query $(what)"}, ["The input extraArguments holds $(what)"]),
        (
            {"extraArguments": "--allow-unknown all"},
            ["extraArguments holds --allow-unknown", "Set allowUnknown instead."],
        ),
        ({"extraArguments": "--image 'a"}, ["opens a quote"]),
        ({"cliVersion": "1.0 --no-deps"}, ["Write one version of aksacr, such as"]),
        ({"cliSource": "wheelhouse"}, ["The input wheelhouse is empty", "pip download"]),
        ({"connectedServiceNameARM": "another"}, ["The service connection another was not handed to this job."]),
    ],
)
def test_an_input_that_cannot_be_used(agent: Agent, changes: dict[str, str], said: list[str]) -> None:
    with azure_of() as azure:
        step = agent.run(inputs(azure, **changes), connection(azure))
    assert_one_clear_error(step, *said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"eventsFile": "absent.txt"}, "absent.txt, where there is no file. The check runs without it."),
        ({"errorText": "$(failure)"}, "The input errorText is $(failure), a variable that has no value."),
    ],
)
def test_a_rollout_that_left_nothing_is_explained_all_the_same(
    agent: Agent, changes: dict[str, str], said: str
) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, **changes), connection(azure))
    assert step.result == "Succeeded", step.message
    (warning,) = step.warnings
    assert said in warning


def test_a_shells_variable_in_an_error_text_is_no_unset_variable(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, errorText="$(failed) to pull image: i/o timeout"), connection(azure))
    assert (step.result, step.warnings) == ("Succeeded", [])


def test_a_connection_without_a_subscription(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        bare = connection(azure, subscriptionid="", scopeLevel="ManagementGroup")
        without = agent.run(inputs(azure), bare)
        with_one = agent.run(inputs(azure, subscription=SUBSCRIPTION), bare)
    assert_one_clear_error(without, "names no subscription", "Set the input subscription to the cluster's.")
    assert with_one.result == "Succeeded"


def test_a_scheme_that_is_no_service_principal(agent: Agent) -> None:
    with azure_of() as azure:
        given = connection(azure) | {f"ENDPOINT_AUTH_SCHEME_{ENDPOINT}": "PublishProfile"}
        step = agent.run(inputs(azure), given)
    assert_one_clear_error(step, "signs in by publishprofile", "workload identity federation")


def test_a_connection_that_lost_its_secret(agent: Agent) -> None:
    with azure_of() as azure:
        step = agent.run(inputs(azure), connection(azure) | {f"{PARAMETER}_SERVICEPRINCIPALKEY": ""})
    assert_one_clear_error(step, "holds no serviceprincipalkey", "Project settings > Service connections")


def test_an_expired_secret(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        expired = azure.sign_in.expired_secret
        step = agent.run(inputs(azure), connection(azure) | {f"{PARAMETER}_SERVICEPRINCIPALKEY": expired})
    assert_one_clear_error(
        step, "signing in with the service connection failed", "AADSTS7000222", "Project settings > Service connections"
    )
    assert "AZURE_CLIENT_SECRET" not in step.message
    assert step.outputs["exitStatus"] == "5"
    assert not [line for line in step.lines if expired in line and "task.setsecret" not in line]


@pytest.mark.parametrize("key", ["no PEM at all: abcdefgh", "-----BEGIN PRIVATE KEY-----\nAAAABBBBCCCC"])
def test_a_certificate_that_is_none(agent: Agent, key: str) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        given = connection(azure, "certificate") | {f"{PARAMETER}_SERVICEPRINCIPALCERTIFICATE": key}
        step = agent.run(inputs(azure), given)
    assert_one_clear_error(step, "cannot be used")
    assert not [line for line in step.lines if key.splitlines()[-1] in line and "task.setsecret" not in line]


def test_names_that_are_not_there(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, clusterName="cliakstest"), connection(azure))
    assert_one_clear_error(step, "is not there or may not be read", '"cliakstest000001"', "Correct the names")
    assert step.outputs["exitStatus"] == "4"


def test_options_that_aksacr_does_not_know(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, onlyChecks="AKA999"), connection(azure))
    assert_one_clear_error(step, "asked in a wrong way", "AKA999", "Correct the inputs of the step.")
    assert step.outputs["exitStatus"] == "2"


def test_arguments_that_are_none_of_aksacrs(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, extraArguments="--no-such-option"), connection(azure))
        helped = agent.run(inputs(azure, extraArguments="--help"), connection(azure))
    assert_one_clear_error(step, "asked in a wrong way", "--no-such-option", "Correct the inputs of the step.")
    assert_one_clear_error(helped, "aksacr ended with status 0 and wrote no report.")


def test_a_proxy_with_its_own_authority(agent: Agent) -> None:
    with azure_of() as azure, intercepting(azure.url) as proxy:
        agent.variables |= {"Agent.ProxyUrl": proxy.url, "Agent.ProxyUsername": "operator"}
        agent.secrets["Agent.ProxyPassword"] = PROXY_PASSWORD
        distrusted = agent.run(inputs(azure), connection(azure))
        agent.variables["Agent.CAInfo"] = str(azure.ca_bundle)
        trusted = agent.run(inputs(azure), connection(azure))
    assert (distrusted.result, distrusted.errors) == ("Failed", [distrusted.message])
    assert "certificate is not trusted" in distrusted.message
    assert "./config.sh --sslcacert" in distrusted.message
    assert "REQUESTS_CA_BUNDLE" not in distrusted.message
    assert "signing in with the service connection failed" not in distrusted.message
    assert trusted.result == "Succeeded", trusted.message
    assert proxy.tunnels > 1
    assert proxy.credentials == {f"operator:{PROXY_PASSWORD}"}
    for step in (distrusted, trusted):
        shown = [line for line in step.lines if "task.setsecret" not in line]
        assert not [line for line in shown if "word-of-the-proxy" in line]


@pytest.mark.parametrize("address", ["proxy.corp:8080", "not a URL", "ftp://proxy"])
def test_a_proxy_setting_that_is_no_address(agent: Agent, address: str) -> None:
    agent.variables["Agent.ProxyUrl"] = address
    with azure_of() as azure:
        step = agent.run(inputs(azure), connection(azure))
    assert_one_clear_error(step, "The agent's proxy setting (Agent.ProxyUrl)", "./config.sh --proxyurl")


def test_an_azure_that_is_not_reached(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        given = connection(azure) | {f"ENDPOINT_URL_{ENDPOINT}": "https://localhost:9"}
        step = agent.run(inputs(azure), given)
    assert_one_clear_error(step, "Azure could not be asked", "server URL in the service connection")
    assert "Reader" not in step.message


def test_nothing_is_named_with_redact_public_when_the_check_cannot_run(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure, clusterName="cliakstest", redact="public"), connection(azure))
    assert_one_clear_error(step, "Correct the names", "The details are left out, because redact is public.")
    assert "cliakstest" not in step.log
    assert SUBSCRIPTION not in step.log


def test_something_named_python_that_answers_in_another_form(agent: Agent) -> None:
    folder = agent.root / "bin"
    folder.mkdir()
    python = folder / "python3"
    python.write_text("#!/bin/sh\necho 42\n")
    python.chmod(0o755)
    agent.path = str(folder)
    with azure_of() as azure:
        step = agent.run(inputs(azure, cliSource="install"), connection(azure))
    assert_one_clear_error(step, f"{python} answers in no known form", "3.11 or newer")


def test_no_python(agent: Agent) -> None:
    bare = agent.root / "bin"
    bare.mkdir()
    agent.path = str(bare)
    with azure_of() as azure:
        step = agent.run(inputs(azure, cliSource="install"), connection(azure))
    assert_one_clear_error(step, "there is no Python on this agent's PATH", "UsePythonVersion@0", "pythonPath")


def test_an_old_python(agent: Agent) -> None:
    folder = agent.root / "bin"
    folder.mkdir()
    python = folder / "python3"
    python.write_text(OLD_PYTHON)
    python.chmod(0o755)
    agent.path = str(folder)
    with azure_of() as azure:
        step = agent.run(inputs(azure, cliSource="install"), connection(azure))
    assert_one_clear_error(step, f"{python} is 3.9.2, which is too old", "3.11 or newer", "UsePythonVersion@0")


def test_a_python_that_is_not_there(agent: Agent) -> None:
    with azure_of() as azure:
        step = agent.run(inputs(azure, cliSource="install", pythonPath="/nowhere/python3"), connection(azure))
    assert_one_clear_error(step, "/nowhere/python3 is no Python that answers")


def test_no_aksacr_on_the_path(agent: Agent) -> None:
    agent.path = "/usr/bin:/bin"
    with azure_of() as azure:
        step = agent.run(inputs(azure), connection(azure))
    assert_one_clear_error(step, "there is no aksacr on PATH", "pip install aksacr")
