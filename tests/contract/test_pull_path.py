"""The pull path says the same as the checks: they are two views of one set of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import judging
import pytest

from aksacr.check import Status
from aksacr.scenarios import Scenario, every_scenario
from aksacr.semantics.pull_path import Hop, pull_path

from .watching import facts_of_every_fixture

if TYPE_CHECKING:
    from aksacr.report.model import HopResult

ORDER = ("resolve", "route", "admit", "identify", "authorize", "layers")

each_scenario = pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)


def worked_out(scenario: Scenario) -> list[Hop]:
    """The steps as Azure's rules alone show them, for every node pool."""
    facts = facts_of_every_fixture()[scenario.name]
    paths = [pull_path(facts, pool) for pool in facts.cluster.node_pools]
    assert paths
    assert all(tuple(hop.name for hop in path) == ORDER for path in paths)
    return [hop for path in paths for hop in path]


def reported(scenario: Scenario) -> list[HopResult]:
    """The steps as the report shows them: no step is better than what its checks say of the pool."""
    paths = judging.report_of(scenario.name).pull_path
    assert paths
    assert all(tuple(hop.hop for hop in path.hops) == ORDER for path in paths)
    return [hop for path in paths for hop in path.hops]


def failing(scenario: Scenario) -> set[str]:
    return {code for code, status in scenario.expected.items() if status == "fail"}


@each_scenario
def test_a_pull_fails_where_a_check_does(scenario: Scenario) -> None:
    failed = [hop for hop in reported(scenario) if hop.status == "fail"]
    assert bool(failed) == bool(failing(scenario)), f"checks that fail: {failing(scenario)}; steps that fail: {failed}"


@each_scenario
def test_no_step_fails_of_which_no_check_speaks(scenario: Scenario) -> None:
    failed = [hop for hop in worked_out(scenario) if hop.status is Status.FAIL]
    strangers = [hop for hop in failed if not failing(scenario) & set(hop.checks)]
    assert not strangers, f"no check that speaks of the step fails: {strangers}"


@each_scenario
def test_a_clear_verdict_has_a_path_without_gaps(scenario: Scenario) -> None:
    gaps = [hop for hop in reported(scenario) if hop.status == "unknown"]
    assert scenario.outcome != "clear" or not gaps, f"called clear, and yet a step is not known: {gaps}"
