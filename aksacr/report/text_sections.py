"""The tables of the terminal report: the pull path, every check, and what could not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .layout import STATUS_FACES, Style
from .text_findings import LABEL, write_fix

if TYPE_CHECKING:
    from .layout import Page, Span
    from .model import CheckResult, HopResult, Report, StatusWord

_INDENT = 2
_STATUS = max(len(word) for word in wording.STATUS_SHORT.values())
_REASON_INDENT = _INDENT + len("✔ AKA101  ")
_HOP = max(len(hop) for hop in wording.HOPS)


def _status(status: StatusWord) -> list[Span]:
    mark, style = STATUS_FACES[status]
    return [(f"{mark} {wording.STATUS_SHORT[status]:<{_STATUS}}  ", style)]


def write_pull_path(page: Page, report: Report) -> None:
    """The steps of a pull, in their order, for each node pool; pools that are alike are told together."""
    if not report.pull_path:
        return
    page.heading("The pull path")
    for names, hops in reading.pools_alike(report):
        page.blank()
        facts = wording.pool_facts(report, names)
        title = [(wording.node_pools(names), Style.STRONG), (f"· {facts}" if facts else "", Style.FAINT)]
        page.prose(title, indent=_INDENT)
        for hop in hops:
            _hop(page, hop, reading.checks_behind(hop, report))
        if ending := wording.predicted(hops, report):
            page.row([("→ ", Style.STRONG)], ending, indent=_INDENT)


def _hop(page: Page, hop: HopResult, checks: list[str]) -> None:
    codes = f" ({', '.join(checks)})" if checks and hop.status not in ("pass", "not-applicable") else ""
    page.row(
        [*_status(hop.status), (f"{hop.hop:<{_HOP}}  ", Style.PLAIN)],
        f"{wording.said(hop.detail)}{codes}",
        indent=_INDENT,
    )


def write_checks(page: Page, report: Report) -> None:
    """Every check by group: what holds, what was found, what is open; then what does not apply, and why."""
    page.heading("What was looked at")
    page.row(_legend(report), "", indent=_INDENT)
    for digit, checks in reading.groups(report):
        applying = [check for check in checks if check.status != "not-applicable"]
        if applying:
            page.blank()
            page.prose([(wording.group(digit), Style.STRONG)], indent=_INDENT)
        for check in applying:
            _check(page, check)
    _not_applicable(page, report)


def _legend(report: Report) -> list[Span]:
    present = {check.status for check in report.checks}
    shown: list[StatusWord] = [status for status in STATUS_FACES if status in present]
    return [span for status in shown for span in (STATUS_FACES[status], (f" {wording.STATUS[status]}   ", Style.FAINT))]


def _check(page: Page, check: CheckResult) -> None:
    mark, style = STATUS_FACES[check.status]
    page.row(
        [(f"{mark} ", style), (f"{check.code}  ", Style.PLAIN)], wording.headline(check), indent=_INDENT, wide=True
    )


def _not_applicable(page: Page, report: Report) -> None:
    """Checks of one and the same reason are named together: a public registry has nine of them."""
    found = reading.alike(reading.of_status(report, "not-applicable"))
    if not found:
        return
    mark, style = STATUS_FACES["not-applicable"]
    page.blank()
    page.prose([("Not applicable here", Style.STRONG)], indent=_INDENT)
    for checks in found:
        said = [(f"{wording.codes(checks)}:", Style.PLAIN), (wording.said(checks[0].message), Style.FAINT)]
        page.row([(f"{mark} ", style)], said, indent=_INDENT)


def write_unseen(page: Page, report: Report) -> None:
    """What could not be seen, why, the permission that would let us see it, and the questions that this leaves open."""
    unknown = reading.of_status(report, "unknown")
    if not unknown:
        return
    page.heading("What could not be seen")
    for blank in reading.blanks(report):
        _blank(page, blank)
    page.blank()
    page.prose([("Left open", Style.STRONG)], indent=_INDENT)
    for checks in reading.alike(unknown):
        for check in checks:
            _check(page, check)
        if not reading.says_only_unseen(checks[0]):
            page.prose([(wording.said(checks[0].message), Style.FAINT)], indent=_REASON_INDENT)
    _settling(page, report)


def _settling(page: Page, report: Report) -> None:
    found = reading.settling(report)
    if not found:
        return
    page.blank()
    page.prose([(wording.TO_SETTLE, Style.STRONG)], indent=_INDENT)
    for fix, checks in found:
        write_fix(page, fix)
        page.verbatim(wording.codes(checks), label=f"{'for':<{LABEL}}", indent=_INDENT)


def _blank(page: Page, blank: reading.Blank) -> None:
    page.blank()
    item = blank.item
    where = wording.place(item.source)
    page.prose(f"{where}: {item.reason}", indent=_INDENT)
    asked = item.source if where != item.source else ""
    rows = [("needs", item.action), ("for", wording.codes(blank.checks)), ("asked", asked)]
    for label, text in rows:
        if text:
            page.verbatim(text, label=f"{label:<7}", indent=_INDENT + 2)
