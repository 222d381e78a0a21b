"""What a reader asks of a report: causes in order, what follows from them, what was not seen, which pools are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from aksacr.check import nameless
from aksacr.diagnosis import Found, follows
from aksacr.observed import ANY, NO_FIT, observed_in, saying_nothing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .model import CheckResult, EvidenceItem, FixItem, HopResult, PoolPath, Report, StatusWord, UnseenItem

_SERIOUS: tuple[StatusWord, ...] = ("fail", "crash", "warn")
_QUIET: tuple[StatusWord, ...] = ("pass", "not-applicable")


@dataclass(frozen=True, slots=True)
class Blank:
    """Something that could not be seen, and the checks that wanted it."""

    item: UnseenItem
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """An error that was reported to us, and the code of the finding that explains it (None: none of them).

    `says_nothing`: it does not say why the pull failed, so that nothing could explain it; it has no stage then.
    """

    symptom: str
    stage: str
    explained_by: str | None
    says_nothing: bool = False


def causes(report: Report) -> list[CheckResult]:
    """The root causes, most probable first."""
    known = {check.code: check for check in report.checks}
    return [known[code] for code in report.verdict.root_causes if code in known]


def others(report: Report) -> list[CheckResult]:
    """Faults, crashes and warnings that are no root cause, the most serious first."""
    roots = set(report.verdict.root_causes)
    rest = [check for check in report.checks if check.status in _SERIOUS and check.code not in roots]
    return sorted(rest, key=lambda check: _SERIOUS.index(check.status))


def lead_and_request(fix: FixItem) -> tuple[str, list[str]]:
    """What a remedy says to do, and the lines of the request, if any, that is to be passed on as it stands."""
    lead, *request = fix.summary.split("\n")
    return lead, request


def settling(report: Report) -> list[tuple[FixItem, list[CheckResult]]]:
    """What would settle the questions left open: the remedies of unknown checks, each once, and whose they are."""
    found: list[tuple[FixItem, list[CheckResult]]] = []
    for check in of_status(report, "unknown"):
        for fix in check.fixes:
            before = next((checks for known, checks in found if known == fix), None)
            if before is None:
                found.append((fix, [check]))
            elif check not in before:
                before.append(check)
    return found


def causes_of(check: CheckResult, report: Report) -> list[CheckResult]:
    """The root causes that `check` is an effect of, directly or by another finding; else (for a fault) all of them.

    Root causes are all faults but those that follow from another, so a fault that is none follows from one of them.
    """
    roots = causes(report)
    if check in roots:
        return []
    behind = _behind(check, [item for item in report.checks if item.status == check.status])
    found = [cause for cause in roots if cause in behind]
    if found or check.status != "fail":
        return found
    return [cause for cause in roots if cause.status == "fail"]


def _behind(check: CheckResult, among: Sequence[CheckResult]) -> list[CheckResult]:
    """The findings that `check` follows from, and those that they follow from."""
    found: list[CheckResult] = []
    open_ones = [check]
    while open_ones:
        effect = open_ones.pop()
        causes = [item for item in among if item not in found and follows(_mark(item), _mark(effect))]
        found += causes
        open_ones += causes
    return found


def _mark(check: CheckResult) -> Found:
    return Found(check.code, tuple(check.refines), tuple(check.node_pools))


def of_status(report: Report, status: StatusWord) -> list[CheckResult]:
    """The checks with that status, in catalogue order."""
    return [check for check in report.checks if check.status == status]


def undecided(report: Report) -> int:
    """How many checks could not be judged; unless none, nothing may be called clear."""
    return sum(check.status in ("unknown", "crash") for check in report.checks)


def unexplained(report: Report) -> bool:
    """Whether an error was seen, and neither a fault nor a warning was found that it could come from.

    The outcome may be clear all the same: it is about what Azure shows. Nothing of it comforts who has the error.
    """
    return not causes(report) and any(not seen.says_nothing for seen in observations(report))


def groups(report: Report) -> list[tuple[str, list[CheckResult]]]:
    """The checks by the first digit of their code, in catalogue order."""
    found: dict[str, list[CheckResult]] = {}
    for check in report.checks:
        found.setdefault(check.code[3:4], []).append(check)
    return list(found.items())


def alike(checks: Iterable[CheckResult]) -> list[list[CheckResult]]:
    """The checks gathered by what they say: those with one and the same message together, in order of the first."""
    found: dict[str, list[CheckResult]] = {}
    for check in checks:
        found.setdefault(check.message, []).append(check)
    return list(found.values())


def blanks(report: Report) -> list[Blank]:
    """What could not be seen, each once, with the checks that wanted it; for unknown checks only."""
    found: dict[tuple[str, str, str], Blank] = {}
    for check in of_status(report, "unknown"):
        for item in check.unseen:
            key = (item.source.lower(), item.action.lower(), item.reason)
            before = found.get(key, Blank(item, ()))
            if check not in before.checks:
                found[key] = Blank(before.item, (*before.checks, check))
    return list(found.values())


def pools_alike(report: Report) -> list[tuple[list[str], list[HopResult]]]:
    """The pull path, said once for node pools that differ in nothing but their own names."""
    found: dict[tuple[object, ...], list[PoolPath]] = {}
    for path in report.pull_path:
        steps = tuple((hop.hop, hop.status, hop.detail, *hop.checks) for hop in _nameless(path))
        found.setdefault(steps, []).append(path)
    return [
        ([path.node_pool for path in paths], paths[0].hops if _same(paths) else _nameless(paths[0]))
        for paths in found.values()
    ]


def _same(paths: Sequence[PoolPath]) -> bool:
    return all(path.hops == paths[0].hops for path in paths)


def _nameless(path: PoolPath) -> list[HopResult]:
    """The steps with the pool's own name left open."""
    return [msgspec.structs.replace(hop, detail=nameless(hop.detail, path.node_pool)) for hop in path.hops]


