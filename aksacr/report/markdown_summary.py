"""The description on top of a report: plain paragraphs, short enough for the form of a support ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .markdown_safe import inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Report

_LONGEST = 380  # of a list or sentence; all of it together stays below 2 000 characters
_SHORT = 200


def description_lines(report: Report) -> list[list[str]]:
    """What fails, where, what was ruled out, what was not seen; one paragraph each."""
    paragraphs = [
        inline(_sentence(wording.said(report.verdict.summary), _LONGEST)),
        *_what(report),
        f"Where: {inline(_sentence(_where(report), _LONGEST))}",
        *_ruled_out(report),
        *_not_seen(report),
        inline(_looked(report)),
    ]
    return [[paragraph] for paragraph in paragraphs]


def _looked(report: Report) -> str:
    effort = wording.effort(report.stats.requests, report.stats.elapsed_seconds)
    return f"Looked at on {report.generated_at} by {report.tool.name} {report.tool.version}, reading only ({effort})."


def _what(report: Report) -> list[str]:
    found = reading.observations(report)
    told = [f"Reported error: {inline(_sentence(wording.observed(seen), _SHORT))}" for seen in found[:1]]
    pools = reading.pools_blocked(report)
    if report.verdict.outcome != "blocked" or not pools:
        return told
    image = f" of {report.target.image}" if report.target.image else ""
    words = f"pulls{image} from {report.target.registry.login_server} on {wording.node_pools(pools)}"
    return [f"What fails: {inline(_sentence(words, _SHORT))}", *told]


def _where(report: Report) -> str:
    cluster, registry = report.target.cluster, report.target.registry
    facts = [f"cluster {cluster.name}", f"resource group {cluster.resource_group}", cluster.location]
    if cluster.kubernetes_version:
        facts.append(f"Kubernetes {cluster.kubernetes_version}")
    tier = f" ({registry.sku})" if registry.sku else ""
    return f"{', '.join(fact for fact in facts if fact)}; registry {registry.login_server}{tier}; {report.target.cloud}"


def _ruled_out(report: Report) -> list[str]:
    names = [f"{check.code} {check.name}" for check in reading.of_status(report, "pass")]
    return [f"Ruled out: {_some(names)}."] if names else []


def _not_seen(report: Report) -> list[str]:
    unknown = [f"{check.code} {check.name}" for check in reading.of_status(report, "unknown")]
    crashed = [f"{check.code} {check.name}" for check in reading.of_status(report, "crash")]
    lines: list[str] = []
    if unknown:
        lines.append(f"Not seen, so not judged: {_some(unknown)}.")
    if crashed:
        lines.append(f"Broke off, so not judged: {_some(crashed, _SHORT)}.")
    return lines


def _some(words: Sequence[str], limit: int = _LONGEST) -> str:
    kept: list[str] = []
    for word in words:
        if sum(len(other) + 2 for other in kept) + len(word) > limit:
            break
        kept.append(word)
    rest = f" and {len(words) - len(kept)} more (see every check)" if len(kept) < len(words) else ""
    return f"{', '.join(kept)}{rest}"


def _sentence(text: str, limit: int) -> str:
    text = " ".join(text.split()).rstrip(".")
    return f"{text}." if len(text) <= limit else f"{text[: limit - 1]}…"
