"""The linked private DNS zone lacks a record of the registry.

What is read
    The names that the registry's private endpoints answer for, from their network interfaces: the login server and
    a data endpoint for the home region and each replica. The zone that is linked to the nodes' virtual network, its
    A records, and the link's `resolutionPolicy`.

Why pulls fail
    A linked zone is believed: a name without a record there does not exist. Without the login server's record nodes
    get `no such host`; without a data endpoint's, the manifest is read and every layer fails: `failed to copy: ...
    lookup x.<region>.data.azurecr.io ... no such host`. A link with the policy NxDomainRedirect falls back to the
    public name. Records that were made by hand miss the replica that was added later.

What to do
    Let a DNS zone group on the private endpoint keep the records, or add those that are missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed
from aksacr.facts import Seen, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.name_resolution import Resolution, registry_names, relative_name, resolve
from aksacr.semantics.pools import network_of

from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    for_each_pool,
    listed,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, ResourceId, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    if not facts.registry.endpoint_connections:
        return not_applicable(f"{facts.registry.name} has no private endpoint, so its names are public ones.")
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    login = resolve(facts, vnet)
    if login.zone_id is None or login.kind == "unknowable":
        return not_applicable(f"Node pool {pool.name}: no zone of the private link name answers for {vnet.name}.")
    if not same(login.zone_id.name, facts.cloud.private_link_zone):
        return not_applicable(f"Node pool {pool.name}: zone {login.zone_id.name} answers first; see AKA304.")
    missing = [found for found in _others(facts, vnet, login) if found.kind != "private"]
    if not missing:
        names = listed(registry_names(facts)) if login.kind == "private" else login.name
        return passed(f"Node pool {pool.name}: zone {login.zone_id.name} holds records of {names}.")
    if all(found.kind == "public" for found in missing) and public_side(facts, pool) == "open":
        return passed(
            f"Node pool {pool.name}: names without a record fall back to the public endpoint, which admits the pool."
        )
    return _fault(facts, pool, vnet, missing)


def _others(facts: Facts, vnet: VirtualNetwork, login: Resolution) -> list[Resolution]:
    """The login server, and, where it is private, every other name of the registry."""
    if login.kind != "private":
        return [login]
    return [login, *(resolve(facts, vnet, name) for name in registry_names(facts)[1:])]


def _fault(facts: Facts, pool: NodePool, vnet: VirtualNetwork, missing: list[Resolution]) -> Verdict:
    zone = next(found.zone_id for found in missing if found.zone_id is not None)
    names = listed(found.name for found in missing)
    gone = [found for found in missing if found.kind == "nxdomain"]
    what = (
        "nodes get `no such host`"
        if gone
        else "nodes fall back to the public name (NxDomainRedirect), which does not admit them"
    )
    layers_only = all(not same(found.name, facts.registry.login_server) for found in missing)
    follows = "manifests can be read and every layer fails" if layers_only else "every pull fails"
    return Verdict(
        Status.FAIL,
        f"Zone {zone.name} (resource group {zone.resource_group}), which is linked to {vnet.name} of node pool "
        f"{pool.name}, has no record of {names}: {what}, and {follows}.",
        evidence=tuple(seen(zone, f"A[{relative_name(facts, found.name)}]", None) for found in missing),
        fixes=(_add(facts, zone, [found.name for found in missing]),),
    )


def _add(facts: Facts, zone: ResourceId, names: list[str]) -> Fix:
    where = ("-g", zone.resource_group, *subscription_words(facts, zone), "-z", zone.name)
    known = {
        name.lower().rstrip("."): str(item.address)
        for fact in facts.endpoint_addresses.values()
        if isinstance(fact, Seen)
        for item in fact.value
        for name in item.names
    }
    commands = [
        az(
            *("network", "private-dns", "record-set", "a", "add-record", *where),
            "-n",
            relative_name(facts, name),
            "-a",
            known[name.lower()],
        )
        for name in names
        if name.lower() in known
    ]
    return Fix(
        f"Add the missing record{'s' if len(names) > 1 else ''} to {zone.name}",
        tuple(commands),
        manual=not commands,
        caveat="A DNS zone group on the private endpoint adds the records of new replicas by itself.",
        needs=f"Private DNS Zone Contributor on {zone.resource_group}",
    )


CHECK = Check(
    code="AKA302",
    name="private-dns-record-missing",
    title="The linked zone holds a record for every name of the registry",
    explains=("dns-nxdomain", "forbidden-403", "layer-blob-timeout"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",),
)
