"""Lines of a terminal: wrapping, hanging indents, colour, and twins for terminals without Unicode."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len

from aksacr.log_safety import neutralise, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .model import StatusWord

_READABLE = 100  # longer lines of prose are hard to read
_ASCII = str.maketrans(
    {
        "✔": "+",
        "✘": "x",
        "⊘": "*",
        "–": "-",
        "—": "-",
        "·": "-",
        "→": "->",
        "…": "...",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
    },
)


class Style(Enum):
    """How a piece of text looks; the value is its SGR parameter.

    The colours are of the fixed 256, and half way between black and white (contrast of 4 and more with either): what
    the sixteen colours look like is the terminal's choice, and its yellow, green and cyan vanish on white.
    """

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    GOOD = "38;5;28"
    BAD = "1;38;5;160"
    WARNING = "1;38;5;130"
    OPEN = "1;38;5;133"
    COMMAND = "1;38;5;30"


Span: TypeAlias = tuple[str, Style]
Text: TypeAlias = "str | Sequence[Span]"

STATUS_FACES: dict[StatusWord, Span] = {
    "pass": ("✔", Style.GOOD),
    "fail": ("✘", Style.BAD),
    "warn": ("!", Style.WARNING),
    "unknown": ("?", Style.OPEN),
    "not-applicable": ("–", Style.FAINT),
    "crash": ("⊘", Style.BAD),
}


class Page:
    """Collects lines and gives them back as one string. Nothing that is written to it can act on a terminal."""

    def __init__(self, *, width: int, colour: bool, unicode: bool) -> None:
        self.width = max(60, width)
        self._colour = colour
        self._unicode = unicode
        self._lines: list[str] = []

    def blank(self) -> None:
        """One empty line, never two, and none at the top."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def row(self, lead: Text, text: Text, *, indent: int = 0, wide: bool = False) -> None:
        """`lead`, then `text` wrapped beside it. `wide` uses all columns, where a long line is no prose."""
        first = [(" " * indent, Style.PLAIN), *self._cleaned(lead, keep_spaces=True)]
        hanging = sum(cell_len(part) for part, _ in first)
        limit = self.width if wide else min(self.width, _READABLE)
        for number, line in enumerate(_wrapped(self._cleaned(text), max(24, limit - hanging))):
            self._put([*(first if number == 0 else [(" " * hanging, Style.PLAIN)]), *line])

    def heading(self, text: str) -> None:
        """A heading and a rule beside it, with an empty line above and below."""
        self.blank()
        words = self._plain(_one_spaced(text))
        self._put([(words, Style.STRONG), (" ", Style.PLAIN), (self._dashes(cell_len(words) + 1), Style.FAINT)])
        self.blank()

    def rule(self) -> None:
        """A rule with an empty line above."""
        self.blank()
        self._put([(self._dashes(0), Style.FAINT)])

    def prose(self, text: Text, *, indent: int = 0) -> None:
        """A paragraph."""
        self.row("", text, indent=indent)

    def parts(self, lead: Text, parts: Sequence[str], *, indent: int = 0) -> None:
        """Short facts in a row with dots between them; a line breaks only between two facts."""
        room = self.width - indent - sum(cell_len(part) for part, _ in self._cleaned(lead, keep_spaces=True))
        lines: list[str] = []
        for part in parts:
            longer = f"{lines[-1]} · {part}" if lines else part
            if lines and cell_len(self._plain(_one_spaced(longer))) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
        for line in lines:
            self.row(lead, line, indent=indent, wide=True)
            lead = " " * sum(cell_len(part) for part, _ in self._cleaned(lead, keep_spaces=True))

    def verbatim(self, text: str, style: Style = Style.PLAIN, *, label: str = "", indent: int = 0) -> None:
        """One line that is never wrapped or cut, so that it can be copied; a label may stand before it."""
        self._put([(" " * indent, Style.PLAIN), (label, Style.FAINT), (self._plain(text), style)])

    def fits(self, *texts: str, indent: int = 0) -> bool:
        """Whether these fit on one wide line, with a space between each."""
        return indent + sum(cell_len(self._plain(text)) + 1 for text in texts) - 1 <= self.width

    def text(self) -> str:
        """All lines, with a newline after the last and no blank ones before it."""
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return "\n".join([*self._lines, ""])

    def _dashes(self, start: int) -> str:
        return ("─" if self._unicode else "-") * max(2, min(self.width, _READABLE) - start)

    def _plain(self, text: str) -> str:
        text = neutralise(printable(text))  # always: a container that runs in a pipeline may not know of TF_BUILD
        if self._unicode:
            return text
        return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")

    def _cleaned(self, text: Text, *, keep_spaces: bool = False) -> list[Span]:
        spans = [(text, Style.PLAIN)] if isinstance(text, str) else text
        return [(self._plain(part if keep_spaces else _one_spaced(part)), style) for part, style in spans]

    def _put(self, spans: Iterable[Span]) -> None:
        pieces: list[Span] = []
        for part, style in spans:
            if pieces and pieces[-1][1] is style:
                pieces[-1] = (pieces[-1][0] + part, style)
            elif part:
                pieces.append((part, style))
        while pieces and not pieces[-1][0].rstrip():
            pieces.pop()
        if pieces:
            pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
        self._lines.append("".join(self._dressed(part, style) for part, style in pieces))

    def _dressed(self, part: str, style: Style) -> str:
        bare = part.strip(" ")
        if not self._colour or style is Style.PLAIN or not bare:
            return part
        before, after = part.split(bare, 1)
        return f"{before}\x1b[{style.value}m{bare}\x1b[0m{after}"


def _one_spaced(text: str) -> str:
    return " ".join(text.split())


def _wrapped(spans: Sequence[Span], room: int) -> list[list[Span]]:
    lines: list[list[Span]] = [[]]
    used = 0
    for part, style in spans:
        for word in part.split(" "):
            if not word:
                continue
            size = cell_len(word)
            if lines[-1] and used + 1 + size > room:
                lines.append([])
                used = 0
            space = " " if lines[-1] else ""
            lines[-1].append((space + word, style))
            used += len(space) + size
    return lines
