"""The description on top of a report: plain paragraphs, short enough for the form of a support ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import dates, reading, wording
from .markdown_safe import inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Report

LONGEST = 2000  # characters of the whole description
_LONG = 380
_SHORT = 200
_LEAST = 120  # of a list, however much stands before it
_MOST = 800  # of a list that nobody asked for


def description_lines(report: Report) -> list[list[str]]:
    """What fails, since when, where, what was not seen, what is ruled out; one paragraph each."""
    before = [
        inline(_sentence(wording.said(report.verdict.summary), _LONG)),
        *_what(report),
        f"Where: {inline(_sentence(_where(report), _LONG))}",
    ]
    after = [inline(_looked(report)), *_redacted(report)]
    room = LONGEST - sum(len(paragraph) + 2 for paragraph in (*before, *after))
    unseen = _not_seen(report, max(_LEAST, room // 2))
    room -= sum(len(paragraph) + 2 for paragraph in unseen)
    ruled_out = _ruled_out(report, min(_MOST, max(_LEAST, room)))
    return [[paragraph] for paragraph in (*before, *unseen, *ruled_out, *after)]


def _looked(report: Report) -> str:
    effort = wording.effort(report.stats.requests, report.stats.elapsed_seconds)
    asked = f"reading only ({effort})" if report.stats.requests else effort
    return f"Looked at on {report.generated_at} by {report.tool.name} {report.tool.version}, {asked}."


def _redacted(report: Report) -> list[str]:
    said = wording.redaction(report)
    return [f"{inline(said)}."] if said else []


def _what(report: Report) -> list[str]:
    found = reading.observations(report)
    told = [f"Reported error: {inline(_sentence(wording.observed(seen), _SHORT))}" for seen in found[:1]]
    pools = reading.pools_blocked(report)
    if report.verdict.outcome != "blocked" or not pools:
        return told
    image = f" of {report.target.image}" if report.target.image else ""
    words = f"pulls{image} from {report.target.registry.login_server} on {wording.node_pools(pools)}"
    causes = wording.listed([f"{cause.code} {cause.name}" for cause in reading.causes(report)], 3)
    return [
        f"What fails: {inline(_sentence(words, _SHORT))}",
        f"Cause: {inline(_sentence(causes, _SHORT))}",
        f"Since when: {inline(_sentence(dates.since_when(report), _SHORT))}",
        *told,
    ]


def _where(report: Report) -> str:
    cluster, registry = report.target.cluster, report.target.registry
    facts = [f"cluster {cluster.name}", f"resource group {cluster.resource_group}", cluster.location]
    if cluster.kubernetes_version:
        facts.append(f"Kubernetes {cluster.kubernetes_version}")
    tier = f" ({registry.sku})" if registry.sku else ""
    return f"{', '.join(fact for fact in facts if fact)}; registry {registry.login_server}{tier}; {report.target.cloud}"


def _ruled_out(report: Report, room: int) -> list[str]:
    """What was found to hold, in the words of the condition: beside the name of its fault it would read as one."""
    trouble = report.verdict.outcome == "blocked" or reading.unexplained(report)
    label = "In order, so not the cause: " if trouble else "In order: "
    held = [inline(wording.condition(check)) for check in reading.of_status(report, "pass")]
    return [f"{label}{_some(held, room - len(label))}."] if held else []


def _not_seen(report: Report, room: int) -> list[str]:
    lines: list[str] = []
    for label, status in (("Not seen, so not judged: ", "unknown"), ("Broke off, so not judged: ", "crash")):
        found = [f"{check.code} {wording.whether(check)}" for check in report.checks if check.status == status]
        if found:
            lines.append(f"{label}{_some([inline(each) for each in found], room // 2 - len(label))}.")
    return lines


def _some(words: Sequence[str], room: int) -> str:
    """As many of them as there is room for, and how many more there are."""
    kept: list[str] = []
    for word in words:
        if kept and sum(len(other) + 2 for other in kept) + len(word) > room - len("; and 999 more, see every check. "):
            break
        kept.append(word)
    rest = f"; and {len(words) - len(kept)} more, see every check" if len(kept) < len(words) else ""
    return f"{'; '.join(kept)}{rest}"


def _sentence(text: str, limit: int) -> str:
    text = " ".join(text.split()).rstrip(".")
    return f"{text}." if len(text) <= limit else f"{text[: limit - 1]}…"
