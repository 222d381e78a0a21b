"""The shapes and the knowledge: what the JSON looks like, what every symptom has, what may stand in a command."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from aksacr.pull_errors import SYMPTOMS, read_errors, render_explanation_json
from aksacr.pull_errors.findings import finding_of
from aksacr.pull_errors.phrases import words
from aksacr.pull_errors.probable import CLUES, RANKED
from aksacr.pull_errors.ranking import REMEDIES, causes_of

from .corpus import ALL, Labelled

TEXT_OR_NULL = {"type": ["string", "null"]}
TEXTS = {"type": "array", "items": {"type": "string"}}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schemaVersion", "errors"],
    "properties": {
        "schemaVersion": {"const": "1.0"},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [
                    "text",
                    "symptom",
                    "stage",
                    "httpStatus",
                    "host",
                    "address",
                    "addressKind",
                    "image",
                    "alternatives",
                    "noise",
                    "causes",
                    "settled",
                    "count",
                ],
                "properties": {
                    "text": {"type": "string"},
                    "symptom": {"enum": sorted(SYMPTOMS)},
                    "stage": {
                        "enum": [
                            "resolve",
                            "connect",
                            "admit",
                            "authenticate",
                            "manifest",
                            "layers",
                            "unpack",
                            "kubelet",
                            "none",
                        ],
                    },
                    "httpStatus": {"type": ["integer", "null"]},
                    "host": TEXT_OR_NULL,
                    "address": TEXT_OR_NULL,
                    "addressKind": {"enum": ["private", "public", "loopback", None]},
                    "image": TEXT_OR_NULL,
                    "alternatives": {"type": "array", "items": {"enum": sorted(SYMPTOMS)}},
                    "noise": TEXTS,
                    "settled": {"type": "boolean"},
                    "count": {"type": "integer", "minimum": 1},
                    "causes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["code", "slug", "why", "fix", "commands"],
                            "properties": {
                                "code": {"type": ["string", "null"], "pattern": r"^AKA[1-6]\d\d$"},
                                "slug": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
                                "why": {"type": "string", "minLength": 20},
                                "fix": {"type": "string", "minLength": 20},
                                "commands": TEXTS,
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_json_has_the_agreed_form(row: Labelled) -> None:
    jsonschema.validate(json.loads(render_explanation_json(read_errors(row.text))), SCHEMA)


@pytest.mark.parametrize("symptom", sorted(set(SYMPTOMS) - {"not-a-pull-error"}))
def test_every_symptom_has_causes(symptom: str) -> None:
    assert RANKED[symptom], f"{symptom} names no cause; add it to probable.py"


def test_every_cause_that_is_ranked_is_known_and_every_known_one_is_ranked() -> None:
    named = {slug for slugs in RANKED.values() for slug in slugs}
    for clue in CLUES:
        named |= {*clue.first.split(), *clue.last.split()}
        assert set(clue.without.split()) <= set(REMEDIES)
        assert set(clue.symptoms.split()) <= set(SYMPTOMS)
    elsewhere = {slug for slug, remedy in REMEDIES.items() if remedy.code is None}
    assert named <= set(REMEDIES)
    assert set(REMEDIES) - named <= elsewhere, "these causes are never shown"


# Every cause and fix in the five articles that users read today.
FROM_THE_ARTICLES = sorted(
    words("""
