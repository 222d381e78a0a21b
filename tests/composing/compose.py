"""Writes the composed worlds of `fixtures/` from the recorded ones; `--check` says whether the files are so.

python tests/composing/compose.py [--check]
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import firewall_worlds
import hub_worlds
import image_and_health
import layer_worlds
import name_server_worlds
import names_and_doors
import route_worlds
import security_rules_worlds
import the_way
import what_is_admitted
import who_pulls
from worlds import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worlds import Composed


def every_situation() -> Iterator[Composed]:
    yield from who_pulls.situations()
    yield from what_is_admitted.situations()
    yield from the_way.situations()
    yield from hub_worlds.situations()
    yield from route_worlds.situations()
    yield from names_and_doors.situations()
    yield from firewall_worlds.situations()
    yield from security_rules_worlds.situations()
    yield from name_server_worlds.situations()
    yield from image_and_health.situations()
    yield from layer_worlds.situations()


def main() -> int:
    checking = "--check" in sys.argv[1:]
    differing: list[str] = []
    for world in every_situation():
        folder = FIXTURES / str(world.document["name"])
        file = folder / "world.json"
        text = world.to_text()
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        differing.append(folder.name)
        if not checking:
            folder.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if differing:
        verb = "differ from what the composition makes" if checking else "written"
        sys.stdout.write(f"{verb}: {', '.join(differing)}\n")
    return 1 if checking and differing else 0


if __name__ == "__main__":
    sys.exit(main())
