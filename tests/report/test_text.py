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
from aksacr.report.layout import STATUS_FACES, Page, Style
from aksacr.report.markdown import render_markdown
from aksacr.report.model import HopResult, Outcome, Report, StatusWord
from aksacr.report.text import render_text

from .builders import CORE, ZONE, check, fix, gap, path, pool, report, target
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
    copies = [line for item in made.checks for fix in item.fixes for line in (*fix.commands, *fix.summary.split("\n"))]
    commands = {printable(line).strip() for line in copies}
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
def test_every_check_that_applies_has_its_line(made: Report) -> None:
    looked_at = plain(made, 160).split("What was looked at")[1]
    for item in made.checks:
        if item.status != "not-applicable":
            mark = STATUS_FACES[item.status][0]
            assert f"\n  {mark} {item.code}  {wording.headline(item)}" in looked_at


@ALL
def test_the_condition_that_should_hold_stands_only_beside_what_passed(made: Report) -> None:
    text = one_line(plain(made, 400))
    for item in made.checks:
        if item.status != "pass":
            assert item.title not in text


def test_what_does_not_apply_for_one_reason_is_said_once() -> None:
    reason = "acrshop has no private endpoint."
    checks = [
        *(check(code, "not-applicable", reason, number=code) for code in ("AKA311", "AKA321", "AKA322", "AKA323")),
        check("AKA201", "not-applicable", "acrshop has no IP rules."),
        check("AKA331", "not-applicable", reason, number="AKA331"),
    ]
    text = plain(report(target(pool("a")), "clear", "x", checks, []))
    assert f"  – AKA311, AKA321–AKA323, AKA331: {reason}\n  – AKA201: acrshop has no IP rules.\n" in text


def test_what_does_not_apply_alone_leaves_no_empty_group() -> None:
    text = plain(report(target(pool("a")), "clear", "x", [check("AKA201", "not-applicable", "No rules.")], []))
    assert wording.GROUPS["2"] not in text


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


def test_a_fault_that_follows_from_none_in_particular_follows_from_them_all() -> None:
    made = blocked()
    effect = {"AKA202": "AKA344"}
    checks = [msgspec.structs.replace(item, refines=[], code=effect.get(item.code, item.code)) for item in made.checks]
    text = one_line(plain(msgspec.structs.replace(made, checks=checks)))
    assert (
        "This follows from AKA301 private-dns-zone-not-linked and AKA111 service-principal-secret-expired; mend those "
        "first."
    ) in text
    assert "az network vnet peering sync" in text, "a warning is no effect"


def test_causes_come_in_order_before_all_else() -> None:
    text = plain(blocked())
    places = [
        text.index(part) for part in ("1. ✘ AKA301", "2. ✘ AKA111", "Also found", "The pull path", "What was looked")
    ]
    assert places == sorted(places)


def test_an_only_cause_has_no_number() -> None:
    assert "\n✘ AKA101 pull-role-missing · fault\n" in plain(role_missing())
    assert "What is wrong" not in plain(role_missing())


def test_what_to_type_stands_before_what_was_seen() -> None:
    text = plain(role_missing())
    assert text.index("az role assignment create") < text.index("  seen ") < text.index("  more ")


def test_the_only_cause_does_not_repeat_the_headline() -> None:
    made = role_missing()
    opening, rest = made.checks[0].message.split(". ", 1)
    said = msgspec.structs.replace(made.verdict, summary=f"{opening}.")
    text = one_line(plain(msgspec.structs.replace(made, verdict=said)))
    assert text.count(opening) == 2, "the headline, and once more at the end"
    assert f"pull-role-missing · fault {rest}" in text
    assert one_line(plain(made)).count(opening) == 2, "this headline says it in other words"


def test_the_end_says_verdict_cause_and_command_once_more() -> None:
    end = plain(blocked(), 400).rpartition("─")[2]
    first, second = (item for item in blocked().checks if item.code in ("AKA301", "AKA111"))
    first, second = (second, first) if first.code == "AKA111" else (first, second)
    assert end.startswith("\n✘ BLOCKED: AKA301 private-dns-zone-not-linked. Azure DNS answers for vnet-shop")
    assert f"\n  {first.fixes[0].commands[0]}\n" in end
    assert f"Then {second.code} {second.name}, above." in end
    assert "az network vnet peering sync" not in end


def test_the_end_of_an_open_run_names_the_permissions_that_decide_it() -> None:
    end = one_line(plain(undetermined()).rpartition("─")[2])
    assert (
        "What would decide it: Microsoft.Network/privateDnsZones/read and "
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read. 3 unknown, "
    ) in end
    assert "What would decide it" not in plain(clear())


def test_an_error_that_nothing_explains_is_no_comfort() -> None:
    error = {"text": "i/o timeout", "symptom": "timeout-public-ip", "stage": "connect"}
    made = msgspec.structs.replace(clear(), observed=[error])
    text = plain(made)
    assert text.startswith("? NOT EXPLAINED: ")
    assert "✔ " not in text.rpartition("─")[2]
    assert "nothing that Azure shows explains it" in one_line(text)
    assert made.verdict.summary in one_line(text.rpartition("─")[2]), "the summary says where to look"
    assert plain(clear()).startswith("✔ CLEAR: ")
    says_nothing = msgspec.structs.replace(clear(), observed=[{**error, "symptom": "backoff-only"}])
    assert plain(says_nothing).startswith("✔ CLEAR: ")


