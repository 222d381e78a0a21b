"""One event → one finding: the attempt that decides, what it names, and which of the others say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from .addresses import kind_of
from .attempts import Attempt, attempts_of
from .classify import ANONYMOUS, BACKOFF_ONLY, NOT_A_PULL_ERROR, SECRET_MISSING, UNKNOWN, Reading, classify
from .context import speaks_of_a_pull
from .details import address_of, host_of, image_of, lookup_of, refused_reference, status_of
from .phrases import Said, words
from .references import host_named_in
from .stages import stage_of

if TYPE_CHECKING:
    from .model import AddressKind, Stage
    from .references import Reference

# From the most telling down: what comes first here is the cause, what comes after it is noise.
_VAGUE = 1
_WEAKNESS = {UNKNOWN: 2, ANONYMOUS: 3, SECRET_MISSING: 4, BACKOFF_ONLY: 5, NOT_A_PULL_ERROR: 6}
# Between events the anonymous refusal says more than an event that was cut; within one list it is the last resort.
_BETWEEN_EVENTS = {**_WEAKNESS, ANONYMOUS: 2, UNKNOWN: 3}
_WITH_STATUS = words(
    "forbidden-firewall forbidden-403 anonymous-token-401 unauthorized-401 not-found-tag not-found-repository "
    "layer-blob-forbidden layer-not-found rate-limited-429 server-error-5xx bad-request-400 registry-challenge-missing"
)
_LOOKUPS = frozenset({"dns-nxdomain", "dns-timeout", "dns-server-failure"})
_WITHOUT_ADDRESS = _LOOKUPS | {NOT_A_PULL_ERROR}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one event says. `resolver` is the DNS server it names; `pod` the pod it is about, where the text says so."""

    text: str
    symptom: str
    stage: Stage
    status: int | None
    host: str | None
    address: str | None
    address_kind: AddressKind | None
    image: str | None
    resolver: str | None
    alternatives: tuple[str, ...]
    noise: tuple[str, ...]
    pod: str | None
    weakness: int
    """0 for a failure with its cause; the higher, the less the text says."""

    def with_image(self, image: str | None) -> Finding:
        """The same finding with the image that the pod's own data names, where the message named none."""
        if self.image is not None or image is None:
            return self
        return replace(self, image=image, host=self.host or host_named_in(image))


def finding_of(event: str, *, wrapped: bool = False, pod: str | None = None, reason: str = "") -> Finding:
    """What the event says. `reason` is the event's own reason, where Kubernetes gives it apart from the message."""
    attempts = attempts_of(event, wrapped=wrapped)
    whole = Attempt(f"{reason}: {event}" if reason else event, event, wrapped=wrapped)
    of_a_pull = speaks_of_a_pull(_unmasked(whole))
    readings = [classify(attempt, of_a_pull=of_a_pull) for attempt in attempts]
    if reason and len(attempts) == 1 and _rank(readings[0]) >= _WEAKNESS[BACKOFF_ONLY]:
        readings = [classify(whole, of_a_pull=of_a_pull)]
    at = _deciding(readings)
    decided, reading = attempts[at], readings[at]
    image = image_of(event, wrapped=wrapped)
    address = None if reading.symptom in _WITHOUT_ADDRESS else address_of(decided)
    lookup = lookup_of(decided)
    return Finding(
        text=event,
        symptom=reading.symptom,
        stage=stage_of(reading.symptom, decided),
        status=status_of(decided) if reading.symptom in _WITH_STATUS else None,
        host=None
        if reading.symptom == NOT_A_PULL_ERROR
        else host_of(decided, image, looked_up=reading.symptom in _LOOKUPS),
        address=address,
        address_kind=kind_of(address),
        image=_image_text(image, reading, event),
        resolver=lookup[1] if lookup else None,
        alternatives=_alternatives(readings, at),
        noise=_noise(attempts, readings, at),
        pod=pod,
        weakness=_VAGUE if reading.vague else _BETWEEN_EVENTS.get(reading.symptom, 0),
    )


def without_a_finding(text: str, symptom: str) -> Finding:
    """A finding for a text that holds no pull error, or nothing at all."""
    return replace(finding_of(""), text=text, symptom=symptom)


def is_other_trouble(part: str, whole: str) -> bool:
    """Whether a part fails in a pull's words, of a host that the rest does not name: someone else's failure."""
    attempt = Attempt(part, part, wrapped=False)
    if speaks_of_a_pull(_unmasked(attempt)) or _rank(classify(attempt, of_a_pull=True)):
        return False
    lookup = lookup_of(attempt)
    host = attempt.url.host if attempt.url else lookup[0] if lookup else None
    return host is not None and whole.count(host) == part.count(host)


def _unmasked(attempt: Attempt) -> Said:
    return Said(" ".join(attempt.text.lower().split()), wrapped=attempt.wrapped)


def _rank(reading: Reading) -> int:
    return _VAGUE if reading.vague else _WEAKNESS.get(reading.symptom, 0)


def _deciding(readings: list[Reading]) -> int:
    """The first attempt that names its trouble. The last one is nearly always the anonymous try, and says nothing.

    Source: the credential provider always adds an empty credential (cloud-provider-azure), and an AKS maintainer's
    "the first rpc error matters" (Azure/AKS#4055).
    """
    return min(range(len(readings)), key=lambda index: (_rank(readings[index]), index))


def _alternatives(readings: list[Reading], at: int) -> tuple[str, ...]:
    chosen = readings[at]
    others = [reading.symptom for index, reading in enumerate(readings) if index != at and not _rank(reading)]
    return tuple(name for name in dict.fromkeys((*chosen.alternatives, *others)) if name != chosen.symptom)


def _noise(attempts: list[Attempt], readings: list[Reading], at: int) -> tuple[str, ...]:
    decided = _rank(readings[at])
    return tuple(
        attempt.text.strip(" []")
        for index, (attempt, reading) in enumerate(zip(attempts, readings, strict=True))
        if index != at and _rank(reading) > decided
    )


def _image_text(image: Reference | None, reading: Reading, event: str) -> str | None:
    if reading.symptom == NOT_A_PULL_ERROR:
        return None
    if image is None and reading.symptom == "invalid-reference":
        return refused_reference(event)
    return None if image is None else image.text
