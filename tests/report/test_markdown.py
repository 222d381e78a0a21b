from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aksacr.report.markdown import render_markdown
from aksacr.report.markdown_safe import code, fence, inline, link, prose
from aksacr.report.wording import HOPS

from .builders import CORE, REGISTRY, TITLES, VNET, check, fix, gap, path, pool, report, seen, target
from .hostile import HOSTILE, saying
from .samples import SAMPLES, blocked, clear, role_missing, undetermined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from aksacr.report.model import Report, StatusWord

ALL = pytest.mark.parametrize("made", [sample() for sample in SAMPLES.values()], ids=list(SAMPLES))
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_SHOWN = {"text", "text_special", "code_inline"}  # links and wildcards are shown as code: raw, they read as they are
PLAIN = {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak"}


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def words(found: Sequence[Token]) -> str:
    """What a reader sees of inline text."""
    return "".join(token.content for token in found)


def outside_fences(text: str) -> str:
    return re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)


@ALL
def test_only_the_markup_that_every_surface_shows(made: Report) -> None:
    kinds = {token.type for token in tokens(render_markdown(made))}
    blocks = {"heading", "paragraph", "bullet_list", "list_item"}
    expected = {f"{name}_{end}" for name in blocks for end in ("open", "close")}
    assert kinds <= expected | PLAIN | {"inline", "fence", "html_block", "link_open", "link_close"}


@ALL
def test_html_is_only_the_fold_around_raw_evidence(made: Report) -> None:
    html = [token.content for token in tokens(render_markdown(made)) if token.type.startswith("html")]
    form = re.compile(r"<details>\n<summary>Raw evidence of AKA\d{3}</summary>\n|</details>\n?")
    assert [block for block in html if not form.fullmatch(block)] == []
    assert len([block for block in html if block.startswith("<d")]) * 2 == len(html)


@ALL
def test_links_lead_only_to_documents(made: Report) -> None:
    found = [token.attrs["href"] for token in tokens(render_markdown(made)) if token.type == "link_open"]
    assert set(found) <= {address for item in made.checks for address in item.docs}


@ALL
def test_headings_stand_alone_and_go_four_deep(made: Report) -> None:
    lines = outside_fences(render_markdown(made)).splitlines()
    headings = [number for number, line in enumerate(lines) if re.match(r"#+ ", line)]
    assert headings[0] == 0
    for number in headings:
        assert re.match(r"#{1,4} \S", lines[number])
        assert lines[number + 1] == ""
        assert number == 0 or lines[number - 1] == ""


@ALL
def test_nothing_links_to_work_items_or_people_or_acts_on_an_agent(made: Report) -> None:
    text = render_markdown(made)
    assert not re.search(r"[#!]\d", outside_fences(text))
    assert not re.search(r"(?<![\w.])@\w", outside_fences(text))
    assert "##vso[" not in text.lower()
    assert "##[" not in text


@ALL
def test_the_description_comes_first_and_is_plain_and_short(made: Report) -> None:
    text = render_markdown(made)
    description = text.split("\n\n## ")[0].split("\n\n", 1)[1]
    assert description.startswith(inline(made.verdict.summary)[:40])
    assert "\nWhere: cluster " in description
    assert "\nLooked at on 2026-11-22T10:00:00Z by aksacr 0.1.0" in description
    kinds = {token.type for token in tokens(description)}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "code_inline", "softbreak"}


def test_the_description_of_a_large_cluster_is_short() -> None:
    pools = [pool(f"a-rather-long-name-{number}") for number in range(60)]
    checks = [check(code, "pass", "x") for code in TITLES] * 8 + [
        check("AKA201", "fail", "x"),
        *[check(code, "unknown", "x") for code in CORE] * 4,
        *[check(code, "crash", "x") for code in CORE] * 4,
    ]
    made = report(target(*pools, cluster="c" * 63), "blocked", "long " * 200, checks, [], root_causes=("AKA201",))
    description = render_markdown(made).split("\n\n## ")[0].split("\n\n", 1)[1]
    assert len(description) <= 2000
    for part in (
        "What fails: pulls from",
        "In order, so not the cause: ",
        "Not seen, so not judged:",
        "Broke off",
        " more",
    ):
        assert part in description


