"""Names, and where they stand in a text: longest first, at the borders of words, without regard to case."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from .guids import GUID
from .spans import Span
from .words import is_kept, stands_out

if TYPE_CHECKING:
    from .tokens import Tokens

_ATOM = re.compile(r"[^\W_]+")
_LOOKED_BACK = 160
# The words that messages put before a name of a kind. After them, a name that is a word like others is told as a name.
_NOUNS: dict[str, str] = {
    "asg": "application security group",
    "cluster": "cluster",
    "collection": "collection",
    "collection-group": "(?:collection )?group",
    "connection": "connection",
    "deny-assignment": "deny assignment",
    "endpoint": "private endpoint",
    "endpoint-policy": "policy",
    "firewall": "firewall",
    "firewall-policy": "policy",
    "link": "link",
    "machine": "virtual machine",
    "managed-identity": "identity",
    "management-group": "management group",
    "nat-gateway": "gateway",
    "node-resource-group": "resource group",
    "nsg": "security group",
    "peering": "peering",
    "pool": "(?:node )?pool",
    "registry": "registry",
    "repository": "repository",
    "resource-group": "resource group",
    "route": "route",
    "route-table": "route table",
    "rule": "rule",
    "scale-set": "scale set",
    "service-principal": "service principal",
    "subnet": "subnet",
    "vnet": "(?:virtual network|vnet|network|hub)",
    "zone": "zone",
}
# A name that a sentence says, and that no English word could be: it holds a hyphen, an underscore or a digit.
_NAME = re.compile(
    r" (?P<name>(?!AKA\d)(?=[A-Za-z])[A-Za-z0-9]{1,64}+(?:[_.-]{1,2}[A-Za-z0-9]{1,64}+){0,12}+)(?![/@:=(*])"
)
_QUOTED = re.compile(r" \"(?P<name>[^\"]{1,200}+)\"")
_UNSAID = frozenset({"zone", "collection-group", "endpoint-policy", "node-resource-group"})
_NO_ENGLISH = re.compile(r"[-_\d]")


@cache
def _said() -> re.Pattern[str]:
    nouns = [rf"(?P<{kind.replace('-', '_')}>\b{noun}s?)" for kind, noun in _NOUNS.items() if kind not in _UNSAID]
    return re.compile("|".join(nouns), re.IGNORECASE)


def names_said(text: str) -> list[tuple[str, str]]:
    """The names that a sentence says after the word for what they name, each with its kind."""
    found: list[tuple[str, str]] = []
    for noun in _said().finditer(text):
        quoted = _QUOTED.match(text, noun.end())
        name = quoted or _NAME.match(text, noun.end())
        if name and (quoted or _NO_ENGLISH.search(name["name"])):
            found.append((name["name"], (noun.lastgroup or "").replace("_", "-")))
    return found


class Names:
    """The names that are known, and their tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._kinds: dict[str, str] = {}
        # By the first word of a name: how far before that word names begin, and how long they are; the longest first.
        self._shapes: dict[str, list[tuple[int, int]]] = {}

    def learn(self, name: str, kind: str) -> None:
        """Take note of a name; the kind that it is first met with counts."""
        key = name.lower()
        if not key or key in self._kinds or is_kept(key) or self._tokens.is_token(key) or GUID.fullmatch(key):
            return
        self._kinds[key] = kind
        beginning = _ATOM.search(key)
        if beginning:
            shapes = self._shapes.setdefault(beginning[0], [])
            shape = (beginning.start(), len(key))
            if shape not in shapes:
                shapes.append(shape)
                shapes.sort(key=lambda known: -known[1])

    def kind_of(self, name: str) -> str | None:
        """The kind of a known name."""
        return self._kinds.get(name.lower())

    def exactly(self, text: str) -> str | None:
        """The token of a text that is a name and nothing else; None for other texts."""
        kind = self._kinds.get(text.lower())
        return None if kind is None else self._tokens.of(text, kind)

    def find(self, text: str) -> list[Span]:
        """Where names stand that can be told from the words around them."""
        return self._found(text, in_doubt=True)

    def distinct(self, text: str) -> list[Span]:
        """Where names stand that are no words of ours, whatever is around them."""
        return self._found(text, in_doubt=False)

    def _found(self, text: str, *, in_doubt: bool) -> list[Span]:
        found: list[Span] = []
        behind = 0
        for atom in _ATOM.finditer(text):
            if atom.start() < behind:
                continue
            for before, length in self._shapes.get(atom[0].lower(), ()):
                start, end = atom.start() - before, atom.start() - before + length
                name = text[start:end].lower() if start >= behind else ""
                if name not in self._kinds or not _stands(text, start, end):
                    continue
                if stands_out(name) or (in_doubt and self._is_told(text, start, end, name)):
                    found.append(Span(start, end, self._tokens.of(name, self._kinds[name])))
                    behind = end
                    break
        return found

    def _is_told(self, text: str, start: int, end: int, name: str) -> bool:
        """Whether it is in quotes or brackets, or the words before say what it is the name of."""
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        if around in {'""', "''", "``", "[]"}:
            return True
        noun = _NOUNS.get(self._kinds[name])
        if noun is None:
            return False
        before = re.compile(rf"\b{noun}s? (?:[\w.-]{{1,80}}(?:, | and )){{0,12}}\Z", re.IGNORECASE)
        return before.search(text, max(0, start - _LOOKED_BACK), start) is not None


def _stands(text: str, start: int, end: int) -> bool:
    """Whether what stands there is whole: letters and digits do not go on before or behind it."""
    goes_on_before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    goes_on_behind = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not goes_on_before and not goes_on_behind
