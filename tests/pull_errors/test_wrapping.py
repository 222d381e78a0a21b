"""The same text says the same, whatever a terminal, a log or a quotation made of it; and with other names in it."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from aksacr.pull_errors import read_errors

from .corpus import ALL, Labelled

if TYPE_CHECKING:
    from collections.abc import Callable

# A wrap may fall so that a text loses its meaning; more than one in a hundred may not.
_SHARE = 0.985


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _lines(text: str, prefix: str) -> str:
    return "\n".join(prefix + line for line in text.split("\n"))


def _boxed(text: str, width: int) -> str:
    rows = [f"┌{'─' * (width + 2)}┐"]
    for line in text.split("\n"):
        pieces = [line[start : start + width] for start in range(0, len(line), width)] or [""]
        rows += [f"│ {piece:<{width}} │" for piece in pieces]
    return "\n".join([*rows, f"└{'─' * (width + 2)}┘"])


def _broken(text: str, width: int) -> str:
    return "\n".join(
        line[start : start + width] for line in text.split("\n") for start in range(0, max(len(line), 1), width)
    )


def _filled(text: str, width: int, *, break_long_words: bool) -> str:
    fill = textwrap.TextWrapper(width, break_long_words=break_long_words, break_on_hyphens=break_long_words)
    return "\n".join(fill.fill(line) if line.strip() else line for line in text.split("\n"))


def _typographic(text: str, opening: str, closing: str) -> str:
    marks = iter((opening, closing) * (text.count('"') + 1))
    return re.sub('"', lambda _: next(marks), text)


def _csv(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'Namespace,Pod,Type,Reason,Message\nshop,web-1,Warning,Failed,"{doubled}"'


def _klog(text: str) -> str:
    return f'Jan 01 10:00:00 aks-np-vmss000000 kubelet[1234]: E0101 10:00:00.0 1234 x.go:1] "x" err="{_escaped(text)}"'


WRAPPINGS: dict[str, Callable[[str], str | bytes]] = {
    "indented": lambda text: _lines(text, "        "),
    "quoted": lambda text: _lines(text, "> "),
    "quoted twice": lambda text: _lines(text, ">> "),
    "fenced": lambda text: f"```\n{text}\n```",
    "in backticks": lambda text: f"`{text}`",
    "typographic quotes": lambda text: _typographic(text, "“", "”").replace("'", "’"),
    "corner brackets": lambda text: _typographic(text, "「", "」"),
    "coloured": lambda text: f"\x1b[31m{text.replace('failed', chr(27) + '[1mfailed' + chr(27) + '[0m')}\x1b[0m",
    "colours without their escape": lambda text: f"[31m{text}[0m",
    "pipeline error": lambda text: _lines(text, "2026-01-01T10:00:00.1234567Z ##[error]"),
    "pipeline log": lambda text: _lines(text, "2026-01-01T10:00:00.1234567Z "),
    "carriage returns": lambda text: text.replace("\n", "\r\n") + "\r\n",
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16": lambda text: ("\ufeff" + text).encode("utf-16-le"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "invalid utf-8": lambda text: b"\xc3\x28 " + text.encode() + b" \xff",
    "journal": _klog,
    "json": lambda text: json.dumps({"level": "error", "message": text}),
    "json in json": lambda text: json.dumps({"log": json.dumps({"msg": text})}),
    "indented json": lambda text: json.dumps({"error": {"code": "X", "message": text}}, indent=2),
    "csv": _csv,
    "box of 80": lambda text: _boxed(text, 80),
    "box of 117": lambda text: _boxed(text, 117),
    "terminal of 80": lambda text: _broken(text, 80),
    "terminal of 132": lambda text: _broken(text, 132),
    "filled to 72": lambda text: _filled(text, 72, break_long_words=False),
    "filled to 66, long words broken": lambda text: _filled(text, 66, break_long_words=True),
    "in a message": lambda text: f"Hello, we see this since yesterday:\n\n{text}\n\nAny idea? Thanks",
    "event row": lambda text: f"LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\n3m  Warning  Failed  pod/web-1  {text}",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_wrapping_changes_nothing(wrapping: str) -> None:
    wrap = WRAPPINGS[wrapping]
    rows = [row for row in ALL if wrapping != "event row" or "\n" not in row.text]
    wrong = [row.id for row in rows if not _as_labelled(row, wrap(row.text))]
    assert len(wrong) <= (1 - _SHARE) * len(rows), wrong


def _as_labelled(row: Labelled, text: str | bytes) -> bool:
    first = read_errors(text).errors[0]
    named = (first.host, first.address, first.image, first.http_status)
    return first.symptom in row.accepted and named == (row.host, row.address, row.image, row.http_status)


# Names that would mislead whoever looks for words in them.
RENAMED = {
    "contosoregistry": "fabrikamhub",
    "contosostore01": "wusmanaged77",
    "contosoacr": "adatumprod",
    "contosoreg": "tailspin42",
    "contosodocs": "northwind9",
    "shop/ui": "team-a/eof/lookup_403",
    "shop/api": "platform/x509",
    "shop/win": "win/unauthorized",
    "shop/cart": "cart.svc/denied",
    "contoso.example": "fabrikam.test",
    "10.1.4.5": "172.31.9.200",
    "172.20.3.9": "192.168.77.3",
    "203.0.113.": "20.86.11.",
    "198.51.100.": "40.112.72.",
}


def _renamed(text: str | None) -> str | None:
    for old, new in RENAMED.items():
        text = text.replace(old, new) if text else text
    return text


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_other_names_change_nothing(row: Labelled) -> None:
    first = read_errors(_renamed(row.text) or "").errors[0]
    assert first.symptom in row.accepted
    assert (first.host, first.address, first.image) == (_renamed(row.host), _renamed(row.address), _renamed(row.image))
    assert first.http_status == row.http_status


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_a_text_that_was_cut_is_not_guessed(row: Labelled) -> None:
    """Up to the decisive words there is no answer; another answer than the label's is a guess, and rare."""
    whole = read_errors(row.text).errors[0]
    allowed = {*row.accepted, *whole.alternatives, "unknown", "not-a-pull-error", "backoff-only"}
    cuts = range(1, len(row.text), max(1, len(row.text) // 40))
    guesses = {read_errors(row.text[:cut]).errors[0].symptom for cut in cuts} - allowed
    assert guesses <= CUT_BEFORE_MORE.get(row.symptom, set())


# What is right to say of the beginning, although the end says more.
CUT_BEFORE_MORE = {
    "forbidden-firewall": {"forbidden-403"},
    "disk-full": {"layer-extract-failed"},
    "timeout-private-ip": {"context-deadline"},
    "layer-blob-forbidden": {"layer-not-found"},
}
