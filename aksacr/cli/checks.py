"""`aksacr checks`: the catalogue, or one check's page."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from . import options as o
from .exits import one_line_per_failure
from .output import show

if TYPE_CHECKING:
    from aksacr.check import Check


def checks(
    check: Annotated[str | None, typer.Argument(metavar="[CODE|NAME]", help="The check whose page to show.")] = None,
    output: Annotated[o.ListFormat, typer.Option("--output", "-o", help="text or json.")] = o.ListFormat.TEXT,
) -> None:
    """List the checks, or show what one of them reads, why pulls fail by it, and what to do."""
    with one_line_per_failure(debug=False):
        from aksacr.catalogue import every_check, find  # noqa: PLC0415 - checks are loaded when they are needed

        if output is o.ListFormat.JSON:
            found = [find(check)] if check else list(every_check())
            show(json.dumps([_described(item) for item in found] if not check else _described(found[0]), indent=2))
        else:
            show(_page(find(check)) if check else _list(every_check()))


def _described(check: Check) -> dict[str, object]:
    return {
        "code": check.code,
        "name": check.name,
        "title": check.title,
        "aliases": list(check.aliases),
        "explains": list(check.explains),
        "refines": list(check.refines),
        "permissions": list(check.permissions),
        "docs": list(check.docs),
        "page": check.page.strip(),
    }


def _list(found: tuple[Check, ...]) -> str:
    from aksacr.catalogue import group_of  # noqa: PLC0415

    lines: list[str] = []
    group = ""
    width = max(len(item.name) for item in found)
    for item in found:
        if group_of(item.code) != group:
            group = group_of(item.code)
            lines += ["", group] if lines else [group]
        lines.append(f"  {item.code}  {item.name:<{width}}  {item.title}")
    return "\n".join([*lines, "", "`aksacr checks CODE` shows a check's page."])


def _page(check: Check) -> str:
    parts = [f"{check.code} {check.name}", f"Healthy: {check.title}.", "", check.page.strip(), ""]
    parts += ["Permissions", *(f"    {item}" for item in check.permissions), ""]
    parts += ["Explains", textwrap.indent(", ".join(check.explains), "    "), ""]
    if check.refines:
        parts += ["Refines", f"    {', '.join(check.refines)}", ""]
    parts += ["Documentation", *(f"    {item}" for item in check.docs)]
    return "\n".join(parts)
