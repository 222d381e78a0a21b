"""What people and tickets get to see."""

from __future__ import annotations

import json

import pytest

from aksacr.pull_errors import (
    left_open,
    next_command,
    read_errors,
    render_explanation_json,
    render_explanation_markdown,
    render_explanation_text,
)

from .corpus import ALL, Labelled

FIREWALL = (
    'Failed to pull image "contosoreg.azurecr.io/shop/ui:4": unexpected status from HEAD request to '
    "https://contosoreg.azurecr.io/v2/shop/ui/manifests/4: 403 Forbidden: denied: client with IP '203.0.113.7' "
    "is not allowed "
    "access. Refer https://aka.ms/acr/firewall to grant access."
)
TEXT = """\
forbidden-firewall: the registry's network rules refuse the address the node leaves from

  image     contosoreg.azurecr.io/shop/ui:4
  host      contosoreg.azurecr.io
  address   203.0.113.7 (public)
  status    403
  stopped   resolve > connect > [admit] > authenticate > manifest > layers > unpack
  read      Failed to pull image "contosoreg.azurecr.io/shop/ui:4": unexpected status from HEAD
            request to https://contosoreg.azurecr.io/v2/shop/ui/manifests/4: 403 Forbidden: denied:
            client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to
            grant access.

  The quoted address is the true one. It is not in the registry's rules, or the public side is
  closed.

  Causes, most probable first
  1. AKA201 ip-not-in-ip-rules
"""


def test_text_reads_like_an_answer() -> None:
    shown = render_explanation_text(read_errors(FIREWALL))
    assert shown.startswith(TEXT)
    assert "$ az acr network-rule add -n contosoreg --ip-address 203.0.113.7\n" in shown
    assert shown.endswith(
        '    $ aksacr check -g "$RG" -n "$CLUSTER" --acr contosoreg.azurecr.io --image shop/ui:4 --error @event.txt\n'
    )


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_lines_keep_their_width_except_commands_and_names(row: Labelled) -> None:
    for line in render_explanation_text(read_errors(row.text), width=80).splitlines():
        one_word = len(line.split()) <= 3
        assert len(line) <= 80 or line.lstrip().startswith("$ ") or one_word or "stopped" in line, line


ANONYMOUS = (
    'Failed to pull image "contosoreg.azurecr.io/a:1": failed to fetch anonymous token: unexpected status: '
    "401 Unauthorized"
)


def test_three_causes_are_told_in_full_and_the_others_by_name() -> None:
    found = read_errors(ANONYMOUS)
    causes = found.errors[0].causes
    assert len(causes) > 4
    text = render_explanation_text(found, width=80)
    for number, cause in enumerate(causes[:3], 1):
        assert f"\n  {number}. {cause.code} {cause.slug}\n" in text
        assert all(f"\n       $ {command}\n" in text for command in cause.commands)
    assert "\n  4. " not in text
    names = ", ".join(f"{cause.code} {cause.slug}" if cause.code else cause.slug for cause in causes[3:])
    assert f"Less probable: {names}. What to do about those is told with `-o markdown`." in " ".join(text.split())
    markdown = render_explanation_markdown(found)
    assert all(command in markdown for cause in causes for command in cause.commands)


def test_few_causes_have_no_others() -> None:
    found = read_errors('Failed to pull image "contosoreg.azurecr.io/a:1": pull QPS exceeded')
    assert len(found.errors[0].causes) <= 3
    assert "Less probable" not in render_explanation_text(found)


def test_markdown_has_no_table() -> None:
    """Where tables are not known, their rows would run into one another."""
    shown = render_explanation_markdown(read_errors(ANONYMOUS))
    assert "\n- image: `contosoreg.azurecr.io/a:1`\n" in shown
    assert not [line for line in shown.splitlines() if line.startswith("|")]


def test_what_is_open_is_said_and_how_to_find_out() -> None:
    error = read_errors(
        'Failed to pull image "contosoreg.azurecr.io/a:1": failed to fetch anonymous token: unexpected status: '
        "401 Unauthorized"
    ).errors[0]
    assert not error.settled
    assert "why the node had no credential" in (left_open(error) or "")
    assert "--acr contosoreg.azurecr.io" in (next_command(error) or "")


def test_settled_errors_leave_nothing_open() -> None:
    error = read_errors('Failed to pull image "contosoreg.azurecr.io/a:1": pull QPS exceeded').errors[0]
    assert error.settled
    assert left_open(error) is None


