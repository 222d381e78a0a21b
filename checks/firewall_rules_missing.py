"""An Azure Firewall on the nodes' way does not let requests for the registry through.

What is read
    The routes of every node pool's subnet, the Azure Firewall behind an appliance route, its policy with all parents
    (or its classic rules), the IP groups that rules name, what the nodes resolve the registry's names to, and the
    regions of a Premium registry's replicas.

Why pulls fail
    A firewall denies what no rule allows. A pull needs the login server and, for layers, the registry's data
    endpoints or Azure Storage, all on HTTPS 443. The FQDN tag AzureKubernetesService covers mcr.microsoft.com, not
    your registry. What application rules deny is cut off in the TLS handshake: `EOF`, `connection reset by peer`,
    `TLS handshake timeout`; other packets are dropped: `i/o timeout`. Network rules come before all application
    rules, and a parent policy's rules before its child's.

What to do
    Add an application rule for the names (Https:443), or for a private endpoint a network rule for its addresses,
    in the firewall's policy. An appliance that is no Azure Firewall cannot be read: its owner must allow the same. A
    route to a virtual network gateway leads out of Azure: ask those who run the networks behind it. A route for some
    public addresses may or may not hold the registry's: compare it with what `nslookup` of the login server answers. A
    route for a service tag (AzureContainerRegistry, Storage, AzureCloud) holds it and goes before a default route.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from aksacr.check import Check, Gap, Verdict, across_pools, not_applicable, passed, unknown
from aksacr.facts import ResourceId, Unseen, same
from aksacr.semantics.crossings import Crossing, crossings, passages, route_words
from aksacr.semantics.pools import subnet_of

from ._firewall import ask, to_allow, where
from ._firewall_denials import denial, denied_of, route_evidence, rule_evidence, spares_login
from ._wording import (
    ENDPOINTS_READ,
    FIREWALL_READ,
    NAMES_READ,
    REGISTRY_READ,
    REPLICAS_READ,
    for_each_pool,
    listed,
)

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, Facts, NodePool, Subnet
    from aksacr.semantics.azure_firewall import Passage
    from aksacr.semantics.firewall_matching import Doubt, Target


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    subnet = subnet_of(facts, pool)
    found = crossings(facts, pool)
    if not found:
        return not_applicable(
            f"Node pool {pool.name}: no route of subnet {subnet.name} takes its pulls through an appliance."
        )
    by_firewall: dict[str, list[Crossing]] = {}
    for crossing in found:
        by_firewall.setdefault(crossing.appliance.route.next_hop_address, []).append(crossing)
    verdicts = [_through(facts, pool, subnet, several) for several in by_firewall.values()]
    return across_pools([(pool.name, verdict) for verdict in verdicts])


def _through(facts: Facts, pool: NodePool, subnet: Subnet, found: list[Crossing]) -> Verdict:
    firewall = found[0].appliance.firewall
    if firewall is None:
        return _no_firewall(facts, pool, subnet, found)
    judged = passages(facts, pool, found)
    denied = denied_of(judged)
    if denied and not spares_login(facts, denied):
        return denial(facts, pool, found, denied)
    open_ends = [(item, passage) for item, passage in judged if passage.verdict != "allowed" and passage not in denied]
    if open_ends:
        return _open(facts, pool, subnet, firewall, open_ends)
    admitted = [(item, passage) for item, passage in judged if passage not in denied]
    remark = (
        f" It denies {listed(where(item.target) for item in denied)}, where layers are; see AKA351." if denied else ""
    )
    return _allowed(pool, firewall, admitted, remark)


def _no_firewall(facts: Facts, pool: NodePool, subnet: Subnet, found: list[Crossing]) -> Verdict:
    appliance = found[0].appliance
    targets = [item.target for item in found]
    if appliance.is_gateway:
        return _out_of_azure(facts, pool, subnet, found, targets)
    gap = None if appliance.gap is None else Gap.of(appliance.gap)
    why = f"Azure Firewalls there: {gap.reason}" if gap else "it is no Azure Firewall that was found"
    return unknown(
        f"Node pool {pool.name}: {route_words(appliance.route)} of subnet {subnet.name} {_takes(found)} its pulls "
        f"through an appliance whose rules are not seen ({why}). It must allow {to_allow(subnet, targets)}."
        f"{_doubt(facts, found)}",
        *((gap,) if gap else ()),
        evidence=route_evidence(subnet, found),
        fixes=(ask(subnet, appliance.hop, targets),),
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


def _out_of_azure(
    facts: Facts, pool: NodePool, subnet: Subnet, found: list[Crossing], targets: list[Target]
) -> Verdict:
    route = route_words(found[0].appliance.route)
    return unknown(
        f"Node pool {pool.name}: {route} of subnet {subnet.name} {_takes(found)} its pulls out of Azure, by the "
        "virtual network gateway (VPN or ExpressRoute) to the networks behind it. Azure does not show "
        f"what these let through. They must allow {to_allow(subnet, targets)}.{_doubt(facts, found)}",
        evidence=route_evidence(subnet, found),
        fixes=(ask(subnet, "the network behind the virtual network gateway (on-premises)", targets),),
    )


def _allowed(pool: NodePool, firewall: AzureFirewall, admitted: list[tuple[Crossing, Passage]], remark: str) -> Verdict:
    if not admitted:
        return not_applicable(f"Node pool {pool.name}: only layers go through Azure Firewall {firewall.name}.{remark}")
    names = listed(where(item.target) for item, _ in admitted)
    rules = listed(dict.fromkeys(passage.by.words for _, passage in admitted if passage.by))
    return passed(
        f"Node pool {pool.name}: Azure Firewall {firewall.name} lets it reach {names} ({rules}).{remark}",
        *(rule_evidence(firewall, passage) for _, passage in admitted),
    )


def _open(
    facts: Facts, pool: NodePool, subnet: Subnet, firewall: AzureFirewall, found: list[tuple[Crossing, Passage]]
) -> Verdict:
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
        fixes=(ask(subnet, f"Azure Firewall {firewall.name}", targets),),
    )


def _is_hidden(doubt: Doubt) -> TypeGuard[Unseen]:
    """Whether a permission is wanting; else the reason speaks for itself."""
    return isinstance(doubt, Unseen) and bool(doubt.action)


def _named(gap: Unseen) -> str:
    source = ResourceId(gap.source)
    return f"the rules of {source.segments[-2]}" if same(source.name, "ruleCollectionGroups") else source.name


CHECK = Check(
    code="AKA343",
    name="firewall-rules-missing",
    title="The Azure Firewall on the way admits the registry",
    explains=("timeout-public-ip", "timeout-private-ip", "tls-handshake-timeout", "connection-eof"),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        REGISTRY_READ,
        REPLICAS_READ,
        *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, "Microsoft.Network/routeTables/read", *FIREWALL_READ)),
        # Which routes are for the cluster's own addresses, and so not for the registry's.
        "Microsoft.Network/publicIPAddresses/read",
        "Microsoft.Network/publicIPPrefixes/read",
    ),
    docs=(
        "https://learn.microsoft.com/azure/firewall/rule-processing",
        "https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules",
    ),
)
