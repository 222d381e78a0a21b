"""What a terminal shows while Azure is asked, and what a terminal can show."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from aksacr.log_safety import printable

from .output import in_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from rich.console import RenderableType


@dataclass
class Progress:
    """Says on a terminal what Azure is being asked, and takes it away again.

    Silent in a pipe, in a pipeline, on a terminal without cursor movements, and when told to be.
    """

    quiet: bool = False
    _enabled: bool = field(init=False)

    def __post_init__(self) -> None:
        self._enabled = (
            sys.stderr is not None
            and sys.stderr.isatty()
            and not self.quiet
            and not in_pipeline()
            and os.environ.get("TERM") not in {"dumb", "unknown"}
        )

    @contextlib.contextmanager
    def __call__(self, doing: str, now: Callable[[], str]) -> Generator[None]:
        """While the block runs: `doing`, and behind it what `now` says, which is asked anew some times a second."""
        if not self._enabled:
            yield
            return
        from rich.console import Console  # noqa: PLC0415 - not needed in a pipe
        from rich.live import Live  # noqa: PLC0415
        from rich.spinner import Spinner  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        console = Console(stderr=True)
        spinner = Spinner("dots" if shows_unicode(sys.stderr) else "line")

        class Line:
            def __rich__(self) -> RenderableType:
                words = printable(f"{doing}: {now()}")
                spinner.text = Text(words[: max(10, console.width - 4)], no_wrap=True)
                return spinner

        with Live(
            Line(),
            console=console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield


def shows_unicode(stream: TextIO | None) -> bool:
    """Whether what is written to the stream may hold more than ASCII."""
    if _plain_locale(os.environ):
        return False
    try:
        "✔✘–─".encode((stream.encoding if stream else "") or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _plain_locale(environment: Mapping[str, str]) -> bool:
    """Whether the user chose the C locale by name. Python itself then writes UTF-8 and sets LC_CTYPE (PEP 538)."""
    character_type = environment.get("LC_CTYPE", "")
    own = "" if character_type in {"C.UTF-8", "C.utf8", "UTF-8"} else character_type
    return (environment.get("LC_ALL") or own or environment.get("LANG", "")) in {"C", "POSIX"}
