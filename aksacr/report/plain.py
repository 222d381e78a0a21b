"""A finding in plain text, for formats whose readers show text in a box: test results and SARIF viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.log_safety import neutralise, printable

from . import reading, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import CheckResult, EvidenceItem, FixItem, Report, UnseenItem

_INDENT = "  "
_EVIDENCE_SHOWN = 12


def line(text: str) -> str:
    """The text on one line, with nothing in it that a terminal or a pipeline agent acts on."""
    return neutralise(printable(" ".join(text.split())))


def command(text: str) -> str:
    """A command as it is typed: its spaces stay, what a terminal or a pipeline agent acts on does not."""
    return neutralise(printable(text))


def message(check: CheckResult) -> str:
    """What a check says, with resource ids as people say them."""
    return line(wording.said(check.message))


def standing(report: Report, check: CheckResult) -> str:
    """Whether a finding is a root cause or follows from one; empty where neither is known."""
    effect_of = reading.causes_of(check, report)
    if effect_of:
        return line(wording.follows_from(effect_of))
    codes = [cause.code for cause in reading.causes(report) if cause.status == "fail"]
    if check.code not in codes:
        return ""
    if len(codes) == 1:
        return "This is the root cause."
    if check.code == codes[0]:
        return f"This is the most probable of {len(codes)} root causes."
    return f"This is one of {len(codes)} root causes; {codes[0]} is more probable."


def evidence(check: CheckResult) -> list[str]:
    """What was seen, by resource; a long list is cut and says so."""
    if not check.evidence:
        return []
    lines = ["Seen:"]
    shown = 0
    for source, items in reading.evidence_by_source(check):
        if shown >= _EVIDENCE_SHOWN:
            break
        lines.append(_INDENT + line(wording.place(source)))
        for item in items[: _EVIDENCE_SHOWN - shown]:
            lines.append(_INDENT * 2 + seen(item))
            shown += 1
    rest = len(check.evidence) - shown
    return [*lines, f"{_INDENT}and {rest} more in the JSON report"] if rest else lines


def seen(item: EvidenceItem) -> str:
    """`properties.publicNetworkAccess = "Disabled"`."""
    value = line(wording.value(item.value))
    return f"{line(item.path)} = {value}" if item.path else value


def remedies(report: Report, check: CheckResult) -> list[list[str]]:
    """One paragraph a fix. An effect of a root cause has none of its own: it would miss the cause."""
    return [] if reading.causes_of(check, report) else [_fix(fix) for fix in check.fixes]


def _fix(fix: FixItem) -> list[str]:
    lead, request = reading.lead_and_request(fix)
    lines = [f"{'By hand' if fix.manual else 'Fix'}: {line(lead)}"]
    lines += [_INDENT + command(text) for text in (*request, *fix.commands)]
    notes = (("Needs", fix.needs), ("Mind", fix.caveat))
    return [*lines, *[f"{label}: {line(text)}" for label, text in notes if text]]


def unseen(check: CheckResult) -> list[str]:
    """What could not be seen, each with the permission that would show it."""
    return [] if reading.says_only_unseen(check) else [_gap(item) for item in check.unseen]


def _gap(item: UnseenItem) -> str:
    needs = f"; needs {item.action}" if item.action else ""
    return line(f"Not seen: {wording.place(item.source)} ({item.reason}){needs}")


def documents(check: CheckResult) -> list[str]:
    """Where to read more."""
    return [f"More: {line(address)}" for address in check.docs]


def paragraphs(*blocks: Sequence[str]) -> str:
    """Blocks of lines with an empty line between them; empty lines and blocks are left out."""
    return "\n\n".join("\n".join(filter(None, block)) for block in blocks if any(block))
