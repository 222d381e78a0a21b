"""Commands of the reports of clusters kept aside: they name what is there, and can be run one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .commands import Command, commands_of
from .examination import CLUSTERS, report_of
from .subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Collection

# What is made twice: one rule of a group or of a collection for every pool, under one name.
_MADE_TWICE = frozenset(
    {
        "default_route_in_two_halves",
        "firewall_and_address",
        "firewall_names_other_registry",
        "firewall_without_data_endpoint",
        "firewall_without_replica",
        "firewall_without_storage",
        "one_group_for_both",
        "other_port",
    }
)
# The route that drops the endpoint has the prefix already: Azure refuses another (RouteConflict).
_ROUTE_THERE = frozenset({"one_pool_dropped", "route_and_rule"})


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


@pytest.mark.parametrize("name", _with_commands({"hub_deleted"}, "the fix peers a network that is gone"))
def test_commands_name_what_is_there(name: str) -> None:
    known = _resources(name).keys()
    missing = [
        (command.text, resource)
        for command in commands_of(report_of(name))
        for resource in command.named()
        if resource not in known
    ]
    assert missing == []


@pytest.mark.parametrize("name", _with_commands(_MADE_TWICE, "each pool's command makes a rule of the same name"))
def test_no_two_commands_make_one_thing(name: str) -> None:
    made: dict[tuple[str, ...], Command] = {}
    for command in commands_of(report_of(name)):
        if command.made:
            earlier = made.setdefault(command.made, command)
            assert earlier.folded == command.folded


@pytest.mark.parametrize("name", _with_commands(_ROUTE_THERE, "the fix makes a second route of one prefix in a table"))
def test_a_table_gets_no_second_route_of_one_prefix(name: str) -> None:
    resources = _resources(name)
    for command in commands_of(report_of(name)):
        if command.verb == "az network route-table route create":
            [table] = [body for key, body in resources.items() if key in set(command.named())]
            prefixes = [route["properties"]["addressPrefix"] for route in table["properties"]["routes"]]
            assert command.one("--address-prefix") not in prefixes
