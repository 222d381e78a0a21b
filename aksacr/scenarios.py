"""The packaged situations: folders of `fixtures/`, each a world and the verdict that it must give."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from aksacr.report.model import Report
    from aksacr.standin.world import World


@dataclass(frozen=True, slots=True)
class Scenario:
    """One situation. `expected` maps every check's code to its status."""

    name: str
    title: str
    is_default: bool
    outcome: str
    root_causes: tuple[str, ...]
    exit_status: int
    expected: dict[str, str]
    folder: Traversable

    def world(self) -> World:
        """The situation's Azure, read from its file."""
        from aksacr.standin.world import World  # noqa: PLC0415 - listing situations does not need it

        return World.parse((self.folder / "world.json").read_bytes(), f"{self.name}/world.json")

    def differences(self, report: Report) -> str:
        """How a report differs from the packaged verdict, in words; "" when it does not."""
        found = [
            f"{check.code} is {check.status}, not {self.expected.get(check.code, 'listed')}"
            for check in report.checks
            if self.expected.get(check.code) != check.status
        ]
        if report.verdict.outcome != self.outcome:
            found.append(f"the outcome is {report.verdict.outcome}, not {self.outcome}")
        return "; ".join(found)


def every_scenario() -> list[Scenario]:
    """All packaged situations, by name."""
    root = resources.files("aksacr.fixtures")
    folders = sorted(
        (item for item in root.iterdir() if (item / "expected.json").is_file()), key=lambda item: item.name
    )
    return [_scenario(folder) for folder in folders]


def _scenario(folder: Traversable) -> Scenario:
    said = cast("dict[str, object]", json.loads((folder / "expected.json").read_text(encoding="utf-8")))
    return Scenario(
        name=folder.name,
        title=str(said["title"]),
        is_default=bool(said.get("default", False)),
        outcome=str(said["outcome"]),
        root_causes=tuple(cast("list[str]", said["rootCauses"])),
        exit_status=int(str(said["exitStatus"])),
        expected=cast("dict[str, str]", said["checks"]),
        folder=folder,
    )
