"""The peering on the way does not let the traffic through.

What is read
    Both halves of the peering (over hubs, of every one) on the way to the private endpoint:
    `allowVirtualNetworkAccess`, `allowForwardedTraffic`, and, for peerings of single subnets, which subnets take
    part.

Why pulls fail
    A half that does not allow virtual network access takes the peer out of the tag `VirtualNetwork`, so that the
    default rules deny it. Over a hub, a network that does not allow forwarded traffic from it drops what the hub's
    appliance sends on; of two hubs in a row, each must allow it from the other. A peering of single subnets leaves
    the others out. Packets are dropped: `dial tcp <private address>:443: i/o timeout`.

What to do
    Change the property on the half that is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, az, passed
from aksacr.facts import UnseenError, same

from ._ways import WAY_READ, Used, for_each_way, no_peering
from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from typing import TypeAlias

    from aksacr.check import JsonValue
    from aksacr.facts import Facts, NodePool, Peering
    from aksacr.semantics.routing import Half

    _Fault: TypeAlias = "tuple[str, str, JsonValue]"


def judge(facts: Facts) -> Verdict:
    return for_each_way(facts, _judge)


def _judge(facts: Facts, pool: NodePool, best: Used) -> Verdict:
    if (none := no_peering(pool, best)) is not None:
        return none
    node_subnet = facts.subnet_id(pool).value.name
    faults = [(half, fault) for half in best.way.halves for fault in _faults(half, best, node_subnet)]
    if not faults and best.way.gap is not None:
        raise UnseenError(best.way.gap)  # another half, that was not seen, may block
    if not faults:
        return passed(
            f"Node pool {pool.name}: the peering of {best.vnet.name} with {best.endpoint.virtual_network_id.name} "
            "lets the traffic through."
        )
    words = listed(
        f"{half.peering.name if half.peering else ''} of {half.network_id.name} {fault[1]}" for half, fault in faults
    )
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}, on the way to private endpoint {best.endpoint.name}: peering {words}. Packets are "
        "dropped and pulls time out.",
        evidence=tuple(
            seen(half.peering.id, f"properties.{fault[0]}", fault[2]) for half, fault in faults if half.peering
        ),
        fixes=tuple(_fix(facts, half, fault[0]) for half, fault in faults),
    )


def _faults(half: Half, used: Used, node_subnet: str) -> list[_Fault]:
    """(property, what follows in words, its value) for each property of a half that blocks."""
    peering = half.peering
    if peering is None:
        return []
    found: list[_Fault] = []
    if not peering.allow_access:
        found.append(("allowVirtualNetworkAccess", "does not allow virtual network access", False))
    from_hub = any(half.remote_id == hub.id for hub in used.way.hubs)
    if from_hub and not peering.allow_forwarded_traffic:
        found.append(("allowForwardedTraffic", "does not allow traffic that the hub forwards", False))
    if peering.only_ipv6 and ":" not in used.address:
        found.append(("enableOnlyIPv6Peering", "is for IPv6 only", True))
    if not peering.complete_networks:
        found += _left_out(peering, half, used, node_subnet)
    return found


def _left_out(peering: Peering, half: Half, used: Used, node_subnet: str) -> list[_Fault]:
    """A peering of single subnets: the node's and the endpoint's must take part, each on its own side."""
    near = node_subnet if half.network_id == used.vnet.id else ""
    far = used.endpoint.subnet_id.name if half.remote_id == used.endpoint.virtual_network_id else ""
    if half.network_id == used.endpoint.virtual_network_id:
        near = used.endpoint.subnet_id.name
    if half.remote_id == used.vnet.id:
        far = node_subnet
    found: list[_Fault] = []
    for key, name, names in (
        ("localSubnetNames", near, peering.local_subnet_names),
        ("remoteSubnetNames", far, peering.remote_subnet_names),
    ):
        if name and names and not any(same(name, item) for item in names):
            found.append((key, f"leaves out subnet {name}", list(names)))
    return found


def _fix(facts: Facts, half: Half, fault: str) -> Fix:
    name = half.peering.name if half.peering else ""
    settings = {
        "allowVirtualNetworkAccess": "allowVirtualNetworkAccess=true",
        "allowForwardedTraffic": "allowForwardedTraffic=true",
    }
    needs = f"Network Contributor on {half.network_id.name}"
    if fault == "enableOnlyIPv6Peering":
        return Fix(
            f"Turn enableOnlyIPv6Peering of peering {name} of {half.network_id.name} off: the address is IPv4",
            manual=True,
            needs=needs,
        )
    if fault not in settings:
        return Fix(
            f"Add the subnet to peering {name} of {half.network_id.name}, or peer the whole networks",
            manual=True,
            caveat="A peering of single subnets was made on purpose: ask the network team.",
            needs=needs,
        )
    command = az(
        *("network", "vnet", "peering", "update", "-g", half.network_id.resource_group),
        *subscription_words(facts, half.network_id),
        *("--vnet-name", half.network_id.name, "-n", name, "--set", settings[fault]),
    )
    return Fix(f"Let peering {name} of {half.network_id.name} carry it", (command,), needs=needs)


CHECK = Check(
    code="AKA324",
    name="peering-blocks-traffic",
    title="The peering lets the traffic through",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=WAY_READ,
    docs=("https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering",),
)
