"""The nodes have no way out to a public registry.

What is read
    The cluster's `outboundType`, the default route of each node pool's subnet, and whether the pool resolves the
    registry to a private endpoint.

Why pulls fail
    A cluster with outbound type none or block, a subnet whose default route drops everything, a Standard load balancer
    without outbound address, or a private subnet (no default outbound access) without NAT gateway or default route that
    its outbound type asks for, reaches nothing public. A registry without a private path is then out of reach:
    `dial tcp <public address>:443: i/o timeout`.

What to do
    Give the registry a private endpoint in the nodes' network, or the nodes a way out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, not_applicable, passed, unknown
from aksacr.semantics.egress import Egress, egress
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of

from ._wording import EGRESS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    found = egress(facts, pool)
    if found.kind != "none" and found.is_way_out_seen:
        return passed(f"Node pool {pool.name} has a way out ({found.through}).")
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private":
        return not_applicable(
            f"Node pool {pool.name} has no way out ({found.reason}), and needs none: it uses a private endpoint."
        )
    if resolution.kind in {"nxdomain", "unknowable"}:
        return not_applicable(
            f"Node pool {pool.name}: what {resolution.name} resolves to comes first; see AKA302 and AKA305."
        )
    if found.kind != "none":
        return unknown(
            f"Node pool {pool.name}: Azure shows no way out ({found.reason}). Default outbound access, or a route that "
            "a gateway learns, may still lead to the public address of "
            f"{facts.registry.login_server}. Look at the effective routes of a node's network interface.",
            evidence=_evidence(facts),
        )
    return _fault(facts, pool, found)


def _evidence(facts: Facts) -> tuple[Evidence, ...]:
    cluster = facts.cluster
    return (seen(cluster.id, "properties.networkProfile.outboundType", cluster.outbound_type),)


def _fault(facts: Facts, pool: NodePool, found: Egress) -> Verdict:
    cluster, registry = facts.cluster, facts.registry
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} has no way out ({found.reason}), and {registry.login_server} resolves to its public "
        "address there. Pulls time out.",
        evidence=_evidence(facts),
        fixes=(
            Fix(
                f"Give {registry.name} a private endpoint in the network of node pool {pool.name}, with a DNS zone "
                "group, linked to it",
                manual=True,
                caveat="Private endpoints need the Premium tier.",
                needs=f"Network Contributor on the network and Contributor on {registry.name}",
            ),
            Fix(
                f"Or give the nodes a way out: another outbound type of {cluster.name}, or a default route to a "
                "firewall that admits the registry",
                manual=True,
                caveat="A cluster without egress was made so on purpose. Another outbound type changes its addresses.",
                needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
            ),
        ),
    )


CHECK = Check(
    code="AKA341",
    name="no-egress",
    title="The nodes have a way out to a public registry",
    explains=("timeout-public-ip", "timeout-headers"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*EGRESS_READ, *NAMES_READ))),
    docs=("https://learn.microsoft.com/azure/aks/egress-outboundtype",),
)
