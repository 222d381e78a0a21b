"""The tables of the terminal report: the pull path, every check, and what could not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .layout import STATUS_FACES, Style

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
    """Every check on a line of its own, by group; what does not apply says why."""
    page.heading("What was looked at")
    page.row(_legend(report), "", indent=_INDENT)
    for digit, checks in reading.groups(report):
        page.blank()
        page.prose([(wording.group(digit), Style.STRONG)], indent=_INDENT)
        for check in checks:
            _check(page, check)


def _legend(report: Report) -> list[Span]:
    present = {check.status for check in report.checks}
    shown: list[StatusWord] = [status for status in STATUS_FACES if status in present]
    return [span for status in shown for span in (STATUS_FACES[status], (f" {wording.STATUS[status]}   ", Style.FAINT))]


def _check(page: Page, check: CheckResult) -> None:
    mark, style = STATUS_FACES[check.status]
    lead: list[Span] = [(f"{mark} ", style), (f"{check.code}  ", Style.PLAIN)]
    reason = wording.said(check.message) if check.status == "not-applicable" else ""
    if reason and page.fits(check.title, "·", reason, indent=_REASON_INDENT):
        page.row(lead, [(check.title, Style.PLAIN), (f"· {reason}", Style.FAINT)], indent=_INDENT, wide=True)
        return
    page.row(lead, check.title, indent=_INDENT, wide=True)
    if reason:
        page.prose([(reason, Style.FAINT)], indent=_REASON_INDENT)


def write_unseen(page: Page, report: Report) -> None:
    """What could not be seen, why, and the permission that would let us see it."""
    unknown = reading.of_status(report, "unknown")
    if not unknown:
        return
    page.heading("What could not be seen")
    for check in unknown:
        _check(page, check)
        if not reading.says_only_unseen(check):
            page.prose(wording.said(check.message), indent=_REASON_INDENT)
    for blank in reading.blanks(report):
        _blank(page, blank)


def _blank(page: Page, blank: reading.Blank) -> None:
    page.blank()
    item = blank.item
    where = wording.place(item.source)
    page.prose(f"{where}: {item.reason}", indent=_INDENT)
    asked = item.source if where != item.source else ""
    rows = [("needs", item.action), ("for", ", ".join(blank.codes)), ("asked", asked)]
    for label, text in rows:
        if text:
            page.verbatim(text, label=f"{label:<7}", indent=_INDENT + 2)
