"""From verdicts to root causes: what to mend first, what only follows from it, and what explains an error seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .check import Status
from .observed import ANY, NO_FIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .observed import Observed
    from .report.model import Outcome
    from .runner import Judged

# The order in which a pull meets them: what is asked of whom, whether anything runs, the name, the way, the door, who
# asks, what they may.
_ORDER = (
    *("AKA402", "AKA601", "AKA211", "AKA602"),
    *("AKA311", "AKA306", "AKA304", "AKA30", "AKA32", "AKA33", "AKA34", "AKA204", "AKA2"),
    *("AKA112", "AKA11", "AKA125", "AKA123", "AKA12", "AKA13", "AKA10", "AKA35"),
)

_IMAGE_HOST = "AKA402"
# When the first fails for a node pool, the others can only fail for it, too, and go away with it.
_FOLLOWS = {
    "AKA301": ("AKA201", "AKA202", "AKA302"),
    "AKA302": ("AKA202", "AKA351"),
    "AKA303": ("AKA202", "AKA351"),
    "AKA304": ("AKA202", "AKA302", "AKA351"),
    "AKA305": ("AKA202",),
    "AKA306": ("AKA201", "AKA202", "AKA301"),
    "AKA311": ("AKA202", "AKA351"),
    "AKA204": ("AKA201",),
    "AKA123": ("AKA101", "AKA121"),
    "AKA125": ("AKA101",),
    "AKA211": ("AKA602",),
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict of a run. `root_causes` are codes, most probable first."""

    outcome: Outcome
    root_causes: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Found:
    """What makes one finding the effect of another: its code, what it refines, its node pools (none: all of them)."""

    code: str
    refines: tuple[str, ...]
    node_pools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenErrors:
    """What was seen of the trouble itself: the pull errors, and the registry that they are held against.

    `stops` are the codes of the checks that speak about the step at which some node pool's pull path first fails;
    `saying_nothing` are the symptoms of errors that do not say why a pull failed.
    """

    errors: tuple[Observed, ...] = ()
    stops: frozenset[str] = field(default_factory=frozenset[str])
    login_server: str = ""
    saying_nothing: tuple[str, ...] = ()


def diagnose(judged: list[Judged], cluster: str, registry: str, seen: SeenErrors | None = None) -> Diagnosis:
    """Outcome, root causes and one sentence a person can act on; `cluster` and `registry` are their names.

    With errors seen, a cause that explains one comes before those that do not; the outcome does not depend on them.
    """
    seen = seen or SeenErrors()
    outcomes: tuple[tuple[Status, Outcome], ...] = ((Status.FAIL, "blocked"), (Status.WARN, "at-risk"))
    for status, outcome in outcomes:
        found = [item for item in judged if item.verdict.status is status]
        if found:
            causes = _causes(found, seen)
            summary = " ".join([_summary(causes), *_unexplained(judged, causes, seen)])
            return Diagnosis(outcome, tuple(item.check.code for item in causes), summary)
    open_questions = [item for item in judged if item.verdict.status in {Status.UNKNOWN, Status.CRASH}]
    if open_questions:
        codes = ", ".join(item.check.code for item in open_questions)
        which = codes if len(open_questions) < 5 else f"{len(open_questions)} checks"
        were = "was" if len(open_questions) == 1 else "were"
        summary = f"No fault found, but {which} {were} not decided for want of sight; see what could not be seen."
        return Diagnosis("undetermined", (), " ".join([summary, *_unexplained(judged, [], seen)]))
    if not any(item.verdict.status is Status.PASS for item in judged):
        return Diagnosis("undetermined", (), "Nothing was judged: every check was left out or does not apply.")
    summary = f"No blocking cause found in what was checked between cluster {cluster} and registry {registry}."
    return Diagnosis("clear", (), " ".join([summary, *_unexplained(judged, [], seen)]))


def _causes(items: list[Judged], seen: SeenErrors) -> list[Judged]:
    """Those that do not merely follow from another one that is there for the same node pools, most probable first.

    A cause explains what its effects explain: an identity that is gone has lost its role, too.
    """
    effects = {item.check.code: [other for other in items if _follows(item, other)] for item in items}
    followers = {other.check.code for found in effects.values() for other in found}
    causes = [item for item in items if item.check.code not in followers] or items

    def rank(item: Judged) -> tuple[int, int, int]:
        symptoms = {name for each in (item, *effects[item.check.code]) for name in _explains(each)}
        fit = min((error.fit(symptoms) for error in seen.errors), default=NO_FIT)
        return fit, item.check.code not in seen.stops, _place(item)

    return sorted(causes, key=rank)


