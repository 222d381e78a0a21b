"""The labelled texts: what people pasted, and what it says."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Labelled(msgspec.Struct, frozen=True):
    """A text with its label, as in labelled.jsonl."""

    id: str
    text: str
    symptom: str
    alternatives: list[str]
    stage: str
    http_status: int | None
    host: str | None
    address: str | None
    image: str | None
    settled: bool

    @property
    def accepted(self) -> set[str]:
        """The symptom, and the others that the same words allow."""
        return {self.symptom, *self.alternatives}


ALL = [
    msgspec.json.decode(line, type=Labelled)
    for line in Path(__file__).with_name("labelled.jsonl").read_bytes().splitlines()
]
PULLS = [row for row in ALL if row.symptom != "not-a-pull-error"]
OTHERS = [row for row in ALL if row.symptom == "not-a-pull-error"]
