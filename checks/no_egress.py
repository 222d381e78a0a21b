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

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import UnseenError, same
from aksacr.semantics.egress import Egress, way_out
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of, subnet_of

from ._wording import EGRESS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, ResourceId


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    try:
        found = way_out(facts, pool)
    except UnseenError as error:
        # What no permission would show (routes that part the internet) matters to those who go there only.
        if error.unseen.action or resolve(facts, network_of(facts, pool)).kind != "private":
            raise
        return not_applicable(
            f"Node pool {pool.name} needs no way out ({error.unseen.reason}): it uses a private endpoint."
        )
    if found.kind != "none" and found.is_way_out_seen:
        return passed(f"Node pool {pool.name} has a way out ({found.through}).")
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private" and found.doubtful:
        return not_applicable(f"Node pool {pool.name} needs no way out ({found.reason}): it uses a private endpoint.")
    if resolution.kind == "private":
        return not_applicable(
            f"Node pool {pool.name} has no way out ({found.reason}), and needs none: it uses a private endpoint."
        )
    if resolution.leads_nowhere or resolution.kind == "unknowable":
        return not_applicable(
            f"Node pool {pool.name}: what {resolution.name} resolves to comes first; see AKA302 and AKA305."
        )
    if found.kind != "none" and found.doubtful:
        return unknown(
            f"Node pool {pool.name}: whether it has a way out to {facts.registry.login_server} cannot be told: "
            f"{found.reason}. Compare what `nslookup {facts.registry.login_server}` answers on a node with the route.",
            evidence=_evidence(facts, pool, found),
        )
    if found.kind != "none":
        return unknown(
            f"Node pool {pool.name}: Azure shows no way out ({found.reason}). Default outbound access, or a route that "
            "a gateway learns, may still lead to the public address of "
            f"{facts.registry.login_server}. Look at the effective routes of a node's network interface.",
            evidence=_evidence(facts, pool, found),
            fixes=_nat_gateway(facts, pool),
        )
    return _fault(facts, pool, found)


def _evidence(facts: Facts, pool: NodePool, found: Egress) -> tuple[Evidence, ...]:
    subnet = subnet_of(facts, pool)
    if found.route is not None and subnet.route_table_id is not None:
        value = f"{found.route.prefix} to {found.route.next_hop_type}"
        return (seen(subnet.route_table_id, f"properties.routes[{found.route.name}]", value),)
    outbound = seen(facts.cluster.id, "properties.networkProfile.outboundType", facts.cluster.outbound_type)
    if _wants_nat_gateway(facts) and subnet.nat_gateway_id is None:
        return outbound, seen(subnet.id, "properties.natGateway", None)
    return (outbound,)


def _wants_nat_gateway(facts: Facts) -> bool:
    return same(facts.cluster.outbound_type, "userAssignedNATGateway")


def _fault(facts: Facts, pool: NodePool, found: Egress) -> Verdict:
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} has no way out ({found.reason}), and {facts.registry.login_server} resolves to its "
        "public address there. Pulls time out.",
        evidence=_evidence(facts, pool, found),
        fixes=(*_nat_gateway(facts, pool), _private_endpoint(facts, pool), *_another_way(facts, pool, found)),
    )


def _private_endpoint(facts: Facts, pool: NodePool) -> Fix:
    network, registry = network_of(facts, pool), facts.registry
    return Fix(
        f"Give {registry.name} a private endpoint in {network.name}, with a DNS zone group on a zone that is linked to "
        "that network",
        manual=True,
        caveat="Private endpoints need the Premium tier.",
        needs=f"Network Contributor on {network.name} and Contributor on {registry.name}",
    )


def _nat_gateway(facts: Facts, pool: NodePool) -> tuple[Fix, ...]:
    """A subnet that was left out when the others got their NAT gateway."""
    if not _wants_nat_gateway(facts):
        return ()
    subnet, network = subnet_of(facts, pool), network_of(facts, pool)
    beside = {item.nat_gateway_id for item in network.subnets if item.nat_gateway_id is not None}
    commands = tuple(_join(facts, subnet.id, gateway) for gateway in sorted(beside)[:1])
    named = f"NAT gateway {min(beside).name}" if beside else "a NAT gateway"
    return (
        Fix(
            f"Give subnet {subnet.name} {named}, as outbound type {facts.cluster.outbound_type} asks for",
            commands,
            manual=not commands,
            caveat="Its nodes leave from the gateway's addresses then: rules at other ends must know them.",
            needs=f"Network Contributor on {network.name}",
        ),
    )


def _join(facts: Facts, subnet: ResourceId, gateway: ResourceId) -> str:
    network = subnet.parent
    where = ("-g", network.resource_group, *subscription_words(facts, network), "--vnet-name", network.name)
    return az("network", "vnet", "subnet", "update", *where, "-n", subnet.name, "--nat-gateway", gateway)


def _another_way(facts: Facts, pool: NodePool, found: Egress) -> tuple[Fix, ...]:
    cluster, subnet = facts.cluster, subnet_of(facts, pool)
    if found.route is not None and subnet.route_table_id is not None:
        table = subnet.route_table_id
        return (
            Fix(
                f"Or let route {found.route.name} ({found.route.prefix} to {found.route.next_hop_type}) of route table "
                f"{table.name} lead out: to a firewall that admits the registry, or to Internet",
                manual=True,
                caveat="Somebody closed this subnet on purpose: ask who. The route bears on all of its subnets.",
                needs=f"Network Contributor on {table.name}",
            ),
        )
    if _wants_nat_gateway(facts):
        return ()
    return (
        Fix(
            f"Or give the nodes a way out: another outbound type of {cluster.name}, or a default route to a firewall "
            "that admits the registry",
            manual=True,
            caveat="A cluster without egress was made so on purpose. Another outbound type changes its addresses.",
            needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
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
