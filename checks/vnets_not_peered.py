"""The nodes' virtual network has no way to the private endpoint's.

What is read
    The virtual networks of the node pools and of the private endpoint that they use, their peerings, the hub
    networks that peer with both, and the routes of the nodes' subnets.

Why pulls fail
    A private endpoint is reached from its own network and from those peered with it. Peering is not transitive: two
    spokes of a hub reach each other only by something in the hub that forwards, with routes that lead there.
    Without a way packets are dropped: `dial tcp <private address>:443: i/o timeout`.

What to do
    Make a private endpoint in the nodes' own network (the simplest way), or peer the two networks, or route by an
    appliance in the hub.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.semantics.routing import next_hop

from ._ways import WAY_READ, Used, no_endpoint, used_endpoints, uses_none
from ._wording import for_each_pool, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool


def judge(facts: Facts) -> Verdict:
    if (none := no_endpoint(facts)) is not None:
        return none
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    used = used_endpoints(facts, pool)
    if not used:
        return uses_none(facts, pool)
    best = used[0]
    name = best.endpoint.virtual_network_id.name
    if best.way.kind == "same":
        return not_applicable(
            f"Node pool {pool.name} and private endpoint {best.endpoint.name} are in one virtual network."
        )
    if best.way.kind == "unseen":
        gap = best.way.gap
        gaps = () if gap is None else (Gap.of(gap),)
        return unknown(
            f"Node pool {pool.name}: the network of private endpoint {best.endpoint.name} could not be seen.", *gaps
        )
    if best.way.kind == "broken":
        return not_applicable(
            f"Node pool {pool.name}: {best.vnet.name} and {name} are joined by a peering that is down; see AKA322."
        )
    if best.way.kind == "peered" and best.way.hub is None:
        return passed(f"Node pool {pool.name}: {best.vnet.name} is peered with {name}.")
    return _by_routes(facts, pool, best)


def _by_routes(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    """Over a hub, or without any peering that was seen: only a route to something that forwards makes a way."""
    hop = next_hop(facts, pool, used.endpoint, used.address, used.way) if used.address else None
    name = used.endpoint.virtual_network_id.name
    if hop is not None and hop.kind == "appliance" and hop.route is not None:
        by = f"route {hop.route.name} to {hop.route.next_hop_type} {hop.route.next_hop_address}".rstrip()
        if used.way.kind == "peered":
            return passed(f"Node pool {pool.name}: {used.vnet.name} reaches {name} by {by}.")
        return unknown(f"Node pool {pool.name}: {used.vnet.name} has no peering with {name}, but {by} may lead there.")
    if any(peering.use_remote_gateways for peering in used.vnet.peerings) or _has_gateway(used):
        return unknown(
            f"Node pool {pool.name}: {used.vnet.name} has no peering with {name}, but uses a gateway (VPN, "
            "ExpressRoute or virtual WAN), whose routes are not decidable here. Look at the effective routes of a "
            "node's interface."
        )
    return _fault(facts, pool, used)


def _has_gateway(used: Used) -> bool:
    return any(subnet.name.lower() == "gatewaysubnet" for subnet in used.vnet.subnets) or any(
        peering.remote_id.name.lower().startswith("hv_") for peering in used.vnet.peerings
    )


def _fault(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    name = used.endpoint.virtual_network_id.name
    over = (
        f"; both peer with hub {used.way.hub.name}, but no route of the nodes leads to something there that forwards"
        if used.way.hub
        else ""
    )
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: private endpoint {used.endpoint.name} ({used.address or 'address not seen'}) is in "
        f"{name}, and {used.vnet.name} has no way to it: the networks are not peered{over}. Packets are dropped and "
        "pulls time out.",
        evidence=(
            seen(used.endpoint.id, "properties.subnet.id", used.endpoint.subnet_id.text),
            seen(
                used.vnet.id,
                "properties.virtualNetworkPeerings",
                [peering.remote_id.name for peering in used.vnet.peerings],
            ),
        ),
        fixes=(_own_endpoint(facts, used), _peer(facts, used)),
    )


def _own_endpoint(facts: Facts, used: Used) -> Fix:
    return Fix(
        f"Make a private endpoint for {facts.registry.name} in a subnet of {used.vnet.name}, with a DNS zone group on "
        "a zone of its own that is linked to that network",
        manual=True,
        caveat="Two endpoints that share one zone overwrite each other's records.",
        needs=f"Network Contributor on {used.vnet.name} and Contributor on {facts.registry.name}",
    )


def _peer(facts: Facts, used: Used) -> Fix:
    near, far = used.vnet.id, used.endpoint.virtual_network_id
    commands = [
        az(
            *("network", "vnet", "peering", "create", "-g", one.resource_group, *subscription_words(facts, one)),
            *(
                "--vnet-name",
                one.name,
                "-n",
                f"{one.name}-to-{other.name}",
                "--remote-vnet",
                other,
                "--allow-vnet-access",
                "true",
            ),
        )
        for one, other in ((near, far), (far, near))
    ]
    return Fix(
        f"Or peer {near.name} and {far.name}, on both sides",
        tuple(commands),
        caveat="Overlapping networks cannot be peered. Peering opens more than the registry: ask the network team.",
        needs=f"Network Contributor on {near.name} and {far.name}",
    )


CHECK = Check(
    code="AKA321",
    name="vnets-not-peered",
    title="The nodes' VNet reaches the private endpoint's VNet",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=WAY_READ,
    docs=("https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview",),
)