def test_the_description_says_what_fails_where_what_was_ruled_out_and_not_seen() -> None:
    description = render_markdown(blocked()).split("\n\n## ")[0]
    assert (
        "What fails: pulls of shop/web:2.4.1 from acrshop.azurecr.io on node pools system, gpu and user." in description
    )
    assert "Reported error: forbidden-403 (admit), explained by AKA301." in description
    assert "Cause: AKA301 private-dns-zone-not-linked and AKA111 service-principal-secret-expired." in description
    assert (
        "In order, so not the cause: the registry accepts the tokens that the nodes' credential provider asks for."
        in description
    )
    assert "pull-role-missing" not in description
    assert (
        "Not seen, so not judged: AKA101 whether the pulling identity holds a role that grants pull on the registry."
        in description
    )


def test_since_when_is_told_by_dates_that_were_seen() -> None:
    made = blocked()
    assert "Since when: about 2026-11-03, when the last of the credentials ended (AKA111)." in render_markdown(made)
    assert "Since when: Azure's settings do not tell; the activity log" in render_markdown(role_missing())
    earlier = msgspec.structs.replace(made, generated_at="2026-11-01T10:00:00Z")
    assert "Since when: Azure's settings do not tell" in render_markdown(earlier), "one of them still holds"
    granted = check("AKA101", "fail", "x", evidence=(seen("a", "properties.createdOn", "2026-11-22T09:50:00+01:00"),))
    text = render_markdown(report(target(pool("a")), "blocked", "x", [granted], [], root_causes=("AKA101",)))
    assert "Since when: not told, but a role assignment that bears on it is of 2026-11-22 (AKA101)." in text
    odd = check("AKA101", "fail", "x", evidence=(seen("a", "endDateTime", ["soon", 5, None, "2026-11-20T00:00:00"]),))
    text = render_markdown(report(target(pool("a")), "blocked", "x", [odd], [], root_causes=("AKA101",)))
    assert "Since when: about 2026-11-20" in text


def test_an_error_that_nothing_explains_is_no_comfort() -> None:
    error = {"text": "i/o timeout", "symptom": "timeout-public-ip", "stage": "connect"}
    text = render_markdown(msgspec.structs.replace(clear(), observed=[error]))
    assert text.startswith("# Pulls by aks-shop from acrshop.azurecr.io: not explained\n")
    assert "Reported error: timeout-public-ip (connect), not explained by what was found." in text
    assert "- Result: not explained: an error was seen, and nothing that Azure shows explains it" in text


def test_a_snapshot_was_not_asked() -> None:
    stats = msgspec.structs.replace(clear().stats, requests=0)
    text = render_markdown(msgspec.structs.replace(clear(), stats=stats))
    assert "by aksacr 0.1.0, read from a snapshot." in text
    assert " requests" not in text


def _failed_step(detail: str) -> tuple[StatusWord, str, tuple[str, ...]]:
    return "fail", detail, tuple(TITLES)


def _large(pools: int, letters: int) -> Report:
    """A cluster whose node pools each have findings of their own."""
    names = [f"pool{number}" for number in range(pools)]
    words = "".join(f"Node pool {name}: {'its own words ' * (letters // 14)}. " for name in names)
    evidence = tuple(seen(f"{REGISTRY}/x/{name}", "properties.x", name * 50) for name in names)
    fixes = tuple(fix(f"Mend {name}.", f"az acr show -n {name}") for name in names)
    checks = [check(code, "fail", words, evidence=evidence, fixes=fixes) for code in TITLES]
    paths = [path(name, *[_failed_step(f"step {step} of {name}{name}") for step in range(len(HOPS))]) for name in names]
    of = target(*(pool(name, subnet=f"{VNET}/subnets/{name}") for name in names))
    return report(of, "blocked", words, checks, paths, root_causes=tuple(TITLES))


def test_a_cluster_of_200_pools_fits_into_a_ticket() -> None:
    text = render_markdown(_large(200, 200))
    assert len(text.encode()) < 4_000_000
    assert "Left out" not in text


