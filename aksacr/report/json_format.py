"""The report as JSON, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from aksacr.log_safety import AGENT_COMMAND

from .model import Report

if TYPE_CHECKING:
    from aksacr.check import JsonValue

# Control, format and separator characters that JSON may hold bare. The newlines between the lines are not among them.
_UNPRINTABLE = re.compile(
    "[\\x7f-\\x9f\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff"
    "\\ufff9-\\ufffb\\U000e0000-\\U000e0fff]",
)
_SURROGATE = re.compile("[\\ud800-\\udfff]")


def render_json(report: Report) -> str:
    """The report as JSON, indented by two, ending in a newline.

    What a terminal or a pipeline agent would act on is written as an escape; the value that is read back is the same.
    """
    return dump(report) + "\n"


def decode_report(data: bytes) -> Report:
    """The report that `render_json` wrote.

    Raises msgspec.DecodeError for what is no JSON, and msgspec.ValidationError, which names the place, for other JSON.
    """
    return msgspec.json.decode(data, type=Report)


def dump(value: object) -> str:
    """Any part of a report as JSON, as `render_json` writes it, without the last newline."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:  # half a pair of surrogates: no character, so no UTF-8 either
        encoded = msgspec.json.encode(_whole(msgspec.to_builtins(value)))
    text = msgspec.json.format(encoded, indent=2).decode()
    text = AGENT_COMMAND.sub(lambda found: f"{found[1][:-1]}\\u0023", text)
    return _UNPRINTABLE.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _whole(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", key): _whole(item) for key, item in value.items()}
    return value
