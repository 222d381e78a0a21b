"""What `explain` does: text or Kubernetes data in, an explanation out. No network, no exception for any input."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from aksacr.log_safety import neutralise
from aksacr.redaction.secrets import without_secrets

from .classify import NOT_A_PULL_ERROR, UNKNOWN
from .collected import Collected
from .decode import encoding_of
from .findings import without_a_finding
from .model import Explanation, PullError
from .patterns import lazily
from .ranking import causes_of
from .texts import collect_text
from .vocabulary import SYMPTOMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .collected import Entry
    from .findings import Finding

_LONGEST_TEXT = 4_000
_LONGEST_NOISE = 1_000
_ENOUGH = 512
_NOT_BLANK = re.compile(rb"\S")
_MARK = b"\xef\xbb\xbf"
_DOCUMENT = re.compile(rb"\s*[\[{]\s*(?:[\"{]|$)")
_YAML = lazily(r"\s*(?:---\s*\n)?(?:apiVersion|kind|items):")


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
    if not start.head.removeprefix(_MARK).strip():
        return Explanation(errors=[_as_error(without_a_finding("", UNKNOWN))])
    read = _reader_of(start.head)
    if read is not None:
        data = b"".join(start.chunks)
        found = read(data.removeprefix(_MARK))
        if found is not None:
            return found
        start = _Start(start.head, iter([data]))
    collected = Collected()
    beginning = collect_text(start.chunks, collected)
    return _explained(collected.entries(), beginning)


def _reader_of(head: bytes) -> Callable[[bytes], Explanation | None] | None:
    """How to read an input that begins like a document; None where it begins like text."""
    if encoding_of(head) not in {"utf-8", "utf-8-sig"}:
        return None
    if _DOCUMENT.match(head.removeprefix(_MARK)):
        return _from_json
    return _from_yaml if _YAML().match(head.decode("utf-8-sig", "replace")) else None


def _from_json(data: bytes) -> Explanation | None:
    from .kubernetes import findings_in, items_of_json  # noqa: PLC0415 - text needs none of it, and start-up counts

    items = items_of_json(data)
    return None if items is None else _of_objects(findings_in(items), len(items))


def _from_yaml(data: bytes) -> Explanation | None:
    from .kubernetes import findings_in, items_of_plain  # noqa: PLC0415 - see _from_json
    from .yaml_lists import NotOurYamlError, read_yaml  # noqa: PLC0415

    try:
        items = items_of_plain(read_yaml(data.decode("utf-8", "replace")))
    except (NotOurYamlError, RecursionError):
        return None
    return None if items is None else _of_objects(findings_in(items), len(items))


def _of_objects(findings: Iterable[Finding], count: int) -> Explanation:
    collected = Collected(once_per_pod=True)
    for finding in findings:
        collected.add(finding)
    return _explained(collected.entries(), f"{count} Kubernetes objects")


def _explained(entries: list[Entry], read: str) -> Explanation:
    if not entries:
        return Explanation(errors=[_as_error(without_a_finding(read, NOT_A_PULL_ERROR))])
    return Explanation(
        errors=[_as_error(entry.finding, noise=list(entry.noise), count=entry.readings) for entry in entries]
    )


def _as_error(finding: Finding, *, noise: list[str] | None = None, count: int = 1) -> PullError:
    return PullError(
        text=_shown(finding.text, _LONGEST_TEXT),
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
        settled=_is_settled(finding),
        count=max(count, 1),
    )


def _is_settled(finding: Finding) -> bool:
    """Whether the text alone decides. A handshake that fails at a layer's address may be the way to it as well."""
    layers = finding.symptom == "tls-handshake-timeout" and finding.stage == "layers"
    return SYMPTOMS[finding.symptom].settled and not layers


def _shown(text: str, longest: int) -> str:
    plain = without_secrets("".join(char if char.isprintable() else " " for char in text))
    plain = neutralise(plain)
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def _chunks(source: bytes | str | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, str):
        data = source.encode("utf-8", "surrogateescape") if source.isascii() else source.encode("utf-8", "replace")
        return iter([data])
    if isinstance(source, (bytes, bytearray, memoryview)):
        return iter([bytes(source)])
    return iter(source)


def _peek(chunks: Iterator[bytes]) -> _Start:
    """Look at the beginning without losing it: what comes after leading blanks."""
    held: list[bytes] = []
    head = b""
    for chunk in chunks:
        held.append(chunk)
        if head:
            head = (head + chunk[:_ENOUGH])[:_ENOUGH]
        elif begins := _NOT_BLANK.search(chunk):
            head = chunk[begins.start() : begins.start() + _ENOUGH]
        if len(head) == _ENOUGH:
            break
    return _Start(head, chain(held, chunks))
