"""Commands for a POSIX shell: values of options are masked, and what is put in is quoted as a shell needs it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = re.compile(r"(?:[^\s'\"\\]++|'[^']*+'|\"(?:[^\"\\]|\\.)*+\"|\\.)++", re.DOTALL)
# What an option's value names; a value of `-n` is named by whatever the command is about.
_KINDS: dict[str, str] = {
    "--firewall-name": "firewall",
    "--nsg-name": "nsg",
    "--policy-name": "firewall-policy",
    "--registry": "registry",
    "--registry-name": "registry",
    "--resource-group": "resource-group",
    "--route-table-name": "route-table",
    "--subscription": "subscription",
    "--vnet-name": "vnet",
    "-f": "firewall",
    "-g": "resource-group",
    "-r": "registry",
}
NAMING = frozenset(
    {
        *_KINDS,
        "-n",
        "--name",
        "--collection-name",
        "--rule-collection-group-name",
        "--subnet",
        "--role",
        "-z",
        "--zone-name",
    }
)


class Word(NamedTuple):
    """A word of a command: where it stands, what the shell makes of it, and the option that it is a value of."""

    start: int
    end: int
    value: str
    option: str | None


def words_of(command: str) -> list[Word]:
    """The words of a command; the option of its name and subcommands is None."""
    found: list[Word] = []
    option: str | None = None
    for match in _WORD.finditer(command):
        value = _meant(match[0])
        if value.startswith("-") and len(value) > 1 and not value[1].isdigit():
            option = value.partition("=")[0]
            if "=" in value:
                found.append(Word(*match.span(), value, option))
        elif option is not None:
            found.append(Word(*match.span(), value, option))
    return found


def names_in(command: str) -> list[tuple[str, str]]:
    """What a command names, each with its kind."""
    return [(word.value, _KINDS[word.option]) for word in words_of(command) if word.option in _KINDS]


def masked(command: str, mask: Callable[[str, str | None], str]) -> str:
    """The command with every value of an option replaced by what `mask` makes of it and its option."""
    pieces: list[str] = []
    at = 0
    for word in words_of(command):
        new = mask(word.value, word.option)
        if new != word.value:
            pieces += (command[at : word.start], shlex.quote(new))
            at = word.end
    return "".join([*pieces, command[at:]])


def _meant(raw: str) -> str:
    try:
        return "".join(shlex.split(raw))
    except ValueError:
        return raw
