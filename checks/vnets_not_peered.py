"""The nodes' virtual network has no way to the private endpoint's.

What is read
    The virtual networks of the node pools and of the private endpoint that they use, their peerings, the hub
    networks between them (up to three in a row), and the routes of the nodes' subnets and of the appliances' subnets
    that those lead to. The hub of a virtual WAN, a gateway's routes and what an appliance knows by itself do not show.
    Networks that a Virtual Network Manager joins as a mesh (connected group) show no peering: a node's effective
    routes then have the next hop ConnectedGroup. `disablePeeringRoute` of the route table of the nodes' subnet: with
    All, what peerings bring stays out of that subnet.

Why pulls fail
    A private endpoint is reached from its own network and from those peered with it. Peering is not transitive: two
    spokes of a hub reach each other only by something in the hub that forwards, with routes that lead there; over
    two hubs, routes of the first one's appliance must lead on to the second one's.
    Without a way packets are dropped: `dial tcp <private address>:443: i/o timeout`.

What to do
    Make a private endpoint in the nodes' own network (the simplest way), or peer the two networks, or route by an
    appliance in the hub.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, az, not_applicable, passed, unknown
from aksacr.facts import same
from aksacr.semantics.routing import is_virtual_hub, next_hop

from ._ways import WAY_READ, Used, for_each_way, peering_routes_kept_out
from ._wording import seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool


def judge(facts: Facts) -> Verdict:
    return for_each_way(facts, _judge)


def _judge(facts: Facts, pool: NodePool, best: Used) -> Verdict:
    name = best.endpoint.virtual_network_id.name
    if best.way.kind == "same":
        return not_applicable(
            f"Node pool {pool.name} and private endpoint {best.endpoint.name} are in one virtual network."
        )
    if best.way.kind == "unseen":
        return _unseen(pool, best)
    if best.way.kind == "peered" and (kept_out := peering_routes_kept_out(facts, pool, best)) is not None:
        return kept_out
    if best.way.kind == "broken":
        return not_applicable(
            f"Node pool {pool.name}: {best.vnet.name} and {name} are joined by a peering that is down; see AKA322."
        )
    if best.way.kind == "peered" and not best.way.hubs:
        return passed(f"Node pool {pool.name}: {best.vnet.name} is peered with {name}.")
    return _by_routes(facts, pool, best)


def _unseen(pool: NodePool, used: Used) -> Verdict:
    gap = None if used.way.gap is None else Gap.of(used.way.gap)
    name = used.endpoint.virtual_network_id.name
    why = f": {gap.sentence()}" if gap else ""
    what = f"Node pool {pool.name}: whether {used.vnet.name} reaches {name}{used.way.over} could not be seen{why}."
    gaps = (gap,) if gap else ()
    if gap is None or gap.action:
        return unknown(what, *gaps)
    return unknown(what, *gaps, fixes=(_ask(used),))


def _ask(used: Used) -> Fix:
    where = used.address or f"private endpoint {used.endpoint.name}"
    by_wan = any(is_virtual_hub(item) for item in used.vnet.peerings)
    who = "who runs the virtual WAN" if by_wan else "the network team"
    which = f"the connection of {used.vnet.name}" if by_wan else "a node's network interface"
    return Fix(
        f"Ask {who} whether the effective routes of {which} hold {where}, and whether what they lead to forwards TCP "
        "443 to it and the answers back",
        manual=True,
    )


def _by_routes(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    """Over hubs, or without any peering that was seen: only a route to something that forwards makes a way."""
    if used.way.dead_end:
        return _fault(facts, pool, used)
    hop = next_hop(facts, pool, used.endpoint, used.address, used.way) if used.address else None
    name = used.endpoint.virtual_network_id.name
    if hop is not None and hop.kind == "appliance" and hop.route is not None:
        by = f"route {hop.route.name} to {hop.route.next_hop_type} {hop.route.next_hop_address}".rstrip()
        if used.way.kind == "peered" and same(hop.route.next_hop_type, "VirtualAppliance"):
            return passed(f"Node pool {pool.name}: {used.vnet.name} reaches {name}{used.way.over} by {by}.")
        return unknown(f"Node pool {pool.name}: {used.vnet.name} has no peering with {name}, but {by} may lead there.")
    if any(peering.use_remote_gateways for peering in used.vnet.peerings) or _has_gateway(used):
        return unknown(
            f"Node pool {pool.name}: {used.vnet.name} has no peering with {name}, but uses a gateway (VPN or "
            "ExpressRoute), whose routes are not decidable here. Look at the effective routes of a node's interface."
        )
    return _fault(facts, pool, used)


def _has_gateway(used: Used) -> bool:
    return any(subnet.name.lower() == "gatewaysubnet" for subnet in used.vnet.subnets)


def _fault(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    name = used.endpoint.virtual_network_id.name
    over = ""
    if used.way.dead_end:
        over = f"; the nodes' routes end{used.way.over} at {used.way.dead_end}"
    elif used.way.hubs:
        hub = used.way.hubs[0].name
        over = f"; both peer with hub {hub}, but no route of the nodes leads to something there that forwards"
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
        fixes=(*_onward(used), _own_endpoint(facts, used), _peer(facts, used)),
    )


def _onward(used: Used) -> tuple[Fix, ...]:
    """The routes lead part of the way: the last hub needs one more."""
    if not used.way.dead_end:
        return ()
    return (
        Fix(
            f"Ask the network team for a route to {used.address} where the way ends: in the route table of the "
            f"firewall's subnet in {used.way.hubs[-1].name if used.way.hubs else used.vnet.name}, to what forwards in "
            f"the next hub; and for the way back, to {used.vnet.name}",
            manual=True,
            caveat="The route bears on everything behind that firewall.",
        ),
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
