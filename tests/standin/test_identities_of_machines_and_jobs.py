"""A machine's metadata service and a pipeline's OIDC tokens: where applications get a token without a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from aksacr.standin import Request
from aksacr.standin import instance_metadata as imds
from aksacr.standin.entra import SignIn
from aksacr.standin.pipelines import PipelineJob

from .worlds import TENANT, Json

if TYPE_CHECKING:
    from aksacr.standin import Response

ORIGIN = "https://localhost:4433"
MACHINE = "http://169.254.169.254"
IMDS = f"{MACHINE}/metadata/identity/oauth2/token"
SUPPRESS = {"x-tfs-fedauthredirect": "Suppress"}


def body(answer: Response) -> dict[str, Json]:
    return cast("dict[str, Json]", json.loads(answer.body))


def asked(query: str, headers: dict[str, str] | None = None, url: str = IMDS) -> tuple[int, dict[str, Json], SignIn]:
    sign_in = SignIn(TENANT, client_id="mine")
    answer = imds.answer(sign_in, ORIGIN, Request.of("GET", f"{url}?{query}", headers or {"Metadata": "true"}))
    return answer.status, body(answer), sign_in


@pytest.mark.parametrize("query", ["resource=https://x", "resource=https://x&client_id=MINE"])
def test_a_machine_gets_a_token_for_its_identity(query: str) -> None:
    status, answer, _ = asked(query)
    assert (status, answer["client_id"], answer["resource"], answer["token_type"]) == (
        200,
        "mine",
        "https://x",
        "Bearer",
    )
    assert str(answer["expires_on"]).isdigit()


@pytest.mark.parametrize(
    ("query", "headers", "said"),
    [
        ("resource=https://x", {"accept": "*/*"}, "Required metadata header not specified"),
        ("api-version=2018-02-01", None, "Required query variable 'resource' is missing"),
        ("resource=https://x&client_id=other", None, "Identity not found"),
    ],
)
def test_a_machine_is_refused_in_its_own_words(query: str, headers: dict[str, str] | None, said: str) -> None:
    status, answer, _ = asked(query, headers)
    assert (status, answer["error"], answer["error_description"]) == (400, "invalid_request", said)


def test_nothing_else_is_at_the_machines_address() -> None:
    status, _, _ = asked("resource=x", url=f"{MACHINE}/metadata/instance")
    assert status == 404


def job_asked(job: PipelineJob, token: str, connection: str, headers: dict[str, str] | None = None) -> Response:
    url = f"{job.oidc_address(ORIGIN)}?api-version=7.1&serviceConnectionId={connection}"
    answer = job.answer(Request.of("POST", url, {"authorization": f"Bearer {token}", **(headers or SUPPRESS)}))
    assert answer is not None
    return answer


def test_a_job_gets_a_token_that_entra_takes() -> None:
    job = PipelineJob(SignIn(TENANT))
    answer = job_asked(job, job.access_token, job.service_connection_id)
    assert answer.status == 200
    assert job.sign_in.federated == {str(body(answer)["oidcToken"])}


def test_a_job_without_the_right_is_refused() -> None:
    job = PipelineJob(SignIn(TENANT))
    assert job_asked(job, "wrong", job.service_connection_id).status == 401
    sent_away = job_asked(job, "wrong", job.service_connection_id, {"accept": "*/*"})
    assert (sent_away.status, sent_away.headers["location"]) == (302, f"{ORIGIN}/_signin")
    assert job_asked(job, job.access_token, "other").status == 404
    assert job.sign_in.federated == set()
    assert job.answer(Request.of("GET", f"{ORIGIN}/subscriptions")) is None
