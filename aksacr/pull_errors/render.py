"""An explanation as text for people, as markdown for a ticket, and as JSON. Pure functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from aksacr.log_safety import neutralise

from .advice import STAGES, left_open, next_command
from .patterns import lazily
from .vocabulary import SYMPTOMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Cause, Explanation, PullError, Stage

_WIDTH = 100
_QUOTED_TEXT = 320
_MARKDOWN_TEXT = 1_500
_IN_FULL = 3
_BACKTICKS = lazily(r"`+")


def render_explanation_json(explanation: Explanation) -> str:
    """One JSON document, in the form that docs/pull-errors.md gives, with a newline at its end."""
    encoded = msgspec.json.format(msgspec.json.encode(explanation), indent=2)
    return neutralise(encoded.decode()) + "\n"


def render_explanation_text(explanation: Explanation, *, width: int = _WIDTH) -> str:
    """For a person at a terminal, at most `width` columns wide; commands stand on lines of their own, unbroken."""
    errors = explanation.errors
    numbered = len(errors) > 1
    blocks = [f"{len(errors)} different pull errors, the deciding one first"] if numbered else []
    for number, error in enumerate(errors, 1):
        mark = f"{number}. " if numbered else ""
        blocks.append("\n".join(_text_of(error, mark, max(width, 40))))
    return neutralise("\n\n".join(blocks)) + "\n"


def render_explanation_markdown(explanation: Explanation) -> str:
    """For a ticket or a pull request; whatever the text contains stays inside code."""
    blocks = ["\n".join(_markdown_of(error)) for error in explanation.errors]
    return neutralise("\n\n".join(["# Pull errors", *blocks])) + "\n"


def _text_of(error: PullError, mark: str, width: int) -> Iterator[str]:
    symptom = SYMPTOMS[error.symptom]
    times = f" ({error.count} times)" if error.count > 1 else ""
    yield from _filled(f"{mark}{error.symptom}: {symptom.words}{times}", width, 0)
    yield ""
    for name, value in _facts(error):
        yield f"  {name:<8}  {value}"
    if error.text:
        yield from _filled(_cut(error.text, _QUOTED_TEXT), width, 12, first="  read      ")
    yield ""
    yield from _filled(symptom.meaning, width, 2)
    if error.alternatives:
        yield from _filled(f"The same words may also mean: {_named(error.alternatives)}.", width, 2)
    if error.noise:
        yield from _filled(_noise_counted(error), width, 2)
    if error.causes:
        yield ""
        yield "  Causes, most probable first" if len(error.causes) > 1 else "  Cause"
    for number, cause in enumerate(error.causes[:_IN_FULL], 1):
        yield from _cause_text(cause, number, width)
    yield from _less_probable(error.causes[_IN_FULL:], width)
    yield from _next_text(error, width)


def _cause_text(cause: Cause, number: int, width: int) -> Iterator[str]:
    yield f"  {number}. {_called(cause)}"
    yield from _filled(cause.why, width, 5)
    yield from _filled(cause.fix, width, 5, first="     → ", hanging=7)
    for command in cause.commands:
        yield f"       $ {command}"


def _less_probable(causes: Sequence[Cause], width: int) -> Iterator[str]:
    """The causes that stand further down, by name, and where their remedies are told."""
    if not causes:
        return
    yield ""
    yield from _filled(f"Less probable: {', '.join(map(_called, causes))}.", width, 2)
    yield from _filled("What to do about those is told with `-o markdown`.", width, 2)


def _called(cause: Cause) -> str:
    return f"{cause.code} {cause.slug}" if cause.code else cause.slug


def _next_text(error: PullError, width: int) -> Iterator[str]:
    opened, command = left_open(error), next_command(error)
    if opened is None and command is None:
        return
    yield ""
    if opened is not None:
        yield from _filled(f"The text does not say {opened}.", width, 2)
    if command is not None:
        yield from _filled("To find out, put the text into event.txt, set RG and CLUSTER, and run:", width, 2)
        yield f"    $ {command}"


def _markdown_of(error: PullError) -> Iterator[str]:
    symptom = SYMPTOMS[error.symptom]
    times = f" ({error.count} times)" if error.count > 1 else ""
    yield f"## `{error.symptom}`: {symptom.words}{times}"
    yield ""
    facts = list(_facts(error))
    if facts:
        yield from [*(f"- {name}: {_code(value)}" for name, value in facts), ""]
    if error.text:
        yield from [*_fenced(_cut(error.text, _MARKDOWN_TEXT)), ""]
    yield symptom.meaning
    if error.alternatives:
        yield f"The same words may also mean: {', '.join(f'`{name}`' for name in error.alternatives)}."
    if error.noise:
        yield _noise_counted(error)
    for number, cause in enumerate(error.causes, 1):
        yield from ["", f"{number}. **{_called(cause)}**: {_prose(cause.why)} **Do:** {_prose(cause.fix)}"]
        if cause.commands:
            yield from ["", *(f"   {line}" for line in _fenced("\n".join(cause.commands), "sh"))]
    opened, command = left_open(error), next_command(error)
    if opened is not None:
        yield from ["", f"The text does not say {opened}."]
    if command is not None:
        yield from [
            "",
            "To find out, put the text into `event.txt`, set `RG` and `CLUSTER`, and run:",
            "",
            *_fenced(command, "sh"),
        ]


def _facts(error: PullError) -> Iterator[tuple[str, str]]:
    if error.image:
        yield "image", error.image
    if error.host:
        yield "host", error.host
    if error.address:
        yield "address", f"{error.address} ({error.address_kind})" if error.address_kind else error.address
    if error.http_status:
        yield "status", str(error.http_status)
    if error.stage != "none":
        yield "stopped", _path(error.stage)


def _path(stage: Stage) -> str:
    """`resolve > connect > [admit] > …`: where the pull stopped on its way."""
    if stage == "kubelet":
        return "[kubelet], no registry was asked"
    return " > ".join(f"[{each}]" if each == stage else each for each in STAGES)


def _noise_counted(error: PullError) -> str:
    count = len(error.noise)
    if count == 1:
        return "One further message stands beside it and says nothing by itself."
    return f"{count} further messages stand beside it and say nothing by themselves."


def _named(symptoms: list[str]) -> str:
    return "; ".join(f"{name} ({SYMPTOMS[name].words})" for name in symptoms)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest // 2].rstrip()} … {text[-longest // 2 :].lstrip()}"


def _filled(text: str, width: int, indent: int, *, first: str | None = None, hanging: int | None = None) -> list[str]:
    import textwrap  # noqa: PLC0415 - only the text for people needs it

    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * indent if first is None else first,
        subsequent_indent=" " * (indent if hanging is None else hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fenced(text: str, language: str = "text") -> list[str]:
    longest = max((len(run) for run in _BACKTICKS().findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *text.split("\n"), fence]


def _code(value: str) -> str:
    return f"`` {value} ``" if "`" in value else f"`{value}`"


def _prose(text: str) -> str:
    """A sentence in which names from the text may stand: what markdown or HTML would act on is taken as it is."""
    return re.sub(r"([\\`*_<>|\[\]#])", r"\\\1", text)
