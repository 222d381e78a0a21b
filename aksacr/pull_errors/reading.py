"""What `explain` does: text or Kubernetes data in, an explanation out. No network, and never an exception for an input."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from .attempts import events_of
from .classify import NOT_A_PULL_ERROR, UNKNOWN
from .collected import Collected
from .context import tells_of_other_trouble
from .decode import encoding_of, lines_of, texts_of
from .findings import Finding, finding_of, is_other_trouble
from .kubernetes import findings_in, items_of_json, items_of_plain
from .model import Explanation, PullError
from .ranking import causes_of
from .records import Record, records
from .secrets import without_secrets
from .vocabulary import SYMPTOMS
from .yaml_lists import NotOurYamlError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .collected import Entry

_LONGEST_TEXT = 4_000
_LONGEST_NOISE = 1_000
_PEEK = 65_536
_DOCUMENT = re.compile(rb"\s*[\[{]\s*(?:[\"{]|$)")
_YAML = re.compile(r"\s*(?:---\s*\n)?(?:apiVersion|kind|items):")
# A piece of a log without one of these holds no pull error; it is passed over whole, which keeps large logs fast.
_TRIGGER = re.compile(
    r"pull|imag|registr|manifest|azurecr|docker|unauth|connectivity_|aadsts|exec format|layer|oauth2|ephemeral-st|refer"
    r"|client with|certif|challenge|映|repos|toomany|blob",
    re.IGNORECASE,
)
_PIECE = 1 << 16


class _Start(NamedTuple):
    """The first bytes of an input, and all of it."""

    head: bytes
    chunks: Iterator[bytes]


def read_errors(source: bytes | str | Iterable[bytes]) -> Explanation:
    """Read pull errors from what was pasted or piped.

    In: text or bytes as kubectl, az, docker or a pipeline printed them, or an iterable of byte chunks for large inputs
    (text is read a line at a time; a Kubernetes JSON or YAML document is held in memory, because it is one value).
    Out: an explanation with at least one entry. Raises nothing that the input could bring about.
    """
    start = _peek(_chunks(source))
    if not start.head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return Explanation(errors=[_entry_of_nothing()])
    if _DOCUMENT.match(start.head.removeprefix(b"\xef\xbb\xbf")) and encoding_of(start.head) in {"utf-8", "utf-8-sig"}:
        data = b"".join(start.chunks)
        items = items_of_json(data.removeprefix(b"\xef\xbb\xbf"))
        if items is not None:
            return _explained(_collected_data(findings_in(items)), f"{len(items)} Kubernetes objects")
        start = _Start(start.head, iter([data]))
    if _YAML.match(start.head.decode("utf-8", "replace")):
        data = b"".join(start.chunks)
        found = _from_yaml(data)
        if found is not None:
            return found
        start = _Start(start.head, iter([data]))
    return _from_text(start.chunks)


def _from_yaml(data: bytes) -> Explanation | None:
    try:
        items = items_of_plain(read_yaml(data.decode("utf-8-sig", "replace")))
    except (NotOurYamlError, RecursionError):
        return None
    if items is None:
        return None
    return _explained(_collected_data(findings_in(items)), f"{len(items)} Kubernetes objects")


def _from_text(chunks: Iterator[bytes]) -> Explanation:
    collected = Collected()
    first: list[str] = []
    for record in records(_worth_reading(lines_of(texts_of(chunks)), first)):
        for finding in _findings_of(record):
            collected.add(finding)
    return _explained(collected.entries(), " ".join(" ".join(first).split()))


def _findings_of(record: Record) -> list[Finding]:
    """What a record says: as a whole, or each of its parts by itself where they are about different things."""
    if not record.wrapped:
        return _said_by(record)
    parts = record.parts()
    if len(parts) == 1:
        return _said_by(record)
    apart = [finding for part in parts for finding in _said_by(part)]
    causes = {finding.symptom for finding in apart if finding.weakness == 0}
    if len(causes) > 1 or tells_of_other_trouble(record.text) or any(is_other_trouble(part.text, record.text) for part in parts):
        return apart
    together = _said_by(record)
    return together if not causes or any(finding.symptom != UNKNOWN for finding in together) else apart


def _said_by(record: Record) -> list[Finding]:
    found = [finding_of(event, wrapped=record.wrapped, pod=record.pod) for event in events_of(record.text)]
    return [finding for finding in found if finding.symptom != NOT_A_PULL_ERROR]


def _worth_reading(lines: Iterator[str], first: list[str]) -> Iterator[str]:
    """The lines of the pieces that may hold a pull error; `first` takes the beginning of the text."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE:
            yield from _passed(held, first)
            held, size = [], 0
    yield from _passed(held, first)


def _passed(held: list[str], first: list[str]) -> Iterator[str]:
    if not first:
        first.append("\n".join(held)[:_LONGEST_TEXT])
        yield from held
    elif _TRIGGER.search("\n".join(held)):
        yield from held
    else:
        yield ""


def _collected_data(findings: Iterable[Finding]) -> list[Entry]:
    collected = Collected(once_per_pod=True)
    for finding in findings:
        collected.add(finding)
    return collected.entries()


def _explained(entries: list[Entry], read: str) -> Explanation:
    if not entries:
        return Explanation(errors=[_as_error(finding_of(read or "nothing"), text=read)])
    return Explanation(
        errors=[_as_error(entry.finding, noise=list(entry.noise), count=entry.readings) for entry in entries]
    )


def _as_error(
    finding: Finding, *, text: str | None = None, noise: list[str] | None = None, count: int = 1
) -> PullError:
    return PullError(
        text=_shown(finding.text if text is None else text, _LONGEST_TEXT),
        symptom=finding.symptom,
        stage=finding.stage,
        http_status=finding.status,
        host=finding.host,
        address=finding.address,
        address_kind=finding.address_kind,
        image=finding.image,
        alternatives=list(finding.alternatives),
        noise=[_shown(each, _LONGEST_NOISE) for each in noise or []],
        causes=causes_of(finding),
        settled=SYMPTOMS[finding.symptom].settled,
        count=max(count, 1),
    )


def _shown(text: str, longest: int) -> str:
    plain = without_secrets("".join(char if char.isprintable() else " " for char in text))
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def _entry_of_nothing() -> PullError:
    finding = finding_of("")
    return PullError(text="", symptom=UNKNOWN, stage="none", causes=causes_of(_unknown(finding)))


def _unknown(finding: Finding) -> Finding:
    from dataclasses import replace

    return replace(finding, symptom=UNKNOWN)


def _chunks(source: bytes | str | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, str):
        data = source.encode("utf-8", "surrogateescape") if source.isascii() else source.encode("utf-8", "replace")
        return iter([data])
    if isinstance(source, (bytes, bytearray, memoryview)):
        return iter([bytes(source)])
    return iter(source)


def _peek(chunks: Iterator[bytes]) -> _Start:
    """Look at the beginning without losing it: past leading blanks, at most `_PEEK` bytes of it."""
    held: list[bytes] = []
    head = b""
    for chunk in chunks:
        held.append(chunk)
        head += chunk[: _PEEK - len(head)] if len(head) < _PEEK else b""
        if len(head.lstrip()) >= 256:
            break
    return _Start(head, chain(held, chunks))
