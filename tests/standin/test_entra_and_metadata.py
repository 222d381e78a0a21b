"""Signing in, and how an ARM endpoint names its cloud."""

from __future__ import annotations

import base64
import json
import time
from typing import cast
from urllib.parse import urlencode

import pytest

from aksacr.standin import Request
from aksacr.standin.entra import SignIn

from .worlds import TENANT, Json, ask, world_of

ORIGIN = "https://localhost:4433"
SIGN_IN = SignIn(TENANT)


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


def test_an_assertion_stands_for_the_secret() -> None:
    status, _ = sent(f"/{TENANT}/oauth2/v2.0/token", form(client_secret="", client_assertion="a.b.c"))
    assert status == 200


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
