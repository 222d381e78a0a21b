"""Conditions of role assignments: the grammar, the operators, three values, and nothing else raised."""

from __future__ import annotations

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aksacr.semantics.conditions import Access, ConditionError, admits, parse

from .timing import within

CONTENT = "Microsoft.ContainerRegistry/registries/repositories/content/read"
NAME = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"
CART = Access(CONTENT, "shop/cart")
NOWHERE = Access(CONTENT, None)

# One term of each truth.
TRUE = f"{NAME} StringEquals 'shop/cart'"
FALSE = f"{NAME} StringEquals 'shop/other'"
UNKNOWN = "@Principal[a/b:c] StringEquals 'x'"
TRUTHS: dict[str, bool | None] = {TRUE: True, FALSE: False, UNKNOWN: None}


def admitted(condition: str, repository: str | None = "shop/cart") -> bool | None:
    return admits(condition, Access(CONTENT, repository))


# --- operators ---


@pytest.mark.parametrize(
    ("operator", "value", "truth"),
    [
        ("StringEquals", "shop/cart", True),
        ("StringEquals", "shop/car", False),
        ("StringEquals", "Shop/Cart", False),
        ("StringEquals", "", False),
        ("StringEqualsIgnoreCase", "Shop/CART", True),
        ("StringEqualsIgnoreCase", "shop/carts", False),
        ("StringNotEquals", "shop/cart", False),
        ("StringNotEquals", "Shop/Cart", True),
        ("StringNotEqualsIgnoreCase", "SHOP/cart", False),
        ("StringNotEqualsIgnoreCase", "shop", True),
        ("StringStartsWith", "shop/", True),
        ("StringStartsWith", "Shop/", False),
        ("StringStartsWith", "cart", False),
        ("StringStartsWithIgnoreCase", "SHOP/", True),
        ("StringNotStartsWith", "shop/", False),
        ("StringNotStartsWith", "Shop/", True),
        ("StringNotStartsWithIgnoreCase", "Shop/", False),
        ("StringLike", "shop/*", True),
        ("StringLike", "*", True),
        ("StringLike", "*/c?rt", True),
        ("StringLike", "shop/cart?", False),
        ("StringLike", "shop", False),
        ("StringLike", "SHOP/*", False),
        ("StringLike", "s*c*t", True),
        ("StringLike", "s*x*t", False),
        ("StringLikeIgnoreCase", "SHOP/*", True),
        ("StringNotLike", "shop/*", False),
        ("StringNotLike", "other/*", True),
        ("StringNotLikeIgnoreCase", "SHOP/*", False),
        ("stringequals", "shop/cart", True),  # words are read without regard to case
        ("STRINGSTARTSWITH", "shop", True),
    ],
)
def test_operators_on_strings(operator: str, value: str, truth: bool) -> None:
    assert admitted(f"{NAME} {operator} '{value}'") is truth


@pytest.mark.parametrize("operator", ["NumericEquals", "DateTimeLessThan", "BoolEquals", "StringEndsWith", "IpMatch"])
def test_an_operator_that_is_not_known_is_undecided(operator: str) -> None:
    """Azure may have it and it may admit: it is neither true nor false, and its negation neither."""
    assert admitted(f"{NAME} {operator} 'shop/cart'") is None
    assert admitted(f"!({NAME} {operator} 'shop/cart')") is None


@pytest.mark.parametrize(
    ("quantifier", "values", "truth"),
    [
        ("ForAnyOfAnyValues", "{'shop/cart', 'x'}", True),
        ("ForAnyOfAnyValues", "{'x', 'y'}", False),
        ("ForAllOfAnyValues", "{'shop/cart', 'x'}", True),
        ("ForAllOfAnyValues", "{'x'}", False),
        ("ForAnyOfAllValues", "{'shop/cart', 'x'}", False),
        ("ForAnyOfAllValues", "{'shop/cart'}", True),
        ("ForAllOfAllValues", "{'shop/cart', 'shop/cart'}", True),
        ("ForAllOfAllValues", "{'shop/cart', 'x'}", False),
        ("forANYofANYvalues", "{'x', 'shop/cart'}", True),
        ("ForSomeOfManyValues", "{'shop/cart'}", None),
    ],
)
def test_quantifiers(quantifier: str, values: str, truth: bool | None) -> None:
    assert admitted(f"{NAME} {quantifier}:StringEquals {values}") is truth


