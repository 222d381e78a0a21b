"""The pull path says the same as the checks: they are two views of one set of rules."""

from __future__ import annotations

import pytest

from aksacr.check import Status
from aksacr.scenarios import Scenario, every_scenario
from aksacr.semantics.pull_path import Hop, pull_path

from .watching import facts_of_every_fixture

ORDER = ("resolve", "route", "admit", "identify", "authorize", "layers")


def hops(scenario: Scenario) -> list[Hop]:
    facts = facts_of_every_fixture()[scenario.name]
    paths = [pull_path(facts, pool) for pool in facts.cluster.node_pools]
    assert paths
    assert all(tuple(hop.name for hop in path) == ORDER for path in paths)
    return [hop for path in paths for hop in path]


@pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
def test_a_pull_fails_where_a_check_does(scenario: Scenario) -> None:
    failing = {code for code, status in scenario.expected.items() if status == "fail"}
    failed = [hop for hop in hops(scenario) if hop.status is Status.FAIL]
    assert bool(failed) == bool(failing), f"checks that fail: {sorted(failing)}; steps that fail: {failed}"
    strangers = [hop for hop in failed if not failing & set(hop.checks)]
    assert not strangers, f"no check that speaks of the step fails: {strangers}"


@pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)
def test_a_clear_verdict_has_a_path_without_gaps(scenario: Scenario) -> None:
    gaps = [hop for hop in hops(scenario) if hop.status is Status.UNKNOWN]
    assert scenario.outcome != "clear" or not gaps, f"called clear, and yet a step is not known: {gaps}"
