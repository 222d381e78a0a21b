from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.report.json_format import decode_report, render_json
from aksacr.report.schema import schema

from .hostile import saying
from .samples import SAMPLES, blocked, clear, role_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.report.model import Report

ALL = pytest.mark.parametrize("made", [sample() for sample in SAMPLES.values()], ids=list(SAMPLES))

# The form that the contract gives, with every key that it names, in its order.
CONTRACT = """
{ "schemaVersion": "1.0",
  "tool": {"name": "aksacr", "version": "0.1.0"},
  "generatedAt": "2026-11-22T10:00:00Z",
  "target": {
    "cloud": "AzureCloud",
    "cluster":  {"id": "/c", "name": "c", "resourceGroup": "rg", "location": "x", "kubernetesVersion": "1.33.2",
                 "identity": {"kind": "managed-identity", "objectId": "o", "clientId": null, "resourceId": "/i"}},
    "registry": {"id": "/r", "name": "r", "loginServer": "r.azurecr.io", "sku": "Premium"},
    "image": "repo:tag",
    "nodePools": [{"name": "a", "osType": "Linux", "subnetId": "/s", "egressAddresses": ["192.0.2.1"]}]},
  "observed": [{"text": "403", "symptom": "forbidden-403", "stage": "admit", "httpStatus": 403, "host": null,
                "address": null, "addressKind": null, "image": null, "alternatives": [], "noise": [],
                "causes": [{"code": "AKA201", "slug": "x", "why": "w", "fix": "f", "commands": []}], "settled": false}],
  "verdict": {"outcome": "blocked", "rootCauses": ["AKA201"], "summary": "s", "exitStatus": 1},
  "checks": [{"code": "AKA201", "name": "egress-address-not-allowed", "title": "t", "status": "fail", "message": "m",
              "nodePools": ["a"],
              "evidence": [{"source": "/r", "path": "properties.x", "value": {"any": [1, 0.5, true, null, "x"]}}],
              "fixes": [{"summary": "s", "commands": ["az x"], "manual": false, "caveat": null, "needs": "Owner"}],
              "unseen": [{"source": "/z", "action": "a/read", "reason": "denied"}],
              "docs": ["https://learn.microsoft.com/"], "explains": ["forbidden-403"], "refines": ["AKA101"]}],
  "pullPath": [{"nodePool": "a", "hops": [{"hop": "resolve", "status": "pass", "detail": "d", "checks": ["AKA301"]}]}],
  "stats": {"requests": 21, "elapsedSeconds": 0.9} }
"""


def check_schema(value: object) -> None:
    jsonschema.Draft202012Validator(schema()).validate(value)  # pyright: ignore[reportUnknownMemberType]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@ALL
def test_a_report_fits_the_schema_and_comes_back_the_same(made: Report) -> None:
    text = render_json(made)
    check_schema(json.loads(text))
    assert decode_report(text.encode()) == made


def test_the_form_is_the_contract_s() -> None:
    check_schema(json.loads(CONTRACT))
    given_back = render_json(decode_report(CONTRACT.encode()))
    assert _in_order(given_back) == _in_order(CONTRACT)


def _in_order(text: str) -> object:
    """The document with the order of its keys."""
    return json.loads(text, object_pairs_hook=list)


def _set(*place: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = to

    return change


def _drop(*place: str | int) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for step in place[:-1]:
            inner = inner[step]
        del inner[place[-1]]

    return change


WRONG = {
    "a status of no contract": _set("checks", 0, "status", to="ok"),
    "an outcome of no contract": _set("verdict", "outcome", to="fine"),
    "a step of no contract": _set("pullPath", 0, "hops", 0, "hop", to="guess"),
    "an exit status that leaves no report": _set("verdict", "exitStatus", to=4),
    "another version": _set("schemaVersion", to="2.0"),
    "a key too many": _set("checks", 0, "severity", to="high"),
    "a key too many on top": _set("passed", to=True),
    "a key too few": _drop("checks", 0, "message"),
    "an id left out instead of null": _drop("target", "cluster", "identity", "clientId"),
    "snake case": _set("target", "node_pools", to=[]),
    "a code that is none": _set("checks", 0, "code", to="AKA1"),
    "a number for a text": _set("verdict", "summary", to=1),
    "less than no requests": _set("stats", "requests", to=-1),
    "observed that is no object": _set("observed", to=["text"]),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=list(WRONG))
def test_a_wrong_report_does_not_fit(change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(render_json(blocked()))
    check_schema(document)
    change(document)
    with pytest.raises(jsonschema.ValidationError):
        check_schema(document)


def test_the_form_of_the_text() -> None:
    text = render_json(clear())
    assert text.endswith("}\n")
    assert text.startswith('{\n  "schemaVersion": "1.0",\n')
    assert "größe" in render_json(saying("größe"))


@given(st.text(max_size=60))
def test_any_text_comes_back_the_same_and_acts_on_nothing(words: str) -> None:
    made = saying(f"{words}##vso[a.b]##[error]{words}")
    text = render_json(made)
    assert decode_report(text.encode()) == made
    assert "##vso[" not in text.lower()
    assert "##[" not in text
    shown = {unicodedata.category(letter) for letter in text.replace("\n", "")}
    assert not shown & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_half_a_surrogate_pair_is_written_as_a_replacement() -> None:
    text = render_json(saying("a\ud800b"))
    assert "a\ufffdb" in text
    check_schema(json.loads(text))


def test_what_is_no_report_names_the_place() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.verdict"):
        decode_report(render_json(role_missing()).replace('"blocked"', '"fine"').encode())
    with pytest.raises(msgspec.DecodeError):
        decode_report(b"{")
