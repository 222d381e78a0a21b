"""What `explain` answers: one entry for each pull error read; field for field its JSON, camelCase on the wire."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Stage: TypeAlias = Literal[
    "resolve", "connect", "admit", "authenticate", "manifest", "layers", "unpack", "kubelet", "none"
]
AddressKind: TypeAlias = Literal["private", "public", "loopback"]


class _Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class Cause(_Model, frozen=True):
    """One thing that produces the symptom. `code` names the check that can prove it, null when no check can.

    `commands` are safe to paste; names that the text does not hold stand as shell variables (`$RG`, `$CLUSTER`, …).
    """

    code: str | None
    slug: str
    why: str
    fix: str
    commands: list[str]


class PullError(_Model, frozen=True):
    """One pull error: the piece of text it was read from, what it says, and what it cannot say (`settled` false)."""

    text: str
    symptom: str
    stage: Stage
    http_status: int | None = None
    host: str | None = None
    address: str | None = None
    address_kind: AddressKind | None = None
    image: str | None = None
    alternatives: list[str] = []
    noise: list[str] = []
    causes: list[Cause] = []
    settled: bool = False
    count: int = 1


class Explanation(_Model, frozen=True):
    """Everything read from one input, the deciding error first. Never empty: a text without a pull error says so."""

    schema_version: Literal["1.0"] = "1.0"
    errors: list[PullError] = []
