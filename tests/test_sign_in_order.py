"""Which identity signs in: the order of the ways, and what makes one give way to the next."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from aksacr.azure import sign_in_ways
from aksacr.azure.credentials import SignInError
from aksacr.clouds import known_cloud

from .entra import (
    ARM,
    AZ_TOKEN,
    CLIENT,
    CONNECTION,
    GRAPH,
    PIPELINE,
    PRINCIPAL,
    TENANT,
    TRACE,
    Desk,
    az_fails,
    desk_in,
    refused,
    signed_in,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[Desk]:
    async with desk_in(tmp_path, monkeypatch) as desk:
        yield desk


async def test_a_service_connection_of_azure_pipelines_goes_before_a_stale_principal(desk: Desk) -> None:
    desk.set(**PRINCIPAL | {"AZURE_CLIENT_ID": "stale"}, **PIPELINE, SYSTEM_OIDCREQUESTURI=f"{desk.entra.url}/oidc")
    who = f"service connection {CONNECTION} (application {CLIENT} of tenant {TENANT})"
    async with desk.credential() as credential:
        assert await credential.get_token(GRAPH) != await credential.get_token(ARM)
        assert credential.describe() == who
        assert "system-token" not in repr(credential)
    oidc, token, *others = desk.entra.asked
    assert (oidc["path"], oidc["query"]) == ("/oidc", f"api-version=7.1&serviceConnectionId={CONNECTION}")
    assert (oidc["Authorization"], oidc["X-TFS-FedAuthRedirect"]) == ("Bearer system-token", "Suppress")
    assert (token["client_id"], token["client_assertion"]) == (CLIENT, "an-oidc-token")
    assert [asked["path"] for asked in others] == ["/oidc", f"/{TENANT}/oauth2/v2.0/token"]


async def test_a_service_connection_that_azure_pipelines_refuses(desk: Desk) -> None:
    log = desk.az(AZ_TOKEN)
    desk.set(**PIPELINE, SYSTEM_OIDCREQUESTURI=f"{desk.entra.url}/oidc")
    desk.entra.page = 401, "<html>sign in</html>"
    assert (await refused(desk)).startswith(
        f"Azure Pipelines gave no OIDC token for service connection {CONNECTION} (HTTP 401 without an oidcToken); check"
    )
    desk.set(SYSTEM_OIDCREQUESTURI="http://127.0.0.1:9/oidc")
    assert "SYSTEM_OIDCREQUESTURI is no https URL" in await refused(desk)
    desk.set(SYSTEM_OIDCREQUESTURI="https://127.0.0.1:9/oidc")
    assert "(connection refused)" in await refused(desk)
    assert not log.exists()


async def test_inside_a_pipeline_without_the_access_token_az_signs_in(desk: Desk) -> None:
    """AzureCLI@2 without `env: SYSTEM_ACCESSTOKEN` has signed az in."""
    desk.az(AZ_TOKEN)
    desk.set(**PIPELINE | {"SYSTEM_ACCESSTOKEN": ""}, SYSTEM_OIDCREQUESTURI=f"{desk.entra.url}/oidc")
    assert await signed_in(desk) == "az login"


async def test_workload_identity(desk: Desk) -> None:
    token_file = desk.folder / "token"
    desk.set(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=CLIENT, AZURE_FEDERATED_TOKEN_FILE=str(token_file))
    who = f"workload identity {CLIENT} of tenant {TENANT} (AZURE_FEDERATED_TOKEN_FILE)"
    desk.az(AZ_TOKEN)
    assert await refused(desk) == f"{who}: {token_file} cannot be read (No such file or directory)"
    token_file.write_text("a-service-account-token")
    assert await signed_in(desk) == who
    assert desk.entra.asked[0]["client_assertion"] == "a-service-account-token"


async def test_an_announced_managed_identity_goes_before_az(desk: Desk) -> None:
    log = desk.az(AZ_TOKEN)
    desk.set(IDENTITY_ENDPOINT=f"{desk.entra.imds_url}/metadata/msi", IDENTITY_HEADER="header", AZURE_CLIENT_ID=CLIENT)
    assert await signed_in(desk) == f"managed identity {CLIENT} (IDENTITY_ENDPOINT)"
    [asked] = desk.entra.asked
    assert "client_id=" + CLIENT in asked["query"]
    assert asked["X-IDENTITY-HEADER"] == "header"
    assert not log.exists()


async def test_az_is_asked_with_the_subscription_and_in_its_own_folder(desk: Desk) -> None:
    log = desk.az(AZ_TOKEN)
    desk.set(AZURE_CONFIG_DIR=str(desk.folder / "azcfg"), AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url)
    async with desk.credential(az_subscription=CLIENT, subscription_tenant=TENANT) as credential:
        assert (await credential.get_token(ARM)).token == "az token"
        assert (await credential.get_token(ARM)).token == "az token"
    assert await signed_in(desk, subscription_tenant=TENANT) == "az login"
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    command = ["account", "get-access-token", "--output", "json", "--resource", ARM.removesuffix("/.default")]
    folder = str(desk.folder / "azcfg")
    assert calls == [[[*command, "--subscription", CLIENT], folder], [[*command, "--tenant", TENANT], folder]]
    assert desk.entra.asked == []


@pytest.mark.parametrize("words", ["ERROR: Please run 'az login' to setup account.", None])
async def test_without_az_the_machine_signs_in(desk: Desk, words: str | None) -> None:
    if words is not None:
        desk.az(az_fails(words))
    desk.set(AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url, HTTP_PROXY="http://127.0.0.1:9")
    assert await signed_in(desk) == "managed identity"
    [asked] = desk.entra.asked
    assert (asked["path"], asked["Metadata"]) == ("/metadata/identity/oauth2/token", "true")


async def test_an_az_whose_sign_in_is_over_is_final(desk: Desk) -> None:
    words = f"WARNING: x\nERROR: AADSTS70043: The refresh token has expired. Do something. {TRACE}\nRun az login\n"
    desk.az(az_fails(words))
    desk.set(AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url)
    expected = "az login was refused: AADSTS70043: The refresh token has expired; run `az login` again"
    assert await refused(desk) == expected
    assert desk.entra.asked == []


async def test_an_az_that_does_not_know_the_subscription(desk: Desk) -> None:
    desk.az(az_fails("WARNING: x\nERROR: Subscription 'a' not found. Check the spelling and casing and try again.\n"))
    assert await refused(desk, az_subscription="a") == "az login: Subscription 'a' not found"


async def test_nobody_is_signed_in(desk: Desk) -> None:
    begun = time.monotonic()
    assert await refused(desk) == (
        "not signed in to Local (service principal: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET are not set; "
        "az login: Azure CLI not found on path; managed identity: nothing answers at http://127.0.0.1:9). "
        "Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
    )
    assert time.monotonic() - begun < 2


async def test_half_a_principal_is_named_when_nothing_else_signs_in(desk: Desk) -> None:
    desk.set(**PRINCIPAL | {"AZURE_TENANT_ID": " "}, AZURE_FEDERATED_TOKEN_FILE="/nowhere")
    line = await refused(desk)
    assert "(service principal: AZURE_TENANT_ID is not set; workload identity: AZURE_TENANT_ID is not set; az" in line


async def test_a_metadata_endpoint_that_is_none_does_not_hold_the_run_up(desk: Desk) -> None:
    """Something accepts the connection and says nothing, or says 404 for ever, as other clouds' machines do."""
    desk.set(AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url)
    desk.monkeypatch.setattr(sign_in_ways, "_IMDS_SECONDS", 0.5)
    for delay in (30.0, 0.0):
        desk.entra.delay, desk.entra.page = delay, (404, "")
        begun = time.monotonic()
        assert "managed identity: it did not answer in time)" in await refused(desk)
        assert time.monotonic() - begun < 2


