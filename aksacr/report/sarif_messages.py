"""Messages of SARIF: plain text and Markdown that say the same, with nothing in them that a viewer would act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from . import markdown_safe, plain, reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import CheckResult, FixItem, Report

Json: TypeAlias = dict[str, Any]

_BRACE = re.compile("[{}]")
_LINK = re.compile(r"\](?=\()")


def finding(report: Report, check: CheckResult) -> Json:
    """What is, what follows, and what to do; what was seen stands in the locations."""
    said = [plain.message(check), plain.standing(report, check)]
    unseen = plain.unseen(check)
    fixes = [] if reading.causes_of(check, report) else check.fixes
    markdown = [
        [" ".join(markdown_safe.inline(text) for text in said if text)],
        [f"- {markdown_safe.inline(text)}" for text in unseen],
        *[block for fix in fixes for block in _fix(fix)],
    ]
    text = [[" ".join(part for part in said if part)], unseen, *plain.remedies(report, check)]
    return message(text, markdown)


def message(text: Sequence[Sequence[str]], markdown: Sequence[Sequence[str]] = ()) -> Json:
    """A message object (3.11) of blocks of lines.

    Braces are placeholders to a viewer (3.11.5). Doubling them is the other way to write them, but viewers that do
    not know it would show a command that cannot be pasted; as an argument a line comes out as it is in both.
    """
    arguments: dict[str, int] = {}

    def written(blocks: Sequence[Sequence[str]]) -> str:
        return plain.paragraphs(*[[argued(line) for line in block] for block in blocks])

    def argued(line: str) -> str:
        if not _BRACE.search(line):
            return line
        bare = line.lstrip()
        return f"{line.removesuffix(bare)}{{{arguments.setdefault(bare, len(arguments))}}}"

    made: Json = {"text": written([[_unlinked(line) for line in block] for block in text])}
    if markdown:
        made["markdown"] = written(markdown)
    if arguments:
        made["arguments"] = list(arguments)
    return made


def _unlinked(line: str) -> str:
    """`[text](address)` is a link in plain text, too (3.11.6)."""
    return _LINK.sub("] ", line)


def _fix(fix: FixItem) -> list[list[str]]:
    lead, request = reading.lead_and_request(fix)
    blocks = [[f"**{'By hand' if fix.manual else 'Fix'}**: {markdown_safe.prose(lead)}"]]
    if request:
        blocks.append(markdown_safe.fence(request, "text"))
    if fix.commands:
        blocks.append(markdown_safe.fence(fix.commands, "sh"))
    notes = (("Needs", fix.needs), ("Mind", fix.caveat))
    return [*blocks, *[[f"{label}: {markdown_safe.prose(text)}"] for label, text in notes if text]]
