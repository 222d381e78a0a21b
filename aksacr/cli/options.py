"""The options that commands share, in az's words."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from .formats import FORMATS_LISTED


class OutputFormat(StrEnum):
    """What goes to stdout."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    SARIF = "sarif"
    NONE = "none"


class ExplanationFormat(StrEnum):
    """What an explanation is shown as."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class ListFormat(StrEnum):
    """What the catalogue is shown as."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """What makes the exit status 1."""

    FAULT = "fault"
    WARNING = "warning"
    NEVER = "never"


class RedactionProfile(StrEnum):
    """What the report may show."""

    NONE = "none"
    SUPPORT = "support"
    PUBLIC = "public"


_TARGET = "The target"
_JUDGING = "Judging"
_RESULT = "The result"

ResourceGroup: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--resource-group",
        "-g",
        metavar="RG",
        help="The cluster's resource group (az's default `group`).",
        rich_help_panel=_TARGET,
    ),
]
ClusterName: TypeAlias = Annotated[
    str | None, typer.Option("--name", "-n", metavar="CLUSTER", help="The AKS cluster.", rich_help_panel=_TARGET)
]
RegistryName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--acr",
        metavar="REGISTRY",
        help="The registry: name, login server or resource id (az's default `acr`).",
        rich_help_panel=_TARGET,
    ),
]
SubscriptionName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--subscription",
        "-s",
        metavar="S",
        help="The cluster's subscription, by id or name (az's active one).",
        rich_help_panel=_TARGET,
    ),
]
CloudName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--cloud",
        metavar="C",
        help="AzureCloud, AzureChinaCloud, AzureUSGovernment, a cloud registered with az, or an ARM endpoint's URL.",
        rich_help_panel=_TARGET,
    ),
]
Image: TypeAlias = Annotated[
    str | None,
    typer.Option("--image", metavar="REPO[:TAG|@DIGEST]", help="The image that is pulled.", rich_help_panel=_TARGET),
]
Snapshot: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--snapshot",
        metavar="FILE",
        help="Judge a file that `aksacr collect` saved; nothing is asked of Azure.",
        rich_help_panel=_TARGET,
    ),
]
Errors: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--error",
        metavar="TEXT|@FILE|-",
        help="A pull error that was seen: its text, a file that holds it, or - for stdin; may be given several times.",
        rich_help_panel=_JUDGING,
    ),
]
Only: TypeAlias = Annotated[
    str,
    typer.Option(
        "--only",
        metavar="CODES",
        help="Judge these checks only: codes or names, comma-separated.",
        rich_help_panel=_JUDGING,
    ),
]
Skip: TypeAlias = Annotated[
    str, typer.Option("--skip", metavar="CODES", help="Leave these checks out.", rich_help_panel=_JUDGING)
]
FailOnOption: TypeAlias = Annotated[
    FailOn, typer.Option("--fail-on", help="What makes the exit status 1.", rich_help_panel=_JUDGING)
]
AllowUnknown: TypeAlias = Annotated[
    str,
    typer.Option(
        "--allow-unknown",
        metavar="CODES|all",
        help="Checks that may stay unknown without exit status 3.",
        rich_help_panel=_JUDGING,
    ),
]
Timeout: TypeAlias = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=1,
        help="Give up reads that Azure has not answered by then.",
        rich_help_panel=_JUDGING,
    ),
]
Output: TypeAlias = Annotated[
    OutputFormat,
    typer.Option("--output", "-o", case_sensitive=False, help="What goes to stdout.", rich_help_panel=_RESULT),
]
Reports: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=FILE",
        help=f"Also write the report to a file: {FORMATS_LISTED}; may be given several times.",
        rich_help_panel=_RESULT,
    ),
]
Redact: TypeAlias = Annotated[
    RedactionProfile | None,
    typer.Option(
        "--redact",
        case_sensitive=False,
        help="Mask what the report shows, on stdout and in files: support hides people and subscription ids, public "
        "names, ids and addresses, too. Without it, files are masked as for support, and stdout is not. Secrets "
        "always are.",
        show_default=False,
        rich_help_panel=_RESULT,
    ),
]
Query: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--query",
        metavar="JMESPATH",
        help="Show what this JMESPath expression finds in the JSON report.",
        rich_help_panel=_RESULT,
    ),
]
Debug: TypeAlias = Annotated[
    bool, typer.Option("--debug", help="Say more on stderr, tracebacks included.", rich_help_panel=_RESULT)
]
OnlyShowErrors: TypeAlias = Annotated[
    bool, typer.Option("--only-show-errors", help="No progress and no remarks on stderr.", rich_help_panel=_RESULT)
]
