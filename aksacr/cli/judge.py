"""One run of the checks: from facts to a report, and from a report to stdout and files."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .formats import render
from .options import FailOn, OutputFormat, RedactionProfile
from .output import UsageError, in_pipeline, remark, show, write_file
from .progress import shows_unicode

if TYPE_CHECKING:
    from pathlib import Path

    from aksacr.azure.gather import Account, Gathered
    from aksacr.azure.target import Target
    from aksacr.facts import Facts
    from aksacr.pull_errors import Explanation
    from aksacr.report.model import Report

    from .progress import Progress

_WIDTH_OF_FILES = 100


@dataclass(frozen=True, slots=True)
class Judging:
    """Which checks count, and how."""

    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    fail_on: FailOn = FailOn.FAULT
    allow_unknown: frozenset[str] = frozenset()
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """Where the report goes."""

    output: OutputFormat = OutputFormat.TEXT
    files: tuple[tuple[str, Path], ...] = ()
    query: str | None = None
    colour_allowed: bool = True
    redact: RedactionProfile | None = None

    @property
    def for_stdout(self) -> RedactionProfile:
        """Who reads a terminal may read what it shows, so nothing is masked there unasked."""
        return self.redact or RedactionProfile.NONE

    @property
    def for_files(self) -> RedactionProfile:
        """Files are handed on, so what identifies people and subscriptions is masked unasked."""
        return self.redact or RedactionProfile.SUPPORT


def judging(only: str, skip: str, fail_on: FailOn, allow_unknown: str, *, debug: bool) -> Judging:
    """Options as codes. Raises `UnknownCheckError`, and `UsageError` where they leave nothing to judge."""
    from aksacr.catalogue import every_check, find_all  # noqa: PLC0415 - the checks are loaded when a command needs them

    everything = allow_unknown.strip().lower() == "all"
    allowed = frozenset({"ALL"}) if everything else find_all(allow_unknown)
    chosen, left_out = find_all(only), find_all(skip)
    if only.strip() and not chosen:
        raise UsageError(f'--only "{only}" names no check; `aksacr checks` lists them')
    if not (chosen or {check.code for check in every_check()}) - left_out:
        raise UsageError("--only and --skip together leave no check to judge; leave a code out of --skip")
    return Judging(chosen, left_out, fail_on, allowed, debug)


def read_azure(
    target: Target, account: Account, *, image: str | None, timeout: float, progress: Progress, record: bool = False
) -> Gathered:
    """Ask Azure. Raises what `gather.from_azure` raises."""
    import asyncio  # noqa: PLC0415 - 0.02 s that `--help` and `checks` need not pay

    from aksacr.azure import gather  # noqa: PLC0415
    from aksacr.azure.activity import Activity  # noqa: PLC0415

    activity = Activity()
    asking = gather.from_azure(target, account, image=image, timeout_seconds=timeout, record=record, activity=activity)
    with progress("Asking Azure", activity.words):
        return asyncio.run(asking)


def judge(gathered: Gathered, how: Judging, errors: Explanation | None = None) -> Report:
    """Run the checks over the facts and build the report; `errors` are the pull errors that were seen."""
    from dataclasses import replace  # noqa: PLC0415

    from aksacr.catalogue import every_check  # noqa: PLC0415
    from aksacr.observed import images, quoted_clients, throttling_hosts  # noqa: PLC0415
    from aksacr.pull_errors import entries_of  # noqa: PLC0415
    from aksacr.report import model  # noqa: PLC0415
    from aksacr.report.build import build  # noqa: PLC0415
    from aksacr.runner import run  # noqa: PLC0415

    seen = entries_of(errors) if errors is not None else []
    facts = replace(
        gathered.facts,
        quoted_clients=quoted_clients(seen),
        throttling_hosts=throttling_hosts(seen),
        observed_images=images(seen),
    )
    judged = run(facts, every_check(), only=how.only, skip=how.skip, debug=remark if how.debug else None)
    stats = model.Stats(requests=gathered.requests, elapsed_seconds=round(gathered.elapsed_seconds, 3))
    if how.debug:
        remark(f"signed in as {gathered.signed_in_as}; longest chain of requests: {gathered.longest_chain}")
    return build(facts, judged, stats, observed=seen, fail_on=how.fail_on.value, allow_unknown=how.allow_unknown)


def emit(report: Report, result: Result, facts: Facts | None = None) -> None:
    """Write the report to stdout and files, redacted for those who will read them; `facts` hold the names to mask.

    Raises `UsageError` at the end, when all that could be written is.
    """
    from aksacr.redaction import net, redact  # noqa: PLC0415 - loaded where there is a report

    lost: list[str] = []
    if result.files:
        lost = _write_files(redact(report, result.for_files.value, facts), result)
    report = redact(report, result.for_stdout.value, facts)
    if result.query is not None:
        show(net(_queried(report, result.query), result.for_stdout.value))
    elif result.output is not OutputFormat.NONE:
        width = shutil.get_terminal_size((100, 24)).columns
        text = render(
            report, result.output.value, width=width, colour=_colour(result), unicode=shows_unicode(sys.stdout)
        )
        show(net(text, result.for_stdout.value))
    if lost:
        raise UsageError("; ".join(lost))


def _write_files(report: Report, result: Result) -> list[str]:
    """Every file that can be written; what is to be said of the others."""
    from aksacr.redaction import net  # noqa: PLC0415

    lost: list[str] = []
    for kind, path in result.files:
        text = render(report, kind, width=_WIDTH_OF_FILES, colour=False, unicode=True)
        try:
            write_file(path, net(text, result.for_files.value).encode())
        except UsageError as error:
            lost.append(str(error))
    return lost


def require_query(expression: str | None) -> None:
    """Raise `UsageError` for an expression that is no JMESPath, before anything is asked of Azure."""
    if expression is None:
        return
    import jmespath  # noqa: PLC0415
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415

    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise UsageError(f"--query: {' '.join(str(error).split())}") from error


def _queried(report: Report, expression: str) -> str:
    import json  # noqa: PLC0415

    import jmespath  # noqa: PLC0415
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415

    from aksacr.report.json_format import dump, render_json  # noqa: PLC0415

    try:
        found: object = jmespath.search(expression, json.loads(render_json(report)))
    except JMESPathError as error:
        raise UsageError(f"--query: {' '.join(str(error).split())}") from error
    return dump(found)


def _colour(result: Result) -> bool:
    return (
        result.colour_allowed
        and sys.stdout is not None  # pyright: ignore[reportUnnecessaryComparison] - None where it was closed
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and not in_pipeline()
    )


def finish(report: Report) -> None:
    """End the process with the report's exit status."""
    raise SystemExit(report.verdict.exit_status)
