"""What judging a large network costs: many node pools, peered networks and security rules. `README.md` explains it.

Exit status 1 when a limit is passed, 2 when a run gave no report.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec
from many_networks import Size, large_world

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.report.build import build
from aksacr.report.model import Stats
from aksacr.runner import run
from aksacr.standin.transport import WorldTransport
from aksacr.standin.world import World

_MOST_SECONDS = 2.0
_MOST_MIB = 300.0
_POOLS, _NETWORKS, _RULES = 200, 50, 1000


class _Measured(msgspec.Struct):
    gather_seconds: float
    judge_seconds: float
    peak_mib: float
    requests: int
    statuses: dict[str, int]


@dataclass(frozen=True)
class Row:
    """The figures of one size: the median time, the largest memory."""

    size: Size
    runs: list[_Measured]
    held: bool

    @property
    def seconds(self) -> float:
        return median(item.judge_seconds for item in self.runs)

    @property
    def peak_mib(self) -> float:
        return max(item.peak_mib for item in self.runs)

    @property
    def passed_limits(self) -> list[str]:
        """The limits that were passed, each as a phrase."""
        if not self.held:
            return []
        return [
            *([f"{self.seconds:.2f} s > {_MOST_SECONDS} s"] if self.seconds > _MOST_SECONDS else []),
            *([f"{self.peak_mib:.0f} MiB > {_MOST_MIB:.0f} MiB"] if self.peak_mib > _MOST_MIB else []),
        ]


def judge(path: str) -> None:
    """In a process of its own: collect a world through the SDK, judge it with every check, build the report."""
    started = time.perf_counter()
    world = World.parse(Path(path).read_bytes(), path)
    gathered = asyncio.run(from_world(world, WorldTransport(world), image=None))
    collected = time.perf_counter()
    report = build(gathered.facts, run(gathered.facts, every_check()), Stats(gathered.requests, 0.0))
    judged = time.perf_counter()
    statuses: dict[str, int] = {}
    for item in report.checks:
        statuses[item.status] = statuses.get(item.status, 0) + 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    measured = _Measured(collected - started, judged - collected, peak, gathered.requests, statuses)
    sys.stdout.buffer.write(msgspec.json.encode(measured))


def measure(size: Size, *, runs: int, held: bool) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.json"
        file.write_text(large_world(size), encoding="utf-8")
        command = [sys.executable, str(Path(__file__).resolve()), "--judge", str(file)]
        found = [msgspec.json.decode(subprocess.check_output(command), type=_Measured) for _ in range(runs)]
    return Row(size, found, held)


def show(row: Row) -> None:
    size, last = row.size, row.runs[-1]
    words = ", ".join(f"{count} {status}" for status, count in sorted(last.statuses.items()))
    print(
        f"{size.layout:<7} {size.pools:>5} {size.networks:>8} {size.rules:>6} {row.seconds:>8.3f} {row.peak_mib:>9.0f}"
        f" {median(item.gather_seconds for item in row.runs):>9.2f} {last.requests:>9}   {words}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the judging of a large network, in processes of their own.")
    parser.add_argument("--judge", metavar="WORLD", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=3, help="runs of each size (the median time counts)")
    parser.add_argument("--pools", type=int, default=_POOLS)
    parser.add_argument("--networks", type=int, default=_NETWORKS)
    parser.add_argument("--rules", type=int, default=_RULES, help="of each security group")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    options = parser.parse_args()
    if options.judge:
        judge(options.judge)
        return 0
    sizes = [
        *((Size("one", options.pools // part, options.networks, options.rules), part == 1) for part in (8, 4, 2, 1)),
        (Size("denied", options.pools, options.networks, options.rules), True),
        (Size("spread", options.pools, options.networks, options.rules), True),
    ]
    rows: list[Row] = []
    if options.output == "table":
        print("layout  pools networks  rules  judge s  peak MiB  gather s  requests   checks")
    for size, held in sizes:
        try:
            rows.append(measure(size, runs=options.runs, held=held))
        except subprocess.CalledProcessError as error:
            print(f"{size} gave no report: exit status {error.returncode}", file=sys.stderr)
            return 2
        if options.output == "table":
            show(rows[-1])
    if options.output == "json":
        print(json.dumps([{**msgspec.to_builtins(row.size), "seconds": row.seconds} for row in rows], indent=2))
    for row in rows:
        for phrase in row.passed_limits:
            print(f"{row.size.layout}, {row.size.pools} node pools: {phrase}", file=sys.stderr)
    return 1 if any(row.passed_limits for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
