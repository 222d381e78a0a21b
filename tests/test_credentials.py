"""Signing in: the real azure-identity against an Entra on the loopback, over TLS of a private authority."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from aksacr.azure import sign_in_ways
from aksacr.azure.credentials import SignInError
from aksacr.azure.tls import SharedTransport, client_session, ssl_context

from .entra import ARM, AZ_TOKEN, CLIENT, GRAPH, PRINCIPAL, SECRET, TENANT, TRACE, Desk, desk_in, refused, signed_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from azure.core.credentials import TokenRequestOptions

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[Desk]:
    async with desk_in(tmp_path, monkeypatch) as desk:
        yield desk


def certificate(folder: Path, password: str | None = None) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aksacr test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    encryption = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    path = folder / "principal.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_a_service_principal_with_a_secret(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    async with desk.credential() as credential:
        assert isinstance(credential, AsyncTokenCredential)
        assert isinstance(credential, AsyncSupportsTokenInfo)
        expected = f"service principal {CLIENT} of tenant {TENANT} (AZURE_CLIENT_SECRET)"
        assert credential.describe() == expected
        token = await credential.get_token(ARM)
        assert token.token == "token 1"
        assert token.expires_on > time.time() + 86000
        assert repr(credential) == f"<Credential: {expected}>"
    # One request, and none for instance discovery, although no list of Entra's has this authority.
    [asked] = desk.entra.asked
    assert asked["path"] == f"/{TENANT}/oauth2/v2.0/token"
    assert (asked["grant_type"], asked["scope"], asked["client_secret"]) == ("client_credentials", ARM, SECRET)


async def test_many_clients_ask_and_entra_is_asked_once_for_each_audience(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    desk.entra.delay = 0.05
    async with desk.credential() as credential:
        tokens = await asyncio.gather(*(credential.get_token_info(scope) for scope in [ARM, GRAPH] * 10))
        await credential.get_token(ARM)
    assert sorted(asked["scope"] for asked in desk.entra.asked) == [GRAPH, ARM]
    assert len({token.token for token in tokens}) == 2


async def test_a_claims_challenge_needs_a_new_token(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    async with desk.credential() as credential:
        await credential.get_token_info(ARM)
        options: TokenRequestOptions = {"claims": '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'}
        second = await credential.get_token_info(ARM, options=options)
        assert (await credential.get_token_info(ARM)).token == second.token == "token 2"
    assert "nbf" in desk.entra.asked[1]["claims"]


async def test_a_token_is_renewed_before_it_ends(desk: Desk) -> None:
    log = desk.az(AZ_TOKEN.replace("4102444800", str(int(time.time()) + 200)))
    async with desk.credential() as credential:
        await credential.get_token_info(ARM)
        await credential.get_token_info(ARM)
    assert len(log.read_text().splitlines()) == 2


async def test_another_tenant_may_be_asked_for(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    async with desk.credential() as credential:
        await credential.get_token(ARM)
        await credential.get_token(ARM, tenant_id=CLIENT)
    assert [asked["path"].split("/")[1] for asked in desk.entra.asked] == [TENANT, CLIENT]


@pytest.mark.parametrize("password", [None, "hunter2"])
async def test_a_service_principal_with_a_certificate_and_an_empty_secret(desk: Desk, password: str | None) -> None:
    path = certificate(desk.folder, password)
    desk.set(**PRINCIPAL | {"AZURE_CLIENT_SECRET": ""}, AZURE_CLIENT_CERTIFICATE_PATH=str(path))
    desk.set(AZURE_CLIENT_CERTIFICATE_PASSWORD=password or "")
    assert await signed_in(desk) == f"service principal {CLIENT} of tenant {TENANT} (AZURE_CLIENT_CERTIFICATE_PATH)"
    payload = desk.entra.asked[0]["client_assertion"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=="))["iss"] == CLIENT


async def test_certificates_that_cannot_be_used(desk: Desk) -> None:
    desk.set(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=CLIENT, AZURE_CLIENT_CERTIFICATE_PATH=str(desk.folder / "no.pem"))
    who = f"service principal {CLIENT} of tenant {TENANT} (AZURE_CLIENT_CERTIFICATE_PATH) cannot be used: "
    assert await refused(desk) == f"{who}{desk.folder / 'no.pem'}: No such file or directory"
    path = certificate(desk.folder, "hunter2")
    desk.set(AZURE_CLIENT_CERTIFICATE_PATH=str(path))
    assert (await refused(desk)).startswith(f"{who}Password was not given")
    path.write_text("hello")
    assert (await refused(desk)).startswith(f"{who}Failed to deserialize certificate in PEM or PKCS12 format")


REFUSALS = {
    "AADSTS7000215": (
        401,
        "Invalid client secret provided. Ensure the secret being sent is the value, not the ID.",
        (
            "Invalid client secret provided; set AZURE_CLIENT_SECRET to the value of a valid secret "
            "(not to the secret's id)"
        ),
    ),
    "AADSTS7000222": (
        401,
        f"The provided client secret keys for app '{CLIENT}' are expired. Visit the Azure portal to create new keys.",
        (
            f"The provided client secret keys for app '{CLIENT}' are expired; make a new client secret, "
            "and set AZURE_CLIENT_SECRET to it"
        ),
    ),
    "AADSTS90002": (
        400,
        "Tenant 'contoso.example' not found. Check to make sure you have the correct tenant ID.",
        "Tenant 'contoso.example' not found; check the tenant id and the cloud (--cloud)",
    ),
    "AADSTS700016": (
        400,
        f"Application with identifier '{CLIENT}' was not found in the directory 'Contoso'. This can happen.",
        (
            f"Application with identifier '{CLIENT}' was not found in the directory 'Contoso'; "
            "check the client id, the tenant and the cloud (--cloud)"
        ),
    ),
    "AADSTS53003": (400, "Blocked by Conditional Access.\r\nPolicies", "Blocked by Conditional Access"),
}


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refused_principal_is_final(desk: Desk, code: str) -> None:
    """An az that would work, and a managed identity that would, are not tried: they are somebody else."""
    log = desk.az(AZ_TOKEN)
    desk.set(**PRINCIPAL, AZURE_POD_IDENTITY_AUTHORITY_HOST=desk.entra.imds_url)
    status, words, sentence = REFUSALS[code]
    desk.entra.refusal = status, f"{code}: {words} {TRACE}"
    who = f"service principal {CLIENT} of tenant {TENANT} (AZURE_CLIENT_SECRET)"
    assert await refused(desk) == f"{who} was refused: {code}: {sentence}"
    assert len(desk.entra.asked) == 1
    assert not log.exists()


async def test_a_refusal_is_not_asked_for_twice_and_leaves_other_audiences_alone(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    desk.entra.refusal = 400, "AADSTS500011: The resource principal was not found in the tenant."
    async with desk.credential() as credential:
        asked = (credential.get_token(GRAPH) for _ in range(5))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        desk.entra.refusal = None
        assert (await credential.get_token(ARM)).token == "token 2"
    assert {type(answer) for answer in answers} == {SignInError}
    assert len({str(answer) for answer in answers}) == 1


async def test_nothing_of_a_failure_is_printed_and_no_secret_is_logged(
    desk: Desk, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.set(**PRINCIPAL)
    desk.entra.refusal = 401, f"AADSTS7000215: Invalid client secret '{SECRET}' eyJhbGciOiJub25lIn0.eyJ9.x provided."
    line = await refused(desk)
    assert "Invalid client secret '***' *** provided" in line
    output = capfd.readouterr()
    assert output.out + output.err == ""
    assert "oauth2/v2.0/token" in caplog.text  # azure-core's own log, which shows addresses
    assert SECRET not in caplog.text


async def test_an_authority_that_cannot_be_reached(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    desk.cloud = replace(desk.cloud, authority="https://127.0.0.1:9")
    begun = time.monotonic()
    line = await refused(desk)
    assert line.endswith("(AZURE_CLIENT_SECRET) could not sign in at https://127.0.0.1:9: connection refused")
    assert time.monotonic() - begun < 5


async def test_an_authority_whose_certificate_is_not_trusted(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    async with client_session(ssl_context({})) as session:
        desk.transport = SharedTransport(session)
        line = await refused(desk)
    assert f"could not sign in at {desk.entra.url}: its certificate is not trusted (" in line
    assert "SSL_CERT_FILE or REQUESTS_CA_BUNDLE" in line


@pytest.mark.parametrize("page", [(200, "<html>error</html>"), (403, "<html>blocked</html>"), (200, "")])
async def test_a_page_of_a_proxy_instead_of_a_token(desk: Desk, page: tuple[int, str]) -> None:
    desk.set(**PRINCIPAL)
    desk.entra.page = page
    line = await refused(desk)
    assert line.startswith(f"service principal {CLIENT} of tenant {TENANT}")
    assert "Traceback" not in line


async def test_an_authority_that_never_answers(desk: Desk) -> None:
    desk.set(**PRINCIPAL)
    desk.monkeypatch.setattr(sign_in_ways, "_LOGIN_SECONDS", 0.2)
    desk.entra.delay = 30
    line = await refused(desk)
    assert line.endswith(f"could not sign in at {desk.entra.url}: it did not answer in time")
