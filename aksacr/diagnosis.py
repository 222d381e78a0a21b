"""From verdicts to root causes: what to mend first, and what only follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .check import Status

if TYPE_CHECKING:
    from .report.model import Outcome
    from .runner import Judged

# The order in which a pull meets them: the name, the way, the door, who asks, what they may.
_ORDER = ("AKA30", "AKA31", "AKA32", "AKA33", "AKA34", "AKA2", "AKA11", "AKA12", "AKA13", "AKA10", "AKA35")

# When the first fails for a node pool, the others can only fail for it, too, and go away with it.
_FOLLOWS = {"AKA301": ("AKA202",)}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict of a run. `root_causes` are codes, most probable first."""

    outcome: Outcome
    root_causes: tuple[str, ...]
    summary: str


def diagnose(judged: list[Judged], cluster: str, registry: str) -> Diagnosis:
    """Outcome, root causes and one sentence a person can act on; `cluster` and `registry` are their names."""
    failed = _ranked([item for item in judged if item.verdict.status is Status.FAIL])
    warned = _ranked([item for item in judged if item.verdict.status is Status.WARN])
    open_questions = [item for item in judged if item.verdict.status in {Status.UNKNOWN, Status.CRASH}]
    if failed:
        causes = _causes(failed)
        return Diagnosis("blocked", _codes(causes), _summary(causes))
    if warned:
        causes = _causes(warned)
        return Diagnosis("at-risk", _codes(causes), _summary(causes))
    if open_questions:
        codes = ", ".join(item.check.code for item in open_questions)
        were = "was" if len(open_questions) == 1 else "were"
        return Diagnosis(
            "undetermined",
            (),
            f"No fault found, but {codes} {were} not decided for want of sight; see what could not be seen.",
        )
    asked = [item for item in judged if item.verdict.status is Status.PASS]
    if not asked:
        return Diagnosis("undetermined", (), "Nothing was judged: every check was left out or does not apply.")
    return Diagnosis(
        "clear", (), f"No blocking cause found in what was checked between cluster {cluster} and registry {registry}."
    )


def _ranked(items: list[Judged]) -> list[Judged]:
    def rank(item: Judged) -> int:
        return next((place for place, start in enumerate(_ORDER) if item.check.code.startswith(start)), len(_ORDER))

    return sorted(items, key=rank)


def _causes(items: list[Judged]) -> list[Judged]:
    """Those that do not merely follow from another one that is there for the same node pools."""
    effects = {effect for item in items for other in items if (effect := _effect(item, other))}
    return [item for item in items if item.check.code not in effects] or items


def _effect(cause: Judged, other: Judged) -> str | None:
    """The code of `other` when it follows from `cause`, else None."""
    named = other.check.code in (*_FOLLOWS.get(cause.check.code, ()), *cause.check.refines)
    pools, others = set(cause.verdict.node_pools), set(other.verdict.node_pools)
    covered = not pools or (bool(others) and others <= pools)
    return other.check.code if named and covered else None


def _codes(items: list[Judged]) -> tuple[str, ...]:
    return tuple(item.check.code for item in items)


def _summary(causes: list[Judged]) -> str:
    first = causes[0].verdict.message.strip()
    sentence, _, _ = first.partition(". ")
    sentence = sentence.rstrip(".") + "."
    if len(causes) == 1:
        return sentence
    rest = ", ".join(item.check.code for item in causes[1:])
    return f"{sentence} Also: {rest}."
