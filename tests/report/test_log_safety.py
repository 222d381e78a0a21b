from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.log_safety import neutralise, printable

# Pieces that meet often enough to build what an agent would execute, and what only looks like it.
PIECES = st.sampled_from(
    [
        "#",
        "##",
        "###",
        "vso",
        "VSO",
        "vSo[",
        "[",
        "[error]",
        "_",
        " ",
        "\t",
        "\n",
        "\u00ad",
        "\u200b",
        "\x1b",
        "a",
        "]",
    ],
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)
IGNORABLE = {"Cc", "Cf"}


def as_a_culture_aware_search_sees(text: str) -> str:
    """The text without the characters that such a search does not look at."""
    kept = [letter for letter in text if letter in "\t\n\v\f\r" or unicodedata.category(letter) not in IGNORABLE]
    return "".join(kept).lower()


@given(TEXTS)
def test_no_command_is_left(text: str) -> None:
    seen = as_a_culture_aware_search_sees(neutralise(text))
    assert "##vso[" not in seen
    assert "##[" not in seen


@given(TEXTS)
def test_a_second_call_changes_nothing(text: str) -> None:
    assert neutralise(neutralise(text)) == neutralise(text)


@given(st.text())
def test_other_text_is_left_alone(text: str) -> None:
    seen = as_a_culture_aware_search_sees(text)
    if "##vso[" not in seen and "##[" not in seen:
        assert neutralise(text) == text


@given(TEXTS)
def test_nothing_but_underscores_is_added(text: str) -> None:
    assert neutralise(text).replace("_", "") == text.replace("_", "")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("##vso[task.complete result=Failed]", "##_vso[task.complete result=Failed]"),
        ("a tag: ##VsO[x.y]", "a tag: ##_VsO[x.y]"),
        ("##[error]no", "##_[error]no"),
        ("###[group]", "###_[group]"),
        ("##\u00advso[x.y]", "##_\u00advso[x.y]"),
        ("## [AKA101] pull-role-missing", "## [AKA101] pull-role-missing"),
        ("##vso is a word", "##vso is a word"),
        ("##_vso[x.y]", "##_vso[x.y]"),
        ("", ""),
    ],
)
def test_examples(text: str, safe: str) -> None:
    assert neutralise(text) == safe


@given(st.text(alphabet=st.characters()))
def test_printable_text_is_one_line_without_control(text: str) -> None:
    shown = printable(text)
    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    shown.encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_printable_leaves_what_is_visible(text: str) -> None:
    assert printable(text) == text


def test_what_printable_shows() -> None:
    assert printable("a\tb\r\n\x1b[2J\x9b\u202e\u2028\U000e0041") == (
        "a\\tb\\r\\n\\x1b[2J\\x9b\\u202e\\u2028\\U000e0041"
    )
    assert re.fullmatch(r"größe_資源", printable("größe_資源"))
