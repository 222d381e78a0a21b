"""What stands for a value that is masked: `subscription-1`, `vnet-2`. Equal values, in any letters, have one token.

A token holds letters, digits and hyphens only: no shell, no markup and no JSON reads anything into it, and no az
command finds a resource by it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import Profile

# Kind of a token, and what its values are called in the line that says what was masked.
KINDS: dict[str, str] = {
    "subscription": "subscription ids",
    "tenant": "tenant ids",
    **dict.fromkeys(
        ("principal", "client", "application", "group", "identity", "id", "credential", "role-assignment"),
        "ids of principals and others",
    ),
    "user": "people",
    **dict.fromkeys(("public-addr", "private-addr", "addr", "public-range", "private-range", "range"), "addresses"),
    **dict.fromkeys(("host", "domain", "vault", "storage"), "hosts"),
    "repository": "repositories",
    **dict.fromkeys(
        (
            *("resource-group", "node-resource-group", "cluster", "registry", "pool", "scale-set", "machine", "vnet"),
            *("subnet", "peering", "nsg", "asg", "rule", "rules", "route-table", "route", "nat-gateway", "firewall"),
            *(
                "firewall-policy",
                "collection",
                "collection-group",
                "ip-group",
                "public-ip",
                "ip-prefix",
                "zone",
                "link",
            ),
            *("load-balancer", "endpoint", "connection", "nic", "managed-identity", "assigned-identity", "resource"),
            *("management-group", "role", "deny-assignment", "service-principal", "replica", "key", "record", "name"),
            *("endpoint-policy", "frontend", "secret"),
        ),
        "names",
    ),
}
_WORDS = "|".join(sorted(KINDS, key=len, reverse=True))
_LINK = rf"(?:{_WORDS})-\d{{1,7}}"
TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{_LINK})(?![A-Za-z0-9])", re.IGNORECASE)
_PERSON = re.compile(r"user-\d{1,7}")
_WHOLE = re.compile(rf"{_LINK}(?:\.{_LINK}){{0,8}}", re.IGNORECASE)


class Tokens:
    """The tokens of one run, numbered in the order in which they are first needed.

    taken: words that no value may be given as its token. settled: the profile that the text was redacted with before;
    what looks like a token there is one, and elsewhere a name like any other.
    """

    def __init__(self, taken: Iterable[str] = (), settled: Profile = "none") -> None:
        self._settled = {"none": None, "support": _PERSON, "public": _WHOLE}[settled]
        self._of: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._taken = {word.lower() for word in taken}
        self._last: Counter[str] = Counter()

    def of(self, value: str, kind: str) -> str:
        """The token of a value; the kind counts when it is first asked for."""
        key = value.lower()
        if key not in self._of:
            self.put(value, self.new(kind), kind)
        return self._of[key]

    def new(self, kind: str) -> str:
        """A token that no value has, and that the text did not hold before."""
        while True:
            self._last[kind] += 1
            token = f"{kind}-{self._last[kind]}"
            if token not in self._taken:
                return token

    def put(self, value: str, token: str, kind: str) -> None:
        """Let a value have a token that is made elsewhere."""
        self._of[value.lower()] = token
        self._kinds[value.lower()] = kind

    def get(self, value: str) -> str | None:
        """The token of a value that has one."""
        return self._of.get(value.lower())

    def is_token(self, text: str) -> bool:
        """Whether this is a token of an earlier redaction."""
        return self._settled is not None and self._settled.fullmatch(text) is not None

    @property
    def count(self) -> int:
        """How many different values were masked."""
        return len(self._of)

    def said(self) -> list[str]:
        """What kinds of values were masked, in words."""
        used = set(self._kinds.values())
        return list(dict.fromkeys(words for kind, words in KINDS.items() if kind in used))