def checks_behind(hop: HopResult, report: Report) -> list[str]:
    """The checks that speak of a step that went wrong: those of its codes that found something or could not see."""
    if hop.status in _QUIET:
        return hop.checks
    quiet = {check.code for check in report.checks if check.status in _QUIET}
    return [code for code in hop.checks if code not in quiet]


def pools_named(check: CheckResult, report: Report) -> list[str]:
    """The node pools to name for a finding: none when it is about all of them."""
    every = {pool.name for pool in report.target.node_pools}
    return [] if every and every <= set(check.node_pools) else check.node_pools


def pools_blocked(report: Report) -> list[str]:
    """The node pools that the faults are about, in the order of the cluster; all of them when a fault names none."""
    every = [pool.name for pool in report.target.node_pools]
    faults = of_status(report, "fail")
    if any(not check.node_pools for check in faults):
        return every
    named = dict.fromkeys(pool for check in faults for pool in check.node_pools)
    return [pool for pool in every if pool in named] or list(named)


def evidence_by_source(check: CheckResult) -> list[tuple[str, list[EvidenceItem]]]:
    """The evidence of a check, gathered by the resource it was read from."""
    found: dict[str, list[EvidenceItem]] = {}
    for item in check.evidence:
        found.setdefault(item.source, []).append(item)
    return list(found.items())


def says_only_unseen(check: CheckResult) -> bool:
    """Whether the message says no more than what `unseen` lists anyway."""
    said = check.message.strip().rstrip(".")
    return any(
        said in item.reason or (item.source and item.source in said and item.reason in said and item.action in said)
        for item in check.unseen
    )


def observations(report: Report) -> list[Observation]:
    """The reported errors, each symptom once, and what explains them."""
    found: dict[tuple[str, str], Observation] = {}
    risks = [check for check in others(report) if check.status == "warn" and ANY not in check.explains]
    for error in observed_in(report.observed):
        fitting = [*sorted(causes(report), key=lambda cause: error.fit(cause.explains)), *risks]
        by = next((cause.code for cause in fitting if error.fit(cause.explains) < NO_FIT), None)
        found.setdefault((error.symptom, error.stage), Observation(error.symptom, error.stage, by))
    mute = [Observation(symptom, "", None, says_nothing=True) for symptom in saying_nothing(report.observed)]
    return [*found.values(), *mute]
