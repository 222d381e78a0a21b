"""The checks, by code, name or alias, without regard to case."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks import ALL  # where the folder lies

    from .check import Check
else:
    from aksacr.checks import ALL  # where it is installed

GROUPS = {
    "1": "Who pulls",
    "2": "What the registry admits",
    "3": "The name and the way",
    "4": "Image and registry content",
    "5": "The pod's side",
    "6": "Cluster and registry health",
}


# Codes and names that are given away already. No check has them yet, but `explain` names them where a text shows them.
RESERVED = {
    "AKA401": "image-not-found",
    "AKA403": "platform-mismatch",
    "AKA404": "image-locked-or-quarantined",
    "AKA405": "artifact-cache-credential-unhealthy",
    "AKA501": "pull-secret-missing",
    "AKA502": "pull-secret-for-other-server",
    "AKA503": "pull-secret-malformed",
    "AKA504": "pull-secret-credential-refused",
    "AKA505": "image-never-pulled",
    "AKA506": "pull-secret-not-referenced",
}


class UnknownCheckError(Exception):
    """A word that names no check. One line, with the nearest ones."""


def every_check() -> tuple[Check, ...]:
    """All checks in catalogue order."""
    return ALL


def find(word: str) -> Check:
    """The check of that code, name or alias. Raises `UnknownCheckError`."""
    wanted = word.strip().lower().replace("_", "-")
    known: dict[str, Check] = {}
    for check in ALL:
        for form in (check.code, check.name, *check.aliases):
            known[form.lower()] = check
    if wanted in known:
        return known[wanted]
    for code, name in RESERVED.items():
        if wanted in {code.lower(), name}:
            raise UnknownCheckError(
                f"{code} ({name}) is a cause that Azure's resources do not show, so no check looks for it; "
                "`aksacr explain` speaks of it where the text of an error shows it"
            )
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else "; `aksacr checks` lists them"
    raise UnknownCheckError(f'there is no check "{word}"{hint}')


def find_all(words: str) -> frozenset[str]:
    """The codes of a comma-separated list of codes and names. Raises `UnknownCheckError`."""
    return frozenset(find(word).code for word in words.split(",") if word.strip())


def group_of(check_code: str) -> str:
    """The group's title: `Who pulls` for AKA1xx."""
    return GROUPS.get(check_code[3:4], "Other")
