from __future__ import annotations

import re
import unicodedata
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aksacr.log_safety import neutralise, printable
from aksacr.report import wording
from aksacr.report.layout import STATUS_FACES, Page
from aksacr.report.model import HopResult, Outcome, Report, StatusWord
from aksacr.report.text import render_text

from .builders import CORE, ZONE, check, fix, gap, pool, report, target
from .hostile import saying
from .samples import SAMPLES, blocked, clear, crashed, role_missing, undetermined

_COLOUR = re.compile(r"\x1b\[[0-9;]+m")
ALL = pytest.mark.parametrize("made", [sample() for sample in SAMPLES.values()], ids=list(SAMPLES))
WIDTHS = pytest.mark.parametrize("width", [1, 60, 80, 100, 160, 400])


def plain(of: Report, width: int = 80, *, unicode: bool = True) -> str:
    return render_text(of, width=width, colour=False, unicode=unicode)


def one_line(text: str) -> str:
    return " ".join(text.split())


@ALL
@WIDTHS
def test_lines_are_tidy(made: Report, width: int) -> None:
    text = plain(made, width)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


@ALL
@WIDTHS
def test_only_what_must_not_be_broken_is_longer_than_the_terminal(made: Report, width: int) -> None:
    commands = {printable(command) for item in made.checks for fix in item.fixes for command in fix.commands}
    for line in plain(made, width).splitlines():
        if cell_len(line) > max(60, width):
            copied = neutralise(line.strip()) in {neutralise(command) for command in commands}
            one_word = len(line.split()) <= 6 and max(cell_len(word) for word in line.split()) > 24
            listed = line.startswith(("    needs  ", "    asked  "))
            assert copied or one_word or listed, line


@ALL
def test_colour_adds_nothing_but_colour(made: Report) -> None:
    coloured = render_text(made, width=80, colour=True)
    assert _COLOUR.search(coloured)
    assert _COLOUR.sub("", coloured) == plain(made)


@ALL
def test_without_unicode_all_is_ascii(made: Report) -> None:
    assert plain(made, unicode=False).isascii()


@ALL
def test_the_verdict_comes_first_and_the_outcome_last(made: Report) -> None:
    lines = plain(made, 400).splitlines()
    assert wording.OUTCOMES[made.verdict.outcome].upper() in lines[0]
    assert lines[-1].endswith(f"exit status {made.verdict.exit_status}")


@ALL
def test_every_check_has_its_line(made: Report) -> None:
    looked_at = plain(made, 160).split("What was looked at")[1]
    for item in made.checks:
        mark = STATUS_FACES[item.status][0]
        assert f"\n  {mark} {item.code}  {item.title}" in looked_at


