"""What a check is: one question about the facts, with a verdict that carries its evidence and its fixes."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .facts import Facts, ResourceId, Unseen

    JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
else:
    JsonValue = Any  # msgspec resolves annotations when it runs, and knows no recursive alias


_POOLS_NAMED = 12
# What may be answered the next time, in the words of `azure.reading`: 429, 5xx (Azure's code or the status), silence.
_PASSING = re.compile(
    r"throttled \(|no answer\b|failed \((5\d\d|InternalServerError|InternalError|ServiceUnavailable|ServerTimeout|"
    r"ServerBusy|GatewayTimeout|BadGateway)\)",
    re.IGNORECASE,
)
_PERMISSION = re.compile(r"Microsoft\.\S+/\S+|Application\.Read")


class Status(StrEnum):
    """The six words, everywhere. See `checks/` for what each check means by them."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value that was seen: where (`source`, a resource id or API), at which `path`, and what it was."""

    source: str
    path: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy. `commands` are safe to paste; what deletes, resets or rolls nodes has `manual` and stays in words.

    `needs` says which role at which scope may run it; `caveat` what to know before or after. Lines of `summary` after
    the first are a request to pass on to somebody else, which reports show line by line, to copy.
    """

    summary: str
    commands: tuple[str, ...] = ()
    manual: bool = False
    caveat: str | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be seen: the resource, what would show it (see `Unseen`), and what came back.

    `action` is empty where nothing would, and where Azure did not refuse but was busy or silent: no permission
    changes that.
    """

    source: str
    action: str
    reason: str

    @classmethod
    def of(cls, unseen: Unseen) -> Gap:
        return cls(unseen.source, "" if _PASSING.match(unseen.reason) else unseen.action, unseen.reason)

    def sentence(self) -> str:
        """`could not read <source> (<reason>); needs <permission>`, or `<source>: <reason>` where none would help."""
        if not self.action and _PASSING.match(self.reason):
            return f"could not read {self.source} ({self.reason}); run again"
        if not self.action:
            return f"{self.source}: {self.reason}"
        if not _PERMISSION.match(self.action):
            return f"{self.source}: {self.reason}; needs {self.action}"
        return f"could not read {self.source} ({self.reason}); needs {self.action}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says. `node_pools` empty means all of them.

    `explains` are symptoms that what was found explains, beside those that the check explains by its nature.
    """

    status: Status
    message: str
    node_pools: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[Fix, ...] = ()
    unseen: tuple[Gap, ...] = ()
    explains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the catalogue. `page` is the docstring of its file; `permissions` are what its facts need."""

    code: str
    name: str
    title: str
    explains: tuple[str, ...]
    judge: Callable[[Facts], Verdict]
    page: str
    permissions: tuple[str, ...]
    refines: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def passed(message: str, *evidence: Evidence) -> Verdict:
    """A verdict that the healthy condition was seen to hold."""
    return Verdict(Status.PASS, message, evidence=evidence)


def not_applicable(reason: str) -> Verdict:
    """A verdict that the question does not arise, with the reason."""
    return Verdict(Status.NOT_APPLICABLE, reason)


def unknown(message: str, *unseen: Gap, evidence: tuple[Evidence, ...] = (), fixes: tuple[Fix, ...] = ()) -> Verdict:
    """A verdict that it could not be seen; `message` says what to look at when no permission would help."""
    return Verdict(Status.UNKNOWN, message, evidence=evidence, fixes=fixes, unseen=unseen)


_WORST_FIRST = (
    Status.CRASH,
    Status.FAIL,
    Status.UNKNOWN,
    Status.WARN,
    Status.PASS,
    Status.NOT_APPLICABLE,
)


def worst(statuses: Sequence[Status]) -> Status:
    """The most serious of several statuses; pass outranks not-applicable, so that one pool that was judged counts."""
    return min(statuses, key=_WORST_FIRST.index, default=Status.NOT_APPLICABLE)


def across_pools(verdicts: Sequence[tuple[str, Verdict]]) -> Verdict:
    """Join the verdicts of several node pools into one, in the words of the most serious.

    The result names the pools it is about, or none when it is about all of them. What is said of several pools in the
    same words, but for their own names, is said once: a cluster may have a hundred.
    """
    if not verdicts:
        return not_applicable("Azure shows no node pool of the cluster, so nothing was seen that pulls; see AKA601.")
    status = worst([verdict.status for _, verdict in verdicts])
    chosen = [(pool, verdict) for pool, verdict in verdicts if verdict.status is status]
    first = chosen[0][1]
    return replace(
        first,
        message=_said_once([(pool, verdict.message) for pool, verdict in chosen]),
        node_pools=() if len(chosen) == len(verdicts) else tuple(pool for pool, _ in chosen),
        evidence=_unique([item for _, verdict in chosen for item in verdict.evidence]),
        fixes=tuple(dict.fromkeys(fix for _, verdict in chosen for fix in verdict.fixes)),
        unseen=tuple(dict.fromkeys(gap for _, verdict in chosen for gap in verdict.unseen)),
        explains=tuple(dict.fromkeys(symptom for _, verdict in chosen for symptom in verdict.explains)),
    )


def nameless(text: str, pool: str) -> str:
    """The text with the node pool's own name left open, which the names of its scale sets hold, too."""
    return re.sub(rf"(?<![^\W_]){re.escape(pool)}(?![^\W_])", "<pool>", text, flags=re.IGNORECASE)


def _said_once(messages: Sequence[tuple[str, str]]) -> str:
    """The messages of node pools, one for those that differ in nothing but their own names."""
    pool_of: dict[str, str] = {}
    for pool, message in messages:
        pool_of.setdefault(message, pool)
    alike: dict[str, dict[str, str]] = {}
    for message, pool in pool_of.items():
        alike.setdefault(nameless(message, pool), {})[message] = pool
    return " ".join(_with_others(found) for found in alike.values())


def _with_others(pools_by_message: dict[str, str]) -> str:
    first, *others = pools_by_message
    if not others:
        return first
    pools = [pools_by_message[message] for message in others]
    shown = (
        pools if len(pools) <= _POOLS_NAMED else [*pools[: _POOLS_NAMED - 1], f"{len(pools) - _POOLS_NAMED + 1} more"]
    )
    names = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{first} The same holds for node {'pool' if len(pools) == 1 else 'pools'} {names}."


def _unique(items: list[Evidence]) -> tuple[Evidence, ...]:
    kept: dict[tuple[str, str, str], Evidence] = {}
    for item in items:
        kept.setdefault((item.source, item.path, repr(item.value)), item)  # a value may be a list, which has no hash
    return tuple(kept.values())


def az(*words: str | ResourceId) -> str:
    """One `az` command, quoted for a POSIX shell."""
    return shlex.join(["az", *(str(word) for word in words)])
