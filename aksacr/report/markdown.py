"""The report as Markdown: for a support ticket, an issue, or the summary of a pipeline run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .markdown_findings import finding_lines
from .markdown_safe import fence, inline
from .markdown_sections import check_lines, path_lines, unseen_lines, version_lines
from .markdown_summary import description_lines
from .room import LADDER, LARGEST

if TYPE_CHECKING:
    from .model import Report
    from .room import Room

_TEXTS_SHOWN = 5
_TEXT_SHOWN = 4000


def render_markdown(report: Report, *, largest: int = LARGEST) -> str:
    """The report as Markdown that reads well raw and rendered, ending in a newline.

    It holds headings, paragraphs, lists and fenced blocks, which every surface shows; `<details>` only around raw
    evidence. It stays below `largest` bytes, as far as the last of `LADDER` does: what is left out for that is said.
    """
    text = ""
    for room in LADDER:
        text = _rendered(report, room)
        if len(text.encode()) <= largest:
            break
    return text


def _rendered(report: Report, room: Room) -> str:
    target = report.target
    open_first = report.verdict.outcome == "undetermined"  # there it is the news
    title = f"Pulls by {target.cluster.name} from {target.registry.login_server}: {_outcome(report)}"
    blocks = [
        [f"# {inline(title)}"],
        *description_lines(report),
        *_left_out(room),
        *_causes(report, room),
        *_others(report, room),
        *_reported(report),
        *(unseen_lines(report, room) if open_first else ()),
        *path_lines(report, room),
        *check_lines(report, room),
        *(() if open_first else unseen_lines(report, room)),
        *version_lines(report),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _outcome(report: Report) -> str:
    certain = report.verdict.outcome == "clear" and not reading.undecided(report) and not reading.unexplained(report)
    return wording.MEANINGS["clear"] if certain else wording.outcome(report)


def _left_out(room: Room) -> list[list[str]]:
    if not room.left_out:
        return []
    return [["## Left out of this file"], [f"To stay below 4 MB: {room.left_out}. All of it is in the JSON report."]]


def _causes(report: Report, room: Room) -> list[list[str]]:
    found = reading.causes(report)
    if not found:
        return []
    heading = wording.causes_heading(report.verdict.outcome, len(found))
    return [[f"## {heading}"], *[block for check in found for block in finding_lines(report, check, room)]]


def _others(report: Report, room: Room) -> list[list[str]]:
    found = reading.others(report)
    blocks = [block for check in found for block in finding_lines(report, check, room)]
    return [["## Also found"], *blocks] if found else []


def _reported(report: Report) -> list[list[str]]:
    texts = [text for entry in report.observed if isinstance(text := entry.get("text"), str)]
    if not texts:
        return []
    blocks = [fence(text[:_TEXT_SHOWN].splitlines(), "text") for text in dict.fromkeys(texts[:_TEXTS_SHOWN])]
    return [["## The errors that were reported"], *blocks]
