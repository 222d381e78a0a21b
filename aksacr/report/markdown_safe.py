"""Text that others wrote, put into Markdown so that it stays text, on every surface that shows our reports.

The rules hold for CommonMark with GitHub's tables and links, and for Azure DevOps, which links `#` with digits to work
items and `@` to people. Where a backslash does not help (mentions are looked for in the rendered text), a space does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aksacr.log_safety import neutralise, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKUP = re.compile(r"[\\`*\[<|~$]")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # inside a word (MC_rg_aks) it is no markup
_ENTITY = re.compile(r"&(?=#?\w+;)")
_NUMBER = re.compile(r"[#!](?=\d)")  # a work item, an issue, a pull request
_MENTION = re.compile(r"(?<![\w.])@(?=\w)(?!\w+\\?\[)")  # `@Request[` of a role's condition names nobody
_LINK = re.compile(r"(:)(?=//)|(?<=www)(\.)", re.IGNORECASE)
_BLOCK = re.compile(r"^(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[-+=#>]|:::))")
_ADDRESS = re.compile(r"https://[\w.-]+(?:/[\w./?&=%+-]*)?", re.ASCII)
_AS_IT_IS = re.compile(r"(?<![\w`.])(?:https?://[^\s`<>|()\"',;]*[\w/]|\*\.[\w.-]*\w)", re.ASCII)
_TICKS = re.compile(r"`+")


def one_line(text: str) -> str:
    """The text on one line, with nothing in it that a terminal or a pipeline agent acts on."""
    return neutralise(printable(" ".join(text.split())))


def inline(text: str) -> str:
    """Prose that is not markup: for a paragraph, a heading, a list item or a table cell."""
    text = _escaped(one_line(text))
    return _BLOCK.sub(lambda found: f"{found[1]}\\" if found[1] else "\\", text)


def prose(text: str) -> str:
    """Prose whose `words in backticks` are code spans, as our own sentences write commands; not for table cells."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        return inline(text)
    spans = [code(part) if number % 2 else _escaped(part) for number, part in enumerate(parts)]
    return "".join([inline(parts[0]) + " " * parts[0].endswith(" "), *spans[1:]])


def _escaped(text: str) -> str:
    """Links and wildcards go into code spans, where they read as they are, rendered or raw."""
    at = 0
    pieces: list[str] = []
    for found in _AS_IT_IS.finditer(text):
        pieces += (_escaped_words(text[at : found.start()]), code(found[0]))
        at = found.end()
    return "".join([*pieces, _escaped_words(text[at:])])


def _escaped_words(text: str) -> str:
    text = _MARKUP.sub(r"\\\g<0>", text)
    text = _UNDERSCORE.sub(r"\\_", text)
    text = _ENTITY.sub(r"\\&", text)
    text = _LINK.sub(r"\\\g<0>", text)
    return _apart(text)


def code(text: str) -> str:
    """A code span, on one line; not for table cells, where a pipe would end it."""
    text = _apart(one_line(text))
    if not text:
        return "(empty)"
    ticks = "`" * _free(text, 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def link(address: str) -> str:
    """A link that shows its address; what is no plain https address stays text."""
    return f"<{address}>" if _ADDRESS.fullmatch(address) else inline(address)


def fence(lines: Sequence[str], language: str) -> list[str]:
    """A fenced block; each of `lines` stays one line, and none can close the block."""
    safe = [neutralise(printable(line)) for line in lines]
    ticks = "`" * _free("\n".join(safe), 3)
    return [f"{ticks}{language}", *safe, ticks]


def _apart(text: str) -> str:
    return _MENTION.sub("@ ", _NUMBER.sub(r"\g<0> ", text))


def _free(text: str, least: int) -> int:
    """How many backticks in a row delimit the text safely."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    return max(least, longest + 1)