def _explains(item: Judged) -> tuple[str, ...]:
    return (*item.check.explains, *item.verdict.explains)


def _place(item: Judged) -> int:
    return next((place for place, start in enumerate(_ORDER) if item.check.code.startswith(start)), len(_ORDER))


def _follows(cause: Judged, other: Judged) -> bool:
    mark = Found(cause.check.code, tuple(cause.check.refines), cause.verdict.node_pools)
    return follows(mark, Found(other.check.code, tuple(other.check.refines), other.verdict.node_pools))


def follows(cause: Found, other: Found) -> bool:
    """Whether one finding is an effect of another one, which is there for all node pools that it is about."""
    if other.code not in (*_FOLLOWS.get(cause.code, ()), *cause.refines):
        return False
    pools, others = set(cause.node_pools), set(other.node_pools)
    return not pools or (bool(others) and others <= pools)


def _summary(causes: list[Judged]) -> str:
    first = causes[0].verdict.message.strip()
    sentence, _, _ = first.partition(". ")
    sentence = sentence.rstrip(".") + "."
    if len(causes) == 1:
        return sentence
    rest = ", ".join(item.check.code for item in causes[1:])
    return f"{sentence} Also: {rest}."


def _unexplained(judged: Sequence[Judged], causes: Sequence[Judged], seen: SeenErrors) -> list[str]:
    """A sentence for each error seen that no cause found explains, the first two of them."""
    # A fault that explains any error explains this one; a mere risk that could explain any explains none.
    serious = [
        item
        for item in [*causes, *judged]
        if item.verdict.status is Status.FAIL or (item.verdict.status is Status.WARN and ANY not in _explains(item))
    ]
    faults = [item for item in serious if item in causes or item.verdict.status is Status.FAIL]
    said: list[str] = []
    for error in seen.errors:
        if all(error.fit(_explains(item)) == NO_FIT for item in serious):
            said.append(_not_explained(error, judged, seen))
        elif all(error.fit(_explains(item)) == NO_FIT for item in faults):
            said.append(_explained_aside(error, causes, serious))
    by_image = any(item.check.code == _IMAGE_HOST and item.verdict.status is Status.FAIL for item in judged)
    return [*said[:2], *([] if by_image else _other_registry(seen)), *_says_nothing(seen)]


def _explained_aside(error: Observed, causes: Sequence[Judged], serious: Sequence[Judged]) -> str:
    """A sentence about an error that a warning explains, and none of the faults that are found beside it."""
    fitting = [item.check for item in serious if error.fit(_explains(item)) != NO_FIT]
    names = " and ".join(f"{check.code} ({check.name})" for check in fitting)
    found = " and ".join(item.check.code for item in causes)
    neither = f"not explained by {found}, but by {names}" if found else f"explained by {names}"
    return f"The error seen ({error.symptom}, at the step {error.stage}) is {neither}."


def _says_nothing(seen: SeenErrors) -> list[str]:
    """A sentence about the errors that were given and could not be held against anything."""
    if not seen.saying_nothing:
        return []
    which = ", ".join(seen.saying_nothing)
    return [f"The error given ({which}) says nothing of why: paste the whole event whose reason is Failed."]


def _other_registry(seen: SeenErrors) -> list[str]:
    """A sentence about errors whose image is of another registry than the one that was judged."""
    others = dict.fromkeys(error.registry for error in seen.errors if error.registry and _is_other(error, seen))
    if not others:
        return []
    return [f"Mind that the error is about an image of {', '.join(others)}, and {seen.login_server} was judged."]


def _is_other(error: Observed, seen: SeenErrors) -> bool:
    return error.registry is not None and error.registry != seen.login_server.lower()


def _not_explained(error: Observed, judged: Sequence[Judged], seen: SeenErrors) -> str:
    what = f"The error seen ({error.symptom}, at the step {error.stage})"
    able = [
        item.check.code
        for item in judged
        if item.verdict.status is Status.UNKNOWN and error.fit(_explains(item)) != NO_FIT
    ]
    if able:
        return f"{what} could come from {', '.join(able)}, which could not be decided."
    where = error.where_to_look(seen.login_server)
    return f"{what} is not explained by what Azure shows{f'; {where}' if where else ''}."
