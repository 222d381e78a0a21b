"""Conditions of role assignments: Azure's attribute-based access control, for the forms in use on registries.

A condition is parsed by a grammar and judged for one data action on one repository, in three values: True, False, and
None for what cannot be told (an attribute that is not the repository's name, an operator that is not known). What does
not parse raises `ConditionError`: it is unknown, never a pass. Reading takes time linear in the text.

    or      := and (("||" | "OR") and)*
    and     := not (("&&" | "AND") not)*
    not     := ("!" | "NOT") not | "(" or ")" | actions | exists | compare
    actions := ("ActionMatches" | "SubOperationMatches") "{" string "}"
    exists  := "Exists" attribute
    compare := (attribute | value) operator (attribute | value)

Source: Azure role assignment conditions, format and syntax; registries use the attribute
`Microsoft.ContainerRegistry/registries/repositories:name` of @Request or @Resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .patterns import matches

if TYPE_CHECKING:
    from collections.abc import Callable

_REPOSITORY_NAME = "microsoft.containerregistry/registries/repositories:name"
_LONGEST = 16 * 1024
_DEEPEST = 64
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*+')
    | (?P<attribute>@[A-Za-z]+\s*\[[^\]]*+\](?:<\$[^$]*+\$>|<\$key[^>]*+>)?)
    | (?P<mark>&&|\|\||[!(){},])
    | (?P<word>[A-Za-z][A-Za-z0-9]*+(?::[A-Za-z][A-Za-z0-9]*+)?)
    | (?P<number>-?\d++(?:\.\d++)?)
    )""",
    re.VERBOSE,
)

Truth: TypeAlias = "bool | None"


class ConditionError(Exception):
    """A condition that is not of the known forms. Says where."""


@dataclass(frozen=True, slots=True)
class Access:
    """What is asked: a data action on a repository (None: the repository is not known)."""

    action: str
    repository: str | None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


_Term: TypeAlias = "Callable[[Access], Truth]"
_Operand: TypeAlias = "Callable[[Access], frozenset[str] | None]"


def admits(condition: str, access: Access) -> Truth:
    """Whether a condition admits an access. None when that cannot be told. Raises `ConditionError`."""
    return parse(condition)(access)


def bears_on_repository(condition: str, action: str) -> bool:
    """Whether a repository's name could decide a condition that cannot be told without one. Raises `ConditionError`.

    It is tried with the names that the condition itself speaks of, and with one that it does not.
    """
    term = parse(condition)
    names = {_unquoted(token) for token in _tokens(condition) if token.kind == "string"}
    return any(term(Access(action, name)) is not None for name in (*sorted(names), "\0"))


def parse(condition: str) -> _Term:
    """The condition as a function of an access. Raises `ConditionError`."""
    if len(condition) > _LONGEST:
        raise ConditionError(f"it is longer than {_LONGEST} characters")
    parser = _Parser(_tokens(condition))
    term = parser.either(0)
    parser.end()
    return term


