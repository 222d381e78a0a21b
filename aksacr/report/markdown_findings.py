"""One finding in Markdown: message, evidence, fixes, and the raw evidence folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .json_format import dump
from .markdown_safe import code, fence, inline, link, prose

if TYPE_CHECKING:
    from .model import CheckResult, FixItem, Report

_EVIDENCE_SHOWN = 8


def finding_lines(report: Report, check: CheckResult) -> list[list[str]]:
    """The blocks of one finding. An effect of a root cause refers to it and offers no fix of its own."""
    pools = reading.pools_named(check, report)
    where = f" ({inline(wording.node_pools(pools))})" if pools else ""
    blocks = [
        [f"### {inline(f'{check.code} {check.name}')}"],
        [f"**{wording.STATUS[check.status]}**: {inline(check.title)}{where}"],
        [inline(wording.said(check.message))],
    ]
    effect_of = reading.causes_of(check, report)
    if effect_of:
        return [*blocks, [inline(wording.follows_from(effect_of))]]
    blocks += _evidence(check)
    for number, fix in enumerate(check.fixes, start=1):
        blocks += _fix(fix, number if len(check.fixes) > 1 else None)
    if check.docs:
        blocks.append([f"Read more: {', '.join(link(address) for address in check.docs)}"])
    return [*blocks, *_raw(check)]


def _evidence(check: CheckResult) -> list[list[str]]:
    if not check.evidence:
        return []
    items = [
        f"- {inline(wording.place(item.source))}: {_named(item.path)}{code(wording.value(item.value))}"
        for item in check.evidence[:_EVIDENCE_SHOWN]
    ]
    if len(check.evidence) > _EVIDENCE_SHOWN:
        items.append(f"- and {len(check.evidence) - _EVIDENCE_SHOWN} more below")
    return [["Seen:"], items]


def _named(path: str) -> str:
    return f"{code(path)} = " if path else ""


def _fix(fix: FixItem, number: int | None) -> list[list[str]]:
    heading = "By hand" if fix.manual else "Fix"
    blocks = [[f"#### {heading}{f' {number}' if number else ''}"], [prose(fix.summary)]]
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
