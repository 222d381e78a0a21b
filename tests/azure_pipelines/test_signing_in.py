"""All four schemes of a service connection, on every node; and who gets to see what."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .agent import ENDPOINT
from .azure import SCHEMES, azure_of, connection, inputs, machine, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    from .agent import Agent, Step
    from .watching import Watch

HOW = {
    "secret": ["POST token"],
    "certificate": ["POST token"],
    "federation": ["POST oidctoken", "POST token"],
    "managed": ["GET token"],
}
SIGNS_IN = {
    "secret": {"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_TOKEN_CREDENTIALS"},
    "certificate": {"AZURE_CLIENT_ID", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_TENANT_ID", "AZURE_TOKEN_CREDENTIALS"},
    "federation": {
        "AZURESUBSCRIPTION_CLIENT_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        "AZURESUBSCRIPTION_TENANT_ID",
        "AZURE_TOKEN_CREDENTIALS",
        "SYSTEM_ACCESSTOKEN",
        "SYSTEM_OIDCREQUESTURI",
    },
    "managed": {"AZURE_POD_IDENTITY_AUTHORITY_HOST", "AZURE_TOKEN_CREDENTIALS"},
}
STALE = {
    "AZURE_CLIENT_ID": "11111111-0000-0000-0000-00000000dead",
    "AZURE_CLIENT_SECRET": "",
    "AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere.pem",
    "AZURE_FEDERATED_TOKEN_FILE": "/nowhere",
    "AZURE_DEFAULTS_ACR": "another",
    "AZURE_CLOUD_NAME": "AzureChinaCloud",
    "AZURE_CONFIG_DIR": "/nowhere",
    "ARM_CLIENT_SECRET": "terraform",
    "PYTHONPATH": "/nowhere",
    "PYTHONHOME": "/nowhere",
    "SYSTEM_ACCESSTOKEN": "mapped",
}
FROM_A_VARIABLE = {"IDENTITY_ENDPOINT": "http://127.0.0.1:9/", "MSI_ENDPOINT": "http://127.0.0.1:9/"}


def is_steering(name: str) -> bool:
    """Whether a variable says who signs in, to what, and which Python code runs."""
    return name.startswith(
        ("AZURE", "ARM_", "IDENTITY_", "MSI_", "ENDPOINT_", "INPUT_", "SECRET_", "SYSTEM_ACCESS")
    ) or (name in {"SYSTEM_OIDCREQUESTURI", "PYTHONPATH", "PYTHONHOME"})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_signs_in(scheme: str, every_node: str, agent_on: Callable[[str], Agent]) -> None:
    agent = agent_on(every_node)
    with azure_of() as azure:
        agent.variables |= {"System.OidcRequestUri": azure.job.oidc_address(azure.url), **FROM_A_VARIABLE}
        agent.machine |= STALE | machine(azure)
        step = agent.run(inputs(azure), connection(azure, scheme))
        asked = [f"{one.method} {one.target.split('?')[0].rsplit('/', 1)[1]}" for one in azure.requests]
        secrets = secrets_of(azure)
    assert (step.result, step.status, step.errors) == ("Succeeded", 0, []), "\n".join(step.lines)
    assert step.outputs["checkResult"] == "clear"
    assert [one for one in asked if one.endswith("token")][: len(HOW[scheme])] == HOW[scheme]
    program = step.watch.running("check", f"--cloud={azure.url}")[0]
    steering = {name for name in program.environment if is_steering(name)}
    assert steering == SIGNS_IN[scheme] | {"AZURE_CONFIG_DIR"}
    assert not Path(program.environment["AZURE_CONFIG_DIR"]).exists()
    assert_kept(step, secrets, agent)
    registered = {one.data for one in step.all("task.setsecret")}
    assert bool(registered & set(secrets)) is (scheme != "managed"), "the agent was not told what to mask"


def assert_kept(step: Step, secrets: list[str], agent: Agent) -> None:
    """No secret stands in a line of the log, on a command line, or in a file that is left."""
    shown = [line for line in step.lines if "##vso[task.setsecret]" not in line]
    left = [file for file in agent.root.rglob("*") if file.is_file()]
    for secret in secrets:
        assert not [line for line in shown if secret in line]
        assert not [one.words for one in step.watch.children if any(secret in word for word in one.words)]
        assert not [file for file in left if secret.encode() in file.read_bytes()]
    assert {file.name for file in left} <= {"aksacr.json", "aksacr.md", "TEST-aksacr.xml", "aksacr.sarif", ".taskkey"}


def test_a_certificate_is_in_a_file_of_ones_own_while_the_check_runs(agent: Agent) -> None:
    modes: list[int] = []

    def look(_: Popen[str], watch: Watch) -> None:
        child = watch.wait_for("check", "--output=text")
        file = Path(child.environment["AZURE_CLIENT_CERTIFICATE_PATH"])
        modes.extend(stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent))

    with azure_of(delay=0.3) as azure:
        agent.machine |= machine(azure)
        step = agent.run(inputs(azure), connection(azure, "certificate"), during=look)
    assert step.result == "Succeeded"
    assert modes == [0o600, 0o700]


def test_the_address_for_oidc_tokens_is_made_where_the_server_names_none(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        agent.variables |= {
            "System.CollectionUri": f"{azure.url}/",
            "System.TeamProjectId": "project",
            "System.PlanId": "plan",
            "System.JobId": "job",
        }
        step = agent.run(inputs(azure), connection(azure, "federation"))
    assert step.result == "Succeeded", step.message


def test_a_user_assigned_identity_is_named_and_no_other(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        mine = agent.run(inputs(azure), connection(azure, "managed", msiclientId=azure.sign_in.client_id))
        other = agent.run(inputs(azure), connection(azure, "managed", msiclientId=azure.job.service_connection_id))
    assert mine.result == "Succeeded", mine.message
    assert other.result == "Failed"
    assert "requested identity has not been assigned" in other.message


def test_a_known_cloud_is_named_and_an_unknown_one_is_asked_at_its_address(agent: Agent) -> None:
    with azure_of() as azure:
        agent.machine |= machine(azure)
        government = connection(azure, environment="azureusgovernment") | {
            f"ENDPOINT_URL_{ENDPOINT}": "https://localhost:9"
        }
        step = agent.run(inputs(azure, timeoutMinutes="0.1"), government)
    assert step.watch.running("--cloud=AzureUSGovernment")
    assert step.result == "Failed"
