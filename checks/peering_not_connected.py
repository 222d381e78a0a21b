"""A peering between the nodes' virtual network and the private endpoint's is not connected on both sides.

What is read
    The virtual network of each node pool and that of each approved private endpoint, with their peerings; where the
    two do not peer directly, the hub networks on the way. Both halves of every peering are read.

Why pulls fail
    A peering carries traffic only while both halves say Connected. A half that is Initiated has no counterpart yet;
    one that is Disconnected has lost it (the other side was deleted), and one may still say Connected where the whole
    network is gone. Packets to the endpoint's address are
    dropped: `dial tcp <private address>:443: i/o timeout`.

What to do
    Create the half that is missing. A Disconnected half cannot be mended: delete what is left on both sides and
    create both anew. Or make a private endpoint in the nodes' own virtual network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, az, not_applicable, passed, unknown
from aksacr.facts import Seen, Unseen, same
from aksacr.semantics.endpoints import approved_endpoints
from aksacr.semantics.routing import Half

from ._ways import WAY_READ, Used, for_each_way
from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, ResourceId
    from aksacr.semantics.routing import Way


def judge(facts: Facts) -> Verdict:
    return for_each_way(facts, _judge, _at_home)


def _at_home(facts: Facts, pool: NodePool) -> Verdict | None:
    """Where every endpoint is in the nodes' own network, no peering is needed, whatever the names lead to."""
    here = facts.subnet_id(pool).value.parent
    endpoints = approved_endpoints(facts)
    is_whole = len(endpoints) == sum(same(item.status, "Approved") for item in facts.registry.endpoint_connections)
    if not is_whole or any(endpoint.virtual_network_id != here for endpoint in endpoints):
        return None
    return _none_needed(pool, here)


def _none_needed(pool: NodePool, here: ResourceId) -> Verdict:
    return not_applicable(
        f"Node pool {pool.name} and a private endpoint are in one virtual network, {here.name}; none is needed."
    )


