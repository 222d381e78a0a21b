"""States of private endpoint connections: those that are known, and words that are not."""

from __future__ import annotations

import pytest

from aksacr.catalogue import every_check
from aksacr.check import Status, Verdict
from aksacr.runner import run

from .building import connection, facts, registry

CODES = frozenset({"AKA202", "AKA311"})


def judged(status: str) -> dict[str, Verdict]:
    """The verdicts about a closed registry whose one private endpoint connection has this state."""
    found = facts(registry=registry(public_network_access="Disabled", endpoint_connections=(connection(status),)))
    return {item.check.code: item.verdict for item in run(found, every_check(), only=CODES) if item.check.code in CODES}


@pytest.mark.parametrize("status", ["Pending", "rejected", "Disconnected"])
def test_known_words_are_faults(status: str) -> None:
    assert {verdict.status for verdict in judged(status).values()} == {Status.FAIL}


def test_a_word_that_is_not_known_is_no_fault() -> None:
    for code, verdict in judged("FutureStatus").items():
        assert verdict.status is Status.UNKNOWN, code
        assert '"FutureStatus", which is not known here' in verdict.message