def test_quantifiers_go_over_the_left_side_first() -> None:
    """Azure's first word is about the left side, its second about the right one."""
    both = "{'a', 'b'}"
    found = {
        quantifier: admitted(f"{both} {quantifier}:StringEquals {{'a', 'x'}}")
        for quantifier in ("ForAnyOfAnyValues", "ForAllOfAnyValues", "ForAnyOfAllValues", "ForAllOfAllValues")
    }
    assert found == {
        "ForAnyOfAnyValues": True,
        "ForAllOfAnyValues": False,
        "ForAnyOfAllValues": False,
        "ForAllOfAllValues": False,
    }
    assert admitted(f"{both} ForAllOfAnyValues:StringLike {{'a*', 'b*'}}") is True
    assert admitted("{'aa', 'b'} ForAnyOfAllValues:StringLike {'a*', '*a'}") is True


@pytest.mark.parametrize(
    ("quantifier", "values", "truth"),
    [
        ("ForAnyOfAnyValues", "{'shop/cart', 'x'}", True),
        ("ForAllOfAllValues", "{'shop/cart', 'x'}", False),
        ("ForAllOfAllValues", "{'x', 'y'}", True),
    ],
)
def test_quantifiers_of_negative_operators_go_over_each_comparison(quantifier: str, values: str, truth: bool) -> None:
    assert admitted(f"{NAME} {quantifier}:StringNotEquals {values}") is truth


# --- attributes ---


@pytest.mark.parametrize(
    ("attribute", "truth"),
    [
        (NAME, True),
        (NAME.replace("@Request", "@Resource"), True),
        (NAME.replace("@Request", "@REQUEST"), True),
        (NAME.upper(), True),
        (NAME.replace("[", " [ ").replace("]", " ]"), True),
        (NAME.replace("@Request", "@Environment"), None),
        (NAME.replace("@Request", "@Principal"), None),
        (NAME.replace(":name", ":tag"), None),
        ("@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]", None),
        ("@Request[]", None),
        ("@Resource[Microsoft.Storage/x:tags<$key_case_sensitive$>]", None),
        (f"{NAME}<$key_case_sensitive$>", True),
    ],
)
def test_attributes(attribute: str, truth: bool | None) -> None:
    assert admitted(f"{attribute} StringEquals 'shop/cart'") is truth
    assert admitted(f"'shop/cart' StringEquals {attribute}") is truth, "an attribute may stand on either side"


def test_without_a_repository_its_name_is_not_known() -> None:
    assert admits(TRUE, NOWHERE) is None
    assert admits(f"!({TRUE})", NOWHERE) is None
    assert admits(f"{NAME} StringLike '*'", NOWHERE) is None


@pytest.mark.parametrize(("repository", "truth"), [("shop/cart", True), (None, None)])
def test_exists(repository: str | None, truth: bool | None) -> None:
    assert admitted(f"Exists {NAME}", repository) is truth
    assert admitted(f"exists {NAME}", repository) is truth
    assert admitted("Exists @Principal[a/b:c]", repository) is None


# --- actions ---


@pytest.mark.parametrize(
    ("term", "truth"),
    [
        (f"ActionMatches{{'{CONTENT}'}}", True),
        (f"actionmatches {{ '{CONTENT.upper()}' }}", True),
        ("ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/*/read'}", True),
        ("ActionMatches{'*'}", True),
        ("ActionMatches{'*/write'}", False),
        ("ActionMatches{''}", False),
        (f"SubOperationMatches{{'{CONTENT}'}}", False),  # a pull has none
        ("!(ActionMatches{'*/write'})", True),
        ("NOT ActionMatches{'*/read'}", False),
    ],
)
def test_actions(term: str, truth: bool) -> None:
    assert admitted(term, None) is truth


# --- and, or, not: in three values ---


def conjunction(left: bool | None, right: bool | None) -> bool | None:
    return False if False in (left, right) else None if None in (left, right) else True


def disjunction(left: bool | None, right: bool | None) -> bool | None:
    return True if True in (left, right) else None if None in (left, right) else False


@pytest.mark.parametrize("word", ["&&", "AND", "and", "And"])
@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, repeat=2)))
def test_and(word: str, left: str, right: str) -> None:
    assert admitted(f"{left} {word} {right}") is conjunction(TRUTHS[left], TRUTHS[right])


