"""What an Azure Firewall denies of a pull: the words, the evidence and the fixes of the checks that speak of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Status, Verdict
from aksacr.facts import UnseenError, same
from aksacr.semantics.azure_firewall import rule_sources
from aksacr.semantics.crossings import crossings, passages, route_words
from aksacr.semantics.pools import subnet_of, why_pool_has_no_nodes
from aksacr.semantics.remembering import remembered

from ._firewall import Wanting, admit, overrule, policy_or_rules, sources_of, where
from ._wording import listed, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence, Fix
    from aksacr.facts import AzureFirewall, Facts, NodePool, ResourceId, Subnet
    from aksacr.semantics.azure_firewall import Passage
    from aksacr.semantics.crossings import Crossing
    from aksacr.semantics.firewall_matching import Target


def denied_of(judged: list[tuple[Crossing, Passage]]) -> list[Passage]:
    """The passages that are denied, where the name surely leads there."""
    return [passage for item, passage in judged if passage.verdict == "denied" and item.certain]


def spares_login(facts: Facts, denied: list[Passage]) -> bool:
    """Whether only layers are denied: then AKA351 speaks."""
    return not any(same(passage.target.name, facts.registry.login_server) for passage in denied)


def denial(facts: Facts, pool: NodePool, found: list[Crossing], denied: list[Passage]) -> Verdict:
    """The verdict on what the firewall behind `found` denies."""
    subnet = subnet_of(facts, pool)
    appliance = found[0].appliance
    firewall = appliance.firewall
    targets = [passage.target for passage in denied]
    names = listed(where(target) for target in targets)
    layers_only = spares_login(facts, denied)
    then = "Manifests are read and every layer fails." if layers_only else "Pulls are cut off or time out."
    why = listed(dict.fromkeys(_why(facts, firewall, passage) for passage in denied))
    return Verdict(
        Status.FAIL,
        f"Azure Firewall {firewall.name if firewall else ''} does not let node pool {pool.name} "
        f"({listed(subnet.prefixes)}) reach {names}: {why}. It is on the way by {route_words(appliance.route)} of "
        f"subnet {subnet.name}. {then}",
        evidence=(
            *route_evidence(subnet, found),
            *(rule_evidence(firewall, passage) for passage in denied if firewall),
        ),
        fixes=_fixes(facts, firewall, subnet, denied),
    )


def _why(facts: Facts, firewall: AzureFirewall | None, passage: Passage) -> str:
    if passage.by is not None:
        return f"{passage.by.words} denies it"
    if firewall is None:
        return ""
    policies = [source.name for source in rule_sources(firewall, facts.firewall_policies) if source.policy_id]
    return f"no rule of policy {' or '.join(reversed(policies))} allows it" if policies else "no rule of it allows that"


def _fixes(facts: Facts, firewall: AzureFirewall | None, subnet: Subnet, denied: list[Passage]) -> tuple[Fix, ...]:
    by_rule = {passage.by.words: passage.by for passage in denied if passage.by is not None}
    fixes = [
        overrule(decision, subnet, [item.target for item in denied if item.by is not None and item.by.words == words])
        for words, decision in by_rule.items()
    ]
    unmatched = [passage.target for passage in denied if passage.by is None]
    if firewall is not None and unmatched:
        fixes += admit(facts, firewall, _wanting(facts, firewall, subnet, unmatched))
    return tuple(fixes)


def _wanting(facts: Facts, firewall: AzureFirewall, subnet: Subnet, unmatched: list[Target]) -> Wanting:
    """What is lacking, with all pools that lack the same: Azure takes one rule of a name in a collection."""
    wanting = _lacking(facts, firewall.id)
    words = [where(target) for target in unmatched]
    alike = next((item for item in wanting if [where(target) for target in item.targets] == words), None)
    return alike or Wanting(tuple(unmatched), tuple(sources_of(subnet)), len(wanting))


@remembered
def _lacking(facts: Facts, firewall_id: ResourceId) -> list[Wanting]:
    """What the pools lack of a firewall's rules, in their order; pools of which not all was seen are left out."""
    lacking: dict[tuple[str, ...], tuple[list[Target], list[str]]] = {}
    for pool in facts.cluster.node_pools:
        try:
            found = [] if why_pool_has_no_nodes(facts, pool) else crossings(facts, pool)
            judged = [
                (item, passage)
                for item, passage in passages(facts, pool, found)
                if item.appliance.firewall is not None and item.appliance.firewall.id == firewall_id
            ]
            sources = sources_of(subnet_of(facts, pool))
        except UnseenError:
            continue
        targets = [passage.target for passage in denied_of(judged) if passage.by is None]
        if targets:
            key = tuple(where(target) for target in targets)
            lacking.setdefault(key, (targets, []))[1].extend(sources)
    return [
        Wanting(tuple(targets), tuple(dict.fromkeys(sources)), number)
        for number, (targets, sources) in enumerate(lacking.values())
    ]


def route_evidence(subnet: Subnet, found: list[Crossing]) -> tuple[Evidence, ...]:
    """The route that leads to the appliance."""
    route = found[0].appliance.route
    value = f"{route.prefix} to {route.next_hop_type} {route.next_hop_address}".strip()
    return (seen(subnet.route_table_id or subnet.id, f"properties.routes[{route.name}]", value),)


def rule_evidence(firewall: AzureFirewall, passage: Passage) -> Evidence:
    """The rule that decides, or that there is none."""
    decision = passage.by
    if decision is None:
        return seen(policy_or_rules(firewall), f"rules for {where(passage.target)}, TCP 443", "none")
    path = f"{decision.collection.group_name}/{decision.collection.name}/{decision.rule.name}".lstrip("/")
    return seen(decision.source.policy_id or firewall.id, f"ruleCollections[{path}].action", decision.collection.action)
