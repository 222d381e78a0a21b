"""What a report knows of when the trouble began: the dates in the evidence of its root causes, and no others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aksacr.check import JsonValue

    from .model import CheckResult, Report

_NOT_TOLD = (
    "Azure's settings do not tell; the activity log of cluster, registry and network shows who changed what in the "
    "last 90 days"
)


def since_when(report: Report) -> str:
    """`about 2026-11-03, when the last of the credentials ended (AKA111)`, or where to look; never a guess."""
    now = _moment(report.generated_at)
    for cause in reading.causes(report):
        ended = _latest(cause, "endDateTime")
        if cause.status == "fail" and ended and now and ended < now:
            return f"about {_day(ended)}, when the last of the credentials ended ({cause.code})"
        made = _latest(cause, "createdOn")
        if made:
            return f"not told, but a role assignment that bears on it is of {_day(made)} ({cause.code})"
    return _NOT_TOLD


def _latest(cause: CheckResult, field: str) -> datetime | None:
    values = [item.value for item in cause.evidence if item.path.rpartition(".")[2] == field]
    moments = [moment for value in values for text in _texts(value) if (moment := _moment(text))]
    return max(moments, default=None)


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")