@pytest.mark.parametrize("word", ["||", "OR", "or", "Or"])
@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, repeat=2)))
def test_or(word: str, left: str, right: str) -> None:
    assert admitted(f"{left} {word} {right}") is disjunction(TRUTHS[left], TRUTHS[right])


@pytest.mark.parametrize("word", ["!", "NOT ", "not "])
def test_not(word: str) -> None:
    for term, truth in TRUTHS.items():
        denied = None if truth is None else not truth
        assert admitted(f"{word}({term})") is denied
        assert admitted(f"{word}{term}") is denied, "a negation holds for the one term after it"
        assert admitted(f"{word}{word}({term})") is truth


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (f"{FALSE} && {FALSE} || {TRUE}", True),
        (f"{TRUE} || {FALSE} && {FALSE}", True),
        (f"({TRUE} || {FALSE}) && {FALSE}", False),
        (f"!{FALSE} && {FALSE}", False),
        (f"!({FALSE} && {FALSE})", True),
        (f"(({TRUE}))", True),
        (f"{TRUE} && {TRUE} && {UNKNOWN} && {FALSE}", False),
        (f"{FALSE} || {UNKNOWN} || {TRUE}", True),
        (f"\n\t{TRUE}\r\n  AND\n({FALSE}  OR  {TRUE})\n", True),
        (f"{TRUE}&&({FALSE}||{TRUE})", True),
    ],
)
def test_and_binds_closer_than_or(condition: str, truth: bool) -> None:
    assert admitted(condition) is truth


formulas: st.SearchStrategy[tuple[str, bool | None]] = st.recursive(
    st.sampled_from(list(TRUTHS.items())),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} && {two[1][0]})", conjunction(two[0][1], two[1][1]))),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} OR {two[1][0]})", disjunction(two[0][1], two[1][1]))),
        inner.map(lambda one: (f"!({one[0]})", None if one[1] is None else not one[1])),
    ),
    max_leaves=12,
)


@given(formulas)
def test_any_formula_has_the_truth_of_its_parts(formula: tuple[str, bool | None]) -> None:
    assert admitted(formula[0]) is formula[1]


@given(formulas)
def test_what_is_known_of_a_repository_is_never_contradicted_without_it(formula: tuple[str, bool | None]) -> None:
    """Without the repository's name the truth is the same, or open."""
    without = admits(formula[0], NOWHERE)
    assert without in (None, formula[1])


# --- values ---


@pytest.mark.parametrize(
    ("written", "repository"),
    [
        (r"'it\'s'", "it's"),
        (r"'a\\b'", "a\\b"),
        (r"'\a'", "a"),
        ("'a\"b'", 'a"b'),
        ("'a)b && {c}'", "a)b && {c}"),
        ("'@Request[x]'", "@Request[x]"),
        ("''", ""),
        ("'ä/ö'", "ä/ö"),
        ("'a\nb'", "a\nb"),
        ("7", "7"),
        ("-1.5", "-1.5"),
        ("true", "true"),
    ],
)
def test_values_and_escapes(written: str, repository: str) -> None:
    condition = f"{NAME} StringEquals {written}"
    assert admitted(condition, repository) is True
    assert admitted(condition, f"{repository}x") is False


@pytest.mark.parametrize(
    ("values", "truth"),
    [
        ("{'shop/cart'}", True),
        ("{ 'x' , 'shop/cart' }", True),
        ("{'x','shop/cart',}", True),
        ("{7, 'shop/cart'}", True),
        ("{}", False),
        ("'shop/cart'", True),
    ],
)
def test_sets(values: str, truth: bool) -> None:
    assert admitted(f"{NAME} ForAnyOfAnyValues:StringEquals {values}") is truth


