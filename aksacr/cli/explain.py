"""`aksacr explain`: what a pull error means, read from its text alone."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from aksacr.redaction.secrets import without_secrets

from .exits import one_line_per_failure
from .output import UsageError, show
from .pasted import read_pasted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aksacr.pull_errors import Explanation

FORMATS = ("text", "json", "markdown")


def explain(text: str | None, output: str) -> None:
    """Read `text` (the error, `@FILE`, or `-` for stdin; stdin too when it is None and no terminal) and explain it.

    output: one of `FORMATS`. Ends the process with 2 when there is nothing to read.
    """
    with one_line_per_failure(debug=False):
        if text is None and (sys.stdin is None or sys.stdin.isatty()):
            raise UsageError("nothing to explain: give the text of the error, @FILE, or - for stdin")
        found = read_pasted([text if text is not None else "-"])
        if not found.errors:
            raise UsageError(
                "nothing was pasted: give the whole event, from `Failed to pull image` to its end, for example "
                "`kubectl get events -A --field-selector reason=Failed -o json | aksacr explain -`"
            )
        show(without_secrets(_rendered(found, output)))


def _rendered(found: Explanation, output: str) -> str:
    from aksacr import pull_errors  # noqa: PLC0415 - after what can go wrong at once

    if output == "json":
        return pull_errors.render_explanation_json(found)
    if output == "markdown":
        return pull_errors.render_explanation_markdown(found)
    return pull_errors.render_explanation_text(found, width=min(shutil.get_terminal_size((100, 24)).columns, 100))


def plain_words(words: Sequence[str]) -> tuple[str | None, str] | None:
    """The text and the format of a plain `explain` command line; None for one that needs the whole parser.

    The parser takes longer to import than an error takes to read, and this command is typed in a hurry.
    """
    text: str | None = None
    output = "text"
    rest = iter(words)
    for word in rest:
        if word in {"-o", "--output"}:
            output = next(rest, "").lower()
        elif word.startswith("--output="):
            output = word.partition("=")[2].lower()
        elif text is not None or (word.startswith("-") and word != "-"):
            return None
        else:
            text = word
    return (text, output) if output in FORMATS else None
