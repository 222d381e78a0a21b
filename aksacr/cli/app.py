"""Puts the commands together. Modules of Azure are imported by the commands that need them, when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from aksacr import __version__

from . import check, checks, collect, demo

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


def main() -> None:
    """Run the command line."""
    app()
