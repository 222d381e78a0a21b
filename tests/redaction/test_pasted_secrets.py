"""Secrets and people as they are pasted around image pulls, and what looks like one and is none."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from aksacr.redaction.masker import Masker
from aksacr.redaction.secrets import without_secrets

if TYPE_CHECKING:
    from aksacr.redaction import Profile

PASSWORD = "Hunter2Pwd9xx"
TOKEN = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END PRIVATE KEY-----\n"


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"nerdctl login -p {PASSWORD} x.azurecr.io", PASSWORD),
        (f"podman login -u x -p '{PASSWORD}' x.azurecr.io", PASSWORD),
        (f"az login --service-principal -u x -p {PASSWORD} --tenant t", PASSWORD),
        (f"crictl pull --creds user:{PASSWORD} x.azurecr.io/a", PASSWORD),
        (f"ctr images pull --user user:{PASSWORD} x.azurecr.io/a", PASSWORD),
        (f"skopeo copy --src-creds=user:{PASSWORD} docker://a", PASSWORD),
        (f"curl -u user:{PASSWORD} https://x.azurecr.io/v2/", PASSWORD),
        (f'{{"passwords":[{{"name":"password","value":"{PASSWORD}"}}]}}', PASSWORD),
        (f'{{\n "name": "password2",\n "value": "{PASSWORD}"\n}}', PASSWORD),
        (f"- name: AZURE_CLIENT_SECRET\n  value: {PASSWORD}", PASSWORD),
        ('{"token":"abcdEFGH1234opaqueTok"}', "abcdEFGH1234opaqueTok"),
        ("    token: 0123456789abcdef0123opaque", "0123456789abcdef0123opaque"),
        (f"data: {base64_of(TOKEN)}", base64_of(TOKEN)),
        (f"tls.key: {base64_of(PEM)}", base64_of(PEM)[:60]),
        (f"<password>{PASSWORD}</password>", PASSWORD),
        (f'<add key="Password" value="{PASSWORD}"/>', PASSWORD),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
        ("Ocp-Apim-Subscription-Key: 0123456789abcdef0123456789abcdef", "0123456789abcdef"),
        ("remote: ghp_0123456789abcdefghijABCDEFGHIJ012345 denied", "0123456789abcdefghij"),
        ("Cookie: session=abc123; other=def456", "abc123"),
        (f'ConvertTo-SecureString "{PASSWORD}" -AsPlainText', PASSWORD),
        (f"echo {PASSWORD} | docker login x.azurecr.io -u x --password-stdin", PASSWORD),
    ],
)
def test_a_pasted_secret_is_masked(text: str, secret: str) -> None:
    once = without_secrets(text)
    assert secret not in once
    assert "REDACTED" in once
    assert without_secrets(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "docker run -p 8080:80 x.azurecr.io/a",
        "docker run --user 1000:1000 x.azurecr.io/a",
        "failed to fetch oauth token: unexpected status from GET https://x.azurecr.io/oauth2/token?scope=a: 401",
        "failed to fetch anonymous token: 401 Unauthorized",
        "x.azurecr.io/a@sha256:8b0b3a3f1e7c2d4a5b6c7d8e9f00112233445566778899aabbccddeeff001122",
        "name: token-service\nimage: x.azurecr.io/a:1",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


SUBSCRIPTION = "6f2d6c1e-8a0b-4a51-9c53-2f7d1f0c4b10"


@pytest.mark.parametrize("profile", ["support", "public"])
def test_a_subscription_id_inside_a_name_is_masked(profile: Profile) -> None:
    masker = Masker(profile)
    masker.learn(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg")
    for text in (f"workspace DefaultWorkspace-{SUBSCRIPTION}-WEU", f"ws_{SUBSCRIPTION.replace('-', '_').upper()}_x"):
        assert SUBSCRIPTION[:8] not in masker.text(text).lower()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("by jürgen.müller@contoso.de now", "by user-1 now"),
        ("by jurgen@müller.de now", "by user-1 now"),
        ('by "john doe"@contoso.com now', "by user-1 now"),
        ('{"displayName": "Erika Mustermann"}', '{"displayName": "user-1"}'),
    ],
)
def test_people_are_masked_in_any_script(text: str, rest: str) -> None:
    assert Masker("support").text(text) == rest


def test_a_group_whose_name_holds_parentheses_has_one_token() -> None:
    masker = Masker("public")
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/my(group)"
    masker.learn(f"{scope}/providers/Microsoft.Network/virtualNetworks/vnet-a")
    assert "/resourceGroups/resource-group-1/" in masker.text(
        f"{scope}/providers/Microsoft.Network/virtualNetworks/vnet-a"
    )
    assert masker.text(f"(see {scope})") == "(see /subscriptions/subscription-1/resourceGroups/resource-group-1)"
    assert masker.name("my(group)") == "resource-group-1"