@pytest.mark.parametrize(("letters", "largest"), [(60, 150_000), (60, 80_000), (2_000, 300_000), (2_000, 60_000)])
def test_a_file_that_grows_too_large_says_what_it_leaves_out(letters: int, largest: int) -> None:
    made = _large(60, letters)
    text = render_markdown(made, largest=largest)
    assert len(text.encode()) <= largest < len(render_markdown(made).encode())
    assert "\n\n## Left out of this file\n\nTo stay below 4 MB: the raw evidence" in text
    assert "<details>" not in text
    assert [code for code in TITLES if f"### {code} " not in text] == [], "every cause is told"
    assert len(text.split("\n\n## ")[0].split("\n\n", 1)[1]) <= 2000
    if largest == 60_000:
        assert "\n\nAnd 55 node pools more.\n" in text
        assert "\n\nAnd 56 fixes more.\n" in text
        assert re.search(r"… \(cut, \d+ characters\)", text)


def _codes(text: str) -> list[str]:
    """The codes of a list as `wording.codes` writes it, with the ranges spelt out."""
    found: list[str] = []
    for word in text.split(", "):
        first, _, last = word.partition("–")
        found += [f"AKA{number}" for number in range(int(first[3:]), int((last or first)[3:]) + 1)]
    return found


@ALL
def test_every_check_is_told_once(made: Report) -> None:
    section = render_markdown(made).split("## Every check")[1].split("\n## ")[0]
    applying = re.findall(r"^- \*\*[\w ]+\*\* (AKA\d{3}): ", section, re.MULTILINE)
    others = re.findall(r"^- (AKA[^:]+): ", section, re.MULTILINE)
    told = [*applying, *(each for codes in others for each in _codes(codes))]
    assert sorted(told) == sorted(item.code for item in made.checks)
    assert applying == [item.code for item in made.checks if item.status != "not-applicable"]


@ALL
def test_every_pool_has_its_steps(made: Report) -> None:
    path = render_markdown(made).split("## The pull path")[1].split("\n## ")[0]
    steps = re.findall(r"^- \*\*[\w ]+\*\* (\w+) \(", path, re.MULTILINE)
    assert steps
    assert steps == [*HOPS] * (len(steps) // len(HOPS))


def test_commands_are_fenced_word_for_word() -> None:
    blocks = [token.content for token in tokens(render_markdown(blocked())) if token.info == "sh"]
    commands = [fix.commands for item in blocked().checks for fix in item.fixes if item.code != "AKA202"]
    assert blocks == ["\n".join(found) + "\n" for found in commands if found]


def test_a_finding_says_what_it_is_and_where() -> None:
    text = render_markdown(blocked())
    assert "\n**Fault on node pools gpu and user**: Azure DNS answers for vnet-shop" in text
    assert "\n**Warning**: The peering from vnet-hub" in text
    for item in blocked().checks:
        assert item.status == "pass" or item.title not in text


def test_an_effect_points_at_its_cause_and_offers_no_fix() -> None:
    text = render_markdown(blocked())
    assert "This follows from AKA301 private-dns-zone-not-linked; mend that first." in text
    assert "az acr update" not in text


def test_what_was_not_seen_names_the_permission() -> None:
    text = render_markdown(undetermined())
    assert text.index("## What could not be seen") < text.index("## The pull path")
    assert "\n  - needs `Microsoft.Network/privateDnsZones/read`\n  - for AKA202, AKA301\n  - asked `/subscr" in text
    assert "\n- AKA301: whether the nodes' VNet is linked to the registry's private DNS zone\n" in text


def test_an_unknown_without_a_permission_says_what_to_ask_for() -> None:
    lost = check("AKA201", "unknown", "Ask the owner of 10.0.0.4 for its public address.")
    both = check("AKA301", "unknown", "x", unseen=(gap("/subscriptions/1", "a/read"),))
    text = render_markdown(report(target(pool("a")), "undetermined", "no fault found.", [lost, both], []))
    assert (
        "\n- AKA201: whether the registry's rules admit every address the nodes leave from\n  - Ask the owner" in text
    )


def test_a_request_to_pass_on_can_be_copied() -> None:
    request = fix("Ask who runs 10.0.0.4 to allow this\nsource       10.1.0.0/16\nport         443", manual=True)
    hidden = check("AKA301", "unknown", "Not seen.", fixes=(request,))
    text = render_markdown(report(target(pool("a")), "undetermined", "no fault found.", [hidden], []))
    assert (
        "\n### What would settle it\n\n#### By hand\n\nAsk who runs 10.0.0.4 to allow this\n\n"
        "```text\nsource       10.1.0.0/16\nport         443\n```\n\nFor AKA301.\n" in text
    )


def test_clear_says_how_far_it_goes() -> None:
    assert render_markdown(clear()).startswith(
        "# Pulls by aks-shop from acrshop.azurecr.io: no blocking cause found in what was checked\n",
    )


def one_spaced(text: str) -> str:
    return " ".join(text.split())


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=60))
def test_prose_is_read_as_it_was_written(text: str) -> None:
    """But for the space that breaks a mention or a number, and the mark that breaks a command."""
    found = list(tokens(inline(text)))
    assert {token.type for token in found} <= {"paragraph_open", "paragraph_close", "inline", *_SHOWN}
    shown = words([token for token in found if token.type in _SHOWN])
    assert re.sub(r"[ _]", "", shown) == re.sub(r"[ _]", "", one_spaced(text))


