"""Puts the commands together. Modules of Azure are imported by the commands that need them, when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from aksacr import __version__

from . import check, checks, collect, demo
from . import options as o
from .explain import explain

app = typer.Typer(
    name="aksacr",
    help="Why an AKS cluster cannot pull from an Azure Container Registry, and what to type to mend it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("check")(check.check)


@app.command("explain")
def _explain(
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT|@FILE|-]", help="The text of the error, a file that holds it, or - for stdin."),
    ] = None,
    output: Annotated[
        o.ExplanationFormat, typer.Option("--output", "-o", case_sensitive=False, help="What goes to stdout.")
    ] = o.ExplanationFormat.TEXT,
) -> None:
    """Say what a pull error means, from its text alone: no Azure, no network.

    Reads a kubelet event, `kubectl describe pod`, `kubectl get events,pods -o json`, the log of a kubelet, containerd
    or docker, `az aks check-acr`, `az acr check-health`, or the log of a pipeline.
    """
    explain(text, output.value)


app.command("collect")(collect.collect)
app.command("checks")(checks.checks)
app.command("demo")(demo.demo)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aksacr {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass
