"""One finding in Markdown: message, evidence, fixes, and the raw evidence folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .json_format import dump
from .markdown_safe import code, fence, inline, link, prose
from .room import shortened

if TYPE_CHECKING:
    from .model import CheckResult, FixItem, Report
    from .room import Room


def finding_lines(report: Report, check: CheckResult, room: Room) -> list[list[str]]:
    """The blocks of one finding. An effect of a root cause refers to it and offers no fix of its own."""
    pools = reading.pools_named(check, report)
    kind = f"{wording.FINDINGS[check.status]}{f' on {wording.node_pools(pools)}' if pools else ''}"
    message = inline(shortened(wording.said(check.message), room.words))
    blocks = [
        [f"### {inline(f'{check.code} {check.name}')}"],
        [f"**{inline(kind[0].upper() + kind[1:])}**: {message}"],
    ]
    effect_of = reading.causes_of(check, report)
    if effect_of:
        return [*blocks, [inline(wording.follows_from(effect_of))]]
    blocks += _evidence(check, room)
    fixes = check.fixes[: room.fixes or None]
    for number, fix in enumerate(fixes, start=1):
        blocks += fix_lines(fix, number if len(check.fixes) > 1 else None)
    if len(fixes) < len(check.fixes):
        blocks.append([f"And {len(check.fixes) - len(fixes)} fixes more."])
    if check.docs:
        blocks.append([f"Read more: {', '.join(link(address) for address in check.docs)}"])
    return [*blocks, *_raw(check)] if room.raw else blocks


def _evidence(check: CheckResult, room: Room) -> list[list[str]]:
    if not check.evidence:
        return []
    items = [
        f"- {inline(wording.place(item.source))}: {_named(item.path)}{code(wording.value(item.value))}"
        for item in check.evidence[: room.evidence]
    ]
    if len(check.evidence) > room.evidence:
        where = "below" if room.raw else "in the JSON report"
        items.append(f"- and {len(check.evidence) - room.evidence} more {where}")
    return [["Seen:"], items]


def _named(path: str) -> str:
    return f"{code(path)} = " if path else ""


def fix_lines(fix: FixItem, number: int | None) -> list[list[str]]:
    """The blocks of one remedy: what to do, what to copy, who may do it and what to mind."""
    heading = "By hand" if fix.manual else "Fix"
    lead, request = reading.lead_and_request(fix)
    blocks = [[f"#### {heading}{f' {number}' if number else ''}"], [prose(lead)]]
    if request:
        blocks.append(fence(request, "text"))
    if fix.commands:
        blocks.append(fence(fix.commands, "sh"))
    notes = [("Needs", fix.needs), ("Mind", fix.caveat)]
    return [*blocks, *[[f"{label}: {prose(text)}"] for label, text in notes if text]]


def _raw(check: CheckResult) -> list[list[str]]:
    if not check.evidence:
        return []
    return [
        ["<details>", f"<summary>Raw evidence of {check.code}</summary>"],
        fence(dump(check.evidence).split("\n"), "json"),
        ["</details>"],
    ]
