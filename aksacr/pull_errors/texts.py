"""Text in pieces of any size → findings, in memory bounded by the longest record and the different errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .attempts import events_of
from .classify import NOT_A_PULL_ERROR, UNKNOWN
from .context import tells_of_other_trouble
from .decode import lines_of, texts_of
from .findings import Finding, finding_of, is_other_trouble
from .phrases import phrases
from .records import Record, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .collected import Collected

# What has none of these holds no pull error. It is passed over, which keeps large logs fast.
_TRIGGERS = phrases(
    "pull | imag | registr | manifest | azurecr | docker | unauth | connectivity_ | aadsts | exec format | layer | "
    "oauth2 | ephemeral-st | refer | client with | challenge | 映 | repos | toomany | blob | /v2/ | from daemon | "
    "hcsshim | accessible | no such host | unexpected status"
)
_PIECE = 1 << 14
_LONGEST_BEGINNING = 4_000


def collect_text(chunks: Iterator[bytes], collected: Collected) -> str:
    """Put what a text says into `collected`; returns the beginning of the text, on one line."""
    sieve = _Sieve()
    for record in records(sieve.passed(lines_of(texts_of(chunks)))):
        text = record.text
        if sieve.is_long and not _may_matter(text):
            continue
        collected.note_progress(text)
        for finding in _findings_of(record):
            collected.add(finding)
    return " ".join(sieve.beginning.split())


class _Sieve:
    """Lets the lines through that may matter: all of the first piece, and of the others those that hold a trigger."""

    def __init__(self) -> None:
        self.beginning = ""
        self.is_long = False

    def passed(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines, with one empty line in place of a piece that was passed over."""
        held: list[str] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line) + 1
            if size >= _PIECE:
                yield from self._piece(held)
                held, size = [], 0
                self.is_long = True
        yield from self._piece(held)

    def _piece(self, held: list[str]) -> list[str]:
        piece = "\n".join(held)
        if not self.is_long:
            self.beginning = piece[:_LONGEST_BEGINNING]
            return held
        return held if _may_matter(piece) else [""]


def _may_matter(text: str) -> bool:
    low = text.lower()
    return any(trigger in low for trigger in _TRIGGERS)


def _findings_of(record: Record) -> list[Finding]:
    """What a record says: as a whole, or each of its parts by itself where they are about different things."""
    parts = record.parts() if record.wrapped else []
    if len(parts) < 2:
        return _said_by(record)
    apart = [finding for part in parts for finding in _said_by(part)]
    causes = {finding.symptom for finding in apart if finding.weakness == 0}
    if len(causes) > 1 or tells_of_other_trouble(record.text):
        return apart
    if any(is_other_trouble(part.text, record.text) for part in parts):
        return apart
    together = _said_by(record)
    return together if not causes or any(finding.symptom != UNKNOWN for finding in together) else apart


def _said_by(record: Record) -> list[Finding]:
    found = [finding_of(event, wrapped=record.wrapped, pod=record.pod) for event in events_of(record.text)]
    return [finding for finding in found if finding.symptom != NOT_A_PULL_ERROR]
