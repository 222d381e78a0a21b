"""A record points at an address that is no private endpoint of this registry within reach.

What is read
    The A records that answer for the registry's names in the nodes' virtual network; the addresses of the
    registry's private endpoints, from their network interfaces; the way from the nodes to each.

Why pulls fail
    A private endpoint that is made anew gets another address, and two endpoints of different networks that share
    one zone overwrite each other's records: the last writer wins. Records that were made by hand may hold the address
    of another name: each address serves one. Nodes then connect to nobody: `dial tcp <private
    address>:443: i/o timeout`, or connection refused.

What to do
    Point the record at the endpoint that the nodes reach. Give every endpoint a zone of its own, linked to the
    networks that it serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed
from aksacr.facts import Seen, same
from aksacr.semantics.endpoint_choice import behind_broken_ways, better_endpoint, served_beside, within_reach
from aksacr.semantics.endpoints import address_for, connection_of_address, login_address, names_at
from aksacr.semantics.name_resolution import Resolution, record_name, registry_names, resolve
from aksacr.semantics.pools import network_of

from ._wording import (
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    ROUTES_READ,
    for_each_pool,
    listed,
    no_endpoint,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, PrivateEndpoint, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    if not facts.registry.endpoint_connections:
        return no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    login = resolve(facts, vnet)
    if login.kind != "private":
        return not_applicable(f"Node pool {pool.name} resolves {login.name} to no private address.")
    if login.zone_id is not None and not same(login.zone_id.name, facts.cloud.private_link_zone):
        return not_applicable(f"Node pool {pool.name}: zone {login.zone_id.name} answers first; see AKA304.")
    found = [login, *(resolve(facts, vnet, name) for name in registry_names(facts)[1:])]
    private = [item for item in found if item.kind == "private"]
    stale = [item for item in private if not _is_ours(facts, item)]
    if stale:
        return _stale(facts, pool, vnet, stale)
    swapped = [item for item in private if _others_address(facts, item)]
    if swapped:
        return _swapped(facts, pool, swapped)
    lost = [(item, better) for item in private if (better := better_endpoint(facts, pool, item)) is not None]
    if lost:
        return _other_network(facts, pool, vnet, [item for item, _ in lost], lost[0][1])
    return passed(
        f"Node pool {pool.name}: every record of {login.name} points at a private endpoint of {facts.registry.name}.",
        *(seen(item.zone_id or "", _record(facts, item), list(item.addresses)) for item in private),
    )


def _record(facts: Facts, item: Resolution) -> str:
    """`A[x.westus.data]`: the record by its name in the zone that answered."""
    return f"A[{item.name if item.zone_id is None else record_name(facts, item.zone_id, item.name)}]"


def _is_ours(facts: Facts, item: Resolution) -> bool:
    return all(connection_of_address(facts, address) is not None for address in item.addresses)


def _strange(facts: Facts, item: Resolution) -> list[str]:
    """The addresses of a record that belong to no private endpoint of the registry."""
    return [address for address in item.addresses if connection_of_address(facts, address) is None]


def _others_address(facts: Facts, item: Resolution) -> dict[str, str]:
    """The addresses of a record that serve another name of the registry, each with that name."""
    served = {address: names_at(facts, address) for address in item.addresses}
    own = item.name.lower().rstrip(".")
    return {address: names[0] for address, names in served.items() if names and own not in names}


def _swapped(facts: Facts, pool: NodePool, swapped: list[Resolution]) -> Verdict:
    words = listed(
        f"{item.name} to {address}, which answers for {other} alone"
        for item in swapped
        for address, other in _others_address(facts, item).items()
    )
    right = {item.name: _addresses_of(facts, item.name) for item in swapped}
    to = listed(f"{name} at {listed(found)}" for name, found in right.items() if found)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} resolves {words}. Each address of a private endpoint serves one name of "
        f"{facts.registry.name}: what asks the wrong one is cut off.",
        evidence=tuple(seen(item.zone_id or "", _record(facts, item), list(item.addresses)) for item in swapped),
        fixes=(
            Fix(
                f"Point each record at the address of its own name: {to or 'see the endpoint'}",
                manual=True,
                caveat="A DNS zone group on the private endpoint keeps records right.",
                needs="Private DNS Zone Contributor on the zone",
            ),
        ),
    )


def _addresses_of(facts: Facts, name: str) -> list[str]:
    """The addresses that the registry's endpoints answer at for a name."""
    held = [item for fact in facts.endpoint_addresses.values() if isinstance(fact, Seen) for item in fact.value]
    return [str(item.address) for item in held if any(same(each.rstrip("."), name.rstrip(".")) for each in item.names)]


