"""A world that refuses one read more, and what the checks say then."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.runner import Judged, run
from aksacr.scenarios import every_scenario
from aksacr.standin.loading import WorldFile
from aksacr.standin.messages import json_response
from aksacr.standin.transport import WorldTransport
from aksacr.standin.world import World

if TYPE_CHECKING:
    from aksacr.standin.messages import Request, Response


class RefusingWorld(World):
    """Answers 403 for one path (`graph`: all of Graph), and notes the paths that were asked for."""

    def __init__(self, file: WorldFile, refuses: str) -> None:
        super().__init__(file)
        self.asked: set[str] = set()
        self._refuses = refuses

    def answer(self, request: Request) -> Response:
        path = "graph" if request.path.startswith("/v1.0/") else request.path.lower()
        self.asked.add(path)
        if path == self._refuses:
            return json_response(403, {"error": {"code": "AuthorizationFailed", "message": "You may not."}})
        return super().answer(request)


@cache
def judged(fixture: str, refuses: str = "") -> tuple[dict[str, Judged], frozenset[str]]:
    """The verdicts by code, and the paths that were asked for. Raises `TargetError` without cluster or registry."""
    folder = next(scenario.folder for scenario in every_scenario() if scenario.name == fixture)
    world = RefusingWorld(WorldFile.parse((folder / "world.json").read_bytes(), fixture), refuses)
    facts = asyncio.run(from_world(world, WorldTransport(world), image=None)).facts
    return {item.check.code: item for item in run(facts, every_check())}, frozenset(world.asked)
