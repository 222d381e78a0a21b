"""What `aksacr check` costs a user: wall time, requests and their longest chain, peak memory. `README.md` explains it.

Exit status 1 when a target is missed, 2 when a run gave no verdict.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_HERE = Path(__file__).resolve().parent
_FIXTURES = _HERE.parent / "fixtures"
_DEFAULT = (
    "recorded_private_endpoint",
    "private_endpoint_behind_hub",
    "egress_address_not_allowed",
    "recorded_service_principal",
)
_CLIENTS = (
    "aiohttp",
    "azure.core.pipeline.transport",
    "azure.identity.aio",
    "azure.mgmt.containerservice.aio",
    "azure.mgmt.containerregistry.aio",
    "azure.mgmt.compute.aio",
    "azure.mgmt.network.aio",
    "azure.mgmt.privatedns.aio",
    "azure.mgmt.authorization.v2022_04_01.aio",
)
_IMPORT = f"import time; start = time.perf_counter(); import {', '.join(_CLIENTS)}; print(time.perf_counter() - start)"
_VERDICTS = (0, 1, 3)
_CHAIN = re.compile(r"longest chain of requests: (\d+)")
_MOST_RATIO = 1.35
_MOST_MIB = 180.0


class NoVerdictError(Exception):
    """A run that did not come to a verdict measures nothing."""


class _Target(msgspec.Struct):
    cluster: str
    registry: str


class _Exchange(msgspec.Struct):
    method: str
    target: str
    status: int
    start: float
    end: float


class _Azure(msgspec.Struct):
    url: str
    environment: dict[str, str]
    target: _Target


class _Run(NamedTuple):
    seconds: float
    cpu_seconds: float
    peak_mib: float
    errors: str


@dataclass(frozen=True)
class Row:
    """One fixture's figures. `in_a_row` is a bound for `chain` that the server saw: exchanges none of which overlap."""

    fixture: str
    seconds: list[float]
    cpu_seconds: list[float]
    import_seconds: list[float]
    requests: int
    chain: int
    in_a_row: int
    delay_seconds: float
    peak_mib: float
    read_twice: list[str]

    @property
    def ratio(self) -> float:
        return median(self.seconds) / (self.chain * self.delay_seconds + median(self.import_seconds))

    @property
    def missed(self) -> list[str]:
        """The targets that were missed, each as a phrase."""
        return [
            *([f"ratio {self.ratio:.2f} > {_MOST_RATIO}"] if self.ratio > _MOST_RATIO else []),
            *([f"peak {self.peak_mib:.0f} MiB > {_MOST_MIB:.0f} MiB"] if self.peak_mib > _MOST_MIB else []),
            *(f"read more than once: {url}" for url in self.read_twice),
            *([f"chain {self.chain}, but no more than {self.in_a_row} in a row"] if self.chain > self.in_a_row else []),
        ]


class Server:
    """A stand-in Azure in its own process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.azure = msgspec.json.decode(self._line(), type=_Azure)

    def exchanges(self) -> list[_Exchange]:
        """What was asked since the last call."""
        assert self._process.stdin is not None  # noqa: S101 - it was opened as a pipe
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._line(), type=list[_Exchange])

    def _line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101 - it was opened as a pipe
        return self._process.stdout.readline()


@contextmanager
def serving(fixture: str, delay: float) -> Generator[Server]:
    command = [sys.executable, str(_HERE / "stand_in.py"), str(_FIXTURES / fixture / "world.json"), str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Server(process)


def environment_of(azure: _Azure, home: str) -> dict[str, str]:
    """Where nothing leads anywhere but to this Azure: no az, no metadata service of a virtual machine."""
    return {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": home,
        "AZURE_CONFIG_DIR": home,
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9",
        **azure.environment,
    }


def import_once(environment: dict[str, str]) -> float:
    """The time that a process of its own takes to import the clients, without the interpreter's start and end."""
    return float(subprocess.check_output([sys.executable, "-c", _IMPORT], env=environment))


