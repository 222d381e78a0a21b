"""One finding at the terminal: what is and what follows, the evidence that speaks, what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .layout import STATUS_FACES, Style

if TYPE_CHECKING:
    from .layout import Page
    from .model import CheckResult, FixItem, Report

_INDENT = 2
_LABEL = 9
_COMMAND_INDENT = 2
_EVIDENCE_SHOWN = 6


def write_finding(page: Page, report: Report, check: CheckResult, *, number: int | None = None) -> None:
    """A check that failed, warns or crashed. An effect of a root cause refers to it and offers no fix of its own."""
    mark, style = STATUS_FACES[check.status]
    lead = f"{number}. " if number else ""
    pools = reading.pools_named(check, report)
    where = f" · {wording.node_pools(pools)}" if pools else ""
    page.prose([(f"{lead}{check.code} {check.name}", Style.STRONG), (where, Style.PLAIN)])
    page.row([(f"{mark} {wording.STATUS_SHORT[check.status]}  ", style)], check.title, indent=_INDENT)
    page.blank()
    effect_of = reading.causes_of(check, report)
    if effect_of:
        page.prose(f"{wording.said(check.message)} {wording.follows_from(effect_of)}", indent=_INDENT)
        return
    page.prose(wording.said(check.message), indent=_INDENT)
    _evidence(page, check)
    for fix in check.fixes:
        _fix(page, fix)
    _docs(page, check)


def _labelled(page: Page, label: str, text: str) -> None:
    page.row([(f"{label:<{_LABEL}}", Style.FAINT)], text, indent=_INDENT)


def _evidence(page: Page, check: CheckResult) -> None:
    if not check.evidence:
        return
    page.blank()
    label = "seen"
    shown = 0
    for source, items in reading.evidence_by_source(check):
        if shown >= _EVIDENCE_SHOWN:
            break
        _labelled(page, label, wording.place(source))
        label = ""
        for item in items[: _EVIDENCE_SHOWN - shown]:
            text = f"{item.path} = {wording.value(item.value)}" if item.path else wording.value(item.value)
            page.prose(text, indent=_INDENT + _LABEL + 2)
            shown += 1
    if shown < len(check.evidence):
        _labelled(page, "", f"and {len(check.evidence) - shown} more in the JSON report")


def _fix(page: Page, fix: FixItem) -> None:
    page.blank()
    _labelled(page, "by hand" if fix.manual else "fix", fix.summary)
    if fix.commands:
        page.blank()
        for command in fix.commands:
            page.verbatim(command, Style.COMMAND, indent=_COMMAND_INDENT)
        page.blank()
    if fix.needs:
        _labelled(page, "needs", fix.needs)
    if fix.caveat:
        _labelled(page, "mind", fix.caveat)


def _docs(page: Page, check: CheckResult) -> None:
    if not check.docs:
        return
    page.blank()
    if all(page.fits(link, indent=_INDENT + _LABEL) for link in check.docs):
        for number, link in enumerate(check.docs):
            page.verbatim(link, label=f"{'' if number else 'more':<{_LABEL}}", indent=_INDENT)
        return
    _labelled(page, "more", "")
    for link in check.docs:
        page.verbatim(link, indent=_INDENT)
