"""Words and commands of the checks on network security groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aksacr.check import Fix, Gap, az
from aksacr.facts import UnseenError, same
from aksacr.semantics.pools import subnet_of, why_pool_has_no_nodes
from aksacr.semantics.regions import regions_gap
from aksacr.semantics.security_rules import HTTPS, free_priority
from aksacr.semantics.service_tags import range_of

from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, ResourceId, SecurityRule
    from aksacr.semantics.security_rules import Decision

SECURITY_GROUPS_READ = (
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Compute/virtualMachineScaleSets/read",
    "Microsoft.Compute/virtualMachines/read",
)


@dataclass(frozen=True, slots=True)
class Door:
    """What a rule is to let through, and how such a rule is called."""

    port: int = HTTPS
    protocol: str = "Tcp"
    name: str = "AllowRegistry"


_REGISTRY = Door()
_DOUBTS = {
    "source ports": "for some source ports only",
    "value": "in a form that is not known here",
}


def rule_words(decision: Decision) -> str:
    """`rule deny-out (priority 200) of network security group nodes-nsg on subnet nodes`."""
    rule = decision.rule
    kind = "default rule" if decision.by_default else "rule"
    on = f" on {decision.place}" if decision.place else ""
    return f"{kind} {rule.name} (priority {rule.priority}) of network security group {decision.group.name}{on}"


def group_words(decisions: Sequence[Decision]) -> str:
    """Which groups let something through, by which rules."""
    return listed(f"{item.group.name} on {item.place} ({item.rule.name})" for item in decisions)


def denials(decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions by which a rule that someone made denies."""
    return [item for item in decisions if item.kind == "deny" and not item.by_default]


def denial_words(decisions: Sequence[Decision], what: str = f"TCP {HTTPS}") -> str:
    """`rule A of … denies TCP 443`, or `rule A of … and rule B of … deny TCP 443`."""
    verb = "denies" if len(decisions) == 1 else "deny"
    return f"{listed(rule_words(item) for item in decisions)} {verb} {what}"


def rule_evidence(decision: Decision) -> Evidence:
    """The rule that decides, as one line."""
    listing = "defaultSecurityRules" if decision.by_default else "securityRules"
    return seen(decision.group.id, f"properties.{listing}[{decision.rule.name}]", _line(decision.rule))


def _line(rule: SecurityRule) -> str:
    source = _side(rule.source_prefixes, rule.source_groups)
    target = f"{_side(rule.destination_prefixes, rule.destination_groups)} port {listed(rule.destination_ports, 3)}"
    return f"{rule.direction} {rule.access} {rule.protocol} from {source} to {target}, priority {rule.priority}"


def _side(prefixes: tuple[str, ...], groups: tuple[ResourceId, ...]) -> str:
    return listed([*prefixes, *(group.name for group in groups)], 3)


def region_gaps(facts: Facts, decision: Decision) -> tuple[Gap, ...]:
    """What would show whether the registry is in the region of a rule's service tag, where that may not be read."""
    gap = regions_gap(facts)
    is_regional = any("." in prefix and range_of(prefix) is None for prefix in decision.rule.destination_prefixes)
    return (Gap.of(gap),) if gap is not None and decision.doubt == "destination" and is_regional else ()


def doubt_words(decision: Decision) -> str:
    """How far a rule holds that leaves the question open: `for 20.0.0.0/8, which …`."""
    rule = decision.rule
    if decision.doubt in _DOUBTS:
        return _DOUBTS[decision.doubt]
    is_source = decision.doubt == "source"
    groups = rule.source_groups if is_source else rule.destination_groups
    if groups:
        return f"for members of application security group {listed([group.name for group in groups], 3)}"
    side = "from" if is_source else "to"
    return f"{side} {_side(rule.source_prefixes if is_source else rule.destination_prefixes, ())}"


