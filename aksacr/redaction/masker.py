"""What a profile masks in one string: the finders in the order in which they count, and the spellings they see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .addresses import Addresses, addresses_in
from .encodings import ENCODED, in_base64, in_escapes
from .guids import GUID, INSIDE, UNDASHED, is_trace, is_well_known, undashed
from .hosts import Hosts
from .ids import segments_in
from .names import Names, names_said
from .people import People
from .repositories import has_host, repositories_in
from .secrets import HIDDEN, secrets_in
from .spans import Span, in_turn, replaced
from .tokens import Tokens
from .words import is_kept, stands_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from . import Profile

_SUBSCRIPTION_KEPT = 7  # of the last characters of a subscription id; Azure Quick Review keeps as many
_SAID_BEFORE = re.compile(
    r"(?P<tenant>tenant)|(?P<client>client|appid|application)|(?P<principal>object|principal|assignee)|(?P<group>group)|"
    r"(?P<subscription>subscription)",
    re.IGNORECASE,
)
_NEAR = 24
_CREDENTIAL_SHOWN = re.compile(r"\bhint (?P<hint>(?!xxx,)[^\s,)]{1,4})(?=, key )|\bkey (?P<key>[0-9a-f]{8})(?=\))")


class Masker:
    """Masks strings. `learn…` has to be told everything before the first string is masked."""

    def __init__(self, profile: Profile, taken: Iterable[str] = (), settled: Profile = "none") -> None:
        self.tokens = Tokens(taken, settled)
        self.names = Names(self.tokens)
        self.is_public = profile == "public"
        self._none = profile == "none"
        self._people = People(self.tokens)
        self._hosts = Hosts(self.tokens, self.names)
        self._addresses = Addresses(self.tokens)
        self._guids: dict[str, str] = {}
        self._undashed: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._done: dict[str, str] = {}
        self._learned: set[str] = set()
        self._references: set[str] = set()  # host and repository, where only both together are known for a name
        self._finders = self._finders_of()

    def _finders_of(self) -> tuple[Callable[[str], list[Span]], ...]:
        if self._none:
            return (secrets_in,)
        if not self.is_public:
            return (secrets_in, self._people.find, self._in_guids)
        return (
            *(secrets_in, self._people.find, self._in_ids, self._in_guids, self._in_repositories),
            *(self._hosts.find, self._addresses.find, self.names.find, _shown_of_credentials),
        )

    def learn_name(self, name: str, kind: str) -> None:
        """Take note of a name or a GUID of a kind."""
        if GUID.fullmatch(name):
            self._learn_guid(name, kind)
        elif kind != "subscription":
            self.names.learn(name, kind)
            if kind == "repository" and has_host(name):
                self._references.add(name.lower())

    def learn(self, text: str) -> None:
        """Take note of what a text names."""
        if text in self._learned:
            return
        self._learned.add(text)
        for segment in segments_in(text):
            if segment.kind:
                self.learn_name(segment.value, segment.kind)
        for match in GUID.finditer(text):
            if not is_trace(text, match.start()):
                self._learn_guid(match[0], _said_before(text, match.start()))
        if self.is_public:
            self._hosts.learn(text)
            self._addresses.learn(text)
            for span in repositories_in(text):
                self.names.learn(span.token, "repository")

    def learn_sentence(self, text: str) -> None:
        """Take note of what a sentence of a check names."""
        for name, kind in names_said(text):
            self.names.learn(name, kind)

    def _learn_guid(self, guid: str, kind: str) -> None:
        key = guid.lower()
        if kind != "subscription" and is_well_known(key):
            return
        if key not in self._guids or self._guids[key] == "id":
            self._guids[key] = kind
            self._undashed[undashed(key)] = key

    def person(self, text: str) -> str:
        """The token of a value that is a person."""
        return text if self._none else self._people.known(text)

    def secret(self, text: str) -> str:
        """What stands for a value that is a secret."""
        if text and text != HIDDEN:
            self._hidden.add(text)
        return HIDDEN if text else text

    def name(self, text: str) -> str:
        """The token of a value that is a name and nothing else."""
        return (self.names.exactly(text) if self.is_public else None) or self.text(text)

    def value(self, text: str) -> str:
        """A value that may be a name, and may be a word of Azure's (`Deny`)."""
        whole = self.names.exactly(text) if self.is_public and _is_no_word(text) else None
        return whole or self.text(text)

    def text(self, text: str) -> str:
        """A string with everything masked that the profile masks."""
        if text not in self._done:
            self._done[text] = self._masked(text)
        return self._done[text]

    def _masked(self, text: str) -> str:
        spans = [*self._find(text), *in_escapes(text, self._find)]
        if not self._none:
            spans += in_base64(text, self._holds)
        for span in spans:
            if span.token in {HIDDEN, ENCODED}:
                self._hidden.add(text[span.start : span.end])
        return replaced(text, spans)

    def _find(self, text: str) -> list[Span]:
        return in_turn(text, self._finders)

    def _holds(self, text: str) -> bool:
        """Whether a decoded text holds what is masked; only what cannot be there by chance counts."""
        if self._people.find(text) or self._in_guids(text):
            return True
        if not self.is_public:
            return False
        known = any(self.tokens.get(str(found.network)) for found in addresses_in(text))
        return known or bool(self.names.distinct(text))

    def _in_ids(self, text: str) -> list[Span]:
        return [
            Span(segment.start, segment.end, self.tokens.of(segment.value, self._kind(segment.value, segment.kind)))
            for segment in segments_in(text)
            if segment.kind and not self._is_public(segment.value, segment.kind)
        ]

    def _kind(self, value: str, kind: str) -> str:
        return self._guids.get(value.lower()) or self.names.kind_of(value) or kind

    def _is_public(self, value: str, kind: str) -> bool:
        if is_kept(value) or self.tokens.is_token(value):
            return True
        return kind != "subscription" and GUID.fullmatch(value) is not None and is_well_known(value)

    def _in_guids(self, text: str) -> list[Span]:
        found = [
            Span(*match.span(), token)
            for match in GUID.finditer(text)
            if (token := self._guid(match[0], text, match.start())) is not None
        ]
        for match in INSIDE.finditer(text):
            token = self._guid(match[0].replace("_", "-"), "", 0) if self._knows(match[0]) else None
            if token is not None:
                found.append(Span(*match.span(), token))
        undashed_ = [match for match in UNDASHED.finditer(text) if match[0].lower() in self._undashed]
        for match in undashed_:
            token = self._guid(self._undashed[match[0].lower()], "", 0)
            if token is not None:
                found.append(Span(*match.span(), token))
        return found

    def _knows(self, inside: str) -> bool:
        return inside.lower().replace("_", "-") in self._guids

    def _guid(self, guid: str, text: str, start: int) -> str | None:
        kind = self._guids.get(guid.lower())
        if not self.is_public:
            return self._shortened(guid) if kind == "subscription" else None
        if kind is None and (is_well_known(guid) or is_trace(text, start)):
            return None
        return self.tokens.of(guid, kind or "id")

    def _shortened(self, subscription: str) -> str:
        token = f"xxxxxxxx-xxxx-xxxx-xxxx-xxxxx{subscription.lower()[-_SUBSCRIPTION_KEPT:]}"
        self.tokens.put(subscription, token, "subscription")
        return token

    def _in_repositories(self, text: str) -> list[Span]:
        whole = [
            Span(match.start(), match.end(), self.tokens.of(reference, "repository"))
            for reference in sorted(self._references, key=len, reverse=True)
            for match in re.finditer(rf"(?<!\w){re.escape(reference)}(?!\w)", text, re.IGNORECASE)
        ]
        return whole + [
            Span(span.start, span.end, self.tokens.of(span.token, "repository"))
            for span in repositories_in(text)
            if not self.tokens.is_token(span.token)
        ]

    @property
    def count(self) -> int:
        """How many different values were masked."""
        return self.tokens.count + len(self._hidden)

    def said(self) -> list[str]:
        """What kinds of values were masked, in words."""
        return [*self.tokens.said(), *(["secrets and encoded values"] if self._hidden else [])]


def _said_before(text: str, start: int) -> str:
    """The kind of an id, from the words before it."""
    found = list(_SAID_BEFORE.finditer(text, max(0, start - _NEAR), start))
    return found[-1].lastgroup or "id" if found else "id"


def _shown_of_credentials(text: str) -> list[Span]:
    """What Entra shows of a client secret: its first characters, and the first of its key's id."""
    found = _CREDENTIAL_SHOWN.finditer(text) if "hint " in text or "key " in text else ()
    return [
        Span(*match.span("hint"), "xxx") if match["hint"] else Span(*match.span("key"), "xxxxxxxx") for match in found
    ]


def _is_no_word(text: str) -> bool:
    return stands_out(text) or (len(text) < 5 and not text.isalpha())
