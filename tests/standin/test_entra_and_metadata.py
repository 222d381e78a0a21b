"""Signing in, and how an ARM endpoint names its cloud."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from aksacr.standin import Request, Response
from aksacr.standin.entra import SignIn

from .worlds import TENANT, Json, ask, world_of

ORIGIN = "https://localhost:4433"
SIGN_IN = SignIn(TENANT)


def asked(sign_in: SignIn, **proof: str) -> Response:
    """The answer to a request for a token with this proof."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": sign_in.client_id,
        "scope": f"{ORIGIN}/.default",
        **proof,
    }
    url = f"{ORIGIN}/{TENANT}/oauth2/v2.0/token"
    answer = sign_in.answer(Request.of("POST", url, {}, urlencode(fields).encode()))
    assert answer is not None
    return answer


def numbers(answer: Response) -> object:
    return json.loads(answer.body).get("error_codes")


def key_and_certificate() -> tuple[rsa.RSAPrivateKey, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "application")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return key, dated.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def signed(key: rsa.RSAPrivateKey, algorithm: str = "RS256") -> str:
    parts = [{"alg": algorithm, "typ": "JWT"}, {"iss": "application"}]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    signature = key.sign(text.encode(), pss if algorithm == "PS256" else padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def sent(path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, Json]]:
    body = urlencode(form).encode() if form else b""
    answer = SIGN_IN.answer(Request.of("POST" if form else "GET", f"{ORIGIN}{path}", {}, body))
    assert answer is not None
    return answer.status, cast("dict[str, Json]", json.loads(answer.body))


def form(**changes: str) -> dict[str, str]:
    usual = {"grant_type": "client_credentials", "client_id": SIGN_IN.client_id, "client_secret": SIGN_IN.client_secret}
    return {**usual, "scope": f"{ORIGIN}/.default", **changes}


def test_discovery_names_this_very_host() -> None:
    status, found = sent(f"/{TENANT}/v2.0/.well-known/openid-configuration")
    assert status == 200
    assert found["token_endpoint"] == f"{ORIGIN}/{TENANT}/oauth2/v2.0/token"
    assert found["issuer"] == f"{ORIGIN}/{TENANT}/v2.0"
    _, instance = sent(f"/common/discovery/instance?authorization_endpoint={ORIGIN}/common/oauth2/v2.0/authorize")
    assert instance["tenant_discovery_endpoint"] == f"{ORIGIN}/{TENANT}/v2.0/.well-known/openid-configuration"
    assert instance["metadata"] == [
        {"preferred_network": "localhost:4433", "preferred_cache": "localhost:4433", "aliases": ["localhost:4433"]}
    ]