def _judge(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    if used.way.kind == "same":
        return _none_needed(pool, used.vnet.id)
    if used.way.kind == "peered":
        return _peered(facts, pool, used)
    if used.way.kind == "unseen":
        return _unseen(facts, pool, used)
    if used.way.kind == "broken":
        return _broken(facts, pool, used)
    name = used.endpoint.virtual_network_id.name
    return not_applicable(f"Node pool {pool.name}: {used.vnet.name} has no peering with {name}; see AKA321.")


def _peered(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    return passed(
        f"Node pool {pool.name}: {used.vnet.name} and {used.endpoint.virtual_network_id.name} (private endpoint "
        f"{used.endpoint.name}) are peered{used.way.over}, Connected on both sides.",
        *_evidence(facts, used.way),
    )


def _unseen(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    seen_gap = used.way.gap
    gap = Gap.of(Unseen(used.endpoint.virtual_network_id.text, "", "was not read") if seen_gap is None else seen_gap)
    return unknown(
        f"Node pool {pool.name}: not all of the way from {used.vnet.name} to private endpoint {used.endpoint.name}"
        f"{used.way.over} could be seen; {gap.sentence()}.",
        gap,
        evidence=tuple(_evidence(facts, used.way)),
    )


def _broken(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    words = listed(_half(facts, half) for half in used.way.halves if not half.connected)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} reaches private endpoint {used.endpoint.name} by the peering of {used.vnet.name} with "
        f"{used.endpoint.virtual_network_id.name}{used.way.over}, which is down: {words}. Packets to the endpoint are "
        "dropped and pulls time out.",
        evidence=tuple(_evidence(facts, used.way)),
        fixes=tuple(_fixes(facts, used.way)),
    )


def _is_gone(facts: Facts, network_id: ResourceId) -> bool:
    """Whether Azure has no network of that id any more; one that may not be read is not gone."""
    network = facts.virtual_network(network_id)
    return isinstance(network, Seen) and network.value is None


def _half(facts: Facts, half: Half) -> str:
    if half.peering is None and _is_gone(facts, half.network_id):
        return f"virtual network {half.network_id.name} no longer exists"
    if half.peering is None:
        return f"{half.network_id.name} has no peering back to {half.remote_id.name}"
    return f"peering {half.peering.name} of {half.network_id.name} is {half.peering.state or 'in no known state'}"


def _fixes(facts: Facts, found: Way) -> list[Fix]:
    """For each peering that is down, and for no other: halves that still work are left alone."""
    fixes: list[Fix] = []
    for pair in _pairs(found):
        missing = [half for half in pair if half.peering is None]
        if all(half.connected for half in pair):
            continue
        gone = [half for half in missing if _is_gone(facts, half.network_id)]
        if gone:
            fixes.append(_without(gone[0], [half for half in pair if half.peering is not None]))
            continue
        if any(half.peering is not None and same(half.peering.state, "Disconnected") for half in pair) or not missing:
            fixes += _anew(facts, pair)
        else:
            fixes.append(_create(facts, missing, f"Create the missing half of the peering: {_words(missing)}"))
    return fixes


def _without(gone: Half, left: list[Half]) -> Fix:
    """No command: what is gone cannot be peered with, and what deletes is not to be pasted."""
    ours = listed(f"{half.peering.name} of {half.network_id.name}" for half in left if half.peering is not None)
    delete = f"Delete peering {ours}, which leads to a network that is gone, and make" if ours else "Make"
    return Fix(
        f"{delete} virtual network {gone.network_id.name} again with its peerings, or lead {gone.remote_id.name} to "
        "the private endpoint by another way: a peering with the endpoint's network, or a private endpoint of its own",
        manual=True,
        caveat="Routes, DNS servers and appliances that were in that network are gone with it.",
        needs=f"Network Contributor on {gone.remote_id.name}",
    )


def _pairs(found: Way) -> list[list[Half]]:
    """The halves of each peering on the way, together."""
    pairs: dict[frozenset[ResourceId], list[Half]] = {}
    for half in found.halves:
        pairs.setdefault(frozenset({half.network_id, half.remote_id}), []).append(half)
    return list(pairs.values())


def _anew(facts: Facts, pair: list[Half]) -> list[Fix]:
    names = listed(f"{half.peering.name} ({half.network_id.name})" for half in pair if half.peering is not None)
    delete = Fix(
        f"Delete what is left of the peering: {names}. A half that has lost its other side cannot be mended",
        manual=True,
        caveat="Deleting a half cuts whatever else still uses it.",
        needs="Network Contributor on both virtual networks",
    )
    both = pair if len(pair) > 1 else [*pair, Half(pair[0].remote_id, pair[0].network_id, None)]
    return [delete, _create(facts, both, f"Then create the peering anew: {_words(both)}")]


def _words(halves: list[Half]) -> str:
    return listed(f"{half.network_id.name} to {half.remote_id.name}" for half in halves)


def _create(facts: Facts, halves: list[Half], summary: str) -> Fix:
    names = listed(dict.fromkeys(name for half in halves for name in (half.network_id.name, half.remote_id.name)))
    return Fix(summary, tuple(_command(facts, half) for half in halves), needs=f"Network Contributor on {names}")


def _command(facts: Facts, half: Half) -> str:
    near, far = half.network_id, half.remote_id
    where = ("-g", near.resource_group, *subscription_words(facts, near), "--vnet-name", near.name)
    flags: list[str] = []
    if half.peering is not None:
        for option, is_set in (
            ("--allow-forwarded-traffic", half.peering.allow_forwarded_traffic),
            ("--allow-gateway-transit", half.peering.allow_gateway_transit),
            ("--use-remote-gateways", half.peering.use_remote_gateways),
        ):
            flags += [option, "true"] if is_set else []
    return az(
        *("network", "vnet", "peering", "create", *where, "-n", f"{near.name}-to-{far.name}"),
        *("--remote-vnet", far, "--allow-vnet-access", "true", *flags),
    )


def _evidence(facts: Facts, found: Way) -> list[Evidence]:
    return [_half_evidence(facts, half) for half in found.halves]


def _half_evidence(facts: Facts, half: Half) -> Evidence:
    if half.peering is not None:
        return seen(half.peering.id, "properties.peeringState", half.peering.state)
    if _is_gone(facts, half.network_id):
        return seen(half.network_id, "id", "no such virtual network")
    return seen(half.network_id, "properties.virtualNetworkPeerings", f"none with {half.remote_id.name}")


CHECK = Check(
    code="AKA322",
    name="peering-not-connected",
    title="The peering is Connected on both sides",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=WAY_READ,
    docs=("https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview",),
)