def test_azure_is_not_asked_about_other_registries() -> None:
    error = read_errors(
        'Failed to pull image "quay.io/contoso/a:1": pull access denied, repository does not exist'
    ).errors[0]
    assert next_command(error) is None


def test_several_errors_are_numbered_and_counted() -> None:
    rows = [
        f'1m  Warning  Failed  pod/p{number}  Failed to pull image "contosoreg.azurecr.io/a:1": pull QPS exceeded'
        for number in range(3)
    ]
    rows.append(
        '1m  Warning  Failed  pod/q  Failed to pull image "contosoreg.azurecr.io/b:1": no match for platform '
        "in manifest"
    )
    shown = render_explanation_text(read_errors("\n".join(rows)))
    assert shown.startswith("2 different pull errors, the deciding one first\n")
    assert "1. pull-qps: the kubelet's own limit on pulls was reached (3 times)" in shown
    assert "2. platform-mismatch" in shown


def test_markdown_keeps_the_text_inside_code() -> None:
    text = 'Failed to pull image "contosoreg.azurecr.io/a:1": ```` <img src=x> | [x](y) pull QPS exceeded'
    shown = render_explanation_markdown(read_errors(text))
    fence = "`````text\n"
    assert fence in shown
    inside = shown.split(fence)[1].split("\n`````\n")[0]
    assert "<img" in inside
    assert "<img" not in shown.replace(inside, "")


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_markdown_has_a_section_for_each_error_and_closes_its_fences(row: Labelled) -> None:
    found = read_errors(row.text)
    shown = render_explanation_markdown(found)
    assert shown.count("\n## `") == len(found.errors)
    fences = [line.strip() for line in shown.splitlines() if line.strip().startswith("```")]
    assert len(fences) % 2 == 0


COMMANDS_OF_AN_AGENT = ["##vso[task.setvariable variable=a]b", "##[error]x", "## vso[", "##VSO[task.complete]"]


@pytest.mark.parametrize("command", COMMANDS_OF_AN_AGENT)
@pytest.mark.parametrize("place", ["{c}{t}", "{t} {c}", "{t}\n{c}"])
def test_nothing_reaches_a_pipeline_that_an_agent_would_run(command: str, place: str) -> None:
    text = place.format(c=command, t='Failed to pull image "contosoreg.azurecr.io/a:1": pull QPS exceeded')
    as_event = json.dumps({"kind": "Event", "reason": "Failed", "message": text})
    for source in (text, as_event):
        found = read_errors(source)
        for shown in (
            render_explanation_text(found),
            render_explanation_markdown(found),
            render_explanation_json(found),
        ):
            assert "##vso[" not in shown.lower()
            assert "##[" not in shown


SECRETS = [
    (
        "https://a.blob.core.windows.net/x/blobs/sha256/1/data?se=2026&sig=Zm9vYmFyYmF6cXV4&sp=r: 403 x",
        "Zm9vYmFyYmF6cXV4",
    ),
    (
        "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl unauthorized: authentication required",
        "c2lnbmF0dXJl",
    ),
    ("refresh_token=0123456789abcdef0123 unauthorized: authentication required", "0123456789abcdef0123"),
    (
        (
            '{"auths":{"contosoreg.azurecr.io":{"password":"hunter2hunter2","auth":"dXNlcjpwYXNz"}}} unauthorized: '
            "authentication required"
        ),
        "hunter2hunter2",
    ),
    (
        '{"auths":{"contosoreg.azurecr.io":{"auth":"dXNlcjpwYXNzd29yZA=="}}} unauthorized: authentication required',
        "dXNlcjpwYXNzd29yZA",
    ),
    (
        "docker login --password hunter2hunter2 contosoreg.azurecr.io unauthorized: authentication required",
        "hunter2hunter2",
    ),
    ("client_secret: 'abc~DEF.123456' AADSTS7000215: Invalid client secret provided", "abc~DEF.123456"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_are_never_shown(text: str, secret: str) -> None:
    found = read_errors(f'Failed to pull image "contosoreg.azurecr.io/a:1": {text}')
    assert found.errors[0].symptom != "not-a-pull-error"
    for shown in (render_explanation_text(found), render_explanation_markdown(found), render_explanation_json(found)):
        assert secret not in shown
        assert "REDACTED" in shown


def test_sentences_about_secrets_are_left_alone() -> None:
    text = "unauthorized: Invalid clientid or client secret. no basic auth credentials; Basic authentication required"
    assert "REDACTED" not in render_explanation_json(
        read_errors(f"Error response from daemon: Get https://a.azurecr.io/v2/: {text}")
    )
