"""The JSON Schema of the report: made from the model, kept in the package."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import msgspec

from . import json_format, model

FILE = "report-1.0.schema.json"

# What the types of the model do not say. The statuses are those of a finished run; 2, 4, 5 and 130 leave no report.
_NARROWER: dict[tuple[str, str], dict[str, Any]] = {
    ("Report", "generatedAt"): {"format": "date-time"},
    ("VerdictResult", "exitStatus"): {"enum": [0, 1, 3, 6]},
    ("CheckResult", "code"): {"pattern": "^AKA[0-9]{3}$"},
    ("Stats", "requests"): {"minimum": 0},
    ("Stats", "elapsedSeconds"): {"minimum": 0},
    ("Redaction", "values"): {"minimum": 0},
}
_OPTIONAL = {("Report", "redaction")}


@cache
def _packaged() -> bytes:
    return resources.files(__package__ or "aksacr.report").joinpath(FILE).read_bytes()


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every report of `-o json` fits, as the package ships it."""
    return msgspec.json.decode(_packaged(), type=dict[str, Any])


def generate() -> str:
    """The text of the schema file, as the model says it.

    It is strict: every key is there (an unseen value is null) but `redaction`, which an unredacted report has not, and
    there are no others. Evidence may be any JSON.
    """
    (root,), components = msgspec.json.schema_components([model.Report])
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aksacr:report:1.0",
        "title": "aksacr report",
        **root,
        "$defs": {name: _strict(name, component) for name, component in components.items()},
    }
    return json_format.dump(made) + "\n"


def _strict(name: str, component: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = {}
    for key, kind in component["properties"].items():
        properties[key] = {word: value for word, value in kind.items() if word != "default"}
        properties[key].update(_NARROWER.get((name, key), {}))
    required = [key for key in properties if (name, key) not in _OPTIONAL]
    return {**component, "properties": properties, "required": required, "additionalProperties": False}
