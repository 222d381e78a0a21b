"""Where a finding lies: Azure resources, as logical locations of SARIF (3.33). There are no files to point at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from . import plain, reading
from .sarif_messages import message

if TYPE_CHECKING:
    from .model import CheckResult, Report

Json: TypeAlias = dict[str, Any]


def located(report: Report, check: CheckResult) -> Json:
    """The one location of a finding: the first resource of its evidence, or of what it could not see.

    More than one would mean that every one of them must be changed (3.27.12).
    """
    sources = [*[item.source for item in check.evidence], *[item.source for item in check.unseen]]
    resources = [source for source in sources if _is_resource(source)]
    return {"logicalLocations": [_logical(next(iter(resources), report.target.cluster.id))]}


def related(check: CheckResult) -> list[Json]:
    """What was seen, a location a resource, with the values in its message; and what could not be seen."""
    found = [
        {"logicalLocations": [_logical(source)], "message": message([[plain.seen(item) for item in items]])}
        for source, items in reading.evidence_by_source(check)
        if source
    ]
    known = {item.source for item in check.evidence}
    missing = {item.source: item for item in check.unseen if item.source and item.source not in known}
    return [
        *found,
        *[
            {"logicalLocations": [_logical(source)], "message": message([[plain.line(item.reason)]])}
            for source, item in missing.items()
        ],
    ]


def _logical(source: str) -> Json:
    """A resource by its id; an API or a place of another kind by its name, which is all there is of it."""
    if not _is_resource(source):
        return {"name": source, "fullyQualifiedName": source}
    return {"name": source.rstrip("/").rsplit("/", 1)[-1], "fullyQualifiedName": source, "kind": "resource"}


def _is_resource(source: str) -> bool:
    return source.startswith("/") and source.strip("/") != ""
