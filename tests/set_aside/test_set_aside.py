"""Clusters kept aside from those that the checks were written with: what is said of each must be what is right."""

from __future__ import annotations

import pytest

from .examination import CLUSTERS, Cluster, held_against, report_of
from .subjects import SUBJECTS


def _entered() -> list[object]:
    return [
        pytest.param(
            item,
            id=item.name,
            marks=[pytest.mark.xfail(strict=True, reason=item.wrong)] if item.wrong else [],
        )
        for item in CLUSTERS
    ]


@pytest.mark.parametrize("expected", _entered())
def test_says_what_is_right(expected: Cluster) -> None:
    assert held_against(report_of(expected.name), expected) == {}


def test_every_subject_is_examined() -> None:
    assert len({item.name for item in CLUSTERS}) == len(CLUSTERS)
    assert {item.make.__module__ for item in CLUSTERS} == {subject.__name__ for subject in SUBJECTS}