image-tag-or-repo-missing registry-host-typo non-acr-public-image pull-policy-never kubelet-qps-exceeded
serialized-pull-queue kubelet-identity-missing-from-vmss no-pull-role role-on-old-principal custom-role-without-pull
sp-secret-expired pull-secret-missing pull-secret-not-referenced pull-secret-wrong-server pull-secret-wrong-password
pull-secret-sp-expired admin-user-disabled admin-password-regenerated dns-zone-not-linked-to-cluster-vnet
dns-node-resolver-broken vnet-not-peered peering-disconnected udr-captures-private-endpoint azure-firewall-missing-rules
tls-inspection-untrusted-ca http-only-registry public-access-disabled ip-not-in-ip-rules platform-os-mismatch
image-damaged china-cloud-public-image platform-arch-mismatch acrpull-on-abac-registry nva-tls-handshake-timeout
""")
)


@pytest.mark.parametrize("slug", FROM_THE_ARTICLES)
def test_causes_of_the_articles_are_reachable(slug: str) -> None:
    """Some text leads to each of them: through its symptom, or through a clue."""
    ranked = {name for slugs in RANKED.values() for name in slugs}
    hinted = {name for clue in CLUES for name in (*clue.first.split(), *clue.last.split())}
    assert slug in ranked | hinted
    assert slug in REMEDIES


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("tls-inspection-untrusted-ca", "--custom-ca-trust-certificates"),
        ("http-only-registry", "containerd"),
        ("dns-node-resolver-broken", "lost with the next"),
        ("kubelet-qps-exceeded", "AKS does not offer"),
        ("china-cloud-public-image", "retired"),
        ("no-pull-role", "acrpull-on-abac-registry"),
    ],
)
def test_where_an_article_is_out_of_date_the_fix_says_so(slug: str, said: str) -> None:
    assert said in REMEDIES[slug].fix


def _commands() -> list[str]:
    errors = [error for row in ALL for error in read_errors(row.text).errors]
    filled = {command for error in errors for cause in error.causes for command in cause.commands}
    bare = {command for remedy in REMEDIES.values() for command in _filled_without_names(remedy.slug)}
    return sorted(filled | bare)


def _filled_without_names(slug: str) -> list[str]:
    from aksacr.pull_errors.remedies import filled  # noqa: PLC0415

    return filled(REMEDIES[slug], finding_of("")).commands


COMMANDS = _commands()
_TOOLS = {"az", "kubectl", "docker", "aksacr"}
# What deletes, resets, or renews nodes has its consequence told in words and is never offered for pasting.
_NEVER = re.compile(
    r"\b(?:delete|reset|reset-service-principal|renew|purge|regenerate|detach-acr|update-credentials|reimage|restart)\b"
    r"|nodepool upgrade|--admin-enabled|--default-action|--public-network-enabled"
)


def test_commands_are_shell() -> None:
    assert len(COMMANDS) > 100
    script = "\n".join(COMMANDS)
    checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_may_be_pasted(command: str) -> None:
    words = shlex.split(command)
    assert words[0] in _TOOLS or re.fullmatch(r"[A-Z_]+=.*", words[0]), command
    assert not _NEVER.search(command), command
    assert not re.search(r"[<>](?!/dev/null)|\*\*", re.sub(r"'[^']*'|\"[^\"]*\"", "", command)), command
    assert "{" not in re.sub(r"'[^']*'|\"[^\"]*\"", "", command), f"a name was not filled in: {command}"


def test_masked_names_never_reach_a_command() -> None:
    text = (
        'Failed to pull image "<acrname>.azurecr.io/app:1": failed to resolve reference: unexpected status: 403 '
        "Forbidden"
    )
    error = read_errors(text).errors[0]
    assert (error.host, error.image) == ("<acrname>.azurecr.io", "<acrname>.azurecr.io/app:1")
    assert not [command for cause in error.causes for command in cause.commands if "<acrname>" in command]


def test_names_from_the_text_are_quoted() -> None:
    finding = finding_of('Failed to pull image "contosoreg.azurecr.io/a:1": dial tcp 10.1.4.5:443: i/o timeout')
    hostile = replace(finding, address="1;reboot")
    commands = [command for cause in causes_of(hostile) for command in cause.commands]
    assert any("'1;reboot'" in command for command in commands)
    assert not any(" 1;reboot" in command for command in commands)


GIVEN_AWAY = [
    (row["text"], row["first"])
    for row in map(json.loads, Path(__file__).with_name("given_away.jsonl").read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize(("text", "first"), GIVEN_AWAY)
def test_what_the_text_gives_away_comes_first(text: str, first: str) -> None:
    assert read_errors(text).errors[0].causes[0].slug == first


def test_reading_needs_neither_azure_nor_a_terminal_library() -> None:
    script = "import sys, aksacr.pull_errors; print(sorted(name.split('.')[0] for name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"azure", "typer", "rich", "aiohttp", "yaml", "requests"} & set(re.findall(r"'(\w+)'", run.stdout))


def test_the_page_lists_every_symptom_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "pull-errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (\w+) \| (yes|no) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [
        (name, symptom.stage, "yes" if symptom.settled else "no", symptom.words) for name, symptom in SYMPTOMS.items()
    ]