@given(st.text(max_size=40) | st.text(alphabet="` a\\|", max_size=20))
def test_code_stays_code(text: str) -> None:
    found = [token for token in tokens(f"a {code(text)} b") if token.type != "inline"]
    kinds = [token.type for token in found if not token.type.startswith("paragraph")]
    assert kinds == (["text", "code_inline", "text"] if one_spaced(text) else ["text"])


@given(st.text(max_size=40) | st.text(alphabet="`a b_*\\|<", max_size=24))
def test_backticks_in_prose_make_code_and_nothing_else(text: str) -> None:
    found = list(tokens(f"x {prose(text)} x"))
    kinds = {token.type for token in found} - {"paragraph_open", "paragraph_close", "inline"}
    assert kinds <= {"text", "text_special", "code_inline"}


def test_a_command_in_prose_is_read_as_code() -> None:
    text = prose("Run `az aks update -g <rg>`, then `az x_y`; mind <this>.")
    assert text == "Run `az aks update -g <rg>`, then `az x_y`; mind \\<this>."
    assert prose("1. odd ` tick") == "1\\. odd \\` tick"


@given(st.lists(st.text(max_size=20) | st.text(alphabet="`~ ", max_size=8), min_size=1, max_size=4))
def test_a_fence_holds(lines: list[str]) -> None:
    found = PARSER.parse("\n".join([*fence(lines, "sh"), "", "after"]))
    assert [token.type for token in found] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert found[0].content.count("\n") == len(lines)


@given(st.text(max_size=30))
def test_no_text_breaks_out_of_a_report(text: str) -> None:
    made = saying(f"{text}{HOSTILE}{text}")
    test_only_the_markup_that_every_surface_shows(made)
    test_html_is_only_the_fold_around_raw_evidence(made)
    test_links_lead_only_to_documents(made)
    test_nothing_links_to_work_items_or_people_or_acts_on_an_agent(made)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("MC_rg-shop_aks_westeurope", "MC_rg-shop_aks_westeurope"),
        ("20.86.11.4/32 and 10.0.0.0/8", "20.86.11.4/32 and 10.0.0.0/8"),
        ("acrshop.azurecr.io → 10.1.0.5 (zone privatelink.azurecr.io)",) * 2,
        ("repo@sha256:3f", "repo@sha256:3f"),
        ("a|b", "a\\|b"),
        ("_x_", "\\_x\\_"),
        ("# x", "\\# x"),
        ("12. x", "12\\. x"),
        ("- x", "\\- x"),
        ("fixes #12 for @anna", "fixes # 12 for @ anna"),
        ("https://evil.example", "`https://evil.example`"),
        ("admit *.blob.core.windows.net", "admit `*.blob.core.windows.net`"),
        ("@Request[a] of @anna", "@Request\\[a] of @ anna"),
        ("two\n\nlines", "two lines"),
        ("", ""),
    ],
)
def test_prose_reads_well_raw(text: str, safe: str) -> None:
    assert inline(text) == safe


def test_links_are_plain_addresses_or_text() -> None:
    assert link("https://learn.microsoft.com/azure/aks/?x=1") == "<https://learn.microsoft.com/azure/aks/?x=1>"
    assert "<" not in link("javascript:alert(1)")
    assert link("https://a.example/> x").startswith("`https://a.example/`")
