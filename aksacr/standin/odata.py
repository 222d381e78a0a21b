"""The corner of OData that Azure's lists are asked with: filters joined by `and`, `$top`, pages, `$select`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .json_values import JsonObject, JsonValue
    from .messages import Request

_TEXT = r"'(?P<text>(?:[^']|'')*)'"
_FORMS = {
    form: re.compile(pattern, re.IGNORECASE)
    for form, pattern in {
        "eq": rf"(?P<field>[\w/]+)\s+eq\s+(?:{_TEXT}|(?P<word>true|false|null|\d+))",
        "any": rf"(?P<field>\w+)/any\(\w+:\s*\w+\s+eq\s+{_TEXT}\)",
        "startswith": rf"startswith\((?P<field>\w+),\s*{_TEXT}\)",
        "call": rf"(?P<field>atScope|atScopeAndBelow|assignedTo)\((?:{_TEXT})?\)",
    }.items()
}
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: `form` is eq, any, startswith or call; `field` is in lower case, `value` as written."""

    form: str
    field: str
    value: str


class FilterError(ValueError):
    """A filter that this corner of OData does not hold."""


def clauses(expression: str) -> list[Clause]:
    """The conditions of a filter, all of which must hold; raises FilterError for what is not understood."""
    found: list[Clause] = []
    rest = expression.strip()
    while rest:
        clause, length = _first(rest)
        found.append(clause)
        joined = _AND.match(rest, length)
        if joined is None and rest[length:]:
            raise FilterError(expression)
        rest = rest[joined.end() :] if joined else ""
    return found


def _first(expression: str) -> tuple[Clause, int]:
    """The condition an expression begins with, and how long it is."""
    for form, pattern in _FORMS.items():
        matched = pattern.match(expression)
        if matched is not None:
            values = [group for name, group in matched.groupdict().items() if name != "field" and group is not None]
            value = values[0].replace("''", "'") if values else ""
            return Clause(form, matched.group("field").lower(), value), matched.end()
    raise FilterError(expression)


def paged(request: Request, found: Sequence[JsonObject], size: int | None, next_link: str = "nextLink") -> JsonObject:
    """A list answer: `value`, and an absolute link to the next page when `size` (or `$top`) leaves some for it."""
    start = _number(request.query.get("$skiptoken")) or 0
    top = _number(request.query.get("$top"))
    limits = [limit for limit in (size, top) if limit]
    end = start + min(limits) if limits else len(found)
    value: list[JsonValue] = list(found[start:end])
    answer: JsonObject = {"value": value}
    if end < len(found):
        query = urlencode({**request.query, "$skiptoken": str(end)}, quote_via=quote, safe="$'()/")
        answer[next_link] = f"{request.origin}{quote(request.path)}?{query}"
    return answer


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def selected(body: JsonObject, select: str) -> JsonObject:
    """`body` with only the members of a `$select` list, or all of it when the list is empty."""
    wanted = {name.strip().lower() for name in select.split(",") if name.strip()}
    if not wanted:
        return body
    return {name: value for name, value in body.items() if name.lower() in wanted or name.startswith("@odata.")}
