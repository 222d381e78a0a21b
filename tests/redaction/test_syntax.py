"""The net under the renderers leaves the syntax whole: what it masks never reaches over the end of a string."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from aksacr.redaction import net

MARKS = ("password=", "x password: ", "--password ", "Authorization: ", "token='", "secret=", "docker login -p ")


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("space", [None, 2])
def test_json_stays_json(mark: str, space: int | None) -> None:
    value = {"a": mark, "b": ["x", mark, 5, None, {mark: mark}], "c": "y"}
    assert json.loads(net(json.dumps(value, indent=space), "support")) == value


def test_a_secret_in_a_string_of_json_is_masked_there() -> None:
    text = net(json.dumps({"a": 'say {"password": "abc def"}', "b": "kept"}), "none")
    assert json.loads(text) == {"a": 'say {"password": "REDACTED"}', "b": "kept"}


@pytest.mark.parametrize("mark", MARKS)
def test_xml_stays_xml(mark: str) -> None:
    tree = ET.Element("case", {"message": mark, "type": "fail"})
    tree.text = mark
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(tree, encoding="unicode")
    assert ET.fromstring(net(text, "support").partition("\n")[2]).attrib == {"message": mark, "type": "fail"}  # noqa: S314


def test_a_secret_in_an_attribute_is_masked_there() -> None:
    text = net('<?xml version="1.0"?>\n<a message="password=hunter22" type="x">pwd: "hunter23"</a>', "none")
    assert text == '<?xml version="1.0"?>\n<a message="password=REDACTED" type="x">pwd: "REDACTED"</a>'
