"""Kubernetes lists of events and pods, read as data: `kubectl get events,pods -o json` or `-o yaml`, and `-w` streams.

Only the few fields that tell of a pull are decoded; all else is skipped by the decoder, which keeps reading linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from .findings import finding_of
from .phrases import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .findings import Finding

_QUIET_REASONS = words(
    "Scheduled FailedScheduling Pulling Pulled Created Started Killing Unhealthy ProbeWarning FailedMount "
    "FailedAttachVolume "
    "SuccessfulAttachVolume SuccessfulCreate SuccessfulDelete ScalingReplicaSet Preempted TaintManagerEviction "
    "NodeReady "
    "NodeNotReady RegisteredNode NodeHasSufficientMemory NodeHasNoDiskPressure SandboxChanged LeaderElection Completed "
    "SawCompletedJob NoPods FailedGetResourceMetric FailedComputeMetricsReplicas CalculateExpectedPodCount"
)
_READ_KINDS = frozenset({"Event", "Pod"})
_PULL_REASONS = words(
    "ErrImagePull ImagePullBackOff InvalidImageName ErrImageNeverPull ImageInspectError RegistryUnavailable "
    "SignatureValidationFailed PullImageError"
)


class _Object(msgspec.Struct, rename="camel"):
    namespace: str | None = None
    name: str | None = None


class _Waiting(msgspec.Struct):
    reason: str | None = None
    message: str | None = None


class _State(msgspec.Struct):
    waiting: _Waiting | None = None
    terminated: _Waiting | None = None


class _ContainerStatus(msgspec.Struct, rename="camel"):
    name: str | None = None
    image: str | None = None
    state: _State | None = None


class _Container(msgspec.Struct):
    name: str | None = None
    image: str | None = None


class _PodSpec(msgspec.Struct, rename="camel"):
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None


class _PodStatus(msgspec.Struct, rename="camel"):
    container_statuses: list[_ContainerStatus] | None = None
    init_container_statuses: list[_ContainerStatus] | None = None
    ephemeral_container_statuses: list[_ContainerStatus] | None = None


class _Item(msgspec.Struct, rename="camel"):
    kind: str | None = None
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    note: str | None = None
    metadata: _Object | None = None
    involved_object: _Object | None = None
    regarding: _Object | None = None
    spec: msgspec.Raw = msgspec.Raw()
    status: msgspec.Raw = msgspec.Raw()


class _Document(_Item, rename="camel"):
    """A list of objects, or one object."""

    items: list[_Item] | None = None


class _LooseDocument(msgspec.Struct):
    items: list[msgspec.Raw] = []


Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | None"
_T = TypeVar("_T")

_document = msgspec.json.Decoder(_Document | list[_Item])
_loose = msgspec.json.Decoder(_LooseDocument | list[msgspec.Raw])
_item = msgspec.json.Decoder(_Item)
_spec = msgspec.json.Decoder(_PodSpec)
_status = msgspec.json.Decoder(_PodStatus)


def items_of_json(data: bytes) -> list[_Item] | None:
    """The Kubernetes objects of a JSON document (or of several, one after another), or None when it is none."""
    try:
        return _as_kubernetes(_document.decode(data))
    except msgspec.ValidationError:
        return _one_by_one(data)
    except UnicodeDecodeError:
        repaired = data.decode("utf-8", "replace").encode()
        return items_of_json(repaired) if repaired != data else None
    except (msgspec.DecodeError, RecursionError):
        return _several(data)


def items_of_plain(plain: Plain) -> list[_Item] | None:
    """The same for a document that was read from YAML."""
    return items_of_json(msgspec.json.encode(plain))


def _as_kubernetes(document: _Document | list[_Item]) -> list[_Item] | None:
    if isinstance(document, list):
        return document if any(item.kind in _READ_KINDS for item in document) else None
    if document.items is None:
        return [document] if document.kind in _READ_KINDS else None
    # Lists that the API gives without kubectl (EventList, PodList) leave the kind of their items out.
    kind = (document.kind or "").removesuffix("List")
    if kind in _READ_KINDS:
        for item in document.items:
            item.kind = kind
    elif kind and document.kind != "List":
        return None
    return document.items if kind or any(item.kind in _READ_KINDS for item in document.items) else None


def _one_by_one(data: bytes) -> list[_Item] | None:
    """The objects that can be decoded, where one of another kind has a field of another form."""
    try:
        document = _loose.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    raws: list[msgspec.Raw] = document.items if isinstance(document, _LooseDocument) else document
    items = [item for raw in raws if (item := _decoded(_item, raw)) is not None]
    return items if any(item.kind in _READ_KINDS for item in items) else None


def _several(data: bytes) -> list[_Item] | None:
    """The objects of a watch: one JSON document after another."""
    import json  # noqa: PLC0415 - only a watch needs it: msgspec decodes one document, not the first of several

    text = data.decode("utf-8", "replace")
    read, items, start = json.JSONDecoder(), list[_Item](), 0
    while start < len(text):
        try:
            _, end = read.raw_decode(text, start)
            document = _document.decode(text[start:end])
        except (msgspec.DecodeError, ValueError, RecursionError):
            return items or None
        found = _as_kubernetes(document)
        if found is None:
            return items or None
        items += found
        start = end + len(text[end : end + 64]) - len(text[end : end + 64].lstrip())
    return items or None


def findings_in(items: Iterable[_Item]) -> Iterator[Finding]:
    """What events and pods say of pulls; objects of other kinds say nothing."""
    for item in items:
        if item.kind == "Pod":
            yield from _pod_findings(item)
        elif item.kind == "Event":
            finding = _event_finding(item)
            if finding is not None:
                yield finding


def _event_finding(item: _Item) -> Finding | None:
    message = item.message or item.note or ""
    if not message or item.reason in _QUIET_REASONS:
        return None
    about = item.involved_object or item.regarding
    pod = f"{about.namespace or ''}/{about.name}" if about is not None and about.name else None
    finding = finding_of(message, pod=pod, reason=item.reason or "")
    return None if finding.symptom == "not-a-pull-error" else finding


def _pod_findings(item: _Item) -> Iterator[Finding]:
    status = _decoded(_status, item.status)
    if status is None:
        return
    spec = _decoded(_spec, item.spec) or _PodSpec()
    images = {
        container.name: container.image for container in (*(spec.containers or ()), *(spec.init_containers or ()))
    }
    about = item.metadata or _Object()
    pod = f"{about.namespace or ''}/{about.name}" if about.name else None
    statuses = (status.container_statuses, status.init_container_statuses, status.ephemeral_container_statuses)
    for container in (each for listed in statuses for each in listed or ()):
        waiting = container.state.waiting if container.state else None
        if waiting is None or waiting.reason not in _PULL_REASONS:
            continue
        finding = finding_of(waiting.message or waiting.reason, pod=pod, reason=waiting.reason)
        image = finding.image or images.get(container.name) or container.image
        yield finding.with_image(image)


def _decoded(decoder: msgspec.json.Decoder[_T], raw: msgspec.Raw) -> _T | None:
    if not bytes(raw):
        return None
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
