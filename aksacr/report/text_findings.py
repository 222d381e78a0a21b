"""One finding at the terminal: what is and what follows, what to type, and then the evidence that speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .layout import STATUS_FACES, Style

if TYPE_CHECKING:
    from .layout import Page
    from .model import CheckResult, FixItem, Report

_INDENT = 2
LABEL = 9
_COMMAND_INDENT = 2
_EVIDENCE_SHOWN = 6


def write_finding(page: Page, report: Report, check: CheckResult, *, number: int | None = None) -> None:
    """A check that failed, warns or crashed. An effect of a root cause refers to it and offers no fix of its own."""
    mark, style = STATUS_FACES[check.status]
    lead = f"{number}. " if number else ""
    pools = reading.pools_named(check, report)
    where = f" · {wording.node_pools(pools)}" if pools else ""
    title = [(f"{check.code} {check.name}", Style.STRONG), (f"· {wording.FINDINGS[check.status]}{where}", Style.FAINT)]
    page.row([(lead, Style.STRONG), (f"{mark} ", style)], title)
    effect_of = reading.causes_of(check, report)
    if effect_of:
        page.prose(f"{wording.said(check.message)} {wording.follows_from(effect_of)}", indent=_INDENT)
        return
    if message := wording.beyond_headline(check, report):
        page.prose(message, indent=_INDENT)
    for fix in check.fixes:
        write_fix(page, fix)
    _evidence(page, check)
    _docs(page, check)


def write_remedy(page: Page, fix: FixItem) -> None:
    """What to do, and the command for it on lines of its own, to copy."""
    page.blank()
    lead, request = reading.lead_and_request(fix)
    _labelled(page, "by hand" if fix.manual else "fix", lead)
    if request:
        page.blank()
        for line in request:
            page.verbatim(line, Style.COMMAND, indent=_COMMAND_INDENT)
        page.blank()
    if fix.commands:
        broken = not all(page.fits(command, indent=_COMMAND_INDENT) for command in fix.commands)
        page.blank()
        for command in fix.commands:
            page.verbatim(command, Style.COMMAND, indent=_COMMAND_INDENT)
            if broken:
                page.blank()  # the terminal breaks it: where the next one begins would not be seen
        page.blank()


def _labelled(page: Page, label: str, text: str) -> None:
    page.row([(f"{label:<{LABEL}}", Style.FAINT)], text, indent=_INDENT)


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
            page.prose(text, indent=_INDENT + LABEL + 2)
            shown += 1
    if shown < len(check.evidence):
        _labelled(page, "", f"and {len(check.evidence) - shown} more in the JSON report")


def write_fix(page: Page, fix: FixItem) -> None:
    """A remedy, who may run it, and what to mind."""
    write_remedy(page, fix)
    if fix.needs:
        _labelled(page, "needs", fix.needs)
    if fix.caveat:
        _labelled(page, "mind", fix.caveat)


def _docs(page: Page, check: CheckResult) -> None:
    page.blank()
    for number, link in enumerate(check.docs):
        page.verbatim(link, label=f"{'' if number else 'more':<{LABEL}}", indent=_INDENT)