@ALL
def test_every_step_of_every_pool_is_told(made: Report) -> None:
    path = plain(made).split("The pull path")[1].split("What was looked at")[0]
    told = [line.split()[2] for line in path.splitlines() if line[2:3] in {face[0] for face in STATUS_FACES.values()}]
    assert told
    assert told == [*wording.HOPS] * (len(told) // len(wording.HOPS))


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_command_is_one_line_to_copy(width: int) -> None:
    lines = [line.strip() for line in plain(blocked(), width).splitlines()]
    commands = [
        command
        for item in blocked().checks
        if item.code != "AKA202"  # an effect: see below
        for fix in item.fixes
        for command in fix.commands
    ]
    assert commands
    assert [command for command in commands if command not in lines] == []


def test_an_effect_points_at_its_cause_and_offers_no_fix() -> None:
    text = one_line(plain(blocked()))
    assert "This follows from AKA301 private-dns-zone-not-linked; mend that first." in text
    assert "az acr update" not in text


def test_a_fault_that_no_cause_refines_follows_from_them_all() -> None:
    made = blocked()
    checks = [msgspec.structs.replace(item, refines=[]) for item in made.checks]
    text = one_line(plain(msgspec.structs.replace(made, checks=checks)))
    assert (
        "This follows from AKA301 private-dns-zone-not-linked and AKA111 service-principal-secret-expired; mend those "
        "first."
    ) in text
    assert "az network vnet peering sync" in text, "a warning is no effect"


def test_causes_come_in_order_before_all_else() -> None:
    text = plain(blocked())
    places = [text.index(part) for part in ("1. AKA301", "2. AKA111", "Also found", "The pull path", "What was looked")]
    assert places == sorted(places)


def test_an_only_cause_has_no_number() -> None:
    assert "\nAKA101 pull-role-missing\n" in plain(role_missing())


def test_pools_that_are_alike_are_told_together() -> None:
    text = plain(blocked())
    assert "  node pool system ·" in text
    assert "  node pools gpu and user ·" in text


def test_a_step_that_went_wrong_names_the_checks_that_say_so() -> None:
    made = blocked()
    first = made.pull_path[0]
    admit = msgspec.structs.replace(first.hops[2], status="fail", detail="403", checks=["AKA201", "AKA202"])
    hops = [*first.hops[:2], admit, *first.hops[3:]]
    text = plain(msgspec.structs.replace(made, pull_path=[msgspec.structs.replace(first, hops=hops)]))
    assert "admit      403 (AKA202)" in text, "AKA201 does not apply, so it says nothing"


def test_a_pool_is_told_apart_by_one_step() -> None:
    made = blocked()
    last = made.pull_path[-1]
    other = HopResult(hop="layers", status="fail", detail="another", checks=[])
    changed = msgspec.structs.replace(last, hops=[*last.hops[:-1], other])
    text = plain(msgspec.structs.replace(made, pull_path=[*made.pull_path[:-1], changed]))
    assert "  node pool gpu ·" in text
    assert "  node pool user ·" in text


def test_what_was_not_seen_names_the_permission_and_the_resource() -> None:
    text = plain(undetermined())
    unseen = text.split("What could not be seen")[1].split("The pull path")[0]
    assert "needs  Microsoft.Network/privateDnsZones/read" in unseen
    assert "for    AKA202, AKA301" in unseen
    assert f"asked  {ZONE.split('/resourceGroups')[0]}/providers/Microsoft.Network/privateDnsZones" in unseen
    assert unseen.count("needs") == 2


def test_a_source_that_is_no_resource_is_named_once() -> None:
    hidden = check("AKA111", "unknown", "Graph refused.", unseen=(gap("Microsoft Graph /x", "Application.Read.All"),))
    text = plain(report(target(pool("a")), "undetermined", "no fault found.", [hidden], []))
    assert "Microsoft Graph /x: denied (AuthorizationFailed)" in text
    assert "asked" not in text


@pytest.mark.parametrize("made", [undetermined(), crashed()], ids=["undetermined", "crash"])
def test_nothing_sounds_clear_while_anything_is_open(made: Report) -> None:
    overconfident = msgspec.structs.replace(made.verdict, outcome="clear", summary="no blocking cause found.")
    for text in (plain(made), plain(msgspec.structs.replace(made, verdict=overconfident))):
        assert not re.search(r"\bcan pull\b|no (issues|problems)|all (good|well)|healthy", text, re.IGNORECASE)
        assert text.startswith("? ")
        assert "could not be judged" in one_line(text) or "not everything could be judged" in one_line(text)
        assert "CLEAR:" not in text


def test_clear_says_how_far_it_goes() -> None:
    assert "clear: no blocking cause found in what was checked" in plain(clear())


def test_fixes_say_who_may_run_them_and_what_to_mind() -> None:
    text = one_line(plain(role_missing()))
    assert "needs Owner, User Access Administrator or Role Based Access Control Administrator on acrshop" in text
    assert "mind It can take ten minutes" in text


def test_much_evidence_is_cut_with_a_count() -> None:
    source = role_missing().checks[0]
    many = msgspec.structs.replace(source, evidence=[source.evidence[0]] * 9)
    text = plain(report(target(pool("a")), "blocked", "x", [many], [], root_causes=(many.code,)))
    assert text.count("[].properties.principalId") == 6
    assert "and 3 more in the JSON report" in text


@given(st.text(max_size=40))
def test_no_text_acts_on_a_terminal_or_an_agent(words: str) -> None:
    text = plain(saying(f"{words}##vso[a.b]\x1b[2J{words}"))
    allowed = {"\n"}
    assert {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} <= allowed
    assert "##vso[" not in text
    assert "##[" not in text


def test_every_word_of_the_contract_has_its_words() -> None:
    assert set(wording.STATUS) == set(wording.STATUS_SHORT) == set(STATUS_FACES) == set(get_args(StatusWord))
    assert set(wording.OUTCOMES) == set(wording.MEANINGS) == set(get_args(Outcome))
    assert wording.counts(get_args(StatusWord)).count("1 ") == len(get_args(StatusWord))
    assert tuple(wording.HOPS) == get_args(msgspec.structs.fields(HopResult)[0].type)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (ZONE, "privateDnsZones/privatelink.azurecr.io in rg-hub"),
        (
            f"{ZONE}/virtualNetworkLinks/shop",
            "privateDnsZones/privatelink.azurecr.io/virtualNetworkLinks/shop in rg-hub",
        ),
        ("/subscriptions/1", "subscription 1"),
        ("/SUBSCRIPTIONS/1/resourcegroups/Rg", "Rg"),
        ("/subscriptions/1/providers/Microsoft.Network/privateDnsZones", "privateDnsZones in subscription 1"),
        (
            "/subscriptions/1/resourceGroups/rg/providers/A.B/registries/r/PROVIDERS/C.D/roleAssignments",
            "roleAssignments on registries/r in rg",
        ),
        ("/subscriptions/1/resourceGroups/rg/other", "/subscriptions/1/resourceGroups/rg/other"),
        ("/subscriptions/1/providers/Microsoft.Network", "/subscriptions/1/providers/Microsoft.Network"),
        ("Microsoft Graph /applications", "Microsoft Graph /applications"),
        ("", ""),
    ],
)
def test_places_are_named_as_people_say_them(source: str, said: str) -> None:
    assert wording.place(source) == said


