"""Rules of SARIF (3.49), from the checks and their pages."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeAlias

from . import markdown_safe

if TYPE_CHECKING:
    from .model import CheckResult

Json: TypeAlias = dict[str, Any]


def rule(check: CheckResult, page: str) -> Json:
    """The descriptor of a check. Its name is the one that the command line and the other reports use.

    page: the check's page, or "". Its first line says what is wrong when the check fails; the title, what should be.
    """
    made: Json = {
        "id": check.code,
        "name": check.name,
        "shortDescription": {"text": check.title},
        "defaultConfiguration": {"level": "error"},
    }
    text = inspect.cleandoc(page)
    if text:
        made["fullDescription"] = {"text": text.split("\n", 1)[0]}
        made["help"] = {"text": text, "markdown": _markdown(text)}
    if check.docs:
        made["helpUri"] = check.docs[0]
    return made


def _markdown(page: str) -> str:
    """A page as Markdown: its unindented lines are headings, but for the first; backticks mean the same in both."""
    first, _, rest = page.partition("\n")
    blocks = [markdown_safe.prose(first)]
    for block in rest.strip("\n").split("\n\n"):
        heading, *lines = block.split("\n") if not block.startswith(" ") else ("", *block.split("\n"))
        if heading:
            blocks.append(f"### {markdown_safe.inline(heading)}")
        if lines:
            blocks.append(markdown_safe.prose(" ".join(lines)))
    return "\n\n".join(blocks)
