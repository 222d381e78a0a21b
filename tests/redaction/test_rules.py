"""What is masked and what stays, text by text; how long it takes; what a command line writes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from console import run

from aksacr.redaction import redact
from aksacr.redaction.commands import masked
from aksacr.redaction.masker import Masker
from aksacr.redaction.secrets import HIDDEN, without_secrets

from .planting import CLIENT_SECRET, JWT, PASSWORD, situation

if TYPE_CHECKING:
    from pathlib import Path

HIDING = (
    f"docker login -u x -p {PASSWORD} reg.example",
    f'az login --service-principal --password "{PASSWORD} and more"',
    f"Authorization: Bearer {PASSWORD}",
    f'{{"auths": {{"x.azurecr.io": {{"auth": "{PASSWORD}"}}}}}}',
    f'"{{\\"password\\": \\"{PASSWORD}\\"}}"',
    f"https://user:{PASSWORD}@proxy.example/x",
    f"https://x.blob.core.windows.net/a?sv=1&sig={PASSWORD}&se=2",
    f"AccountKey={PASSWORD};EndpointSuffix=core.windows.net",
    f"AZURE_CLIENT_SECRET={PASSWORD}",
    f"password: {PASSWORD}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{PASSWORD}\n-----END RSA PRIVATE KEY-----",
    f"of the form that Entra gives: {CLIENT_SECRET}",
    f"token {JWT}",
)
HARMLESS = (
    "repo@sha256:" + "0a1b" * 16,
    "docker-pullable://nginx@sha256:" + "0a1b" * 16,
    "commit 2653993a1f0c4b10d0b7e0f355d24c0e8f8e0d9a",
    "/subscriptions/6f2d6c1e-8a0b-4a51-9c53-2f7d1f0c4b10/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
    "failed to fetch anonymous token: unexpected status: 401 Unauthorized",
    'Bearer realm="https://x.azurecr.io/oauth2/token",service="x.azurecr.io"',
    "no basic auth credentials",
    "Pull with a secret: make a token of the registry that may read",
    'az aks update-credentials --client-secret "$SP_SECRET"',
    "AADSTS7000222: The provided client secret keys are expired",
)
KEPT_IN_PUBLIC = (
    "role 7f951dda-4ed3-4680-a7ca-43fe172d538d (AcrPull)",
    "from 168.63.129.16, 169.254.169.254, 127.0.0.1, ::1 or 0.0.0.0/0",
    "zone privatelink.azurecr.io and westus.data.privatelink.azurecr.io, *.blob.core.windows.net",
    "see https://learn.microsoft.com/azure/aks/update-credentials and mcr.microsoft.com/oss/kubernetes/pause",
    "AADSTS700016, Correlation ID: 2b9e8f10-61c3-4f0d-a8a9-90e3b7c2d4f5, Timestamp: 2026-11-22 10:00:00Z",
    "Kubernetes 1.29.7, AKSUbuntu-2204gen2containerd-202408.12.0, westeurope, AzureContainerRegistry.westus",
    "/subscriptions/subscription-name/read and Microsoft.Resources/subscriptions/resourceGroups/read",
)


@pytest.mark.parametrize("text", HIDING)
def test_secrets_are_taken_out(text: str) -> None:
    shown = without_secrets(text)
    assert HIDDEN in shown
    assert not [secret for secret in (PASSWORD, CLIENT_SECRET, JWT) if secret in shown]
    assert without_secrets(shown) == shown


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize("text", KEPT_IN_PUBLIC)
def test_what_is_the_same_for_everybody_is_public(text: str) -> None:
    masker = Masker("public")
    masker.learn(text)
    assert masker.text(text) == text


def mask(*texts: str, names: tuple[tuple[str, str], ...] = ()) -> list[str]:
    masker = Masker("public")
    for name, kind in names:
        masker.learn_name(name, kind)
    for text in texts:
        masker.learn(text)
    return [masker.text(text) for text in texts]


def test_equal_values_have_equal_tokens_in_any_letters() -> None:
    upper, lower = mask(
        "VNET-ZEBRA of RG-Zebra", "vnet-zebra of rg-zebra", names=(("Vnet-Zebra", "vnet"), ("rg-zebra", "group"))
    )
    assert upper == lower


def test_what_lies_in_what_is_still_told() -> None:
    rule, inside, outside, nested = mask("10.77.0.0/16", "10.77.3.9", "10.78.3.9", "10.77.3.0/24")
    assert rule == "private-range-1/16"
    assert nested.endswith(".private-range-1/24")
    assert inside.endswith(f".{nested.removesuffix('/24')}")
    assert outside.startswith("private-addr-")


def test_a_host_in_a_domain_is_still_told() -> None:
    domain, host = mask(".corp.zebra.com", "proxy.corp.zebra.com:3128")
    assert domain == ".domain-1"
    assert host == "host-1.domain-1:3128"


def test_names_that_are_words_do_not_wreck_sentences() -> None:
    names = (("registry", "registry"), ("cluster", "cluster"), ("nodes", "subnet"), ("pull", "pool"))
    said = "The nodes of the cluster pull from the registry: subnet nodes, registry registry, node pools pull and x"
    assert mask(said, names=names) == [
        "The nodes of the cluster pull from the registry: subnet subnet-1, registry registry-1, node pools pool-1 and x"
    ]


def test_names_of_the_form_of_tokens_are_masked() -> None:
    [text] = mask("vnet-7 and hub of vnet-7", names=(("vnet-7", "subnet"),))
    assert text == "subnet-1 and hub of subnet-1"


def test_what_is_put_into_a_command_is_quoted() -> None:
    command = "az network vnet show -g 'my (rg)' -n x --query 'a b'"
    assert masked(command, lambda value, option: "a;b" if option == "-g" else value).startswith(
        "az network vnet show -g 'a;b' -n x"
    )
    assert masked(command, lambda value, _: value) == command


@pytest.mark.parametrize(
    "piece", ["a", "eyJ", "=", "/", "-", "@", "://", "%2F", "\\", "a.", "10.0.0.1 ", "docker ", "key=", "1-"]
)
def test_a_long_run_of_one_piece_takes_no_longer_than_any_other(piece: str) -> None:
    masker = Masker("public")
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    masker.learn(text)
    masker.text(text)
    assert time.process_time() - begun < 10, "one pass over the text, and no way back"


def test_files_are_redacted_and_the_terminal_is_not(tmp_path: Path) -> None:
    ended = run("demo", "pull_role_missing", "-o", "json", "--report", f"json={tmp_path / 'r.json'}", home=tmp_path)
    shown, filed = json.loads(ended.out), json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert "redaction" not in shown
    assert filed["redaction"]["profile"] == "support"
    assert shown["target"]["cluster"]["name"] == filed["target"]["cluster"]["name"]
    assert "/subscriptions/xxxxxxxx-" in filed["target"]["cluster"]["id"]


def test_a_profile_holds_for_the_terminal_and_files(tmp_path: Path) -> None:
    words = ("demo", "pull_role_missing", "--redact", "public", "--report", f"markdown={tmp_path / 'r.md'}")
    ended = run(*words, home=tmp_path)
    assert "Redacted: profile public" in ended.out
    assert "Redacted: profile public" in (tmp_path / "r.md").read_text(encoding="utf-8")
    assert "clireg" not in ended.out


def test_remarks_and_explanations_hold_no_secret(tmp_path: Path) -> None:
    wrong = run("check", "-g", "a", "-n", "b", "--acr", "c", "--report", f"password={PASSWORD}", home=tmp_path)
    assert wrong.status == 2
    assert PASSWORD not in wrong.err
    for form in ("text", "json", "markdown"):
        said = f'Failed to pull image "https://u:{PASSWORD}@x.azurecr.io/a:1": 401 Unauthorized, password={PASSWORD}'
        assert PASSWORD not in run("explain", said, "-o", form, home=tmp_path).out


def test_support_after_public_stays_public() -> None:
    facts, report = situation("pull_role_missing")
    public = redact(report, "public", facts)
    assert not isinstance(public.redaction, msgspec.UnsetType)
    assert redact(public, "support") == public