def test_ids_in_prose_are_named_as_people_say_them() -> None:
    assert wording.said(f"Could not read {ZONE} (denied); needs x/read.") == (
        "Could not read privateDnsZones/privatelink.azurecr.io in rg-hub (denied); needs x/read."
    )
    assert wording.said(f"between {ZONE}, and '{ZONE}'.") == (
        "between privateDnsZones/privatelink.azurecr.io in rg-hub, and "
        "'privateDnsZones/privatelink.azurecr.io in rg-hub'."
    )
    assert wording.said("no id, /subscriptions/ alone") == "no id, /subscriptions/ alone"


def test_plurals_and_lists() -> None:
    assert wording.node_pools(["a"]) == "node pool a"
    assert wording.node_pools(["a", "b", "c"]) == "node pools a, b and c"
    assert wording.listed([str(number) for number in range(14)]).endswith("10, 11 and 2 more")
    assert wording.effort(1, 0.31) == "1 request in 0.3 s"
    assert wording.counts(["pass", "fail", "pass", "warn"]) == "1 fault, 1 warning, 2 passed"
    assert wording.counts([]) == "no checks"


def test_wide_letters_are_counted_by_the_room_they_take() -> None:
    page = Page(width=60, colour=False, unicode=True)
    page.prose("資源 " * 40)
    assert max(cell_len(line) for line in page.text().splitlines()) <= 60


def test_the_core_checks_are_in_the_samples() -> None:
    assert [item.code for item in clear().checks] == list(CORE)


def test_a_fix_by_hand_is_named_so() -> None:
    manual = check("AKA111", "fail", "x", fixes=(fix("Roll the nodes.", manual=True),))
    assert "by hand  Roll the nodes." in plain(report(target(), "blocked", "x", [manual], [], root_causes=("AKA111",)))
