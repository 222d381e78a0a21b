"""The net under the renderers: what has a form of its own, wherever in a rendered text it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .guids import GUID
from .people import People
from .secrets import HIDDEN, secrets_in
from .spans import Span, replaced
from .tokens import Tokens

if TYPE_CHECKING:
    from . import Profile

_IN_SUBSCRIPTION = re.compile(rf"(?i)subscriptions(?:/|%2f)(?P<id>{GUID.pattern})")


# The strings of JSON, and the attributes and texts of XML: what is masked in one of them never reaches into the next.
_OF_JSON = re.compile(r'"(?P<inside>(?:[^"\\]|\\.)*+)"')
_OF_XML = re.compile(r'>(?P<text>[^<]++)|="(?P<inside>[^"<]*+)"')


def netted(text: str, profile: Profile) -> str:
    """See `aksacr.redaction.net`."""
    if text.startswith(("{", "[", '"')):
        return _in_pieces(_OF_JSON, text, profile)
    if text.startswith("<?xml"):
        return _in_pieces(_OF_XML, text, profile)
    return replaced(text, _spans(text, profile))


def _in_pieces(pieces: re.Pattern[str], text: str, profile: Profile) -> str:
    def masked(match: re.Match[str]) -> str:
        start, end = match.span(match.lastgroup or 0)
        before, behind = text[match.start() : start], text[end : match.end()]
        return f"{before}{replaced(text[start:end], _spans(text[start:end], profile))}{behind}"

    return pieces.sub(masked, text)


def _spans(text: str, profile: Profile) -> list[Span]:
    spans = secrets_in(text)
    if profile != "none":
        spans += [Span(*match.span("id"), HIDDEN) for match in _IN_SUBSCRIPTION.finditer(text)]
        spans += [Span(span.start, span.end, HIDDEN) for span in People(Tokens()).find(text)]
    return spans