def remove_fix(facts: Facts, decision: Decision) -> tuple[Fix, ...]:
    """Take away the rule that denies: the better fix in a group that AKS manages, and none in anybody else's."""
    group = decision.group
    if not _is_managed(facts, group.id) or not any(rule.name == decision.rule.name for rule in group.rules):
        return ()
    return (
        Fix(
            f"Take rule {decision.rule.name} out of {group.name}: the group is in the node resource group, where AKS "
            "allows no rules of others, and nodes reach the registry without it",
            manual=True,
            caveat="Find out first who made it and for what: a policy that made it makes it again.",
            needs=f"Network Contributor on {group.name}",
        ),
    )


def of_all_pools(
    facts: Facts,
    pool: NodePool,
    decision: Decision,
    decisions_of: Callable[[NodePool], Sequence[Decision]],
    family: str = ".",
) -> tuple[Decision, tuple[str, ...]]:
    """The decision as a rule for every pool must come before it, and the prefixes of all pools that meet it.

    One rule for all: a second one of the same name would replace the first. `decisions_of` tells what other pools meet
    on the same way, and `family` is what addresses hold (`.` or `:`).
    """
    prefixes: list[str] = []
    first = decision.first
    for other in facts.cluster.node_pools:
        try:
            alike = [decision] if other is pool else _alike(facts, other, decision, decisions_of)
            prefixes += [prefix for prefix in subnet_of(facts, other).prefixes if family in prefix] if alike else []
        except UnseenError:
            continue
        first = min([first, *(item.first for item in alike)])
    return replace(decision, first=first), tuple(dict.fromkeys(prefixes)) or ("*",)


def _alike(
    facts: Facts, pool: NodePool, decision: Decision, decisions_of: Callable[[NodePool], Sequence[Decision]]
) -> list[Decision]:
    """Where another pool meets the same rule. Raises `UnseenError`."""
    if why_pool_has_no_nodes(facts, pool):
        return []
    return [
        item
        for item in decisions_of(pool)
        if (item.kind, item.group.id, item.direction) == (decision.kind, decision.group.id, decision.direction)
        and same(item.rule.name, decision.rule.name)
    ]


def allow_fix(
    facts: Facts,
    decision: Decision,
    sources: Sequence[str],
    names: Sequence[str],
    targets: Sequence[tuple[str, ...]],
    door: Door = _REGISTRY,
) -> Fix:
    """Rules above the one that denies, one for each of `targets` (a service tag stands alone in its rule)."""
    group = decision.group
    what = f"Allow {door.port} to {listed(names)} in {group.name}, before rule {decision.rule.name}"
    needs = f"Network Contributor on {group.name}"
    commands: list[str] = []
    below = decision.first
    for target in targets:
        number = free_priority(group, decision.direction, below)
        if number is None:
            summary = (
                f"{what}. No priority number under {decision.first} is free: give other rules higher numbers first"
            )
            return Fix(summary, manual=True, needs=needs)
        commands.append(_create(facts, decision, (number, door), sources, target))
        below = number
    return Fix(what, tuple(commands), caveat=_caveat(facts, group.id), needs=needs)


def _create(
    facts: Facts, decision: Decision, rule: tuple[int, Door], sources: Sequence[str], target: tuple[str, ...]
) -> str:
    number, door = rule
    group = decision.group.id
    where = ("-g", group.resource_group, *subscription_words(facts, group), "--nsg-name", group.name)
    taken = {rule.name.lower() for rule in decision.group.rules}
    name = f"{door.name}{'In' if decision.direction == 'Inbound' else 'Out'}{number}"
    while name.lower() in taken:  # a rule of that name would be overwritten
        name += "b"
    return az(
        *("network", "nsg", "rule", "create", *where, "-n", name, "--priority", str(number)),
        *("--direction", decision.direction, "--access", "Allow", "--protocol", door.protocol),
        *("--source-address-prefixes", *sources, "--source-port-ranges", "*"),
        *("--destination-address-prefixes", *target, "--destination-port-ranges", str(door.port)),
    )


def _caveat(facts: Facts, group: ResourceId) -> str | None:
    if _is_managed(facts, group):
        return "The group is in the node resource group, which AKS manages: it may undo the rule."
    return None


def _is_managed(facts: Facts, group: ResourceId) -> bool:
    return same(group.resource_group, facts.cluster.node_resource_group)
