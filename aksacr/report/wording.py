"""The words of a report, once for every format: statuses, outcomes, steps of a pull, groups of checks, counts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec

from aksacr.log_safety import printable
from aksacr.observed import ANY

from . import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aksacr.check import JsonValue

    from .model import CheckResult, HopResult, IdentityTarget, Outcome, Report, StatusWord

OUTCOMES: dict[Outcome, str] = {
    "blocked": "blocked",
    "at-risk": "at risk",
    "clear": "clear",
    "undetermined": "undetermined",
}
MEANINGS: dict[Outcome, str] = {
    "blocked": "something keeps images from being pulled",
    "at-risk": "no fault found, but something puts pulls at risk",
    "clear": "no blocking cause found in what was checked",
    "undetermined": "no fault found, but not everything could be judged",
}
STATUS: dict[StatusWord, str] = {
    "pass": "pass",
    "warn": "warn",
    "fail": "fail",
    "unknown": "unknown",
    "not-applicable": "not applicable",
    "crash": "crash",
}
STATUS_SHORT: dict[StatusWord, str] = {**STATUS, "not-applicable": "n/a"}
_ID = re.compile(r"/subscriptions/[^\s\"'<>|()]*[^\s\"'<>|().,;:]", re.IGNORECASE)
_COUNTED: dict[StatusWord, tuple[str, str]] = {
    "fail": ("fault", "faults"),
    "crash": ("crashed check", "crashed checks"),
    "warn": ("warning", "warnings"),
    "unknown": ("unknown", "unknown"),
    "pass": ("passed", "passed"),
    "not-applicable": ("not applicable", "not applicable"),
}
FINDINGS: dict[StatusWord, str] = {"fail": "fault", "warn": "warning", "crash": "this check broke off"}
TO_SETTLE = "What would settle it"
HOPS: dict[str, str] = {
    "resolve": "the node looks up the registry's name",
    "route": "its packets find the way there",
    "admit": "the registry's network rules let it in",
    "identify": "it proves who pulls",
    "authorize": "that identity may pull",
    "layers": "the layers are fetched",
}
GROUPS: dict[str, str] = {
    "0": "The tool itself",
    "1": "Who pulls",
    "2": "What the registry admits",
    "3": "The name and the way",
    "4": "Image and registry content",
    "5": "The pod's side",
    "6": "Cluster and registry health",
}
_IDENTITIES: dict[str, str] = {
    "managed-identity": "managed identity",
    "service-principal": "service principal",
    "unknown": "an identity that could not be seen",
}


def group(digit: str) -> str:
    """The name of a group of checks, from the first digit of its codes."""
    return GROUPS.get(digit, "Others")


def plural(count: int, one: str, many: str) -> str:
    """`1 fault`, `2 faults`."""
    return f"{count} {one if count == 1 else many}"


def listed(words: Sequence[str], limit: int = 12) -> str:
    """`a`, `a and b`, `a, b and c`; beyond `limit` words `a, b and 7 more`."""
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def node_pools(names: Sequence[str]) -> str:
    """`node pool user`, `node pools gpu and user`."""
    return f"{'node pool' if len(names) == 1 else 'node pools'} {listed(names)}"


def counts(statuses: Iterable[StatusWord]) -> str:
    """`2 faults, 1 warning, 3 passed`: what there is of each status, the most serious first."""
    seen = list(statuses)
    parts = [plural(seen.count(status), one, many) for status, (one, many) in _COUNTED.items() if status in seen]
    return ", ".join(parts) or "no checks"


def codes(checks: Sequence[CheckResult]) -> str:
    """Their codes with commas between; three and more in a row are named by the first and the last of them."""
    runs: list[list[CheckResult]] = []
    for check in checks:
        if runs and _number(check) == _number(runs[-1][-1]) + 1:
            runs[-1].append(check)
        else:
            runs.append([check])
    return ", ".join(
        f"{run[0].code}–{run[-1].code}" if len(run) > 2 else ", ".join(each.code for each in run) for run in runs
    )


def _number(check: CheckResult) -> int:
    digits = check.code.removeprefix("AKA")
    return int(digits) if digits.isdecimal() else -1


def headline(check: CheckResult) -> str:
    """What stands for a check in one line: the condition that holds, the fault that was found, or the question."""
    if check.status in ("fail", "warn"):
        return check.name
    return whether(check) if check.status in ("unknown", "crash") else check.title


def whether(check: CheckResult) -> str:
    """The question that a check could not answer: `whether the VNet link is complete`."""
    return f"whether {condition(check)}"


def condition(check: CheckResult) -> str:
    """The condition that should hold, for the middle of a sentence."""
    return f"{check.title[:1].lower()}{check.title[1:]}"


def redaction(report: Report) -> str:
    """`Redacted: profile support, 3 values masked (subscription ids, people)`; empty where nothing was redacted."""
    made = report.redaction
    if isinstance(made, msgspec.UnsetType):
        return ""
    kinds = f" ({', '.join(made.kinds)})" if made.kinds else ""
    return f"Redacted: profile {made.profile}, {plural(made.values, 'value', 'values')} masked{kinds}"


def effort(requests: int, seconds: float) -> str:
    """`21 requests in 0.9 s`; without a request the facts came out of a file."""
    if not requests:
        return "read from a snapshot"
    return f"{plural(requests, 'request', 'requests')} in {seconds:.1f} s"


def identity(target: IdentityTarget) -> list[str]:
    """Who pulls: `managed identity aks-shop-agentpool` and `object id …`; for a service principal its client id."""
    name = target.resource_id.rstrip("/").rsplit("/", 1)[-1] if target.resource_id else ""
    words = " ".join(part for part in (_IDENTITIES[target.kind], name) if part)
    known = [("object id", target.object_id), ("client id", target.client_id)]
    if target.kind == "service-principal":
        known.reverse()
    return [words, *[f"{label} {number}" for label, number in known if number][:1]]


def place(source: str) -> str:
    """A resource id as people say it (`registries/acrshop in rg-shop`); anything else as it is."""
    parts = source.strip("/").split("/")
    lower = [part.lower() for part in parts]
    if lower[0] != "subscriptions" or len(parts) < 2:
        return source
    if "providers" in lower[2:]:
        at = len(lower) - 1 - lower[::-1].index("providers")
        what = "/".join(parts[at + 2 :])
        scope = "/" + "/".join(parts[:at])
        inside = "on" if "providers" in lower[:at] else "in"
        return f"{what} {inside} {place(scope)}" if what else source
    if len(parts) == 4 and lower[2] == "resourcegroups":
        return parts[3]
    return f"subscription {parts[1]}" if len(parts) == 2 else source


def value(seen: JsonValue, limit: int = 320) -> str:
    """A value that was seen, as one line of JSON with ids as people say them; a long one is cut and says so."""
    text = printable(json.dumps(_places(seen), ensure_ascii=False))
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… (cut, {len(text)} characters)"


def _places(seen: JsonValue) -> JsonValue:
    if isinstance(seen, str):
        return place(seen)
    if isinstance(seen, list):
        return [_places(item) for item in seen]
    if isinstance(seen, dict):
        return {key: _places(item) for key, item in seen.items()}
    return seen


def observed(seen: reading.Observation) -> str:
    """A reported error, and what explains it."""
    if seen.says_nothing:
        return f"{seen.symptom}, says nothing of why: paste the whole event whose reason is Failed"
    answer = f"explained by {seen.explained_by}" if seen.explained_by else "not explained by what was found"
    stage = f" ({seen.stage})" if seen.stage else ""
    return f"{seen.symptom}{stage}, {answer}"


def said(text: str) -> str:
    """Prose with its resource ids named as people say them; the ids in full stand in the JSON and the raw evidence."""
    return _ID.sub(lambda found: place(found[0]), text)


def follows_from(causes: Sequence[CheckResult]) -> str:
    """What to say of an effect, whose own remedy would miss the cause."""
    names = listed([f"{cause.code} {cause.name}" for cause in causes])
    return f"This follows from {names}; mend {'that' if len(causes) == 1 else 'those'} first."


def first_sentence(check: CheckResult) -> str:
    """What a finding says is, without what follows from it."""
    sentence, _, _ = " ".join(said(check.message).split()).partition(". ")
    return f"{sentence.rstrip('.')}."


def beyond_headline(check: CheckResult, report: Report) -> str:
    """What a finding says; the only cause need not say again what the headline says word for word."""
    message = " ".join(said(check.message).split())
    opening = first_sentence(check)
    if report.verdict.root_causes == [check.code] and said(report.verdict.summary).startswith(opening):
        return message[len(opening) :].strip()
    return message


def then(causes: Sequence[CheckResult]) -> str:
    """What to turn to when the first cause is mended."""
    return f"Then {listed([f'{cause.code} {cause.name}' for cause in causes])}, above."


def deciding(report: Report) -> str:
    """The permissions that would decide what is open, each once; empty where none is named."""
    actions = list(dict.fromkeys(blank.item.action for blank in reading.blanks(report) if blank.item.action))
    return f"What would decide it: {listed(actions, 4)}." if actions else ""


def predicted(hops: Sequence[HopResult], report: Report) -> str:
    """What a pull by these steps ends with: the first step that fails, and the errors that its fault shows itself by.

    Empty where no step fails. A step before it that is unknown may stop the pull first.
    """
    stop = next((number for number, hop in enumerate(hops) if hop.status == "fail"), None)
    if stop is None:
        return ""
    behind = [check for check in report.checks if check.code in hops[stop].checks and check.status == "fail"]
    roots = [check for check in behind if check.code in report.verdict.root_causes]
    cause = next(iter(roots or behind), None)
    if cause is None:
        return ""
    unless = ", unless an unknown step stops it before" if any(hop.status == "unknown" for hop in hops[:stop]) else ""
    if ANY in cause.explains:
        return f"Nothing pulls ({cause.code}){unless}."
    *first, last = cause.explains or ["an error"]
    symptoms = f"{', '.join(first)} or {last}" if first else last
    return f"Pulls end with {symptoms} ({cause.code}){unless}."


def pool_facts(report: Report, names: Sequence[str]) -> str:
    """`Linux, leaving from 20.86.11.4`: what the named pools have in common."""
    pools = [pool for pool in report.target.node_pools if pool.name in names]
    systems = {pool.os_type for pool in pools}
    addresses = {tuple(pool.egress_addresses) for pool in pools}
    facts = list(systems) if len(systems) == 1 else []
    if len(addresses) == 1 and addresses != {()}:
        facts.append(f"leaving from {listed(next(iter(addresses)))}")
    return ", ".join(facts)


def causes_heading(outcome: Outcome, count: int) -> str:
    """The heading over the root causes."""
    if outcome == "at-risk":
        return "What puts pulls at risk"
    return "What is wrong, the most probable cause first" if count > 1 else "What is wrong"


def outcome(report: Report) -> str:
    """The word for the outcome; nothing is called clear without a word on what could not be judged or explained."""
    if report.verdict.outcome == "clear" and reading.unexplained(report):
        return "not explained"
    word = OUTCOMES[report.verdict.outcome]
    return f"{word} as far as seen" if report.verdict.outcome == "clear" and reading.undecided(report) else word


def outcome_sentence(report: Report) -> str:
    """The outcome and what it means; never more than was seen."""
    if report.verdict.outcome == "clear" and reading.unexplained(report):
        return f"{outcome(report)}: an error was seen, and nothing that Azure shows explains it"
    meaning = MEANINGS[report.verdict.outcome]
    count = reading.undecided(report)
    if report.verdict.outcome in ("clear", "at-risk") and count:
        meaning += f", but {plural(count, 'check', 'checks')} could not be judged"
    return f"{outcome(report)}: {meaning}"
