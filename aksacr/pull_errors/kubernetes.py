"""Kubernetes lists of events and pods, read as data: `kubectl get events,pods -o json` or `-o yaml`, and `-w` streams.

Only the few fields that tell of a pull are decoded; all else is skipped by the decoder, which keeps reading linear.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from .findings import finding_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .findings import Finding

_QUIET_REASONS = frozenset(
    "Scheduled FailedScheduling Pulling Pulled Created Started Killing Unhealthy ProbeWarning FailedMount FailedAttachVolume "
    "SuccessfulAttachVolume SuccessfulCreate SuccessfulDelete ScalingReplicaSet Preempted TaintManagerEviction NodeReady "
    "NodeNotReady RegisteredNode NodeHasSufficientMemory NodeHasNoDiskPressure SandboxChanged LeaderElection Completed "
    "SawCompletedJob NoPods FailedGetResourceMetric FailedComputeMetricsReplicas CalculateExpectedPodCount".split()
)
_READ_KINDS = frozenset({"Event", "Pod"})
_PULL_REASONS = frozenset(
    "ErrImagePull ImagePullBackOff InvalidImageName ErrImageNeverPull ImageInspectError RegistryUnavailable "
    "SignatureValidationFailed PullImageError".split()
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
    spec: msgspec.Raw | None = None
    status: msgspec.Raw | None = None


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
        document = _document.decode(data)
    except msgspec.ValidationError:
        return _one_by_one(data)
    except msgspec.DecodeError:
        return _several(data)
    return _as_kubernetes(document)


def items_of_plain(plain: Plain) -> list[_Item] | None:
    """The same for a document that was read from YAML."""
    return items_of_json(msgspec.json.encode(plain))


def _as_kubernetes(document: _Document | list[_Item]) -> list[_Item] | None:
    if isinstance(document, list):
        return document if any(item.kind in _READ_KINDS for item in document) else None
    if document.items is not None:
        return document.items
    return [document] if document.kind in _READ_KINDS else None


def _one_by_one(data: bytes) -> list[_Item] | None:
    """The objects that can be decoded, where one of another kind has a field of another form."""
    try:
        document = _loose.decode(data)
    except msgspec.DecodeError:
        return None
    raws = document if isinstance(document, list) else document.items
    items = [item for raw in raws if (item := _decoded(_item, raw)) is not None]
    return items or None


def _several(data: bytes) -> list[_Item] | None:
    """The objects of a watch: one JSON document after another."""
    text = data.decode("utf-8", "replace")
    read, items, start = json.JSONDecoder(), list[_Item](), 0
    while start < len(text):
        try:
            _, end = read.raw_decode(text, start)
            document = _document.decode(text[start:end])
        except (ValueError, RecursionError):
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


def _decoded(decoder: msgspec.json.Decoder[_T], raw: msgspec.Raw | None) -> _T | None:
    if raw is None:
        return None
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError:
        return None