async def test_a_machine_without_an_identity(desk: Desk) -> None:
    desk.set(AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url)
    desk.entra.refusal = 400, "Identity not found"
    assert "managed identity: The requested identity has not been assigned to this resource)" in await refused(desk)


async def test_an_az_that_works_in_another_cloud_is_not_asked(desk: Desk) -> None:
    log = desk.az(AZ_TOKEN)
    line = await refused(desk, az_cloud=known_cloud("AzureCloud"))
    assert "az login: az works in AzureCloud, not in Local (`az cloud set` changes that)" in line
    assert not log.exists()


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        ("EnvironmentCredential", "service principal"),
        ("workloadidentitycredential", "workload identity"),
        ("ManagedIdentityCredential", "managed identity"),
        ("AzureCliCredential", "az login"),
        ("AzurePipelinesCredential", "service connection"),
        ("dev", "az login"),
        ("prod", "service principal"),
        ("", "service connection"),
    ],
)
async def test_the_kinds_may_be_restricted(desk: Desk, kind: str, who: str) -> None:
    """Everything is set and would work: what AZURE_TOKEN_CREDENTIALS names is used."""
    desk.az(AZ_TOKEN)
    (desk.folder / "token").write_text("a-service-account-token")
    desk.set(**PRINCIPAL, **PIPELINE, SYSTEM_OIDCREQUESTURI=f"{desk.entra.url}/oidc")
    desk.set(AZURE_FEDERATED_TOKEN_FILE=str(desk.folder / "token"), AZURE_AUTHORITY_HOST="https://127.0.0.1:9")
    desk.set(AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url, AZURE_TOKEN_CREDENTIALS=kind)
    assert (await signed_in(desk)).startswith(who)


async def test_a_restriction_that_leaves_nothing(desk: Desk) -> None:
    desk.az(AZ_TOKEN)
    desk.set(AZURE_TOKEN_CREDENTIALS="WorkloadIdentityCredential")
    assert await refused(desk) == (
        "not signed in to Local (AZURE_TOKEN_CREDENTIALS allows only WorkloadIdentityCredential; workload identity: "
        "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE are not set). "
        "Set what is missing, or unset AZURE_TOKEN_CREDENTIALS"
    )


def test_a_restriction_that_is_not_known(desk: Desk) -> None:
    desk.set(AZURE_TOKEN_CREDENTIALS="VisualStudioCodeCredential")
    with pytest.raises(
        SignInError, match=r"^AZURE_TOKEN_CREDENTIALS is 'visualstudiocodecredential'; it can be one of Az"
    ):
        desk.credential()
