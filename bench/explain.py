"""What `explain` costs and how often it is right. Run: `python bench/explain.py [--robusta imagepull_utils.py]`.

Prints the start-up beside that of typer and rich, events a second on a generated `kubectl get events -A -o json` (and
whether twice the events take twice the time), lines a second on a log, and the agreement with the labelled texts.
The comparison is described in docs/pull-errors.md; the other tool's file is not part of this repository.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from aksacr.pull_errors import read_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LABELLED = Path(__file__).parent.parent / "tests" / "pull_errors" / "labelled.jsonl"
SIZES = (25_000, 50_000, 100_000)
REPEATS = 15
MEGABYTES_OF_LOG = 50
_MOST_STAND_INS = 20


class Labelled(msgspec.Struct):
    """A text and what it says."""

    text: str
    symptom: str
    alternatives: list[str]
    host: str | None
    address: str | None
    image: str | None
    http_status: int | None


def labelled() -> list[Labelled]:
    """The labelled texts that the tests use."""
    return msgspec.json.decode(b"[" + b",".join(LABELLED.read_bytes().splitlines()) + b"]", type=list[Labelled])


_UNPACK = 'failed to pull and unpack image "{i}": failed to resolve reference "{i}": '
_NO_HOST = (
    'failed to do request: Head "https://{h}/v2/{r}/manifests/1": dial tcp: lookup {h} on 10.0.0.10:53: no such host'
)
_ANONYMOUS = (
    "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
    "https://{h}/oauth2/token?scope=repository%3A{r}%3Apull&service={h}: 401 Unauthorized"
)
_NOT_FOUND = f"rpc error: code = NotFound desc = {_UNPACK}{{i}}: not found"
_FAILED = (
    f'Failed to pull image "{{i}}": rpc error: code = Unknown desc = {_UNPACK}{_NO_HOST}',
    f'Failed to pull image "{{i}}": [{_NOT_FOUND}, rpc error: code = Unknown desc = {_UNPACK}{_ANONYMOUS}]',
    'Back-off pulling image "{i}"',
)
_QUIET = (
    ("Scheduled", "Successfully assigned {n} to node"),
    ("Pulled", "Container image already present"),
    ("Created", "Created container"),
    ("Unhealthy", "Readiness probe failed: connection refused"),
)


def events(count: int) -> Iterator[str]:
    """Events as kubectl prints them, each with names of its own; a third of them of failed pulls."""
    for number in range(count):
        host = f"contoso{number % 40}.azurecr.io"
        repository = f"team{number % 13}/app{number % 700}"
        if number % 3 == 0:
            text = _FAILED[number // 3 % len(_FAILED)]
            reason = "BackOff" if text.startswith("Back") else "Failed"
        else:
            reason, text = _QUIET[number % len(_QUIET)]
        name = f"app-{number}-{number * 7919 % 99991:05x}"
        message = text.format(i=f"{host}/{repository}:{number % 50}", h=host, r=repository, n=name)
        yield json.dumps(_event(name, f"ns{number % 90}", reason, message, number), indent=4)


def _event(name: str, namespace: str, reason: str, message: str, number: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "count": number % 9 + 1,
        "eventTime": None,
        "firstTimestamp": "2026-11-22T10:00:00Z",
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": name,
            "namespace": namespace,
            "uid": f"{number:032x}",
        },
        "kind": "Event",
        "lastTimestamp": "2026-11-22T10:00:00Z",
        "message": message,
        "metadata": {"name": f"{name}.{number:016x}", "namespace": namespace, "resourceVersion": str(number)},
        "reason": reason,
        "source": {"component": "kubelet", "host": f"aks-np-vmss{number % 60:06d}"},
        "type": "Normal" if reason in {"Scheduled", "Pulled", "Created"} else "Warning",
    }


def startup_ratio() -> tuple[float, float]:
    """Seconds to import what `explain` needs, and to import typer and rich: the fastest of several runs each."""
    return _fastest("import aksacr.pull_errors"), _fastest("import typer, rich")


def _fastest(statement: str) -> float:
    taken: list[float] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        taken.append(time.perf_counter() - begun)
    return min(taken)


def events_a_second(count: int) -> float:
    """How many events are read in a second, the decoding of the JSON included."""
    document = ('{"apiVersion": "v1", "items": [' + ",\n".join(events(count)) + '], "kind": "List"}').encode()
    begun = time.perf_counter()
    found = read_errors(document)
    taken = time.perf_counter() - begun
    read = sum(error.count for error in found.errors)
    if not read:
        raise SystemExit("no pull error was found in the generated events")
    return count / taken


def megabytes_a_second() -> float:
    """How much of a log is read in a second: mostly lines of other things, with a pull error now and then."""
    quiet = (
        b"2026-11-22T10:00:00Z stdout F GET /healthz 200 12ms request_id=0123456789abcdef user=- bytes=512\n" * 6_000
    )
    error = b'Failed to pull image "contosoreg.azurecr.io/shop/ui:4": pull QPS exceeded\n'
    rounds = MEGABYTES_OF_LOG * 1_000_000 // len(quiet)
    begun = time.perf_counter()
    found = read_errors(chunk for _ in range(rounds) for chunk in (quiet, error))
    taken = time.perf_counter() - begun
    if found.errors[0].count != rounds:
        raise SystemExit(f"{found.errors[0].count} of {rounds} errors were found in the generated log")
    return rounds * len(quiet) / 1_000_000 / taken


def agreement() -> dict[str, float]:
    """How often each field is as labelled; a symptom counts when it is the label or one of its alternatives."""
    rows = labelled()
    read = [(row, read_errors(row.text).errors[0]) for row in rows]
    elsewhere = [error for row, error in read if row.symptom == "not-a-pull-error"]
    return {
        "symptom": _share(error.symptom in {row.symptom, *row.alternatives} for row, error in read),
        "false alarms": _share(error.symptom != "not-a-pull-error" for error in elsewhere),
        "host": _share(error.host == row.host for row, error in read),
        "address": _share(error.address == row.address for row, error in read),
        "image": _share(error.image == row.image for row, error in read),
        "status": _share(error.http_status == row.http_status for row, error in read),
    }


def _share(seen: Iterator[bool]) -> float:
    values = list(seen)
    return sum(values) / len(values)


# What each reason of the other tool may stand for, read generously: every symptom that its advice would help with.
_REASONS = {
    "RepoDoesntExist": {"not-found-repository", "not-found-tag"},
    "ImageDoesntExist": {"not-found-tag", "not-found-repository"},
    "TagNotFound": {"not-found-tag"},
    "NotAuthorized": {"unauthorized-401", "anonymous-token-401", "not-found-repository", "token-expired"},
    "Timeout": {"timeout-headers", "timeout-private-ip", "timeout-public-ip", "layer-blob-timeout", "context-deadline"},
}


def robusta(path: Path) -> dict[str, float]:
    """The same texts through robusta's `image_pull_backoff_reporter`, as its file stands at `path`.

    It is given each text as the message of one kubelet event, for the image that the label names. Texts that are no
    pull error, and those whose label names no image, are left out, because it is only asked about failed pulls.
    """
    investigator = _load(path)
    pulls = [row for row in labelled() if row.symptom != "not-a-pull-error" and row.image]
    answers = [(row, _reason(investigator, row)) for row in pulls]
    classified = [(row, reasons) for row, reasons in answers if reasons]
    right = [
        bool({symptom for reason in reasons for symptom in _REASONS.get(reason, ())} & {row.symptom, *row.alternatives})
        for row, reasons in classified
    ]
    ours = [read_errors(row.text).errors[0].symptom in {row.symptom, *row.alternatives} for row in pulls]
    return {
        "texts": len(pulls),
        "robusta classifies": len(classified) / len(pulls),
        "robusta right": sum(right) / len(pulls),
        "aksacr right": sum(ours) / len(pulls),
    }


def _reason(investigator: types.ModuleType, row: Labelled) -> list[str]:
    kind = investigator.ImagePullBackoffInvestigator
    event = types.SimpleNamespace(
        type="Warning",
        reason="Failed",
        note=row.text[max(0, row.text.find("Failed to pull image")) :].split("\n  ")[0].replace("\n", " "),
        deprecatedSource=types.SimpleNamespace(component="kubelet"),
    )
    message = kind.get_kubelet_image_pull_error_from_event(event, row.image)
    if message is None:
        return []
    found = kind.get_reason_from_kubelet_image_pull_error(kind, message)
    return [reason.name for reason in investigator.ImagePullBackoffReason if reason.value and reason in found]


def _load(path: Path) -> types.ModuleType:
    """The other tool's module, with empty stand-ins for the libraries that only its live part needs."""
    spec = importlib.util.spec_from_file_location("image_pull_backoff", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    for _ in range(_MOST_STAND_INS):
        try:
            spec.loader.exec_module(module)
        except ModuleNotFoundError as missing:
            sys.modules[str(missing.name)] = _Anything(str(missing.name))
        else:
            return module
    raise SystemExit(f"{path} needs more than it did when this was written")


class _Anything(types.ModuleType):
    """A module that has whatever is imported from it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def _print_speed() -> None:
    ours, theirs = startup_ratio()
    print(f"start-up: {ours * 1000:.0f} ms, {ours / theirs:.2f} × that of typer and rich ({theirs * 1000:.0f} ms)")
    for count in SIZES:
        print(f"events: {events_a_second(count):,.0f} a second of {count:,}")
    print(f"log: {megabytes_a_second():.0f} MB a second")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--robusta", type=Path, help="robusta's src/robusta/core/playbooks/pod_utils/imagepull_utils.py"
    )
    parser.add_argument("--only", choices=("speed", "agreement"), help="measure only this")
    options = parser.parse_args()
    if options.only != "agreement":
        _print_speed()
    if options.only != "speed":
        _print_shares("labelled texts", agreement)
    if options.robusta is not None:
        _print_shares("beside robusta", lambda: robusta(options.robusta))


def _print_shares(title: str, measure: Callable[[], dict[str, float]]) -> None:
    shown = (f"{name} {value:.1%}" if value <= 1 else f"{value:.0f} {name}" for name, value in measure().items())
    print(f"{title}: {', '.join(shown)}")


if __name__ == "__main__":
    main()