def _stale(facts: Facts, pool: NodePool, vnet: VirtualNetwork, stale: list[Resolution]) -> Verdict:
    words = listed(f"{item.name} to {listed(_strange(facts, item))}" for item in stale)
    partly = any(len(_strange(facts, item)) < len(item.addresses) for item in stale)
    ends = (
        "Now and then nodes connect to nobody, and a pull times"
        if partly
        else "Nodes connect to nobody, and pulls time"
    )
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} (virtual network {vnet.name}) resolves {words}, which is no address of a private "
        f"endpoint of {facts.registry.name}. {ends} out.",
        evidence=tuple(seen(item.zone_id or "", _record(facts, item), list(item.addresses)) for item in stale),
        fixes=_point(facts, pool, stale, [address for item in stale for address in _strange(facts, item)]),
    )


def _other_network(
    facts: Facts, pool: NodePool, vnet: VirtualNetwork, lost: list[Resolution], better: PrivateEndpoint
) -> Verdict:
    words = listed(f"{item.name} to {listed(item.addresses)}" for item in lost)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} resolves {words}, a private endpoint in a network "
        f"that {vnet.name} does not reach, although private endpoint {better.name} is within reach: two endpoints "
        "share the zone, and the other one wrote last.",
        evidence=tuple(seen(item.zone_id or "", _record(facts, item), list(item.addresses)) for item in lost),
        fixes=_apart(facts, pool, vnet, lost, better),
    )


def _apart(
    facts: Facts, pool: NodePool, vnet: VirtualNetwork, lost: list[Resolution], better: PrivateEndpoint
) -> tuple[Fix, ...]:
    """A zone for each network; another record in this one serves whoever uses the present one no longer."""
    zone = next((item.zone_id for item in lost if item.zone_id is not None), None)
    served = list(dict.fromkeys(name for item in lost for name in served_beside(facts, pool, item)))
    right = {item.name: _address_at(facts, better, item.name) for item in lost}
    records = listed(f"{name} at {address}" for name, address in right.items() if address)
    who = f"node pool{'s' if len(served) > 1 else ''} {listed(served)}" if served else "whoever else it serves"
    apart = Fix(
        f"Give {vnet.name} a zone {facts.cloud.private_link_zone} of its own: make a second one in another resource "
        f"group, with {records or f'the addresses of {better.name}'}, and link {vnet.name} to it instead of this one",
        manual=True,
        caveat=f"A network is linked to one zone of a name. The present records stay for {who}.",
        needs=f"Private DNS Zone Contributor, and Network Contributor on {vnet.name}",
    )
    if served or zone is None:
        return (apart,)
    return (apart, *_point(facts, pool, lost, [address for item in lost for address in item.addresses], "Or add"))


def _address_at(facts: Facts, endpoint: PrivateEndpoint, name: str) -> str:
    is_login = same(name, facts.registry.login_server)
    return login_address(facts, endpoint) if is_login else address_for(facts, endpoint, name)


def _point(
    facts: Facts, pool: NodePool, stale: list[Resolution], wrong: list[str], verb: str = "Add"
) -> tuple[Fix, ...]:
    """The endpoint's address into each record that lacks it, before the wrong ones go."""
    reached = within_reach(facts, pool)
    targets = reached or behind_broken_ways(facts, pool)
    zone = next((item.zone_id for item in stale if item.zone_id is not None), None)
    if zone is None or not targets:
        return (
            Fix(
                "Make a private endpoint that the nodes reach, with a DNS zone group on the zone linked to them",
                manual=True,
            ),
        )
    commands: list[str] = []
    for item in stale:
        home = zone if item.zone_id is None else item.zone_id
        where = ("-g", home.resource_group, *subscription_words(facts, home), "-z", home.name)
        right = _address_at(facts, targets[0], item.name)
        if right and right not in item.addresses:
            label = record_name(facts, home, item.name)
            commands.append(
                az("network", "private-dns", "record-set", "a", "add-record", *where, "-n", label, "-a", right)
            )
    them, records = ("them", "records") if len(stale) > 1 else ("it", "record")
    what = f"{verb} the address of private endpoint {targets[0].name} to the {records} in {zone.name}, then remove"
    if not commands and all(_address_at(facts, targets[0], item.name) in item.addresses for item in stale):
        what = f"Leave the address of private endpoint {targets[0].name} in the {records} in {zone.name}, and remove"
    down = "" if reached else f" The way to {targets[0].name} is down as well: see AKA322."
    return (
        Fix(
            f"{what} {listed(wrong)} from {them}",
            tuple(commands),
            manual=not commands,
            caveat=f"Removing the old address cuts whoever still uses it. A DNS zone group keeps records right.{down}",
            needs=f"Private DNS Zone Contributor on {zone.resource_group}",
        ),
    )


CHECK = Check(
    code="AKA303",
    name="private-dns-record-stale",
    title="The records point at this registry's private endpoint",
    explains=("timeout-private-ip", "connection-refused"),
    judge=judge,
    page=__doc__ or "",
    # Whether an endpoint is within reach may depend on the routes over hubs.
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *ROUTES_READ))),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",),
)