def _tokens(condition: str) -> list[_Token]:
    found: list[_Token] = []
    place, end = 0, len(condition.rstrip())
    while place < end:
        match = _TOKEN.match(condition, place)
        if match is None or match.lastgroup is None:
            raise ConditionError(f"what stands at character {place + 1} is not understood")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        place = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens, as deep as `_DEEPEST`."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def either(self, depth: int) -> _Term:
        terms = [self.both(depth)]
        while self._take("||", "or"):
            terms.append(self.both(depth))
        return terms[0] if len(terms) == 1 else lambda access: _any([term(access) for term in terms])

    def both(self, depth: int) -> _Term:
        terms = [self.negated(depth)]
        while self._take("&&", "and"):
            terms.append(self.negated(depth))
        return terms[0] if len(terms) == 1 else lambda access: _all([term(access) for term in terms])

    def negated(self, depth: int) -> _Term:
        if depth > _DEEPEST:
            raise ConditionError(f"it is nested deeper than {_DEEPEST} levels")
        if self._take("!", "not"):
            term = self.negated(depth + 1)
            return lambda access: _not(term(access))
        if self._take("("):
            term = self.either(depth + 1)
            self._expect(")")
            return term
        return self._leaf()

    def _leaf(self) -> _Term:
        token = self._peek()
        word = token.text.lower() if token.kind == "word" else ""
        if word in {"actionmatches", "suboperationmatches"}:
            return self._actions()
        if word == "exists":
            self._next += 1
            operand = self._operand()
            return lambda access: True if operand(access) is not None else None
        return self._comparison()

    def _actions(self) -> _Term:
        is_action = self._word() == "actionmatches"
        self._expect("{")
        pattern = _unquoted(self._of_kind("string"))
        self._expect("}")
        # A pull has no sub-operation, so that SubOperationMatches is never true of it.
        return lambda access: is_action and matches(pattern, access.action)

    def _comparison(self) -> _Term:
        left = self._operand()
        operator = _operator(self._of_kind("word"))
        right = self._operand()

        def compare(access: Access) -> Truth:
            ours, theirs = left(access), right(access)
            return None if operator is None or ours is None or theirs is None else operator(ours, theirs)

        return compare

    def _operand(self) -> _Operand:
        token = self._peek()
        if token.kind == "attribute":
            self._next += 1
            return _attribute(token.text)
        if token.kind == "mark" and token.text == "{":
            return self._set()
        if token.kind in {"string", "number"} or token.text.lower() in {"true", "false"}:
            self._next += 1
            value = frozenset([_unquoted(token) if token.kind == "string" else token.text])
            return lambda _: value
        raise ConditionError(f'"{token.text}" at character {token.place + 1} is no attribute and no value')

    def _set(self) -> _Operand:
        self._expect("{")
        values: list[str] = []
        while not self._take("}"):
            token = self._peek()
            self._next += 1
            if token.kind not in {"string", "number"}:
                raise ConditionError(f'"{token.text}" at character {token.place + 1} is no value')
            values.append(_unquoted(token) if token.kind == "string" else token.text)
            if not self._take(","):
                self._expect("}")
                break
        held = frozenset(values)
        return lambda _: held

    def end(self) -> None:
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            raise ConditionError(f'"{token.text}" at character {token.place + 1} was not expected')

    def _peek(self) -> _Token:
        if self._next >= len(self._tokens):
            raise ConditionError("it ends too early")
        return self._tokens[self._next]

    def _take(self, *texts: str) -> bool:
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.kind in {"mark", "word"} and token.text.lower() in texts:
                self._next += 1
                return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            token = self._peek()
            raise ConditionError(f'"{text}" is missing before "{token.text}" at character {token.place + 1}')

    def _of_kind(self, kind: str) -> _Token:
        token = self._peek()
        if token.kind != kind:
            raise ConditionError(f'"{token.text}" at character {token.place + 1} was not expected')
        self._next += 1
        return token

    def _word(self) -> str:
        return self._of_kind("word").text.lower()


def _unquoted(token: _Token) -> str:
    return re.sub(r"\\(.)", r"\1", token.text[1:-1])


def _attribute(text: str) -> _Operand:
    source, _, rest = text.partition("[")
    name = rest.partition("]")[0].strip().lower()
    known = source.strip().lower() in {"@request", "@resource"} and name == _REPOSITORY_NAME

    def value(access: Access) -> frozenset[str] | None:
        return frozenset([access.repository]) if known and access.repository is not None else None

    return value


def _operator(token: _Token) -> Callable[[frozenset[str], frozenset[str]], bool] | None:
    """A comparison of two sets of strings, or None for an operator that is not one of the string ones."""
    quantifier, _, name = token.text.rpartition(":")
    name = name.lower()
    fold = name.endswith("ignorecase")
    name = name.removesuffix("ignorecase")
    negative = name.startswith("stringnot")
    test = _TESTS.get(name.replace("stringnot", "string"))
    quantifiers = _QUANTIFIERS.get(quantifier.lower())
    if test is None or quantifiers is None:
        return None
    over_ours, over_theirs = quantifiers

    def one(ours: str, theirs: str) -> bool:
        held = test(ours.lower(), theirs.lower()) if fold else test(ours, theirs)
        return held != negative

    return lambda ours, theirs: over_ours(over_theirs(one(a, b) for b in theirs) for a in ours)


def _equals(ours: str, theirs: str) -> bool:
    return ours == theirs


def _starts(ours: str, theirs: str) -> bool:
    return ours.startswith(theirs)


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": _equals,
    "stringstartswith": _starts,
    "stringlike": lambda ours, theirs: _like(theirs, ours),
}
_QUANTIFIERS: dict[str, tuple[Callable[..., bool], Callable[..., bool]]] = {
    "": (all, all),
    "foranyofanyvalues": (any, any),
    "forallofanyvalues": (all, any),
    "foranyofallvalues": (any, all),
    "forallofallvalues": (all, all),
}


def _like(pattern: str, value: str) -> bool:
    """`*` stands for any text and `?` for one character, in time that is linear but for the wildcards."""
    here, star, back = 0, -1, 0
    place = 0
    while place < len(value):
        if here < len(pattern) and pattern[here] == "*":
            star, back, here = here, place, here + 1
        elif here < len(pattern) and pattern[here] in {"?", value[place]}:
            here, place = here + 1, place + 1
        elif star >= 0:
            back += 1
            here, place = star + 1, back
        else:
            return False
    return all(character == "*" for character in pattern[here:])


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _all(values: list[Truth]) -> Truth:
    if False in values:
        return False
    return None if None in values else True


def _any(values: list[Truth]) -> Truth:
    if True in values:
        return True
    return None if None in values else False
