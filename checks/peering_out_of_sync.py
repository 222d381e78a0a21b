"""The peering does not know the address space that the private endpoint is in.

What is read
    Both halves of the peering on the way to the private endpoint: `peeringSyncLevel`, and the address space that
    each half knows of the other network. An API version that does not tell the level says nothing.

Why pulls fail
    An address range that is added to a network is not routed to its peers until the peering is synchronised. An
    endpoint in such a range is out of reach: `dial tcp <private address>:443: i/o timeout`.

What to do
    Synchronise the peering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, az, passed
from aksacr.facts import UnseenError, same
from aksacr.semantics.prefixes import holds_address

from ._ways import WAY_READ, Used, for_each_way, no_peering
from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.routing import Half


def judge(facts: Facts) -> Verdict:
    return for_each_way(facts, _judge)


def _judge(facts: Facts, pool: NodePool, best: Used) -> Verdict:
    if (none := no_peering(pool, best)) is not None:
        return none
    behind = [half for half in best.way.halves if _is_behind(half)]
    leading = [half for half in best.way.halves if half.remote_id == best.endpoint.virtual_network_id]
    if best.way.gap is not None and not leading:
        raise UnseenError(best.way.gap)  # the half that must know the endpoint's address
    if not behind:
        return passed(
            f"Node pool {pool.name}: the peering on the way to private endpoint {best.endpoint.name} is in sync."
        )
    blind = [half for half in behind if half in leading and not _knows(half, best.address)]
    if not blind or not best.address:
        names = listed(half.peering.name for half in behind if half.peering)
        return passed(
            f"Node pool {pool.name}: peering {names} is out of sync, but knows "
            f"{best.address or 'the address'} of the endpoint."
        )
    return _fault(facts, pool, best, blind)


def _is_behind(half: Half) -> bool:
    level = half.peering.sync_level if half.peering else ""
    return bool(level) and not same(level, "FullyInSync")


def _knows(half: Half, address: str) -> bool:
    return half.peering is not None and holds_address(half.peering.remote_prefixes, address)


def _fault(facts: Facts, pool: NodePool, used: Used, blind: list[Half]) -> Verdict:
    half = blind[0]
    known = listed(half.peering.remote_prefixes) if half.peering else "nothing"
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: private endpoint {used.endpoint.name} is at {used.address}, but peering "
        f"{half.peering.name if half.peering else ''} of {half.network_id.name} knows {known} only "
        f"({half.peering.sync_level if half.peering else ''}). Packets to the endpoint are not routed, and pulls "
        "time out.",
        evidence=tuple(
            item
            for half in blind
            if half.peering
            for item in (
                seen(half.peering.id, "properties.peeringSyncLevel", half.peering.sync_level),
                seen(
                    half.peering.id, "properties.remoteAddressSpace.addressPrefixes", list(half.peering.remote_prefixes)
                ),
            )
        ),
        fixes=(_sync(facts, blind),),
    )


def _sync(facts: Facts, blind: list[Half]) -> Fix:
    commands = [
        az(
            *("network", "vnet", "peering", "sync", "-g", half.network_id.resource_group),
            *subscription_words(facts, half.network_id),
            *("--vnet-name", half.network_id.name, "-n", half.peering.name),
        )
        for half in blind
        if half.peering
    ]
    names = listed(half.peering.name for half in blind if half.peering)
    return Fix(
        f"Synchronise peering {names}", tuple(commands), needs=f"Network Contributor on {blind[0].network_id.name}"
    )


CHECK = Check(
    code="AKA323",
    name="peering-out-of-sync",
    title="The peering knows the other side's address space",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=WAY_READ,
    docs=("https://learn.microsoft.com/azure/virtual-network/update-virtual-network-peering-address-space",),
)
