"""Whether an Azure Firewall lets nodes reach something on TCP 443.

Rules (Azure Firewall, rule processing): all network rules come before all application rules; within each kind the
rules of a parent policy before those of its child, groups and then collections by priority, lower numbers first. NAT
rules are for what comes in and do not bear here. The first rule that matches decides, and what none matches is denied.
A firewall without a policy has its own (classic) collections, by the same order.

Nodes are the addresses of a subnet. Where rules treat parts of it differently, each part is judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Unseen, look, same

from .address_ranges import Range, holds, parts, range_of
from .firewall_matching import AS_NODES, Answer, NameView, doubt, reaches, sources
from .firewall_names import name_view
from .remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aksacr.facts import (
        AzureFirewall,
        Fact,
        Facts,
        FirewallPolicy,
        FirewallRule,
        FirewallRuleCollection,
        ResourceId,
    )

    from .firewall_matching import Doubt, Target

_RESERVED_AT_START, _RESERVED_AT_END = 4, 1  # of every subnet, by Azure


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A policy, or the firewall itself, with its collections; `gap` where they could not be seen."""

    name: str
    collections: tuple[FirewallRuleCollection, ...] = ()
    gap: Unseen | None = None
    policy_id: ResourceId | None = None
    firewall_id: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The rule that decided."""

    source: RuleSource
    collection: FirewallRuleCollection
    rule: FirewallRule

    @property
    def words(self) -> str:
        """`rule acr of collection aks (policy hub-policy)`."""
        place = f"policy {self.source.name}" if self.source.policy_id else self.source.name
        return f"rule {self.rule.name} of collection {self.collection.name} ({place})"

    @property
    def place(self) -> str:
        """The id of what holds the rule: a rule collection group of a policy, or the firewall."""
        if self.source.policy_id is None:
            return str(self.source.firewall_id or self.source.name)
        return f"{self.source.policy_id}/ruleCollectionGroups/{self.collection.group_name}"


@dataclass(frozen=True, slots=True)
class Passage:
    """What the firewall does with requests for a target.

    verdict: `allowed`, `denied` (`by` a rule, or None: no rule matches), or `undecidable` for the reasons in `doubts`:
    an `Unseen` with a permission could not be read, one without says which rule, and where, cannot be decided.
    """

    target: Target
    verdict: Literal["allowed", "denied", "undecidable"]
    by: Decision | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """A rule that is about the target, for some sources; or a policy that was not seen."""

    allows: bool | None
    answer: Answer
    decision: Decision | None
    ranges: tuple[Range, ...] = ()
    source_doubts: tuple[Doubt, ...] = field(default=())


def rule_sources(
    firewall: AzureFirewall, policies: Mapping[ResourceId, Fact[FirewallPolicy | None]]
) -> list[RuleSource]:
    """Where a firewall's rules are: its policy's parents first, then the policy; or the firewall itself."""
    if firewall.policy_id is None:
        return [RuleSource(f"Azure Firewall {firewall.name}", firewall.collections, firewall_id=firewall.id)]
    found: list[RuleSource] = []
    seen: set[ResourceId] = set()
    next_id: ResourceId | None = firewall.policy_id
    while next_id is not None and next_id not in seen:
        seen.add(next_id)
        policy = look(policies, next_id)
        if not isinstance(policy, Unseen) and policy.value is None:
            policy = Unseen(next_id.text, "", f"Azure has no firewall policy {next_id.name}")
        if isinstance(policy, Unseen):
            return [RuleSource(next_id.name, gap=policy, policy_id=next_id), *found]
        value = policy.value
        found.insert(0, RuleSource(next_id.name, value.collections if value else (), policy_id=next_id))
        next_id = value.base_id if value else None
    return found


def passage_through(facts: Facts, firewall: AzureFirewall, prefixes: tuple[str, ...], target: Target) -> Passage:
    """Whether a firewall lets the nodes of a subnet (`prefixes`) reach a target."""
    kept = _kept_steps(facts, firewall)
    if target not in kept:
        rules = rule_sources(firewall, facts.firewall_policies)
        kept[target] = list(_steps(rules, facts.ip_groups, target, name_view(facts, firewall, target)))
    return _judged(kept[target], prefixes, target)


@remembered
def _kept_steps(facts: Facts, firewall: AzureFirewall) -> dict[Target, list[_Step]]:
    """The steps that were worked out so far: they are the same for every pool behind a firewall."""
    del facts, firewall
    return {}


def passage(
    rules: list[RuleSource],
    groups: Mapping[ResourceId, Fact[tuple[str, ...] | None]],
    prefixes: tuple[str, ...],
    target: Target,
    names: NameView = AS_NODES,
) -> Passage:
    """Whether rules, parents first, let the nodes of a subnet (`prefixes`) reach a target.

    `names` is what the firewall makes of the target's name; as told, it resolves it as the nodes do.
    """
    return _judged(list(_steps(rules, groups, target, names)), prefixes, target)


def _judged(steps: list[_Step], prefixes: tuple[str, ...], target: Target) -> Passage:
    nodes = [_usable(item) for item in map(range_of, prefixes) if item is not None]
    if not nodes:
        return Passage(target, "undecidable", doubts=("the nodes' addresses: their subnet has no IPv4 range",))
    edges = [item for step in steps for item in step.ranges]
    found = [_of_part(steps, part, target) for whole in nodes for part in parts(whole, edges)]
    first = found[0]
    if all(item.verdict == first.verdict for item in found):
        doubts = tuple(dict.fromkeys(each for item in found for each in item.doubts))
        return Passage(target, first.verdict, first.by, doubts)
    doubts = tuple(dict.fromkeys(each for item in found for each in item.doubts))
    return Passage(target, "undecidable", doubts=(*doubts, _split(found, prefixes)))


def _split(found: list[Passage], prefixes: tuple[str, ...]) -> Doubt:
    """Rules treat parts of the nodes' subnet differently: says which one does, and where it is."""
    by = next((item.by for item in found if item.by is not None), None)
    part = f"for a part of {', '.join(prefixes)} only"
    return f"rules that are {part}" if by is None else Unseen(by.place, "", f"{by.words} is {part}")


