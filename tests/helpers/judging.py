"""Judges a fixture as `check --snapshot` does: the real SDK on the file, no socket."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.report import model
from aksacr.report.build import build
from aksacr.runner import run
from aksacr.scenarios import Scenario, every_scenario
from aksacr.standin.transport import WorldTransport

ROOT = Path(__file__).parents[2] / "fixtures"


@cache
def report_of(name: str) -> model.Report:
    """The report of a fixture, with its times taken out."""
    world = scenario(name).world()
    gathered = asyncio.run(from_world(world, WorldTransport(world), image=None))
    stats = model.Stats(requests=0, elapsed_seconds=0.0)
    return build(gathered.facts, run(gathered.facts, every_check()), stats)


def scenario(name: str) -> Scenario:
    return next(item for item in every_scenario() if item.name == name)


def names() -> list[str]:
    return [item.name for item in every_scenario()]
