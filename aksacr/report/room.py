"""How much a report for a ticket may hold, and what is left out first when a cluster has more to tell."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST = 3_900_000  # bytes; the Azure portal takes files of up to 4 MB with a support request


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each thing is told. `words` bounds the letters of a message, 0 all of them; so do the counts."""

    raw: bool = True
    words: int = 0
    evidence: int = 8
    fixes: int = 0
    pools: int = 0
    left_out: str = ""


LADDER = (
    Room(),
    Room(raw=False, left_out="the raw evidence of every finding"),
    Room(
        raw=False,
        words=4_000,
        fixes=20,
        pools=40,
        left_out="the raw evidence of every finding, the ends of long messages, fixes beyond 20 of a finding, "
        "and the pull path beyond 40 different node pools",
    ),
    Room(
        raw=False,
        words=800,
        evidence=4,
        fixes=4,
        pools=5,
        left_out="the raw evidence of every finding, the ends of long messages, fixes beyond 4 of a finding, "
        "and the pull path beyond 5 different node pools",
    ),
)


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and a word on how much there was."""
    return text if not limit or len(text) <= limit else f"{text[:limit]}… (cut, {len(text)} characters)"
