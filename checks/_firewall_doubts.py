"""What cannot be told of appliances on the nodes' way: the verdicts of the checks that judge what goes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from aksacr.check import Gap, unknown
from aksacr.facts import ResourceId, Unseen, same
from aksacr.semantics.crossings import route_words
from aksacr.semantics.pools import subnet_of

from ._firewall import hop_words, to_allow, where
from ._firewall_denials import route_evidence
from ._requests import request
from ._wording import listed

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import AzureFirewall, Facts, NodePool
    from aksacr.semantics.azure_firewall import Passage
    from aksacr.semantics.crossings import Crossing
    from aksacr.semantics.firewall_matching import Doubt


def rules_not_seen(facts: Facts, pool: NodePool, found: list[Crossing], what: str = "its pulls") -> Verdict:
    """The verdict on `what` goes through an appliance that is no Azure Firewall that was found."""
    subnet = subnet_of(facts, pool)
    appliance = found[0].appliance
    targets = [item.target for item in found]
    if appliance.is_gateway:
        return _out_of_azure(facts, pool, found, what)
    gap = None if appliance.gap is None else Gap.of(appliance.gap)
    why = f"Azure Firewalls there: {gap.reason}" if gap else "it is no Azure Firewall that was found"
    leads = f"{route_words(appliance.route)} leads to an appliance that is no Azure Firewall that was found"
    gap = gap or Gap(str(subnet.route_table_id), "", leads)
    return unknown(
        f"Node pool {pool.name}: {route_words(appliance.route)} of subnet {subnet.name} {_takes(found)} {what} through "
        f"an appliance whose rules are not seen ({why}). It must allow {to_allow(subnet, targets)}."
        f"{_doubt(facts, found)}",
        gap,
        evidence=route_evidence(subnet, found),
        fixes=(request(facts, pool, found[0], hop_words(appliance)),),
    )


def _takes(found: list[Crossing]) -> str:
    return "may take" if all(item.doubt for item in found) else "takes"


def _doubt(facts: Facts, found: list[Crossing]) -> str:
    """Which routes it hangs on, and how to find out; "" where it hangs on none."""
    doubtful = [item for item in found if item.doubt]
    if not doubtful:
        return ""
    routes = listed(dict.fromkeys(item.doubt for item in doubtful))
    names = listed(dict.fromkeys(item.target.name for item in doubtful))
    compare = f"compare with what `nslookup {facts.registry.login_server}` answers on a node"
    return f" Azure does not show whether {routes} holds the addresses of {names}: {compare}."


def _out_of_azure(facts: Facts, pool: NodePool, found: list[Crossing], what: str) -> Verdict:
    route, subnet = route_words(found[0].appliance.route), subnet_of(facts, pool)
    targets = [item.target for item in found]
    return unknown(
        f"Node pool {pool.name}: {route} of subnet {subnet.name} {_takes(found)} {what} out of Azure, by the virtual "
        "network gateway (VPN or ExpressRoute) to the networks behind it. Azure does not show "
        f"what these let through. They must allow {to_allow(subnet, targets)}.{_doubt(facts, found)}",
        evidence=route_evidence(subnet, found),
        fixes=(request(facts, pool, found[0], hop_words(found[0].appliance)),),
    )


def not_decided(
    facts: Facts, pool: NodePool, firewall: AzureFirewall, found: list[tuple[Crossing, Passage]]
) -> Verdict:
    """The verdict on what an Azure Firewall does with targets that its rules, as far as seen, do not decide."""
    subnet = subnet_of(facts, pool)
    doubts = list(dict.fromkeys(each for _, passage in found for each in passage.doubts))
    gaps = [Gap.of(each) for each in doubts if isinstance(each, Unseen)]
    words = [each.reason if isinstance(each, Unseen) else each for each in doubts if not _is_hidden(each)]
    denied = [item for item, passage in found if passage.verdict == "denied"]
    words += ["it denies that, which may go another way"] if any(item.doubt for item in denied) else []
    if any(not item.doubt for item in denied):
        words.append("what the nodes' own DNS servers answer: the firewall denies the public address")
    targets = [item.target for item, _ in found]
    hidden = [f"{_named(each)} could not be read ({each.reason})" for each in doubts if _is_hidden(each)]
    reasons = "; ".join([*hidden, *words])
    return unknown(
        f"Node pool {pool.name}: whether Azure Firewall {firewall.name} lets it reach "
        f"{listed(where(target) for target in targets)} cannot be told: {reasons}. It must allow "
        f"{to_allow(subnet, targets)}.{_doubt(facts, [item for item, _ in found])}",
        *gaps,
        evidence=route_evidence(subnet, [item for item, _ in found]),
        fixes=(request(facts, pool, found[0][0], f"Azure Firewall {firewall.name}"),),
    )


def _is_hidden(doubt: Doubt) -> TypeGuard[Unseen]:
    """Whether a permission is wanting; else the reason speaks for itself."""
    return isinstance(doubt, Unseen) and bool(doubt.action)


def _named(gap: Unseen) -> str:
    source = ResourceId(gap.source)
    return f"the rules of {source.segments[-2]}" if same(source.name, "ruleCollectionGroups") else source.name
