"""Many findings → the entries of an explanation: repeated ones counted, the deciding one of each pod first.

Memory is bounded whatever the input: of a text with more different errors than `_MOST_ENTRIES`, the further ones are
counted without their image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from .patterns import lazily

if TYPE_CHECKING:
    from .findings import Finding

_MOST_ENTRIES = 500
_MOST_PODS = 20_000
_MOST_NOISE = 8
_LONGEST_PROGRESS = 1_000
_AFTER_THE_PULL = frozenset({"exec-format", "disk-full"})
_PULLING = lazily(r"\b[Pp]ulling image [\"']([^\"'\s]{1,512})[\"']")
_PULLED = lazily(r"(?:[Pp]ulled image|Container image) [\"']([^\"'\s]{1,512})[\"']")

_Key: TypeAlias = "tuple[str, str, int | None, str | None, str | None, str | None]"


class Entry(msgspec.Struct):
    """One error and how often it was read. `leads`: it is the first that names its trouble for some pod and image.

    `readings` counts pods where the input names them as data, else how often the error was read.
    """

    finding: Finding
    pods: set[str] = set()
    readings: int = 0
    noise: dict[str, None] = {}
    leads: bool = False
    order: int = 0


class Collected:
    """Takes findings one at a time and gives the entries at the end.

    `once_per_pod`: an event and the pod's own status tell the same error, so a pod counts once for it.
    """

    def __init__(self, *, once_per_pod: bool = False) -> None:
        self._once_per_pod = once_per_pod
        self._entries: dict[_Key, Entry] = {}
        self._pulling: dict[str, None] = {}
        self._led: set[tuple[str | None, str | None]] = set()

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        key = self._key(finding)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(finding, order=len(self._entries))
        for text in finding.noise:
            _note(entry, text)
        led = (finding.pod, finding.image)
        if finding.weakness == 0 and led not in self._led:
            entry.leads = True
            if len(self._led) < _MOST_PODS:
                self._led.add(led)
        if not (self._once_per_pod and finding.pod in entry.pods):
            entry.readings += 1
        if finding.pod and len(entry.pods) < _MOST_PODS:
            entry.pods.add(finding.pod)

    def note_progress(self, text: str) -> None:
        """Remember which image is being pulled, until a line says that it is there: errors may leave its name out."""
        if len(text) > _LONGEST_PROGRESS or ("ull" not in text and "present on" not in text):
            return
        if begun := _PULLING().search(text):
            if len(self._pulling) < _MOST_NOISE:
                self._pulling[begun[1]] = None
        elif arrived := _PULLED().search(text):
            self._pulling.pop(arrived[1], None)

    def entries(self) -> list[Entry]:
        """The errors that stand, the deciding first; what says less than another of the same pod became its noise."""
        kept: list[Entry] = []
        for entry in sorted(self._entries.values(), key=lambda entry: (entry.finding.weakness, entry.order)):
            stronger = next((other for other in kept if _outweighs(other, entry)), None)
            if stronger is None:
                kept.append(entry)
            else:
                _absorb(stronger, entry)
        if len(kept) == 1 and len(self._pulling) == 1 and kept[0].finding.symptom not in _AFTER_THE_PULL:
            kept[0].finding = kept[0].finding.with_image(next(iter(self._pulling)))
        return sorted(kept, key=lambda entry: (entry.finding.weakness > 0, not entry.leads, entry.order))

    def _key(self, finding: Finding) -> _Key:
        key = (finding.symptom, finding.stage, finding.status, finding.host, finding.address, finding.image)
        if key in self._entries or len(self._entries) < _MOST_ENTRIES:
            return key
        return (finding.symptom, finding.stage, finding.status, None, None, None)


def _outweighs(stronger: Entry, weaker: Entry) -> bool:
    """Whether one entry says all that another says, and more, of the same pod and image."""
    first, second = stronger.finding, weaker.finding
    same_image = first.image == second.image or first.image is None or second.image is None
    same_pod = not stronger.pods or not weaker.pods or not stronger.pods.isdisjoint(weaker.pods)
    if first.weakness < second.weakness:
        return same_image and (same_pod or (first.image is not None and first.image == second.image))
    pairs = ((first.image, second.image), (first.host, second.host), (first.address, second.address))
    return first.symptom == second.symptom and same_pod and all(None in pair or pair[0] == pair[1] for pair in pairs)


def _absorb(stronger: Entry, weaker: Entry) -> None:
    first, second = stronger.finding, weaker.finding
    if first.symptom == second.symptom:
        stronger.readings += weaker.readings - len(stronger.pods & weaker.pods)
        stronger.pods |= weaker.pods
    else:
        _note(stronger, second.text)
    for text in weaker.noise:
        _note(stronger, text)
    vague = second.weakness == 1 and second.symptom not in {first.symptom, *first.alternatives}
    stronger.finding = replace(
        first,
        image=first.image or second.image,
        host=first.host or second.host,
        status=first.status or (second.status if first.symptom == second.symptom else None),
        alternatives=(*first.alternatives, second.symptom) if vague else first.alternatives,
    )


def _note(entry: Entry, text: str) -> None:
    if len(entry.noise) < _MOST_NOISE:
        entry.noise.setdefault(text)
