"""The peering does not know the address space that the private endpoint, or the node pool, is in.

What is read
    Both halves of the peering (over hubs, of every one) on the way to the private endpoint: `peeringSyncLevel`, and
    the address space that each half knows of the other network; the prefixes of the nodes' subnets. An API version
    that does not tell the level says nothing.

Why pulls fail
    An address range that is added to a network is not routed to its peers until the peering is synchronised. An
    endpoint in such a range is out of reach; nodes in such a range get no answer, for the far half does not lead
    back to them: `dial tcp <private address>:443: i/o timeout`. Over a hub the half that leads from it to the nodes
    must know their subnet, and the nodes' half must know the appliance that their route leads to; from which address
    an appliance sends on (source NAT) Azure does not show.

What to do
    Synchronise the half that is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, az, passed
from aksacr.facts import UnseenError
from aksacr.semantics.peering_sync import in_sync
from aksacr.semantics.pools import subnet_of

from ._ways import WAY_READ, Used, for_each_way, no_peering
from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.peering_sync import Blind, InSync


def judge(facts: Facts) -> Verdict:
    return for_each_way(facts, _judge)


def _judge(facts: Facts, pool: NodePool, best: Used) -> Verdict:
    if (none := no_peering(pool, best)) is not None:
        return none
    found = in_sync(facts, pool, best.endpoint, best.address, best.way)
    if found.blind:
        return _fault(facts, pool, best, found)
    if found.gap is not None:
        raise UnseenError(found.gap)
    if not found.behind:
        return passed(
            f"Node pool {pool.name}: the peering on the way to private endpoint {best.endpoint.name} is in sync."
        )
    names = listed(half.peering.name for half in found.behind if half.peering)
    return passed(
        f"Node pool {pool.name}: peering {names} is out of sync, but what it leads to on the way to private endpoint "
        f"{best.endpoint.name} ({best.address}) and back, it knows."
    )


def _fault(facts: Facts, pool: NodePool, used: Used, found: InSync) -> Verdict:
    words = listed(_does_not_know(facts, pool, used, item) for item in found.blind)
    is_back_only = all(item.whose == "nodes" for item in found.blind)
    then = "Answers do not come back to its nodes" if is_back_only else "Packets to the endpoint are not routed"
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: private endpoint {used.endpoint.name} is at {used.address}, but {words}. {then}, and "
        "pulls time out.",
        evidence=tuple(each for item in found.blind for each in _evidence(item)),
        fixes=tuple(dict.fromkeys(_sync(facts, item) for item in found.blind)),
    )


def _does_not_know(facts: Facts, pool: NodePool, used: Used, item: Blind) -> str:
    half = item.half
    peering = half.peering
    name, level = (peering.name, peering.sync_level) if peering else ("", "")
    known = listed(peering.remote_prefixes if peering else ())
    what = {
        "endpoint": "",
        "nodes": f" and not {listed(item.unknown)} (subnet {subnet_of(facts, pool).name} of {used.vnet.name})",
        "appliance": f" and not the appliance at {listed(item.unknown)}, where the nodes' route leads",
    }[item.whose]
    return f"peering {name} of {half.network_id.name} knows {known} only ({level}){what}"


def _evidence(item: Blind) -> tuple[Evidence, ...]:
    peering = item.half.peering
    if peering is None:
        return ()
    return (
        seen(peering.id, "properties.peeringSyncLevel", peering.sync_level),
        seen(peering.id, "properties.remoteAddressSpace.addressPrefixes", list(peering.remote_prefixes)),
    )


def _sync(facts: Facts, item: Blind) -> Fix:
    network = item.half.network_id
    name = item.half.peering.name if item.half.peering else ""
    place = ("-g", network.resource_group, *subscription_words(facts, network), "--vnet-name", network.name)
    return Fix(
        f"Synchronise peering {name} of {network.name}",
        (az("network", "vnet", "peering", "sync", *place, "-n", name),),
        needs=f"Network Contributor on {network.name}",
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
