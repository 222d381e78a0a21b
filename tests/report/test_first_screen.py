"""At 80 columns and 24 rows a cluster with one fault shows verdict, cause and command, at the top and at the end."""

from __future__ import annotations

import pytest
from judging import names, report_of
from rich.cells import cell_len

from aksacr.report.text import render_text

ROWS = 24
COLUMNS = 80


def _rows(line: str) -> int:
    """How many rows of the terminal a line takes, which breaks what is longer than a row."""
    return max(1, -(-cell_len(line) // COLUMNS))


def _screens(text: str) -> tuple[list[str], list[str]]:
    """The lines that the first screen shows whole, and those of the last with a prompt below."""
    lines = text.splitlines()
    first = _fitting(lines, ROWS)
    last = _fitting(lines[::-1], ROWS - 1)[::-1]
    return first, last


def _fitting(lines: list[str], rows: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        rows -= _rows(line)
        if rows < 0:
            break
        kept.append(line.strip())
    return kept


ONE_FAULT = [name for name in names() if len(report_of(name).verdict.root_causes) == 1]


@pytest.mark.parametrize("name", ONE_FAULT)
def test_verdict_cause_and_remedy_are_on_the_first_and_on_the_last_screen(name: str) -> None:
    made = report_of(name)
    cause = next(check for check in made.checks if [check.code] == made.verdict.root_causes)
    for screen in _screens(render_text(made, width=COLUMNS, colour=False)):
        text = " ".join(screen)
        verdict = {"blocked": "✘ BLOCKED: ", "at-risk": "! AT RISK: "}[made.verdict.outcome]
        assert verdict in text
        assert f"{cause.code} {cause.name}" in text
        assert not cause.fixes or " ".join(cause.fixes[0].summary.split()) in " ".join(text.split())
        assert [fix.commands[0] for fix in cause.fixes[:1] if fix.commands and fix.commands[0] not in screen] == []


def test_there_are_many_such_clusters() -> None:
    assert len(ONE_FAULT) > 40
