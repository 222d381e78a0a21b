"""What an examined cluster is, and how it is judged: recorded answers, the real SDK, every check."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.report import model
from aksacr.report.build import build
from aksacr.runner import run
from aksacr.standin import World
from aksacr.standin.transport import WorldTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .estate import Estate

Make: TypeAlias = "Callable[[str], Estate]"


@dataclass(frozen=True)
class Cluster:
    """A cluster and what is right to say of it.

    `knows` is the row of knowledge that it exercises; `statuses` hold what matters (`pass|not-applicable` for either of
    two), other checks are free; `pools` are those that a failing check must name.
    """

    name: str
    title: str
    knows: str
    make: Make
    outcome: str
    causes: tuple[str, ...]
    statuses: Mapping[str, str]
    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    wrong: str = ""
    """What the product gets wrong today; nothing when it is right."""


CLUSTERS: list[Cluster] = []


def cluster(
    title: str,
    knows: str,
    outcome: str,
    *causes: str,
    pools: Mapping[str, tuple[str, ...]] | None = None,
    wrong: str = "",
    **statuses: str,
) -> Callable[[Make], Make]:
    """Enter a cluster into the examination. Root causes that no status is given for must fail."""

    def enter(make: Make) -> Make:
        held = dict.fromkeys(causes, "fail") | statuses
        CLUSTERS.append(Cluster(make.__name__, title, knows, make, outcome, causes, held, dict(pools or {}), wrong))
        return make

    return enter


def held_against(found: model.Report, expected: Cluster) -> dict[str, str]:
    """Differences by kind: `outcome`, `causes`, `statuses`, `pools`; empty when all is right."""
    checks = {check.code: check for check in found.checks}
    differing: dict[str, str] = {}
    if found.verdict.outcome != expected.outcome:
        differing["outcome"] = f"{found.verdict.outcome}, not {expected.outcome}"
    if tuple(found.verdict.root_causes) != expected.causes:
        differing["causes"] = f"{found.verdict.root_causes}, not {list(expected.causes)}"
    statuses = [
        f"{code} {checks[code].status}, not {wanted}: {checks[code].message}"
        for code, wanted in expected.statuses.items()
        if checks[code].status not in wanted.split("|")
    ]
    if statuses:
        differing["statuses"] = "; ".join(statuses)
    pools = [
        f"{code} names {checks[code].node_pools}, not {wanted}"
        for code, wanted in expected.pools.items()
        if tuple(sorted(checks[code].node_pools)) != tuple(sorted(wanted))
    ]
    if pools:
        differing["pools"] = "; ".join(pools)
    return differing


@cache
def report_of(name: str) -> model.Report:
    """The report of an examined cluster."""
    expected = next(item for item in CLUSTERS if item.name == name)
    estate = expected.make(expected.title)
    estate.document["name"] = name
    world = World.parse(json.dumps(estate.document).encode(), f"{name}.json")
    gathered = asyncio.run(from_world(world, WorldTransport(world), image=None))
    return build(gathered.facts, run(gathered.facts, every_check()), model.Stats(requests=0, elapsed_seconds=0.0))
