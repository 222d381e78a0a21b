from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, Skipped
from msgspec.structs import replace
from validity import junit, read_junit

from aksacr.report.junit import render_junit

from .builders import TITLES, check, fix, gap, pool, report, seen, target
from .hostile import COMMANDS, HOSTILE, saying
from .samples import SAMPLES, at_risk, blocked, clear, crashed, role_missing, undetermined
from .test_log_safety import TEXTS, as_a_culture_aware_search_sees

if TYPE_CHECKING:
    from aksacr.report.model import CheckResult, Report, StatusWord

ALL = pytest.mark.parametrize("made", [sample() for sample in SAMPLES.values()], ids=list(SAMPLES))


def suite_of(made: Report) -> Any:
    """The one suite, as a reader that is not ours takes it."""
    (suite,) = read_junit(render_junit(made))
    return suite


def cases_of(made: Report) -> dict[str, Any]:
    """By code."""
    return {str(case.name)[:6]: case for case in suite_of(made)}


def only(status: StatusWord, **more: Any) -> Report:
    one = replace(check("AKA201", status, "It is so."), **more)
    return report(target(pool("a")), "blocked", "x", [one], [])


@ALL
def test_valid_by_the_schema(made: Report) -> None:
    junit(render_junit(made))


@ALL
def test_every_check_is_a_test_in_the_order_of_the_catalogue(made: Report) -> None:
    names = [str(case.name) for case in suite_of(made)]
    assert [name.removesuffix(" (warning)") for name in names] == [
        f"{item.code} {item.name}: {item.title}" for item in made.checks
    ]


@ALL
def test_the_counts_are_what_a_reader_counts(made: Report) -> None:
    said = suite_of(made)
    counted = suite_of(made)
    counted.update_statistics()
    for name in ("tests", "failures", "errors", "skipped"):
        assert getattr(said, name) == getattr(counted, name) is not None


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("pass", None),
        ("fail", Failure),
        ("warn", None),
        ("unknown", Skipped),
        ("not-applicable", Skipped),
        ("crash", Error),
    ],
)
def test_what_each_status_becomes(status: StatusWord, result: type | None) -> None:
    (case,) = cases_of(only(status)).values()
    assert [type(item) for item in case.result] == ([result] if result else [])
    assert [item.type for item in case.result] == ([status] if result else [])
    assert ("(warning)" in str(case.name)) == (status == "warn")


def test_a_skipped_test_says_why() -> None:
    unknown = cases_of(undetermined())["AKA301"].result[0].message
    assert unknown.startswith("unknown: The private DNS zones of the hub subscription could not be read")
    assert unknown.endswith("needs Microsoft.Network/privateDnsZones/read)")
    assert "\nNot seen: " in cases_of(undetermined())["AKA301"].result[0].text
    assert cases_of(clear())["AKA111"].result[0].message == (
        "not applicable: the cluster pulls with a managed identity"
    )


def test_a_failure_reads_from_cause_to_cure() -> None:
    failure = cases_of(role_missing())["AKA101"].result[0]
    parts = ["holds no role on acrshop", "This is the root cause.", "Where: cluster aks-shop", "Seen:"]
    parts += ["[].properties.principalId = ", "Fix: Grant AcrPull", "\n  az role assignment create", "\nNeeds: Owner"]
    parts += ["\nMind: It can take", "\nMore: https://learn.microsoft.com"]
    places = [failure.text.index(part) for part in parts]
    assert all(before < after for before, after in pairwise(places))
    assert failure.message in failure.text.replace("\n", " ")
    assert "\n" not in failure.message


def test_an_effect_refers_to_its_cause_and_offers_no_fix() -> None:
    text = cases_of(blocked())["AKA202"].result[0].text
    assert "follows from AKA301" in text
    assert "Fix:" not in text


def test_of_several_causes_the_order_is_said() -> None:
    cases = cases_of(blocked())
    assert "the most probable of 2 root causes" in cases["AKA301"].result[0].text
    assert "one of 2 root causes; AKA301 is more probable" in cases["AKA111"].result[0].text


