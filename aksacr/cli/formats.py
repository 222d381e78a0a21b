"""The formats of a report, by name: the one list behind the options, their errors and the renderers.

A renderer is imported when its format is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aksacr.report.model import Report


def render(report: Report, kind: str, *, width: int, colour: bool, unicode: bool) -> str:
    """The report in the format of that name; width, colour and unicode bear on text alone."""
    if kind == "text":
        from aksacr.report.text import render_text  # noqa: PLC0415

        return render_text(report, width=width, colour=colour, unicode=unicode)
    return _PLAIN[kind](report)


def _json(report: Report) -> str:
    from aksacr.report.json_format import render_json  # noqa: PLC0415

    return render_json(report)


def _markdown(report: Report) -> str:
    from aksacr.report.markdown import render_markdown  # noqa: PLC0415

    return render_markdown(report)


def _junit(report: Report) -> str:
    from aksacr.report.junit import render_junit  # noqa: PLC0415

    return render_junit(report)


def _sarif(report: Report) -> str:
    from aksacr.catalogue import every_check  # noqa: PLC0415
    from aksacr.report.sarif import render_sarif  # noqa: PLC0415

    return render_sarif(report, {check.code: check.page for check in every_check()})


_PLAIN: Mapping[str, Callable[[Report], str]] = {
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
    "sarif": _sarif,
}
FORMATS = ("text", *_PLAIN)
FORMATS_LISTED = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
