"""The linked private DNS zone lacks a record of the registry.

What is read
    The names that the registry's private endpoints answer for, from their network interfaces: the login server and
    a data endpoint for the home region and each replica. The zone that is linked to the nodes' virtual network, its
    A records, and the link's `resolutionPolicy`. The registry's replicas that clients are sent to: each has a data
    endpoint, which a private endpoint answers for by an address of its own (`registry_data_<region>`).

Why pulls fail
    A linked zone is believed: a name without a record there does not exist. Without the login server's record nodes
    get `no such host`; without a data endpoint's, the manifest is read and every layer fails: `failed to copy: ...
    lookup x.<region>.data.azurecr.io ... no such host`. A link with the policy NxDomainRedirect falls back to the
    public name. Records that were made by hand miss the replica that was added later. So does a private endpoint with
    static addresses, or in a subnet that was full: then it has no address for the replica's data endpoint, and nodes
    that are sent there get no layers; one that has no address for the home region's serves none at all. A replica
    that lacks one is a warning where the nodes' own region has a replica that is served.

What to do
    Let a DNS zone group on the private endpoint keep the records, or add those that are missing. Make an endpoint that
    lacks the data endpoint of a replica anew, or send no client to that replica.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import Seen, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.endpoints import address_beside, connection_of_address
from aksacr.semantics.name_resolution import Resolution, record_name, registry_names, resolve
from aksacr.semantics.pools import network_of
from aksacr.semantics.replicas import UnservedReplica, unserved_home, unserved_replicas

from ._name_servers import differing_words
from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    REPLICAS_READ,
    for_each_pool,
    listed,
    no_endpoint,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, ResourceId, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    if not facts.registry.endpoint_connections:
        return no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    login = resolve(facts, vnet)
    if login.zone_id is None or login.kind == "unknowable":
        return not_applicable(f"Node pool {pool.name}: no zone of the private link name answers for {vnet.name}.")
    if not same(login.zone_id.name, facts.cloud.private_link_zone):
        return not_applicable(f"Node pool {pool.name}: zone {login.zone_id.name} answers first; see AKA304.")
    others = _others(facts, vnet, login)
    missing = [found for found in others if found.kind != "private" and found.zone_id is not None]
    falls_back = bool(missing) and all(found.kind == "public" for found in missing)
    if missing and not (falls_back and public_side(facts, pool) == "open"):
        return _fault(facts, pool, vnet, login, missing)
    if login.kind == "private" and (home := unserved_home(facts, vnet, login)) is not None:
        return _unserved_home(facts, pool, login, home)
    if login.kind == "private" and (unserved := unserved_replicas(facts, vnet, login)):
        return _unserved(facts, pool, vnet, login, unserved)
    if differing := next((found for found in others if found.differing), None):
        return unknown(f"Node pool {pool.name}: {differing_words(vnet, differing)}. A node may ask any of them.")
    if falls_back:
        return passed(
            f"Node pool {pool.name}: names without a record fall back to the public endpoint, which admits the pool."
        )
    names = listed(registry_names(facts)) if login.kind == "private" else login.name
    return passed(f"Node pool {pool.name}: zone {login.zone_id.name} holds records of {names}.")


def _others(facts: Facts, vnet: VirtualNetwork, login: Resolution) -> list[Resolution]:
    """The login server, and, where it is private, every other name of the registry."""
    if login.kind != "private":
        return [login]
    return [login, *(resolve(facts, vnet, name) for name in registry_names(facts)[1:])]


def _fault(facts: Facts, pool: NodePool, vnet: VirtualNetwork, login: Resolution, missing: list[Resolution]) -> Verdict:
    by_zone: dict[ResourceId, list[Resolution]] = {}
    for found in missing:
        if found.zone_id is not None:
            by_zone.setdefault(found.zone_id, []).append(found)
    lacking = [f"no record of {listed(item.name for item in found)}" for found in by_zone.values()]
    (zone, *others) = by_zone
    where = f"Zone {zone.name} (resource group {zone.resource_group}), which {_linked(pool, vnet, login)}"
    also = "".join(f", and zone {other.name} has {words}" for other, words in zip(others, lacking[1:], strict=True))
    gone = any(found.kind == "nxdomain" for found in missing)
    what = (
        "nodes get `no such host`"
        if gone
        else "nodes fall back to the public name (NxDomainRedirect), which does not admit them"
    )
    layers_only = all(not same(found.name, facts.registry.login_server) for found in missing)
    follows = "manifests can be read and every layer fails" if layers_only else "every pull fails"
    return Verdict(
        Status.FAIL,
        f"{where}, has {lacking[0]}{also}: {what}, and {follows}.",
        evidence=tuple(
            seen(zone, f"A[{record_name(facts, zone, item.name)}]", None)
            for zone, found in by_zone.items()
            for item in found
        ),
        fixes=tuple(_add(facts, login, zone, [item.name for item in found]) for zone, found in by_zone.items()),
    )


def _linked(pool: NodePool, vnet: VirtualNetwork, login: Resolution) -> str:
    """`is linked to nodes-vnet of node pool x`, or how the DNS servers of that network come to the zone."""
    home, nodes = login.answered_for, f"{vnet.name} of node pool {pool.name}"
    is_own = home.id == vnet.id
    return f"is linked to {nodes}" if is_own else f"answers the DNS servers of {nodes} by its link to {home.name}"


def _add(facts: Facts, login: Resolution, zone: ResourceId, names: list[str]) -> Fix:
    where = ("-g", zone.resource_group, *subscription_words(facts, zone), "-z", zone.name)
    commands = [
        az(
            *("network", "private-dns", "record-set", "a", "add-record", *where),
            *("-n", record_name(facts, zone, name), "-a", address),
        )
        for name in names
        if (address := address_beside(facts, login, name))
    ]
    return Fix(
        f"Add the missing record{'s' if len(names) > 1 else ''} to {zone.name}",
        tuple(commands),
        manual=not commands,
        caveat="A DNS zone group on the private endpoint adds the records of new replicas by itself.",
        needs=f"Private DNS Zone Contributor on {zone.resource_group}",
    )


def _unserved(
    facts: Facts, pool: NodePool, vnet: VirtualNetwork, login: Resolution, unserved: list[UnservedReplica]
) -> Verdict:
    """Replicas without an address at the endpoint: its pulls fail now, or once it is sent there."""
    registry = facts.registry
    names = listed(item.replica.name for item in unserved)
    is_nearest = any(item.may_be_nearest for item in unserved)
    zones = listed(dict.fromkeys(item.zone_id.name for item in unserved))
    goes = "which that may be" if is_nearest else f"the one in {vnet.location} while it serves"
    return Verdict(
        Status.FAIL if is_nearest else Status.WARN,
        f"Node pool {pool.name}: pulls that are sent to replica {names} of {registry.name} get no layers. No private "
        f"endpoint shows an address for the data endpoint there, and zone {zones} has no record of "
        f"{listed(item.name for item in unserved)}. Pulls are sent to the nearest replica, {goes}.",
        evidence=(
            seen(f"{registry.id}/replications", "location", [item.replica.location for item in unserved]),
            *(seen(item.zone_id, f"A[{record_name(facts, item.zone_id, item.name)}]", None) for item in unserved),
        ),
        fixes=(_renew_endpoint(facts, login, names), *(_leave_out(facts, item) for item in unserved)),
    )


def _unserved_home(facts: Facts, pool: NodePool, login: Resolution, home: Resolution) -> Verdict:
    """An endpoint that was made without the data endpoint's address."""
    zone, registry = home.zone_id or login.answered_for.id, facts.registry
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: private endpoint {_endpoints_of(facts, login)} has an address for {login.name} alone, "
        f"none for the data endpoint {home.name}, and zone {zone.name} has no record of it: manifests can be read and "
        "every layer fails.",
        evidence=(
            *(
                seen(endpoint, "requiredMemberName", [item.member for item in fact.value])
                for endpoint, fact in facts.endpoint_addresses.items()
                if isinstance(fact, Seen)
            ),
            seen(zone, f"A[{record_name(facts, zone, home.name)}]", None),
        ),
        fixes=(_renew_endpoint(facts, login, f"{registry.location} (the home region of {registry.name})"),),
    )