def test_a_token_carries_the_claims_that_clients_read() -> None:
    status, answer = sent(f"/{TENANT}/oauth2/v2.0/token", form())
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    token = str(answer["access_token"])
    payload = token.split(".")[1]
    claims = cast("dict[str, Json]", json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    assert (claims["tid"], claims["appid"], claims["oid"]) == (TENANT, SIGN_IN.client_id, SIGN_IN.object_id)
    assert claims["aud"] == ORIGIN
    expiry = claims["exp"]
    assert isinstance(expiry, int)
    assert expiry > time.time() + 3000
    world = world_of({"/subscriptions/s/x/y": {}}, refused=[{"path": "/subscriptions/s"}])
    said = ask(world, "/subscriptions/s", token=token).text("error.message")
    assert said.startswith(f"The client '{SIGN_IN.client_id}' with object id '{SIGN_IN.object_id}' does not have")


def test_a_token_of_the_first_version() -> None:
    status, answer = sent(f"/{TENANT}/oauth2/token", form(resource="https://graph.example/"))
    assert (status, answer["resource"], answer["expires_in"]) == (200, "https://graph.example/", "3600")
    assert int(str(answer["expires_on"])) > time.time()


@pytest.mark.parametrize(("certificate", "number"), [(None, 70021), (b"", 700027)])
def test_an_assertion_that_nobody_knows_is_refused(certificate: bytes | None, number: int) -> None:
    ours = key_and_certificate()[1] if certificate is not None else None
    sign_in = SignIn(TENANT, certificate=ours)
    for assertion in ("a.b.c", "no token", signed(key_and_certificate()[0])):
        answer = asked(sign_in, client_assertion=assertion)
        assert (answer.status, numbers(answer)) == (401, [number])


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_an_assertion_that_the_certificate_signed_stands_for_the_secret(algorithm: str) -> None:
    key, certificate = key_and_certificate()
    sign_in = SignIn(TENANT, certificate=certificate)
    assert asked(sign_in, client_assertion=signed(key, algorithm)).status == 200


def test_an_expired_secret_is_said_to_be_expired() -> None:
    sign_in = SignIn(TENANT, expired_secret="over")
    assert numbers(asked(sign_in, client_secret="over")) == [7000222]
    assert numbers(asked(sign_in, client_secret="other")) == [7000215]


@pytest.mark.parametrize(
    ("path", "changes", "status", "error", "said"),
    [
        (
            TENANT,
            {"client_secret": "wrong"},
            401,
            "invalid_client",
            "AADSTS7000215: Invalid client secret is provided.",
        ),
        (TENANT, {"client_secret": ""}, 401, "invalid_client", "AADSTS7000215"),
        (TENANT, {"client_id": "other"}, 400, "unauthorized_client", "AADSTS700016"),
        (TENANT, {"grant_type": "password"}, 400, "unsupported_grant_type", "AADSTS70003"),
        ("other.example", {}, 400, "invalid_request", "AADSTS90002: Tenant 'other.example' not found."),
    ],
)
def test_signing_in_fails_in_entras_words(
    path: str, changes: dict[str, str], status: int, error: str, said: str
) -> None:
    found, answer = sent(f"/{path}/oauth2/v2.0/token", form(**changes))
    assert (found, answer["error"]) == (status, error)
    assert str(answer["error_description"]).startswith(said)
    assert "\r\nTrace ID: " in str(answer["error_description"])
    assert f"AADSTS{cast('list[int]', answer['error_codes'])[0]}" in said


def test_an_unknown_tenant_has_no_configuration() -> None:
    status, answer = sent("/nobody/v2.0/.well-known/openid-configuration")
    assert (status, answer["error_codes"]) == (400, [90002])


@pytest.mark.parametrize(
    "path", ["/subscriptions", "/v1.0/me", "/metadata/endpoints", f"/{TENANT}/oauth2/v2.0/authorize"]
)
def test_everything_else_is_left_to_the_world(path: str) -> None:
    assert SIGN_IN.answer(Request.of("GET", ORIGIN + path)) is None


def test_the_secret_is_new_each_time_and_not_shown() -> None:
    other = SignIn(TENANT)
    assert other.client_secret != SIGN_IN.client_secret
    assert other.client_secret not in repr(other)


WORLD = world_of([], cloud={"name": "AzureChinaCloud", "registrySuffix": "azurecr.cn"})
# What az 2.91 reads of the metadata (azure-cli-core, cloud.py).
READ_BY_AZ = [
    "activeDirectoryDataLake",
    "appInsightsResourceId",
    "appInsightsTelemetryChannelResourceId",
    "appServiceResourceId",
    "attestationResourceId",
    "azmirrorStorageAccountResourceId",
    "batch",
    "gallery",
    "graphAudience",
    "logAnalyticsResourceId",
    "media",
    "microsoftGraphResourceId",
    "ossrdbmsResourceId",
    "portal",
    "resourceManager",
    "sqlManagement",
    "synapseAnalyticsResourceId",
    "vmImageAliasDoc",
]
SUFFIXES_READ_BY_AZ = [
    "acrLoginServer",
    "attestationEndpoint",
    "azureDataLakeAnalyticsCatalogAndJob",
    "azureDataLakeStoreFileSystem",
    "keyVaultDns",
    "mariadbServerEndpoint",
    "mhsmDns",
    "mysqlServerEndpoint",
    "postgresqlServerEndpoint",
    "sqlServerHostname",
    "storage",
    "storageSyncEndpointSuffix",
    "synapseAnalytics",
]


def metadata(version: str) -> Json:
    return ask(WORLD, f"{ORIGIN}/metadata/endpoints?api-version={version}", token=None).json


def test_metadata_name_this_very_host_and_the_worlds_registries() -> None:
    found = metadata("2022-09-01")
    assert isinstance(found, dict)
    assert found["name"] == "AzureChinaCloud"
    assert found["authentication"] == {
        "loginEndpoint": ORIGIN,
        "audiences": [f"{ORIGIN}/"],
        "tenant": WORLD.tenant_id,
        "identityProvider": "AAD",
    }
    for name in READ_BY_AZ:
        assert str(found[name]).startswith(ORIGIN), name
    suffixes = found["suffixes"]
    assert isinstance(suffixes, dict)
    assert suffixes["acrLoginServer"] == "azurecr.cn"
    assert all(suffixes[name] for name in SUFFIXES_READ_BY_AZ)


def test_metadata_are_a_list_in_older_versions() -> None:
    for version in ("2019-05-01", "2020-06-01"):
        assert metadata(version) == [metadata("2022-09-01")]


def test_metadata_in_the_short_form() -> None:
    found = metadata("2015-01-01")
    assert isinstance(found, dict)
    assert found["graphEndpoint"] == f"{ORIGIN}/"
    assert found["authentication"] == {"loginEndpoint": f"{ORIGIN}/", "audiences": [f"{ORIGIN}/"]}


def test_metadata_of_no_version() -> None:
    assert (
        ask(WORLD, "/metadata/endpoints?api-version=1999-01-01", token=None)["error.code"]
        == "InvalidApiVersionParameter"
    )
    assert ask(WORLD, "/metadata/endpoints?api-version=", token=None)["error.code"] == "MissingApiVersionParameter"
    assert ask(WORLD, "/metadata/endpoints", "POST").status == 405
