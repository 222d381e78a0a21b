"""A peering between the nodes' virtual network and the private endpoint's is not connected on both sides.

What is read
    The virtual network of each node pool and that of each approved private endpoint, with their peerings; where the
    two do not peer directly, the hub networks on the way. Both halves of every peering are read.

Why pulls fail
    A peering carries traffic only while both halves say Connected. A half that is Initiated has no counterpart yet;
    one that is Disconnected has lost it (the other side was deleted). Packets to the endpoint's address are
    dropped: `dial tcp <private address>:443: i/o timeout`.

What to do
    Create the half that is missing. A Disconnected half cannot be mended: delete what is left on both sides and
    create both anew. Or make a private endpoint in the nodes' own virtual network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Gap, Status, Verdict, not_applicable, passed, unknown
from aksacr.facts import Unseen, same
from aksacr.semantics.endpoints import approved_endpoints

from ._peerings import half_words, peering_evidence, peering_fixes
from ._ways import WAY_READ, Used, for_each_way
from ._wording import listed

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, ResourceId


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
        *peering_evidence(facts, used.way),
    )


def _unseen(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    seen_gap = used.way.gap
    gap = Gap.of(Unseen(used.endpoint.virtual_network_id.text, "", "was not read") if seen_gap is None else seen_gap)
    return unknown(
        f"Node pool {pool.name}: not all of the way from {used.vnet.name} to private endpoint {used.endpoint.name}"
        f"{used.way.over} could be seen; {gap.sentence()}.",
        gap,
        evidence=tuple(peering_evidence(facts, used.way)),
    )


def _broken(facts: Facts, pool: NodePool, used: Used) -> Verdict:
    words = listed(half_words(facts, half) for half in used.way.halves if not half.connected)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} reaches private endpoint {used.endpoint.name} by the peering of {used.vnet.name} with "
        f"{used.endpoint.virtual_network_id.name}{used.way.over}, which is down: {words}. Packets to the endpoint are "
        "dropped and pulls time out.",
        evidence=tuple(peering_evidence(facts, used.way)),
        fixes=tuple(peering_fixes(facts, used.way)),
    )


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
