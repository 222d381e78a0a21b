"""The report: one object, from which every format and the exit status are computed. Shapes as in its JSON Schema."""

from __future__ import annotations

from typing import Literal

import msgspec

from aksacr.check import JsonValue, Status

StatusWord = Literal["pass", "warn", "fail", "unknown", "not-applicable", "crash"]
Outcome = Literal["blocked", "at-risk", "clear", "undetermined"]
FailOn = Literal["fault", "warning", "never"]


class _Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class Tool(_Model, frozen=True):
    """The program that wrote the report."""

    name: str
    version: str


class IdentityTarget(_Model, frozen=True):
    """The identity that the cluster pulls with; an id that Azure did not show is null."""

    kind: Literal["managed-identity", "service-principal", "unknown"]
    object_id: str | None = None
    client_id: str | None = None
    resource_id: str | None = None


class ClusterTarget(_Model, frozen=True):
    """The cluster that was judged."""

    id: str
    name: str
    resource_group: str
    location: str
    kubernetes_version: str
    identity: IdentityTarget


class RegistryTarget(_Model, frozen=True):
    """The registry that was judged."""

    id: str
    name: str
    login_server: str
    sku: str


class NodePoolTarget(_Model, frozen=True):
    """A node pool; `subnetId` is null where it could not be seen, `egressAddresses` hold addresses and ranges."""

    name: str
    os_type: str
    subnet_id: str | None
    egress_addresses: list[str]


class Target(_Model, frozen=True):
    """What was judged."""

    cloud: str
    cluster: ClusterTarget
    registry: RegistryTarget
    image: str | None
    node_pools: list[NodePoolTarget]


class EvidenceItem(_Model, frozen=True):
    """A value that was seen."""

    source: str
    path: str
    value: JsonValue


class FixItem(_Model, frozen=True):
    """A remedy; text and commands apart. Lines of `summary` after the first are a request to pass on as it stands."""

    summary: str
    commands: list[str]
    manual: bool
    caveat: str | None
    needs: str | None


class UnseenItem(_Model, frozen=True):
    """Something that could not be seen, and the permission that would show it."""

    source: str
    action: str
    reason: str


class CheckResult(_Model, frozen=True):
    """What one check said. `nodePools` empty means all."""

    code: str
    name: str
    title: str
    status: StatusWord
    message: str
    node_pools: list[str]
    evidence: list[EvidenceItem]
    fixes: list[FixItem]
    unseen: list[UnseenItem]
    docs: list[str]
    explains: list[str]
    refines: list[str]


class HopResult(_Model, frozen=True):
    """One step of a pull, for one node pool."""

    hop: Literal["resolve", "route", "admit", "identify", "authorize", "layers"]
    status: StatusWord
    detail: str
    checks: list[str]


class PoolPath(_Model, frozen=True):
    """The steps of a pull from one node pool, in the order in which a pull meets them."""

    node_pool: str
    hops: list[HopResult]


class VerdictResult(_Model, frozen=True):
    """The verdict of the whole run."""

    outcome: Outcome
    root_causes: list[str]
    summary: str
    exit_status: int


class Stats(_Model, frozen=True):
    """How much was asked of Azure, and how long it took."""

    requests: int
    elapsed_seconds: float


class Redaction(_Model, frozen=True):
    """How the report was redacted: the profile, how many different values were masked, and of what kinds."""

    profile: Literal["support", "public"]
    values: int
    kinds: list[str]


class Report(_Model, frozen=True):
    """The whole report, `schemaVersion` 1.0. `redaction` is there only where something may have been masked."""

    schema_version: Literal["1.0"]
    tool: Tool
    generated_at: str
    target: Target
    observed: list[dict[str, JsonValue]]
    verdict: VerdictResult
    checks: list[CheckResult]
    pull_path: list[PoolPath]
    stats: Stats
    redaction: Redaction | msgspec.UnsetType = msgspec.UNSET


def exit_status(checks: list[CheckResult], *, fail_on: FailOn, allow_unknown: frozenset[str]) -> int:
    """The exit status that follows from the verdicts.

    fail_on: the least that counts ("fault", "warning"; "never" turns 1 and 3 into 0).
    allow_unknown: codes whose *unknown* does not count, upper case, or {"ALL"}.
    """
    statuses = {check.status for check in checks}
    unseen = [check for check in checks if check.status == Status.UNKNOWN]
    counted = [check for check in unseen if not allow_unknown & {"ALL", check.code.upper()}]
    faulty = Status.FAIL in statuses or (fail_on == "warning" and Status.WARN in statuses)
    if faulty and fail_on != "never":
        return 1
    if Status.CRASH in statuses and not faulty:
        return 6
    if counted and not faulty and fail_on != "never":
        return 3
    return 0
