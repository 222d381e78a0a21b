"""A peering between the nodes' virtual network and the private endpoint's is not connected on both sides.

What is read
    The virtual network of each node pool and that of each approved private endpoint, with their peerings; where the
    two do not peer directly, the hub networks that peer with both. Both halves of every peering are read.

Why pulls fail
    A peering carries traffic only while both halves say Connected. A half that is Initiated has no counterpart yet; one
    that is Disconnected has lost it (the other side was deleted). Packets to the endpoint's address are dropped:
    `dial tcp <private address>:443: i/o timeout`.

What to do
    Create the half that is missing. A Disconnected half cannot be mended: delete what is left on both sides and
    create both anew. Or make a private endpoint in the nodes' own virtual network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import Unseen, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.endpoints import endpoint_of_address
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of
from aksacr.semantics.routing import approved_endpoints, has_approved_connection, way

from ._wording import EGRESS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, VirtualNetwork
    from aksacr.semantics.routing import Half, Way


def judge(facts: Facts) -> Verdict:
    if not has_approved_connection(facts):
        return not_applicable(f"{facts.registry.name} has no approved private endpoint to reach.")
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    ways = [(endpoint, way(facts, vnet, endpoint.virtual_network_id)) for endpoint in approved_endpoints(facts)]
    if any(found.kind not in {"same", "peered"} for _, found in ways):
        meant = {endpoint.id for endpoint in _endpoints_meant(facts, pool, vnet)}
        ways = [(endpoint, found) for endpoint, found in ways if endpoint.id in meant]
    if not ways:
        return not_applicable(f"Node pool {pool.name} does not use a private endpoint of {facts.registry.name}.")
    for kind, say in (("same", _same), ("peered", _peered), ("unseen", _unseen), ("broken", _broken)):
        for endpoint, found in ways:
            if found.kind == kind:
                return say(facts, pool, vnet, endpoint, found)
    names = listed(endpoint.virtual_network_id.name for endpoint, _ in ways)
    return unknown(
        f"Node pool {pool.name}: virtual network {vnet.name} has no peering with {names}, where the private endpoint "
        "is, and no hub "
        "that was read peers with both. A virtual WAN or gateway may join them; if nothing does, pulls time out."
    )


def _endpoints_meant(facts: Facts, pool: NodePool, vnet: VirtualNetwork) -> list[PrivateEndpoint]:
    """The endpoints that the pool's requests go to, or should go to because the public side is closed to it."""
    resolution = resolve(facts, vnet)
    if resolution.kind == "private":
        found = [endpoint_of_address(facts, address) for address in resolution.addresses]
        return [endpoint for endpoint in found if endpoint is not None]
    return [] if public_side(facts, pool) == "open" else approved_endpoints(facts)


def _same(facts: Facts, pool: NodePool, vnet: VirtualNetwork, endpoint: PrivateEndpoint, found: Way) -> Verdict:
    del facts, found
    return not_applicable(
        f"Node pool {pool.name} and private endpoint {endpoint.name} are in one virtual network, {vnet.name}: no "
        "peering is needed."
    )


def _peered(facts: Facts, pool: NodePool, vnet: VirtualNetwork, endpoint: PrivateEndpoint, found: Way) -> Verdict:
    del facts
    over = f" over hub {found.hub.name}" if found.hub else ""
    return passed(
        f"Node pool {pool.name}: {vnet.name} and {endpoint.virtual_network_id.name} (private endpoint "
        f"{endpoint.name}) are peered{over}, Connected on both sides.",
        *_evidence(found),
    )


def _unseen(facts: Facts, pool: NodePool, vnet: VirtualNetwork, endpoint: PrivateEndpoint, found: Way) -> Verdict:
    del facts
    gap = Unseen(endpoint.virtual_network_id.text, "", "was not read") if found.gap is None else found.gap
    return unknown(
        f"Node pool {pool.name}: only {vnet.name}'s side of the way to private endpoint {endpoint.name} could be "
        f"seen; {Gap.of(gap).sentence()}.",
        Gap.of(gap),
        evidence=tuple(_evidence(found)),
    )


def _broken(facts: Facts, pool: NodePool, vnet: VirtualNetwork, endpoint: PrivateEndpoint, found: Way) -> Verdict:
    faults = [half for half in found.halves if not half.connected]
    words = listed(_half(half) for half in faults)
    over = f" over hub {found.hub.name}" if found.hub else ""
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} reaches private endpoint {endpoint.name} by the peering of {vnet.name} with "
        f"{endpoint.virtual_network_id.name}{over}, which is down: {words}. Packets to the endpoint are dropped and "
        "pulls time out.",
        evidence=tuple(_evidence(found)),
        fixes=tuple(_fixes(facts, found)),
    )


def _half(half: Half) -> str:
    if half.peering is None:
        return f"{half.network_id.name} has no peering back to {half.remote_id.name}"
    return f"peering {half.peering.name} of {half.network_id.name} is {half.peering.state or 'in no known state'}"


def _fixes(facts: Facts, found: Way) -> list[Fix]:
    missing = [half for half in found.halves if half.peering is None]
    lost = [half for half in found.halves if half.peering is not None and same(half.peering.state, "Disconnected")]
    if lost or not missing:
        names = listed(
            f"{half.peering.name} ({half.network_id.name})" for half in found.halves if half.peering is not None
        )
        pairs = _pairs(list(found.halves))
        delete = Fix(
            f"Delete what is left of the peering: {names}. A half that has lost its other side cannot be mended",
            manual=True,
            caveat="Deleting a half cuts whatever else still uses it.",
            needs="Network Contributor on both virtual networks",
        )
        return [delete, _create(facts, list(found.halves), f"Then create the peering anew: {pairs}")]
    return [_create(facts, missing, f"Create the missing half of the peering: {_pairs(missing)}")]


def _pairs(halves: list[Half]) -> str:
    return listed(f"{half.network_id.name} to {half.remote_id.name}" for half in halves)


def _create(facts: Facts, halves: list[Half], summary: str) -> Fix:
    names = listed(dict.fromkeys(name for half in halves for name in (half.network_id.name, half.remote_id.name)))
    return Fix(summary, tuple(_command(facts, half) for half in halves), needs=f"Network Contributor on {names}")


def _command(facts: Facts, half: Half) -> str:
    near, far = half.network_id, half.remote_id
    where = ("-g", near.resource_group, *subscription_words(facts, near), "--vnet-name", near.name)
    return az(
        *("network", "vnet", "peering", "create", *where, "-n", f"{near.name}-to-{far.name}"),
        *("--remote-vnet", far, "--allow-vnet-access", "true"),
    )


def _evidence(found: Way) -> list[Evidence]:
    return [
        seen(half.peering.id, "properties.peeringState", half.peering.state)
        if half.peering
        else seen(half.network_id, "properties.virtualNetworkPeerings", f"none with {half.remote_id.name}")
        for half in found.halves
    ]


CHECK = Check(
    code="AKA322",
    name="peering-not-connected",
    title="The peering is Connected on both sides",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview",),
)
