"""People: mail addresses, sign-in names (guests', too), home folders, and what is kept under a person's key."""

from __future__ import annotations

import re

from .spans import Span, replaced
from .tokens import Tokens

_BEFORE = re.compile(r"(?:\"[^\"\n\\]{1,64}\"|[\w.!$&'*+~#%-]{1,113})\Z")
_AFTER = re.compile(r"(?:[^\W_](?:[\w-]{0,62}+)\.){1,10}[^\W\d_][\w-]{1,62}")
_HOME = re.compile(
    r"(?i)(?:(?<![\w.-])/home/|(?<![\w.-])/Users/|\b[A-Z]:\\{1,2}Users\\{1,2})(?P<name>[^/\\\s\"':;,]{1,64})"
)
_KEYED = re.compile(
    r"(?i)(?P<key>createdBy|lastModifiedBy|updatedBy|approvedBy|requestedBy|userPrincipalName|userName|user_name|givenName|"
    r"displayName|surname|onPremisesSamAccountName|preferredUsername|preferred_username|upn|unique_name|principalName|owner|contact)"
    r"\\?[\"']\s{0,3}+:\s{0,3}+\\?[\"'](?P<name>[^\"'\\]{1,200}+)"
)
_KEYS = frozenset(
    {
        *("createdby", "lastmodifiedby", "updatedby", "approvedby", "requestedby", "changedby"),
        *("userprincipalname", "username", "givenname", "surname", "mail", "email", "othermails", "upn", "unique_name"),
        *("preferredusername", "preferred_username", "principalname", "owner", "owners", "contact", "technicalcontact"),
    }
)
SOMEBODY = "somebody"
_LONGEST = 113  # characters before the @ in Entra's longest user principal name


def names_a_person(key: str) -> bool:
    """Whether a value under this key (of JSON, of a set of tags) is a person by its name."""
    return key.lower().replace("-", "").replace(" ", "") in _KEYS


def without_people(text: str) -> str:
    """The text with people taken out, wherever one text is all there is: nobody is told from another."""
    return replaced(text, (span._replace(token=SOMEBODY) for span in People(Tokens()).find(text)))


class People:
    """Finds people in a text; the same person is the same token."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def find(self, text: str) -> list[Span]:
        """Where people stand in a text."""
        found = self._addresses(text) if "@" in text else []
        if "sers" in text or "SERS" in text or "home/" in text:
            found += [self._span(match.start("name"), match.end("name"), match["name"]) for match in _homes(text)]
        if ":" in text:
            found += [self._span(match.start("name"), match.end("name"), match["name"]) for match in _keyed(text)]
        return found

    def known(self, text: str) -> str:
        """The token of what is known to be a person."""
        return text if self._tokens.is_token(text) or not text else self._tokens.of(text, "user")

    def _addresses(self, text: str) -> list[Span]:
        found: list[Span] = []
        at = text.find("@")
        while at >= 0:
            before = _BEFORE.search(text, max(0, at - _LONGEST), at)
            after = _AFTER.match(text, at + 1)
            if before and after:
                start = _start(text, before.start(), at)
                if start < at:
                    found.append(self._span(start, after.end(), text[start : after.end()]))
            at = text.find("@", at + 1)
        return found

    def _span(self, start: int, end: int, name: str) -> Span:
        return Span(start, end, self.known(name))


def _start(text: str, start: int, at: int) -> int:
    """Where a name begins that is written in a text: not with a quote, a dot, or half an escape."""
    while start < at and text[start] in "'.&*!~#":
        start += 1
    return start


def _homes(text: str) -> list[re.Match[str]]:
    return [
        match for match in _HOME.finditer(text) if match["name"].lower() not in {"shared", "public", "runner", "vsts"}
    ]


def _keyed(text: str) -> list[re.Match[str]]:
    return [match for match in _KEYED.finditer(text) if "@" not in match["name"]]
