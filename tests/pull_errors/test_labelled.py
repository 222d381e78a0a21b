"""Every labelled text is read as labelled."""

from __future__ import annotations

import pytest

from aksacr.pull_errors import SYMPTOMS, read_errors

from .corpus import ALL, Labelled


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_text_is_read_as_labelled(row: Labelled) -> None:
    errors = read_errors(row.text).errors
    first = errors[0]
    assert first.symptom == row.symptom, f"{first.symptom} was read from: {row.text}"
    assert (first.stage, first.settled) == (row.stage, row.settled)
    assert (first.http_status, first.host, first.address, first.image) == (
        row.http_status,
        row.host,
        row.address,
        row.image,
    )


def test_every_symptom_that_is_labelled_is_in_the_vocabulary() -> None:
    assert len(ALL) > 100
    assert {row.symptom for row in ALL} | {name for row in ALL for name in row.alternatives} <= set(SYMPTOMS)


def test_alternatives_of_the_labels_are_named() -> None:
    """An alternative may be missing now and then, but as a rule the other readings are told."""
    told = wanted = 0
    for row in ALL:
        first = read_errors(row.text).errors[0]
        wanted += len(row.alternatives)
        told += len(set(row.alternatives) & {first.symptom, *first.alternatives})
    assert told / wanted > 0.95