def test_a_warning_passes_and_keeps_its_words() -> None:
    case = cases_of(at_risk())["AKA111"]
    assert case.is_passed
    assert (
        case.name
        == "AKA111 service-principal-secret-expired: The cluster's service principal has a valid secret (warning)"
    )
    assert "ends on 2026-12-01" in str(case.system_out)
    assert "By hand: Renew the secret" in str(case.system_out)


def test_a_crash_is_an_error_and_no_failure() -> None:
    suite = suite_of(crashed())
    assert (suite.errors, suite.failures) == (1, 0)


def test_a_long_list_of_evidence_is_cut_and_says_so() -> None:
    many = [seen(f"/subscriptions/s/x/{number // 3}", f"p{number}", number) for number in range(40)]
    text = cases_of(only("fail", evidence=many))["AKA201"].result[0].text
    assert "p11 = 11" in text
    assert "p12" not in text
    assert "and 28 more in the JSON report" in text


def test_the_suite_says_when_how_long_and_of_what() -> None:
    suite = suite_of(blocked())
    assert suite.name == "aksacr: aks-shop pulls from acrshop.azurecr.io"
    assert suite.timestamp == "2026-11-22T10:00:00Z"
    assert suite.time == 1.62
    assert suite.hostname is None
    properties = {item.name: item.value for item in suite.properties()}
    assert properties["outcome"] == "blocked"
    assert properties["rootCauses"] == "AKA301, AKA111"
    assert properties["exitStatus"] == "1"
    assert properties["image"] == "shop/web:2.4.1"


def test_groups_are_classes() -> None:
    classes = {code: case.classname for code, case in cases_of(blocked()).items()}
    assert classes["AKA101"] == "aksacr.who-pulls"
    assert classes["AKA201"] == "aksacr.what-the-registry-admits"
    assert classes["AKA301"] == "aksacr.the-name-and-the-way"


def test_a_long_run_keeps_an_invariant_time() -> None:
    made = role_missing()
    slow = replace(made, stats=replace(made.stats, elapsed_seconds=12345.6789))
    assert 'time="12345.679"' in render_junit(slow)
    junit(render_junit(slow))


@given(TEXTS | st.text(alphabet=st.characters(), max_size=40))
def test_whatever_azure_says_the_document_stays_whole(words: str) -> None:
    made = saying(words)
    text = render_junit(made)
    assert text.isascii()
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert len(list(root.iter("testcase"))) == len(made.checks)
    for piece in [*root.itertext(), *(value for item in root.iter() for value in item.attrib.values())]:
        shown = as_a_culture_aware_search_sees(piece)
        assert "##vso[" not in shown
        assert "##[" not in shown
    assert "##vso[" not in as_a_culture_aware_search_sees(text)


def test_what_xml_cannot_hold_is_shown() -> None:
    (case,) = cases_of(only("fail", message="nul \x00, bell \x07, none \ufffe\uffff, half \ud800, end")).values()
    assert case.result[0].message == "nul \\x00, bell \\x07, none \\ufffe\\uffff, half \\ud800, end"


def test_hostile_words_are_shown_as_words() -> None:
    failure = cases_of(saying(HOSTILE))["AKA201"].result[0]
    assert "##_vso[task.setvariable variable=PATH]" in failure.message
    assert "<script>alert(1)</script>" in failure.message
    assert "\\x1b[2J" in failure.text
    assert COMMANDS not in failure.text


def test_commands_stay_as_they_are_typed() -> None:
    typed = "az x  --query '[].{a:b}' <in \"two  spaces\" && echo ä"
    item: CheckResult = check("AKA201", "fail", "x", fixes=(fix("f", typed),))
    text = cases_of(report(target(), "blocked", "x", [item], []))["AKA201"].result[0].text
    assert f"\n  {typed}" in text


def test_an_unseen_thing_is_said_once() -> None:
    item = check("AKA301", "unknown", "y", unseen=(gap("/subscriptions/s/zones", "z/read"), gap("the pod", "", "gone")))
    message = cases_of(report(target(), "undetermined", "x", [item], []))["AKA301"].result[0].message
    assert message == (
        "unknown: y (Not seen: /subscriptions/s/zones (denied (AuthorizationFailed)); needs z/read) "
        "(Not seen: the pod (gone))"
    )


def test_titles_are_those_of_the_checks() -> None:
    assert set(cases_of(blocked())) <= set(TITLES)
