"""Runs checks over facts. A check that cannot see is unknown, one that raises is a crash, and the others go on."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .check import Gap, Status, Verdict, not_applicable
from .facts import UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .check import Check
    from .facts import Facts


@dataclass(frozen=True, slots=True)
class Judged:
    """A check and what it said."""

    check: Check
    verdict: Verdict


def run(
    facts: Facts,
    checks: Iterable[Check],
    *,
    only: frozenset[str] = frozenset(),
    skip: frozenset[str] = frozenset(),
    debug: Callable[[str], None] | None = None,
) -> list[Judged]:
    """Judge every check, in order. Those left out by `only` or `skip` (codes) are not-applicable and say so.

    `debug` is given the traceback of a check that crashed.
    """
    judged: list[Judged] = []
    for check in checks:
        if check.code in skip or (only and check.code not in only):
            reason = "Left out by --skip." if check.code in skip else "Left out by --only."
            judged.append(Judged(check, not_applicable(reason)))
        else:
            judged.append(Judged(check, _judge(check, facts, debug)))
    return judged


def _judge(check: Check, facts: Facts, debug: Callable[[str], None] | None) -> Verdict:
    try:
        return _with_gap(facts, check.judge(facts))
    except UnseenError as error:
        gap = Gap.of(error.unseen)
        sentence = gap.sentence()
        return Verdict(Status.UNKNOWN, f"{sentence[0].upper()}{sentence[1:]}.", unseen=(gap,))
    except Exception as error:  # noqa: BLE001 - whatever a check raises must not stop the others
        if debug is not None:
            debug(traceback.format_exc())
        text = f"{type(error).__name__}: {error}"
        return Verdict(
            Status.CRASH, f"The check itself failed ({text}). Run again with --debug and report what it prints."
        )


def _with_gap(facts: Facts, verdict: Verdict) -> Verdict:
    """Every *unknown* says what was not seen, also where no permission would show it (a server's forwarders)."""
    if verdict.status is not Status.UNKNOWN or verdict.unseen:
        return verdict
    source = verdict.evidence[0].source if verdict.evidence else facts.cluster.id.text
    return replace(verdict, unseen=(Gap(source, "", verdict.message),))
