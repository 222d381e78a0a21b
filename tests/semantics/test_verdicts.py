"""From pools to one verdict, from checks to an exit status and to root causes."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.check import Check, Evidence, Fix, Gap, Status, Verdict, across_pools, az, worst
from aksacr.diagnosis import SeenErrors, diagnose
from aksacr.facts import Facts, Unseen, UnseenError
from aksacr.report.model import CheckResult, FailOn, StatusWord, exit_status
from aksacr.runner import Judged, run

from .building import REFUSED, facts

if TYPE_CHECKING:
    from collections.abc import Callable

WORST_FIRST = (Status.CRASH, Status.FAIL, Status.UNKNOWN, Status.WARN, Status.PASS, Status.NOT_APPLICABLE)
GAP = Gap("somewhere", "Microsoft.Something/read", "denied")

# --- several pools ---


@given(st.lists(st.sampled_from(WORST_FIRST)))
def test_the_worst_of_several(statuses: list[Status]) -> None:
    expected = next((status for status in WORST_FIRST if status in statuses), Status.NOT_APPLICABLE)
    assert worst(statuses) is expected


def test_one_pool_that_was_judged_outranks_those_that_were_not() -> None:
    assert worst([Status.NOT_APPLICABLE, Status.PASS]) is Status.PASS


def verdict(status: Status, message: str = "It is so.", **parts: tuple[object, ...]) -> Verdict:
    return replace(Verdict(status, message), **parts)  # pyright: ignore[reportArgumentType] - parts of a verdict


def test_a_fault_of_one_pool_names_it() -> None:
    joined = across_pools([("a", verdict(Status.PASS, "a is well.")), ("b", verdict(Status.FAIL, "b is not."))])
    assert (joined.status, joined.message, joined.node_pools) == (Status.FAIL, "b is not.", ("b",))


def test_what_holds_for_all_pools_names_none() -> None:
    joined = across_pools([("a", verdict(Status.FAIL, "Same.")), ("b", verdict(Status.FAIL, "Same."))])
    assert (joined.message, joined.node_pools) == ("Same.", ())
    differing = across_pools([("a", verdict(Status.FAIL, "a fails.")), ("b", verdict(Status.FAIL, "b breaks."))])
    assert (differing.message, differing.node_pools) == ("a fails. b breaks.", ())


def test_pools_that_differ_in_their_own_names_alone_are_told_once() -> None:
    def message(*names: str) -> str:
        told = [f"Node pool {name}: rule {'r2' if name == 'p2' else 'r'} drops aks-{name}-7-vmss." for name in names]
        return across_pools(
            [(name, verdict(Status.FAIL, text)) for name, text in zip(names, told, strict=True)]
        ).message

    first = "Node pool p1: rule r drops aks-p1-7-vmss."
    assert message("p1") == first
    assert message("p1", "p3") == f"{first} The same holds for node pool p3."
    other = "Node pool p2: rule r2 drops aks-p2-7-vmss."
    assert message("p1", "p2", "p3", "p4") == f"{first} The same holds for node pools p3 and p4. {other}"
    many = message("p1", *(f"x{number}" for number in range(200)))
    assert many.endswith("x9, x10 and 189 more.")
    longer = "Node pool p1: rule p10 drops it."
    assert across_pools([("p1", verdict(Status.FAIL, longer)), ("p10", verdict(Status.FAIL, longer))]).message == longer


def test_evidence_fixes_and_gaps_are_those_of_the_worst_and_said_once() -> None:
    seen = Evidence("x", "properties.y", ["a", 1])
    fix = Fix("Mend it", ("az x",))
    bad = verdict(Status.FAIL, evidence=(seen,), fixes=(fix,))
    also = verdict(Status.FAIL, "Too.", evidence=(seen, Evidence("z", "", None)), fixes=(fix, Fix("Else")))
    good = verdict(Status.PASS, evidence=(Evidence("fine", "", True),))
    joined = across_pools([("a", bad), ("b", good), ("c", also)])
    assert joined.evidence == (seen, Evidence("z", "", None))
    assert joined.fixes == (fix, Fix("Else"))
    assert joined.node_pools == ("a", "c")
    unknown = verdict(Status.UNKNOWN, unseen=(GAP,))
    assert across_pools([("a", unknown), ("b", unknown)]).unseen == (GAP,)


def test_a_cluster_without_pools_asks_nothing() -> None:
    assert across_pools([]).status is Status.NOT_APPLICABLE


def test_commands_are_quoted_for_a_shell() -> None:
    assert az("acr", "show", "-n", "it's; rm -rf /") == """az acr show -n 'it'"'"'s; rm -rf /'"""


# --- exit status ---

CODES = ("AKA101", "AKA201", "AKA301")
WORDS: tuple[StatusWord, ...] = get_args(StatusWord)
ALLOWED = (
    frozenset[str](),
    frozenset({"AKA201"}),
    frozenset({"AKA101"}),
    frozenset({"AKA101", "AKA201"}),
    frozenset({"ALL"}),
)


def results(*words: StatusWord) -> list[CheckResult]:
    return [
        CheckResult(
            code=code,
            name=code.lower(),
            title="All is well",
            status=word,
            message="It is so.",
            node_pools=[],
            evidence=[],
            fixes=[],
            unseen=[],
            docs=[],
            explains=[],
            refines=[],
        )
        for code, word in zip(CODES, words, strict=True)
    ]


def contract(words: tuple[StatusWord, ...], fail_on: FailOn, allowed: frozenset[str]) -> int:
    """The table of exit statuses, written down once more: the first row that holds."""
    blind = [
        code
        for code, word in zip(CODES, words, strict=True)
        if word == "unknown" and code not in allowed and "ALL" not in allowed
    ]
    fault = "fail" in words or (fail_on == "warning" and "warn" in words)
    status = 1 if fault else 6 if "crash" in words else 3 if blind else 0
    return 0 if fail_on == "never" and status in {1, 3} else status


@pytest.mark.parametrize("fail_on", get_args(FailOn))
@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda codes: ",".join(sorted(codes)) or "none allowed")
def test_the_exit_status_of_every_combination(fail_on: FailOn, allowed: frozenset[str]) -> None:
    for words in product(WORDS, repeat=3):
        found = exit_status(results(*words), fail_on=fail_on, allow_unknown=allowed)
        assert found == contract(words, fail_on, allowed), words


@pytest.mark.parametrize(
    ("words", "fail_on", "allowed", "status"),
    [
        (("pass", "pass", "not-applicable"), "fault", frozenset[str](), 0),
        (("pass", "warn", "pass"), "fault", frozenset[str](), 0),
        (("pass", "warn", "pass"), "warning", frozenset[str](), 1),
        (("fail", "unknown", "crash"), "fault", frozenset[str](), 1),
        (("unknown", "crash", "pass"), "fault", frozenset[str](), 6),
        (("unknown", "pass", "pass"), "fault", frozenset[str](), 3),
        (("unknown", "pass", "pass"), "fault", frozenset({"AKA101"}), 0),
        (("unknown", "unknown", "pass"), "fault", frozenset({"AKA101"}), 3),
        (("fail", "unknown", "pass"), "never", frozenset[str](), 0),
        (("unknown", "pass", "pass"), "never", frozenset[str](), 0),
        (("crash", "pass", "pass"), "never", frozenset[str](), 6),
    ],
)
def test_exit_statuses_as_promised(
    words: tuple[StatusWord, ...], fail_on: FailOn, allowed: frozenset[str], status: int
) -> None:
    assert exit_status(results(*words), fail_on=fail_on, allow_unknown=allowed) == status


# --- the runner ---


def check(code: str, judge: Callable[[Facts], Verdict] | None = None, **parts: tuple[str, ...]) -> Check:
    made = Check(code, code.lower(), "All is well", (), judge or (lambda _: verdict(Status.PASS)), "", ())
    return replace(made, **parts)  # pyright: ignore[reportArgumentType] - parts of a check


def raising(error: Exception) -> Callable[[Facts], Verdict]:
    def judge(_: Facts) -> Verdict:
        raise error

    return judge


def test_a_check_that_may_not_see_is_unknown_and_says_what_it_needs() -> None:
    [judged] = run(facts(), [check("AKA101", raising(UnseenError(REFUSED)))])
    assert judged.verdict.status is Status.UNKNOWN
    assert judged.verdict.unseen == (Gap.of(REFUSED),)
    assert judged.verdict.message == (
        "Could not read somewhere (denied (AuthorizationFailed)); needs Microsoft.Something/read."
    )


@pytest.mark.parametrize("reason", ["throttled (429)", "failed (503)", "no answer before the time was up"])
def test_what_azure_was_too_busy_to_say_needs_no_permission(reason: str) -> None:
    busy = Unseen("somewhere", "Microsoft.Something/read", reason)
    [judged] = run(facts(), [check("AKA101", raising(UnseenError(busy)))])
    assert judged.verdict.status is Status.UNKNOWN
    assert judged.verdict.message == f"Could not read somewhere ({reason}); run again."
    assert judged.verdict.unseen == (Gap("somewhere", "", reason),)


@pytest.mark.parametrize(
    "error", [ValueError("no"), KeyError("x"), RecursionError(), AssertionError(), TypeError("a\nb")]
)
def test_a_crash_is_a_status_and_the_others_go_on(error: Exception) -> None:
    said: list[str] = []
    judged = run(facts(), [check("AKA101", raising(error)), check("AKA201")], debug=said.append)
    assert [item.verdict.status for item in judged] == [Status.CRASH, Status.PASS]
    assert type(error).__name__ in judged[0].verdict.message
    assert "--debug" in judged[0].verdict.message
    assert "Traceback" not in judged[0].verdict.message
    assert "Traceback" in said[0]


@pytest.mark.parametrize(
    ("only", "skip", "statuses"),
    [
        ((), (), ["pass", "pass", "pass"]),
        (("AKA201",), (), ["not-applicable", "pass", "not-applicable"]),
        ((), ("AKA201",), ["pass", "not-applicable", "pass"]),
        (("AKA201",), ("AKA201",), ["not-applicable"] * 3),
    ],
)
def test_checks_that_are_left_out_say_so(only: tuple[str, ...], skip: tuple[str, ...], statuses: list[str]) -> None:
    checks = [check("AKA101"), check("AKA201"), check("AKA301")]
    judged = run(facts(), checks, only=frozenset(only), skip=frozenset(skip))
    assert [str(item.verdict.status) for item in judged] == statuses
    left_out = [item.verdict.message for item in judged if item.verdict.status is Status.NOT_APPLICABLE]
    assert all("Left out by --" in message for message in left_out)


# --- the diagnosis ---


def judged(code: str, status: Status = Status.FAIL, *pools: str, refines: tuple[str, ...] = ()) -> Judged:
    said = Verdict(status, f"{code} says so. More of it.", node_pools=pools)
    return Judged(check(code, refines=refines), said)


def causes(*items: Judged) -> tuple[str, ...]:
    return diagnose(list(items), "aks", "acr").root_causes


# The order in which a pull meets its obstacles: the name, the way, the door, who asks, what they may.
# An endpoint that waits for approval, and a zone that answers first, come before the names that they leave unresolved.
AS_A_PULL_MEETS_THEM = (
    "AKA311",
    "AKA304",
    "AKA301",
    "AKA322",
    "AKA331",
    "AKA341",
    "AKA204",
    "AKA205",
    "AKA112",
    "AKA111",
    "AKA121",
    "AKA131",
    "AKA101",
)


@given(st.permutations(AS_A_PULL_MEETS_THEM), st.sampled_from([Status.FAIL, Status.WARN]))
def test_causes_come_as_a_pull_meets_them_whatever_the_order(codes: list[str], status: Status) -> None:
    assert causes(*(judged(code, status) for code in codes)) == AS_A_PULL_MEETS_THEM


def test_layers_come_last() -> None:
    assert causes(judged("AKA351"), judged("AKA101")) == ("AKA101", "AKA351")


def test_what_stops_the_first_step_that_fails_comes_before_what_only_layers_meet() -> None:
    """A record of the data endpoint is missing, and the way to the registry is down."""
    items = [judged("AKA302"), judged("AKA322")]
    assert diagnose(items, "aks", "acr").root_causes == ("AKA302", "AKA322")
    stopped = SeenErrors(stops=frozenset({"AKA321", "AKA322"}))
    assert diagnose(items, "aks", "acr", stopped).root_causes == ("AKA322", "AKA302")


@pytest.mark.parametrize("behind", ["AKA202", "AKA201"])
def test_a_missing_link_comes_before_the_closed_door_behind_it(behind: str) -> None:
    for order in permutations([judged(behind), judged("AKA301")]):
        assert causes(*order) == ("AKA301",)


@pytest.mark.parametrize(
    ("cause", "effect", "remaining"),
    [
        ((), (), ("AKA301",)),
        ((), ("a",), ("AKA301",)),
        (("a",), ("a",), ("AKA301",)),
        (("a", "b"), ("a",), ("AKA301",)),
        (("a",), ("a", "b"), ("AKA301", "AKA202")),
        (("a",), ("b",), ("AKA301", "AKA202")),
        (("a",), (), ("AKA301", "AKA202")),  # all pools, of which the cause covers one
    ],
)
def test_an_effect_goes_away_only_for_the_pools_of_its_cause(
    cause: tuple[str, ...], effect: tuple[str, ...], remaining: tuple[str, ...]
) -> None:
    assert causes(judged("AKA301", Status.FAIL, *cause), judged("AKA202", Status.FAIL, *effect)) == remaining


def test_a_refining_check_is_the_cause() -> None:
    refining = judged("AKA102", refines=("AKA101",))
    assert causes(judged("AKA101"), refining) == ("AKA102",)


def test_two_that_refine_each_other_both_stay() -> None:
    both = (judged("AKA101", refines=("AKA102",)), judged("AKA102", refines=("AKA101",)))
    assert set(causes(*both)) == {"AKA101", "AKA102"}


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        (("fail", "warn", "unknown", "crash"), "blocked"),
        (("warn", "unknown", "pass"), "at-risk"),
        (("unknown", "pass", "pass"), "undetermined"),
        (("crash", "pass", "pass"), "undetermined"),
        (("pass", "not-applicable"), "clear"),
        (("not-applicable", "not-applicable"), "undetermined"),
        ((), "undetermined"),
    ],
)
def test_outcomes(statuses: tuple[str, ...], outcome: str) -> None:
    items = [judged(f"AKA{place}01", Status(status)) for place, status in enumerate(statuses, 1)]
    found = diagnose(items, "aks-prod", "acrprod")
    assert found.outcome == outcome
    assert bool(found.root_causes) is (outcome in {"blocked", "at-risk"})
    assert found.summary.endswith(".")
    assert "\n" not in found.summary


def test_the_summary_says_the_first_cause_and_names_the_others() -> None:
    found = diagnose([judged("AKA101"), judged("AKA322")], "aks", "acr")
    assert found.summary == "AKA322 says so. Also: AKA101."


def test_a_warning_is_no_cause_beside_a_fault() -> None:
    assert causes(judged("AKA111", Status.WARN), judged("AKA322")) == ("AKA322",)


def test_what_could_not_be_decided_is_named_and_never_called_clear() -> None:
    found = diagnose([judged("AKA101", Status.UNKNOWN), judged("AKA201", Status.PASS)], "aks", "acr")
    assert "AKA101" in found.summary
    assert "No blocking cause" not in found.summary
    clear = diagnose([judged("AKA201", Status.PASS)], "aks-prod", "acrprod")
    assert "aks-prod" in clear.summary
    assert "acrprod" in clear.summary
