"""No planted value is found again: by profile, in any format, in any spelling, wherever it was planted."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from judging import names

from aksacr.redaction import Profile, net, redact
from aksacr.redaction.addresses import Addresses, addresses_in
from aksacr.redaction.facts import named_in
from aksacr.redaction.guids import GUID, is_well_known
from aksacr.redaction.tokens import Tokens
from aksacr.redaction.words import is_kept, stands_out
from aksacr.report.json_format import decode_report, render_json
from aksacr.report.schema import schema

from .planting import FORMATS, NAMED, PEOPLE, SECRETS, SUBSCRIPTION, planted, situation, spellings

HIDDEN: dict[Profile, tuple[str, ...]] = {
    "none": SECRETS,
    "support": (*SECRETS, *PEOPLE, SUBSCRIPTION),
    "public": (*SECRETS, *PEOPLE, SUBSCRIPTION, *NAMED),
}
_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def unwrapped(text: str) -> str:
    """Without what a renderer puts between: colours, line ends, escapes of Markdown."""
    return re.sub(r"\\(?=[^\w\s])", "", re.sub(r"\x1b\[[0-9;]*m|\s+", "", text))


def decoded(text: str) -> str:
    """Everything in the text that base64 may hide."""
    pieces: list[str] = []
    for run in _RUN.findall(text):
        body = run.rstrip("=").replace("-", "+").replace("_", "/")
        for skipped in range(4):
            part = body[skipped:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            pieces.append(base64.b64decode(part + "=" * (-len(part) % 4)).replace(b"\0", b"").decode("latin-1"))
    return " ".join(pieces).lower()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("profile", ["none", "support", "public"])
def test_no_planted_value_survives(profile: Profile, form: str) -> None:
    facts, report = situation("firewall_rules_missing")
    text = net(FORMATS[form](redact(planted(report), profile, facts)), profile)
    plain, hidden = unwrapped(text).lower(), decoded(text)
    found = [value for value in HIDDEN[profile] if any(form in plain for form in spellings(value))]
    assert not found
    if profile != "none":
        assert not [value for value in HIDDEN[profile] if value.lower() in hidden]


def test_planted_values_are_in_the_report_to_begin_with() -> None:
    _, report = situation("firewall_rules_missing")
    text = render_json(planted(report)).lower()
    assert all(value.lower() in text for value in HIDDEN["public"])


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("profile", ["support", "public"])
def test_every_fixture_is_redacted_whole_and_once(name: str, profile: Profile) -> None:
    facts, report = situation(name)
    once = redact(report, profile, facts)
    assert redact(once, profile, facts) == once
    assert redact(once, profile) == once
    Draft202012Validator(schema()).validate(json.loads(render_json(once)))  # pyright: ignore[reportUnknownMemberType]
    assert decode_report(render_json(once).encode()) == once
    assert once.verdict.exit_status == report.verdict.exit_status
    for form in FORMATS.values():
        assert net(form(once), profile) == form(once), "the net finds nothing that the model did not lose"


@pytest.mark.parametrize("name", names())
def test_nothing_of_a_recorded_cluster_is_public(name: str) -> None:
    facts, report = situation(name)
    text = render_json(redact(report, "public", facts))
    told = {word for word, _ in named_in(facts) if stands_out(word) and not is_kept(word)}
    assert not [word for word in told if not GUID.fullmatch(word) and _stands_in(word, text)]
    assert not [guid for guid in GUID.findall(text) if not is_well_known(guid)]
    assert not Addresses(Tokens()).find(text)


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("name", ["firewall_rules_missing", "service_principal_secret_expired", "pull_role_missing"])
def test_support_keeps_what_support_needs(name: str) -> None:
    facts, report = situation(name)
    before, after = render_json(report), render_json(redact(report, "support", facts))
    shown = [word for word, kind in named_in(facts) if kind != "subscription" and word in before]
    assert len(shown) > 5
    assert not [word for word in shown if word not in after]
    assert {str(item.network) for item in addresses_in(after)} == {str(item.network) for item in addresses_in(before)}


# --- whatever is written ---

_PIECES = st.sampled_from(
    [
        *(
            *SECRETS,
            *PEOPLE,
            SUBSCRIPTION,
            *NAMED,
            f"/subscriptions/{SUBSCRIPTION}",
            "/resourceGroups/",
            "registry",
            "vnet-1",
        ),
        *(
            "password=",
            "Authorization: ",
            "Bearer ",
            "user-1",
            "REDACTED",
            "://",
            "@",
            ":",
            "/",
            "%2F",
            " ",
            "\n",
            '"',
            "'",
        ),
        *("\\", "-", "_", ".", "sig=", "key ", "hint ", "10.77.0.0/16", "cluster-1", "eyJ", "[", "]", "=", "&", "hub "),
    ]
)
_TEXTS = st.lists(_PIECES | st.text(max_size=6), max_size=12).map("".join)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(_TEXTS, min_size=1, max_size=4), profile=st.sampled_from(["none", "support", "public"]))
def test_redacting_twice_is_redacting_once(texts: list[str], profile: Profile) -> None:
    _, report = situation("firewall_rules_missing")
    once = redact(planted(report, tuple(texts)), profile)
    assert redact(once, profile) == once
    rendered = net(render_json(once), profile)
    assert net(rendered, profile) == rendered
    assert json.loads(rendered)