def test_a_snapshot_was_not_asked() -> None:
    stats = msgspec.structs.replace(clear().stats, requests=0)
    text = plain(msgspec.structs.replace(clear(), stats=stats))
    assert "read from a snapshot" in text
    assert "request" not in text


@pytest.mark.parametrize("link", ["https://learn.microsoft.com/a", "https://learn.microsoft.com/" + "a-long-page/" * 9])
def test_links_stand_beside_their_label(link: str) -> None:
    found = check("AKA111", "fail", "x", docs=(link, link))
    text = plain(report(target(pool("a")), "blocked", "x", [found], [], root_causes=("AKA111",)))
    assert f"\n  more     {link}\n           {link}\n" in text


def test_pools_that_are_alike_are_told_together() -> None:
    text = plain(blocked())
    assert "  node pool system ·" in text
    assert "  node pools gpu and user ·" in text


def test_pools_that_differ_only_in_names_made_from_their_own_are_told_together() -> None:
    names = [f"pool{number}" for number in range(40)]
    same: tuple[StatusWord, str, tuple[str, ...]] = ("pass", "10.1.0.5", ())
    paths = [
        path(name, same, same, same, ("pass", f"on aks-{name}-22209138-vmss, pool10", ()), same, same) for name in names
    ]
    text = plain(report(target(*map(pool, names)), "clear", "x", [check("AKA201", "pass", "x")], paths), 100)
    told = text.split("The pull path")[1].split("What was looked at")[0]
    assert told.count("resolve") == 2, "pool10 says something else: its own name twice"
    assert "aks-<pool>-22209138-vmss, pool10" in told
    assert "node pools pool0, pool1," in told
    assert "and 27 more" in told


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
    assert "? AKA301  whether the nodes' VNet is linked to the registry's private DNS zone" in unseen
    assert f"asked  {ZONE.split('/resourceGroups')[0]}/providers/Microsoft.Network/privateDnsZones" in unseen
    assert unseen.count("needs") == 2


def test_unknowns_of_one_cause_say_it_once() -> None:
    said = "Cluster aks-shop shows no kubelet identity."
    gone = gap("/subscriptions/1", "Microsoft.ContainerService/managedClusters/read", "not there yet")
    checks = [check(code, "unknown", said, unseen=(gone,)) for code in CORE]
    text = plain(report(target(pool("a")), "undetermined", "no fault found.", checks, []))
    assert text.count(said) == 1
    assert text.count("not there yet") == 1
    assert "for    AKA101, AKA111, AKA121, AKA201, AKA202, AKA301, AKA322\n" in text


def test_a_reason_that_says_it_all_is_not_said_again() -> None:
    said = "DNS server 172.20.1.10 answers for vnet-shop, and Azure does not show what."
    hidden = check("AKA301", "unknown", said, unseen=(gap("/subscriptions/1", "", said),))
    made = report(target(pool("a")), "undetermined", "no fault found.", [hidden], [])
    assert one_line(plain(made)).count(said) == 1
    assert render_markdown(made).count(said) == 1


def test_what_would_settle_an_open_question_is_told_once_and_a_request_line_by_line() -> None:
    request = fix("Ask who runs 10.0.0.4 to allow this\nsource       10.1.0.0/16\ndestination  a.io", manual=True)
    look = fix("See what it holds", "az network nsg show -n x")
    open_ones = [check(code, "unknown", "Not seen.", fixes=(request, look)) for code in ("AKA202", "AKA301")]
    text = plain(report(target(pool("a")), "undetermined", "no fault found.", open_ones, []))
    section = text.split("What would settle it")[1]
    assert (
        "  by hand  Ask who runs 10.0.0.4 to allow this\n\n  source       10.1.0.0/16\n  destination  a.io" in section
    )
    assert "\n  az network nsg show -n x\n" in section
    assert section.count("10.1.0.0/16") == 1
    assert section.count("for      AKA202, AKA301") == 2


def test_no_question_without_a_remedy_promises_to_settle() -> None:
    assert "What would settle it" not in plain(undetermined())


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


def _luminance(number: int) -> float:
    """Of a colour of the fixed 6x6x6 cube, as WCAG 2.1 defines it."""
    levels = (0, 95, 135, 175, 215, 255)
    index = number - 16
    parts = [levels[step] / 255 for step in (index // 36, index // 6 % 6, index % 6)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("style", [style for style in Style if "38;5" in style.value])
def test_colours_are_read_on_black_and_on_white(style: Style) -> None:
    shade = _luminance(int(style.value.rpartition(";")[2]))
    assert 1.05 / (shade + 0.05) >= 3.5, "on white"
    assert (shade + 0.05) / 0.05 >= 3.5, "on black"


def test_no_colour_says_more_than_its_mark() -> None:
    marks = [mark for mark, _ in STATUS_FACES.values()]
    assert len(set(marks)) == len(marks)


def test_codes_in_a_row_are_said_as_a_range() -> None:
    def said(*codes: str) -> str:
        return wording.codes([check("AKA101", "pass", "x", number=code) for code in codes])

    assert said("AKA311", "AKA321", "AKA322", "AKA323", "AKA324", "AKA331", "AKA332") == (
        "AKA311, AKA321–AKA324, AKA331, AKA332"
    )
    assert said("AKA101") == "AKA101"
    assert said() == ""


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
