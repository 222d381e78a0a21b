"""Commands of the reports of clusters kept aside: they name what is there, and can be run one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .commands import Command, commands_of
from .examination import CLUSTERS, report_of
from .subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Collection


def test_all_subjects_are_here() -> None:
    assert {item.make.__module__ for item in CLUSTERS} == {subject.__name__ for subject in SUBJECTS}


def _with_commands(wrong: Collection[str], reason: str) -> list[object]:
    return [
        pytest.param(item.name, marks=[pytest.mark.xfail(strict=True, reason=reason)] if item.name in wrong else [])
        for item in CLUSTERS
        if item.outcome in {"blocked", "at-risk"}
    ]


def _resources(name: str) -> dict[str, Any]:
    expected = next(item for item in CLUSTERS if item.name == name)
    return expected.make(expected.title).resources


@pytest.mark.parametrize("name", _with_commands((), ""))
def test_commands_name_what_is_there(name: str) -> None:
    known = _resources(name).keys()
    missing = [
        (command.text, resource)
        for command in commands_of(report_of(name))
        for resource in command.named()
        if resource not in known
    ]
    assert missing == []


@pytest.mark.parametrize("name", _with_commands((), ""))
def test_no_two_commands_make_one_thing(name: str) -> None:
    made: dict[tuple[str, ...], Command] = {}
    for command in commands_of(report_of(name)):
        if command.made:
            earlier = made.setdefault(command.made, command)
            assert earlier.folded == command.folded


@pytest.mark.parametrize("name", _with_commands((), ""))
def test_a_table_gets_no_second_route_of_one_prefix(name: str) -> None:
    resources = _resources(name)
    for command in commands_of(report_of(name)):
        if command.verb == "az network route-table route create":
            [table] = [body for key, body in resources.items() if key in set(command.named())]
            prefixes = [route["properties"]["addressPrefix"] for route in table["properties"]["routes"]]
            assert command.one("--address-prefix") not in prefixes
