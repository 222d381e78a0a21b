"""An Azure Firewall on the nodes' way does not let requests for the registry through.

What is read
    The routes of every node pool's subnet, the Azure Firewall behind an appliance route, its policy with all parents
    (or its classic rules), the IP groups that rules name, what the nodes and the firewall itself resolve the registry's
    names to, and the regions of a Premium registry's replicas.

Why pulls fail
    A firewall denies what no rule allows. A pull needs the login server and, for layers, the registry's data
    endpoints or Azure Storage, all on HTTPS 443. The FQDN tag AzureKubernetesService covers mcr.microsoft.com, not
    your registry. What application rules deny is cut off in the TLS handshake: `EOF`, `connection reset by peer`,
    `TLS handshake timeout`; other packets are dropped: `i/o timeout`. Network rules come before all application
    rules, and a parent policy's rules before its child's. What an application rule allows goes where the firewall
    itself resolves the name to: for a private endpoint its own network must be linked to the zone, too. A name in a
    network rule needs the firewall's DNS proxy, and a rule that inspects TLS needs nodes that trust its authority.

What to do
    Add an application rule for the names (Https:443), or for a private endpoint a network rule for its addresses,
    in the firewall's policy. An appliance that is no Azure Firewall cannot be read: its owner must allow the same. A
    route to a virtual network gateway leads out of Azure: ask those who run the networks behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Verdict, across_pools, not_applicable, passed
from aksacr.semantics.crossings import Crossing, by_next_hop, crossings, passages
from aksacr.semantics.pools import subnet_of

from ._firewall import where
from ._firewall_denials import denial, denied_of, rule_evidence, spares_login
from ._firewall_doubts import not_decided, rules_not_seen
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
    from aksacr.facts import AzureFirewall, Facts, NodePool
    from aksacr.semantics.azure_firewall import Passage


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    subnet = subnet_of(facts, pool)
    found = crossings(facts, pool)
    if not found:
        return not_applicable(
            f"Node pool {pool.name}: no route of subnet {subnet.name} takes its pulls through an appliance."
        )
    verdicts = [_through(facts, pool, several) for several in by_next_hop(found)]
    return across_pools([(pool.name, verdict) for verdict in verdicts])


def _through(facts: Facts, pool: NodePool, found: list[Crossing]) -> Verdict:
    firewall = found[0].appliance.firewall
    if firewall is None:
        return rules_not_seen(facts, pool, found)
    judged = passages(facts, pool, found)
    denied = denied_of(judged)
    if denied and not spares_login(facts, denied):
        return denial(facts, pool, found, denied)
    open_ends = [(item, passage) for item, passage in judged if passage.verdict != "allowed" and passage not in denied]
    if open_ends:
        return not_decided(facts, pool, firewall, open_ends)
    admitted = [(item, passage) for item, passage in judged if passage not in denied]
    remark = (
        f" It denies {listed(where(item.target) for item in denied)}, where layers are; see AKA351." if denied else ""
    )
    return _allowed(pool, firewall, admitted, remark)


def _allowed(pool: NodePool, firewall: AzureFirewall, admitted: list[tuple[Crossing, Passage]], remark: str) -> Verdict:
    if not admitted:
        return not_applicable(f"Node pool {pool.name}: only layers go through Azure Firewall {firewall.name}.{remark}")
    names = listed(where(item.target) for item, _ in admitted)
    rules = listed(dict.fromkeys(passage.by.words for _, passage in admitted if passage.by))
    return passed(
        f"Node pool {pool.name}: Azure Firewall {firewall.name} lets it reach {names} ({rules}).{remark}",
        *(rule_evidence(firewall, passage) for _, passage in admitted),
    )


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
        "https://learn.microsoft.com/azure/firewall/dns-details",
        "https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules",
    ),
)