def run_once(azure: _Azure, environment: dict[str, str], *more: str) -> _Run:
    """Run the installed `aksacr check` in a process of its own, as a user would. Raises NoVerdictError."""
    parts = azure.target.cluster.split("/")
    command = [str(Path(sys.executable).with_name("aksacr")), "check", "--subscription", parts[2], "-g", parts[4]]
    command += ["-n", parts[-1], "--acr", azure.target.registry.rsplit("/", 1)[-1], "--cloud", azure.url, *more]
    home = environment["HOME"]
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if process.returncode not in _VERDICTS:
        raise NoVerdictError(f"{' '.join(command)} ended with status {process.returncode}:\n{said}")
    peak_mib = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return _Run(seconds, usage.ru_utime + usage.ru_stime, peak_mib, said)


def measure(fixture: str, *, runs: int, delay: float) -> Row:
    """Run it once to fill the caches and to learn the chain, then `runs` times for the figures.

    Imports are measured in turns with the runs, so that both meet the same load of the machine.
    """
    with tempfile.TemporaryDirectory() as home, serving(fixture, delay) as server:
        environment = environment_of(server.azure, home)
        found = _CHAIN.search(run_once(server.azure, environment, "--debug").errors)
        server.exchanges()
        pairs = [(import_once(environment), run_once(server.azure, environment)) for _ in range(runs)]
        exchanges = server.exchanges()
    times = Counter(f"{item.method} {item.target}" for item in exchanges)
    return Row(
        fixture=fixture,
        seconds=sorted(run.seconds for _, run in pairs),
        cpu_seconds=sorted(run.cpu_seconds for _, run in pairs),
        import_seconds=sorted(importing for importing, _ in pairs),
        requests=len(exchanges) // runs,
        chain=int(found.group(1)) if found else 0,
        in_a_row=_in_a_row(exchanges) // runs,
        delay_seconds=delay,
        peak_mib=max(run.peak_mib for _, run in pairs),
        read_twice=[request for request, count in times.items() if count > runs and request.startswith("GET ")],
    )


def _in_a_row(exchanges: Sequence[_Exchange]) -> int:
    """The most exchanges of which each began after the one before had ended."""
    count, free = 0, float("-inf")
    for item in sorted(exchanges, key=lambda item: item.end):
        if item.start >= free:
            count, free = count + 1, item.end
    return count


def show(row: Row) -> None:
    spread = f"{row.seconds[0]:.2f}-{row.seconds[-1]:.2f}"
    print(
        f"{row.fixture:<30} {median(row.seconds):>6.2f} {spread:>11} {median(row.cpu_seconds):>6.2f}"
        f" {row.requests:>9} {row.chain:>6} {row.in_a_row:>9} {median(row.import_seconds):>7.2f} {row.ratio:>6.2f}"
        f" {row.peak_mib:>9.0f} {len(row.read_twice):>6}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure whole runs of `aksacr check` against the stand-in Azure.")
    parser.add_argument("fixtures", nargs="*", default=_DEFAULT, metavar="FIXTURE", help="folders of fixtures/")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (the median counts)")
    parser.add_argument("--delay", type=float, default=0.05, metavar="SECONDS", help="added to every answer")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    options = parser.parse_args()
    rows: list[Row] = []
    if options.output == "table":
        print(f"{'fixture':<30} wall s       range  cpu s  requests  chain  in a row  import  ratio  peak MiB  twice")
    for fixture in options.fixtures:
        try:
            rows.append(measure(fixture, runs=options.runs, delay=options.delay))
        except NoVerdictError as error:
            print(error, file=sys.stderr)
            return 2
        if options.output == "table":
            show(rows[-1])
    if options.output == "json":
        print(json.dumps([{**vars(row), "ratio": row.ratio, "missed": row.missed} for row in rows], indent=2))
    for row in rows:
        for phrase in row.missed:
            print(f"{row.fixture}: {phrase}", file=sys.stderr)
    return 1 if any(row.missed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