def _endpoints_of(facts: Facts, login: Resolution) -> str:
    held = [found for address in login.addresses if (found := connection_of_address(facts, address)) is not None]
    return listed(dict.fromkeys(endpoint.name for _, endpoint in held))


def _renew_endpoint(facts: Facts, login: Resolution, names: str) -> Fix:
    which = _endpoints_of(facts, login) or "the private endpoint"
    return Fix(
        f"Make {which} anew, without static addresses, in a subnet with an address for each replica, and with a DNS "
        f"zone group: it then answers for the data endpoint of {names}, too",
        manual=True,
        caveat="Until the new one is there, what uses the old one reaches no registry.",
        needs=f"Network Contributor on the endpoint's network and Contributor on {facts.registry.name}",
    )


def _leave_out(facts: Facts, item: UnservedReplica) -> Fix:
    registry = facts.registry
    where = ("-g", registry.id.resource_group, "-r", registry.name, *subscription_words(facts, registry.id))
    return Fix(
        f"Or send no client to replica {item.replica.name} until then",
        (az("acr", "replication", "update", *where, "-n", item.replica.name, "--global-endpoint-routing", "false"),),
        caveat="It holds for every client of the registry: those near that replica are sent further away.",
        needs=f"Contributor on {registry.name}",
    )


CHECK = Check(
    code="AKA302",
    name="private-dns-record-missing",
    title="The linked zone holds a record for every name of the registry",
    explains=("dns-nxdomain", "forbidden-403", "layer-blob-timeout"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, REPLICAS_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",),
)