# --- what does not parse ---


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "   ",
        "@Resource[...]",
        f"{NAME} StringEquals",
        f"{NAME} 'x' StringEquals",
        f"StringEquals {NAME} 'x'",
        f"{NAME} StringEquals 'x",
        f"{NAME} StringEquals x",
        f"{NAME} == 'x'",
        f"({TRUE}",
        f"{TRUE})",
        f"{TRUE} {TRUE}",
        f"{TRUE} &&",
        f"|| {TRUE}",
        f"{TRUE} & {TRUE}",
        f"{TRUE} XOR {TRUE}",
        "()",
        "!",
        "NOT",
        "ActionMatches",
        "ActionMatches{}",
        "ActionMatches{x}",
        f"ActionMatches{{'{CONTENT}'",
        "Exists",
        "@Request[never closed StringEquals 'x'",
        f"{NAME} ForAnyOfAnyValues: StringEquals {{'x'}}",
        f"{NAME} StringEquals {{'x' 'y'}}",
        f"{NAME} StringEquals {{'x', {{'y'}}}}",
        f"{NAME} StringEquals {{'x'",
        "true",
        "what is this?",
        "\x00",
    ],
)
def test_what_does_not_parse_is_no_condition(condition: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(condition)
    assert str(caught.value), "it says where"
    assert len(str(caught.value)) < 300


def test_an_error_says_where() -> None:
    with pytest.raises(ConditionError, match=f'"AND" at character {len(TRUE) + 5} '):
        parse(f"{TRUE} OR AND {TRUE}")
    with pytest.raises(ConditionError, match="character 2 is not understood"):
        parse("! ?")
    with pytest.raises(ConditionError, match="ends too early"):
        parse(f"{TRUE} OR")


def test_what_comes_after_the_error_is_not_judged() -> None:
    """A condition of which a part is understood is not understood: `True or rubbish` admits nobody."""
    with pytest.raises(ConditionError):
        admits(f"{TRUE} || rubbish", CART)


# --- any text at all ---

MARKS = ["(", ")", "{", "}", "!", "&&", "||", "'", "\\", ",", "@", "[", "]", ":", "<$", "$>", " ", "\n", "-", "1.5"]
WORDS = ["AND", "or", "Not", "Exists", "ActionMatches", "StringEquals", "ForAnyOfAnyValues:StringLike", NAME, "'x'"]
texts = st.lists(st.one_of(st.sampled_from(MARKS + WORDS), st.text(max_size=5))).map("".join)


@given(st.one_of(texts, st.text()), st.sampled_from([None, "shop/cart", ""]))
@example("(" * 70 + TRUE + ")" * 70, None)
@example("!" * 500 + TRUE, None)
@example(f"{TRUE} ||" * 100, None)
def test_nothing_but_a_condition_error_is_raised(condition: str, repository: str | None) -> None:
    with suppress(ConditionError):
        assert admits(condition, Access(CONTENT, repository)) in (True, False, None)


@pytest.mark.parametrize("depth", [1, 10, 60])
def test_nesting_has_room(depth: int) -> None:
    assert admitted("(" * depth + TRUE + ")" * depth) is True
    assert admitted("!" * depth + TRUE) is (depth % 2 == 0)


EIGHT_KB = 8 * 1024
LONG = {
    "open parentheses": "(" * EIGHT_KB,
    "closed parentheses": ")" * EIGHT_KB,
    "unbalanced parentheses": "(" * (EIGHT_KB // 2) + TRUE + ")" * (EIGHT_KB // 2 - 1),
    "negations": "!" * EIGHT_KB,
    "open brace": "{" * EIGHT_KB,
    "open string": "'" + "x" * EIGHT_KB,
    "escapes": "'" + "\\" * (EIGHT_KB - 1),
    "open attribute": "@Request[" + "x" * EIGHT_KB,
    "open attributes": "@a[" * (EIGHT_KB // 3),
    "keys": "@a[b]<$" * (EIGHT_KB // 7),
    "letters": "a" * EIGHT_KB,
    "digits": "1" * EIGHT_KB,
    "spaces": " " * EIGHT_KB + "?",
    "spaces of an attribute": "@a" + " " * EIGHT_KB,
    "words with colons": "a:" * (EIGHT_KB // 2),
    "values": "{" + "'x'," * (EIGHT_KB // 4),
}


@pytest.mark.parametrize("name", LONG)
def test_reading_takes_time_that_is_linear_in_the_text(name: str) -> None:
    with within(0.25), pytest.raises(ConditionError):
        parse(LONG[name])


def test_a_long_condition_is_read_and_judged_at_once() -> None:
    many = " || ".join([f"{NAME} StringLike '{'*a' * 10}'"] * 90 + [TRUE])
    assert EIGHT_KB < len(many) < 16 * 1024
    with within(0.5):
        assert admitted(many) is True
        assert admits(many, Access(CONTENT, "a" * 255)) is True


def test_a_condition_of_megabytes_is_refused_unread() -> None:
    with within(0.1), pytest.raises(ConditionError, match="longer than"):
        parse("(" * 10_000_000)
