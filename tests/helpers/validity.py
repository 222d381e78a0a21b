"""JUnit and SARIF reports as others take them: held against schemas, and read by a library that is not ours."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema
import junitparser
import xmlschema

FOLDER = Path(__file__).parents[1] / "report" / "schemas"


@cache
def _sarif() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((FOLDER / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))


@cache
def _junit() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(str(FOLDER / "junit-10.xsd"), allow="local")


def sarif(text: str) -> dict[str, Any]:
    """The SARIF log; an error of the schema names the place."""
    log = json.loads(text)
    _sarif().validate(log)  # pyright: ignore[reportUnknownMemberType]
    return log


def junit(text: str) -> None:
    """Hold a JUnit report against the schema."""
    _junit().validate(text)


def read_junit(text: str) -> list[Any]:
    """The suites of a JUnit report."""
    return list(cast("Any", junitparser.JUnitXml).fromstring(text.encode()))
