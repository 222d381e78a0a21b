"""The fixtures show every check in every light, and are what their composition makes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from aksacr.catalogue import every_check
from aksacr.check import Check, Status
from aksacr.scenarios import Scenario, every_scenario

from .tree import ROOT

WORDS = {str(status) for status in Status}
OUTCOMES = {"blocked", "at-risk", "clear", "undetermined"}


def test_there_are_scenarios() -> None:
    """An empty list would make every test over scenarios pass."""
    assert len(every_scenario()) >= 3 * len(every_check())


def test_exactly_one_is_shown_by_default() -> None:
    default = [scenario for scenario in every_scenario() if scenario.is_default]
    assert len(default) == 1, f'exactly one expected.json says "default": true, not {[item.name for item in default]}'
    assert default[0].outcome == "blocked", "the demo without a name shows a fault, its cause and its fix"
    assert default[0].root_causes


def test_every_world_has_an_expectation() -> None:
    """A folder without one is judged by nobody."""
    folders = {file.parent.name for file in (ROOT / "fixtures").glob("*/world.json")}
    expected = {file.parent.name for file in (ROOT / "fixtures").glob("*/expected.json")}
    assert folders == expected == {scenario.name for scenario in every_scenario()}


# What the catalogue promises of a check that has no fault of its own to find.
WORST = {
    "AKA106": "warn",
    "AKA107": "warn",
    "AKA122": "warn",
    "AKA124": "warn",
    "AKA203": "unknown",
    "AKA205": "warn",
}


# A world holds no pull error, and these find nothing without one: tests/end_to_end/test_reported_errors.py shows them.
BY_ERRORS_ONLY = {"AKA603"}


@pytest.mark.parametrize("status", ["pass", "its worst", "unknown"])
@pytest.mark.parametrize(
    "check", [check for check in every_check() if check.code not in BY_ERRORS_ONLY], ids=lambda check: check.code
)
def test_every_check_is_shown(check: Check, status: str) -> None:
    word = WORST.get(check.code, "fail") if status == "its worst" else status
    shown = [scenario.name for scenario in every_scenario() if scenario.expected.get(check.code) == word]
    assert shown, f"no fixture shows {check.code} ({check.name}) with the status {word}: compose one"


@pytest.mark.parametrize("code", WORST)
def test_a_check_that_only_warns_never_fails(code: str) -> None:
    """The catalogue promises that it finds risk, or a gap, and no fault."""
    assert not [scenario.name for scenario in every_scenario() if scenario.expected[code] == "fail"]


@pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
def test_an_expectation_names_every_check(scenario: Scenario) -> None:
    codes = [check.code for check in every_check()]
    assert list(scenario.expected) == codes, (
        f"fixtures/{scenario.name}/expected.json says the status of every check, in the catalogue's order: what is "
        "left out could change unnoticed"
    )
    assert set(scenario.expected.values()) <= WORDS - {"crash"}
    assert scenario.title
    assert not scenario.title.endswith(".")


@pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
def test_an_expectation_agrees_with_itself(scenario: Scenario) -> None:
    statuses = Counter(scenario.expected.values())
    ranked = (("fail", "blocked"), ("warn", "at-risk"), ("unknown", "undetermined"))
    outcome = next((word for status, word in ranked if statuses[status]), "clear")
    assert scenario.outcome == outcome
    assert scenario.exit_status == (1 if statuses["fail"] else 3 if statuses["unknown"] else 0)
    causes = [scenario.expected[code] for code in scenario.root_causes]
    assert set(causes) <= {"fail" if outcome == "blocked" else "warn"}
    assert bool(causes) == (outcome in {"blocked", "at-risk"})


@pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
def test_a_world_says_where_it_comes_from(scenario: Scenario) -> None:
    document = json.loads((ROOT / "fixtures" / scenario.name / "world.json").read_text(encoding="utf-8"))
    assert document["name"] == scenario.name
    assert document["source"], "each body has its source"
    assert document["licence"]
    assert document["now"], "a fixture without a moment would change its verdict with the calendar"
    assert document["edits"], "what differs from the recording is noted"


def test_composed_worlds_are_what_the_composition_makes() -> None:
    ended = subprocess.run(
        [sys.executable, "tests/composing/compose.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, (
        f"{ended.stdout}{ended.stderr}a world is not edited by hand: change tests/composing and run compose.py"
    )
