"""`aksacr demo`: the same run against a packaged cluster on an embedded Azure (real SDK, real sockets, no account)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from . import options as o
from .exits import one_line_per_failure
from .judge import Result, emit, judge, judging, read_azure, require_query
from .output import UsageError, remark, show
from .pasted import errors_seen
from .progress import Progress
from .report_files import report_files

if TYPE_CHECKING:
    from aksacr.azure.gather import Gathered
    from aksacr.scenarios import Scenario


def demo(
    scenario: Annotated[
        str | None, typer.Argument(help="The situation to show; without one, a cluster with a fault.")
    ] = None,
    error: o.Errors = None,
    only: o.Only = "",
    skip: o.Skip = "",
    output: o.Output = o.OutputFormat.TEXT,
    report: o.Reports = None,
    redact: o.Redact = None,
    query: o.Query = None,
    fail_on: o.FailOnOption = o.FailOn.FAULT,
    allow_unknown: o.AllowUnknown = "",
    timeout: o.Timeout = 120,
    *,
    list_all: Annotated[bool, typer.Option("--list", help="List the situations.")] = False,
    only_show_errors: o.OnlyShowErrors = False,
    debug: o.Debug = False,
) -> None:
    """Show a run on a packaged cluster: the real SDK against an Azure that runs on this machine.

    Exits 0 when the situation gave the verdict that it is packaged with, 1 when not. The report inside is what
    `aksacr check` would give, its exit status included.
    """
    with one_line_per_failure(debug=debug):
        from aksacr import scenarios  # noqa: PLC0415 - read when a demo is asked for

        if list_all:
            show(_listing(scenarios.every_scenario()))
            return
        chosen = _find(scenario, scenarios.every_scenario())
        how = judging(only, skip, fail_on, allow_unknown, debug=debug)
        files = report_files(report)
        require_query(query)
        errors = errors_seen(error, quiet=only_show_errors)
        gathered = _read(chosen, timeout, Progress(only_show_errors))
        made = judge(gathered, how, errors)
        emit(made, Result(output, files, query, redact=redact), gathered.facts)
        differing = chosen.differences(made)
        if differing:
            remark(f"aksacr: scenario {chosen.name} did not give the verdict that it is packaged with: {differing}")
            raise SystemExit(1)
        if not only_show_errors:
            remark(f"(demo {chosen.name}: {chosen.title}. `aksacr demo --list` shows the other situations.)")


def _read(chosen: Scenario, timeout: float, progress: Progress) -> Gathered:
    from aksacr.azure.gather import Account, ids_of  # noqa: PLC0415
    from aksacr.azure.target import Target  # noqa: PLC0415
    from aksacr.standin.server import StandIn  # noqa: PLC0415

    world = chosen.world()
    cluster, registry = ids_of(world)
    os.environ["NO_PROXY"] = "localhost"  # no proxy leads back to the Azure on this machine
    with StandIn(world) as azure:
        environment = {**_quiet_environment(), **azure.environment()}
        account = Account(environment, azure.url, None, {})
        target = Target(cluster.resource_group, cluster.name, registry.name, cluster.subscription_id)
        return read_azure(target, account, image=world.target.image, timeout=timeout, progress=progress)


def _quiet_environment() -> dict[str, str]:
    """The environment without the user's own Azure: a demo signs in to nothing but the embedded one."""
    mine = ("AZURE", "ARM_", "IDENTITY_", "MSI_", "SYSTEM_", "SSL_CERT", "REQUESTS_CA", "CURL_CA", "HTTP", "ALL_PROXY")
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(mine)}


def _find(wanted: str | None, found: list[Scenario]) -> Scenario:
    if wanted is None:
        return next(item for item in found if item.is_default)
    for item in found:
        if item.name == wanted.strip().lower().replace("-", "_"):
            return item
    import difflib  # noqa: PLC0415

    near = difflib.get_close_matches(wanted, [item.name for item in found], n=3, cutoff=0.3)
    hint = f"; nearest: {', '.join(near)}" if near else "; `aksacr demo --list` lists them"
    raise UsageError(f'there is no scenario "{wanted}"{hint}')


def _listing(found: list[Scenario]) -> str:
    width = max(len(item.name) for item in found)
    return "\n".join(f"{item.name:<{width}}  {item.title}" for item in found)