def in_order(collections: Iterable[FirewallRuleCollection], kind: str) -> list[FirewallRuleCollection]:
    """The collections of a kind as the firewall takes them. Equal priorities, which Azure refuses, go by name."""
    chosen = [item for item in collections if item.kind == kind]
    return sorted(chosen, key=lambda item: (item.group_priority, item.priority, item.action.lower(), item.name.lower()))


def _steps(
    rules: list[RuleSource],
    groups: Mapping[ResourceId, Fact[tuple[str, ...] | None]],
    target: Target,
    names: NameView,
) -> Iterable[_Step]:
    for kind in ("network", "application"):
        for source in rules:
            if source.gap is not None:
                yield _Step(None, doubt(source.gap), None)
            for collection in in_order(source.collections, kind):
                yield from _of_collection(source, collection, groups, target, names)


def _of_collection(
    source: RuleSource,
    collection: FirewallRuleCollection,
    groups: Mapping[ResourceId, Fact[tuple[str, ...] | None]],
    target: Target,
    names: NameView,
) -> Iterable[_Step]:
    allows = same(collection.action, "Allow")
    known = allows or same(collection.action, "Deny")
    for rule in sorted(collection.rules, key=lambda item: item.name.lower()):
        answer = reaches(rule, collection.action, target, groups, names)
        if answer.value is not False:
            ranges, doubts = sources(rule, groups)
            answer = answer if known else doubt(f"the action {collection.action} of collection {collection.name}")
            yield _Step(allows if known else None, answer, Decision(source, collection, rule), ranges, doubts)


def _of_part(steps: list[_Step], part: Range, target: Target) -> Passage:
    """The first step that surely matches decides, unless one before it may match and would decide otherwise."""
    maybe: list[tuple[bool | None, tuple[Doubt, ...]]] = []
    allowed, by = False, None
    for step in steps:
        inside = step.decision is None or holds(step.ranges, part)
        if not inside and not step.source_doubts:
            continue
        doubts = (*step.answer.doubts, *(() if inside else step.source_doubts))
        if not doubts:
            allowed, by = bool(step.allows), step.decision
            break
        maybe.append((step.allows, _placed(step, doubts)))
    against = tuple(each for allows, doubts in maybe if allows is not allowed for each in doubts)
    if against:
        return Passage(target, "undecidable", doubts=tuple(dict.fromkeys(against)))
    return Passage(target, "allowed" if allowed else "denied", by)


def _placed(step: _Step, doubts: tuple[Doubt, ...]) -> tuple[Doubt, ...]:
    if step.decision is None:
        return doubts
    by = step.decision
    return tuple(item if isinstance(item, Unseen) else Unseen(by.place, "", f"{by.words}: {item}") for item in doubts)


def _usable(prefix: Range) -> Range:
    """Without the addresses that Azure keeps for itself."""
    low, high = prefix
    return (low + _RESERVED_AT_START, high - _RESERVED_AT_END) if high - low >= 7 else prefix
