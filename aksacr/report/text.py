"""The report for a person at a terminal: what is wrong and what to type first, then all that was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .layout import Page, Style
from .text_findings import write_finding, write_remedy
from .text_sections import write_checks, write_pull_path, write_unseen

if TYPE_CHECKING:
    from .layout import Span
    from .model import CheckResult, Outcome, Report

_FACES: dict[Outcome, Span] = {
    "blocked": ("✘", Style.BAD),
    "at-risk": ("!", Style.WARNING),
    "clear": ("✔", Style.GOOD),
    "undetermined": ("?", Style.OPEN),
}


def render_text(report: Report, *, width: int, colour: bool, unicode: bool = True) -> str:
    """The report as text, ending in a newline; the same report gives the same text.

    width: columns of the terminal, at least 60 are used. Prose is wrapped; commands and resource ids never are.
    colour: whether to add the terminal's colours; words and marks say the same without them.
    unicode: whether the terminal shows more than ASCII; if not, nothing else is written.
    """
    page = Page(width=width, colour=colour, unicode=unicode)
    _verdict(page, report)
    _target(page, report)
    _causes(page, report)
    _others(page, report)
    if report.verdict.outcome == "undetermined":
        write_unseen(page, report)  # here it is the news, so it comes before what is known
    write_pull_path(page, report)
    write_checks(page, report)
    if report.verdict.outcome != "undetermined":
        write_unseen(page, report)
    _closing(page, report)
    return page.text()


def _face(report: Report) -> Span:
    """The mark and colour of the verdict; nothing undecided ever looks clear."""
    outcome = report.verdict.outcome
    if outcome == "clear" and (reading.undecided(report) or reading.unexplained(report)):
        return _FACES["undetermined"]
    return _FACES[outcome]


def _verdict(page: Page, report: Report) -> None:
    mark, style = _face(report)
    word = wording.outcome(report).upper()
    page.row([(f"{mark} ", style)], [(f"{word}:", style), (wording.said(report.verdict.summary), Style.STRONG)])


def _target(page: Page, report: Report) -> None:
    target = report.target
    cluster, registry = target.cluster, target.registry
    version = f"Kubernetes {cluster.kubernetes_version}" if cluster.kubernetes_version else ""
    lines = [
        ("cluster", [cluster.name, cluster.resource_group, cluster.location, version]),
        ("registry", [registry.login_server, registry.sku]),
        ("pulls as", wording.identity(cluster.identity)),
        ("image", [target.image or ""]),
        *[("observed", [wording.observed(seen)]) for seen in reading.observations(report)],
    ]
    page.blank()
    for label, words in lines:
        if any(words):
            page.parts([(f"{label:<10}", Style.FAINT)], [word for word in words if word], indent=2)


def _causes(page: Page, report: Report) -> None:
    found = reading.causes(report)
    if len(found) > 1:
        page.heading(wording.causes_heading(report.verdict.outcome, len(found)))
    for number, check in enumerate(found, start=1):
        page.blank()
        write_finding(page, report, check, number=number if len(found) > 1 else None)


def _others(page: Page, report: Report) -> None:
    found = reading.others(report)
    if found:
        page.heading("Also found")
    for check in found:
        page.blank()
        write_finding(page, report, check)


def _closing(page: Page, report: Report) -> None:
    """The end is what a terminal shows when all has gone by: verdict, cause and what to type stand there once more."""
    mark, style = _face(report)
    verdict = report.verdict
    page.rule()
    found = reading.causes(report)
    if found:
        _recall(page, report, found[0])
    else:
        page.row([(f"{mark} ", style)], [(wording.outcome_sentence(report), Style.STRONG)])
        if more := wording.said(verdict.summary) if reading.unexplained(report) else wording.deciding(report):
            page.prose(more, indent=2)
    if len(found) > 1:
        page.prose(wording.then(found[1:]), indent=2)
    parts = [
        wording.counts(check.status for check in report.checks),
        wording.effort(report.stats.requests, report.stats.elapsed_seconds),
        f"exit status {verdict.exit_status}",
    ]
    page.parts("  ", parts)
    if redacted := wording.redaction(report):
        page.prose(redacted, indent=2)


def _recall(page: Page, report: Report, cause: CheckResult) -> None:
    mark, style = _face(report)
    said = [
        (f"{wording.outcome(report).upper()}:", style),
        (f"{cause.code} {cause.name}.", Style.STRONG),
        (wording.first_sentence(cause), Style.PLAIN),
    ]
    page.row([(f"{mark} ", style)], said)
    for fix in cause.fixes[:1]:
        write_remedy(page, fix)
    page.blank()
