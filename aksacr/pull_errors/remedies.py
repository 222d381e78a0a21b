"""How a cause is written down, and how its commands are filled with the names that the text holds."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from .model import Cause
from .references import is_acr_host, parse_reference, registry_name

if TYPE_CHECKING:
    from .findings import Finding
    from .references import Reference

_FIELD = re.compile(r"\{(acr|server|host|image|source|repository|tagged|address)\}")
# What stands in a command where the text does not hold the name. The reader sets the variable first.
_VARIABLES = {
    "acr": "$ACR", "server": "$LOGIN_SERVER", "host": "$LOGIN_SERVER", "image": "$IMAGE", "source": "$SOURCE", "repository": "$REPOSITORY",
    "tagged": "$REPOSITORY:$TAG", "address": "$ADDRESS",
}  # fmt: skip
_WORDS = {
    "acr": "the registry", "server": "the login server", "host": "the registry's host", "image": "the image",
    "repository": "the repository", "tagged": "the image", "address": "the address",
}  # fmt: skip


class Remedy(NamedTuple):
    """A cause that is known: why it produces the symptom and what ends it. `{acr}`, `{image}`, … are filled in.

    `commands` hold only what may be pasted without harm; what deletes, resets or renews nodes stays in the words of `fix`.
    """

    slug: str
    code: str | None
    why: str
    fix: str
    commands: tuple[str, ...] = ()


def filled(remedy: Remedy, finding: Finding) -> Cause:
    """The cause with the user's own names; a name that the text masks or leaves out stands as a shell variable."""
    names = _names(finding)
    return Cause(
        code=remedy.code,
        slug=remedy.slug,
        why=_FIELD.sub(lambda field: names.get(field[1]) or _WORDS[field[1]], remedy.why),
        fix=_FIELD.sub(lambda field: names.get(field[1]) or _WORDS[field[1]], remedy.fix),
        commands=[_FIELD.sub(lambda field: _argument(names, field[1]), command) for command in remedy.commands],
    )


def shell_name(finding: Finding, name: str) -> str:
    """A name as an argument for a POSIX shell, or the variable that stands for it."""
    return _argument(_names(finding), name)


def _names(finding: Finding) -> dict[str, str]:
    reference = parse_reference(finding.image) if finding.image else None
    server = reference.host if reference and is_acr_host(reference.host) else finding.host
    if not is_acr_host(server):
        server = None
    names = {
        "acr": registry_name(server),
        "server": server,
        "host": finding.host,
        "image": finding.image,
        "source": _source(reference),
        "repository": reference.repository if reference else None,
        "tagged": reference.repository_and_tag if reference else None,
        "address": finding.address,
    }
    return {name: value for name, value in names.items() if value and not _is_masked(value)}


def _source(reference: Reference | None) -> str | None:
    """The image as `az acr import` takes it, which wants the host that short names leave out."""
    if reference is None:
        return None
    if reference.host is not None:
        return reference.text
    library = "" if "/" in reference.repository else "library/"
    tag = "" if reference.tag or reference.digest else ":latest"
    return f"docker.io/{library}{reference.text}{tag}"


def _is_masked(value: str) -> bool:
    return any(mark in value for mark in "*<>") or "x.x" in value.lower()


def _argument(names: dict[str, str], name: str) -> str:
    value = names.get(name)
    return f'"{_VARIABLES[name]}"' if value is None else shlex.quote(value)
