"""How a cause is written down, and how its commands are filled with the names that the text holds."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from .model import Cause
from .patterns import lazily
from .references import is_acr_host, parse_reference, registry_name

if TYPE_CHECKING:
    from .findings import Finding
    from .references import Reference

_FIELD = lazily(r"\{(acr|server|host|name|endpoint|zone|image|source|repository|tagged|address)\}")
# What stands where the text does not hold the name: in a command a variable, which the reader sets first; else a word.
_VARIABLES = {
    "acr": ("$ACR", "the registry"),
    "server": ("$LOGIN_SERVER", "the login server"),
    "host": ("$LOGIN_SERVER", "the registry's host"),
    "name": ("$LOGIN_SERVER", "the registry's host"),
    "endpoint": ("$LOGIN_SERVER:443", "the registry's host"),
    "zone": ("$ZONE", "the private DNS zone"),
    "image": ("$IMAGE", "the image"),
    "source": ("$IMAGE", "the image"),
    "repository": ("$REPOSITORY", "this repository"),
    "tagged": ("$REPOSITORY:$TAG", "the image"),
    "address": ("$ADDRESS", "the address"),
}


class Remedy(NamedTuple):
    """A known cause: why it produces the symptom and what ends it. `{acr}`, `{image}`, … are filled in.

    `commands` hold only what may be pasted without harm; what deletes, resets or renews nodes stays in words (`fix`).
    """

    slug: str
    code: str | None
    why: str
    fix: str
    commands: tuple[str, ...] = ()


def commands(block: str) -> tuple[str, ...]:
    """The commands of a block, one a line; a line that ends in a backslash goes on below."""
    found: list[str] = []
    goes_on = False
    for line in block.splitlines():
        text = line.strip()
        if goes_on:
            found[-1] += " " + text.removesuffix("\\").rstrip()
        elif text:
            found.append(text.removesuffix("\\").rstrip())
        goes_on = text.endswith("\\")
    return tuple(found)


def filled(remedy: Remedy, finding: Finding) -> Cause:
    """The cause with the user's own names; a name that the text masks or leaves out stands as a shell variable."""
    names = _names(finding)
    return Cause(
        code=remedy.code,
        slug=remedy.slug,
        why=_FIELD().sub(lambda field: names.get(field[1]) or _VARIABLES[field[1]][1], remedy.why),
        fix=_FIELD().sub(lambda field: names.get(field[1]) or _VARIABLES[field[1]][1], remedy.fix),
        commands=[_FIELD().sub(lambda field: _argument(names, field[1]), command) for command in remedy.commands],
    )


def _names(finding: Finding) -> dict[str, str]:
    reference = parse_reference(finding.image) if finding.image else None
    server = reference.host if reference and is_acr_host(reference.host) else finding.host
    if not is_acr_host(server):
        server = None
    names = {
        "acr": registry_name(server),
        "server": server,
        "host": finding.host,
        "name": _without_port(finding.host),
        "endpoint": finding.host if finding.host is None or ":" in finding.host else f"{finding.host}:443",
        "zone": _zone(server),
        "image": finding.image,
        "source": _source(reference),
        "repository": reference.repository if reference else None,
        "tagged": reference.repository_and_tag if reference else None,
        "address": finding.address,
    }
    return {name: value for name, value in names.items() if value and not _is_masked(value)}


def _without_port(host: str | None) -> str | None:
    return None if host is None else re.sub(r":\d{1,5}$", "", host)


def _zone(server: str | None) -> str:
    """The private DNS zone of the registry's cloud; an unknown registry is taken to be in the public one."""
    suffix = re.search(r"azurecr\.[a-z.-]+$", server.lower()) if server else None
    return f"privatelink.{suffix[0] if suffix else 'azurecr.io'}"


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
    return f'"{_VARIABLES[name][0]}"' if value is None else shlex.quote(value)
