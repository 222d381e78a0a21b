"""The registry is closed to the public, and a node pool has no private path to it.

What is read
    The registry's `publicNetworkAccess` and its private endpoint connections; for every node pool what its virtual
    network resolves the login server to: its DNS servers, the private DNS zones linked to it, and their records.

Why pulls fail
    With public network access Disabled the registry answers 403 to everything that does not come by an approved
    private endpoint. Nodes that resolve the login server to its public address never come that way:
    `failed to fetch anonymous token: ... 403 Forbidden`.

What to do
    Give the nodes' virtual network a private path: link it to the endpoint's private DNS zone, or make a private
    endpoint in it. Or open the public side to the cluster's addresses only.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import UnseenError
from aksacr.semantics.admission import is_closed, outside
from aksacr.semantics.egress import egress
from aksacr.semantics.endpoints import endpoint_of_address, has_approved_connection, strange_status
from aksacr.semantics.name_resolution import Resolution, resolve
from aksacr.semantics.pools import network_of

from ._name_servers import differing_words
from ._private_zones import link_servers
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
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    if not is_closed(registry):
        return not_applicable(f"Public network access of {registry.name} is {registry.public_network_access}.")
    if not has_approved_connection(facts):
        return _no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _no_endpoint(facts: Facts) -> Verdict:
    registry = facts.registry
    if (strange := strange_status(facts)) is not None:
        raise UnseenError(strange)
    states = [f"{item.name}: {item.status}" for item in registry.endpoint_connections]
    has = (
        f"its private endpoint connections are not approved ({listed(states)})"
        if states
        else "it has no private endpoint"
    )
    return Verdict(
        Status.FAIL,
        f"Public network access of {registry.name} is Disabled and {has}: nothing can pull from it, "
        f"{_what_pulls_meet(facts)}.",
        evidence=(_closed(facts), seen(registry.id, "properties.privateEndpointConnections", list(states))),
        fixes=(_open_selected(facts, alone=True),),
    )


def _what_pulls_meet(facts: Facts) -> str:
    """What pulls end in: nobody answers at a private address, and the public side refuses."""
    try:
        found = [resolve(facts, network_of(facts, pool)) for pool in facts.cluster.node_pools]
    except UnseenError:
        found = []
    if not found or any(item.kind != "private" for item in found):
        return "every request gets 403"
    addresses = listed(dict.fromkeys(address for item in found for address in item.addresses))
    return f"the cluster's nodes resolve {found[0].name} to {addresses}, where nothing answers, and pulls time out"


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    resolution = resolve(facts, vnet)
    if resolution.kind == "unanswered":
        return not_applicable(f"Node pool {pool.name}: the DNS servers of {vnet.name} answer nothing; see AKA305.")
    if resolution.differing:
        return unknown(
            f"Node pool {pool.name}: {differing_words(vnet, resolution)}. A node may ask any of them, and one "
            "that gets no private endpoint's address is refused with 403.",
            evidence=(seen(vnet.id, "properties.dhcpOptions.dnsServers", list(vnet.dns_servers)),),
        )
    if resolution.kind == "unknowable":
        servers = listed(resolution.servers)
        return unknown(
            f"Node pool {pool.name}: virtual network {vnet.name} asks DNS server {servers}, which Azure does not "
            f"place in a network that was read. Ask it for {resolution.name}: the answer must be a private "
            "endpoint's address.",
            evidence=(seen(vnet.id, "properties.dhcpOptions.dnsServers", list(vnet.dns_servers)),),
        )
    if resolution.kind == "private":
        owner = next(
            (item for item in (endpoint_of_address(facts, address) for address in resolution.addresses) if item), None
        )
        if owner is not None:
            return passed(
                f"Node pool {pool.name} resolves {resolution.name} to {listed(resolution.addresses)}, private "
                f"endpoint {owner.name}.",
                *_evidence(resolution),
            )
    return _no_private_path(facts, pool, vnet, resolution)


def _no_private_path(facts: Facts, pool: NodePool, vnet: VirtualNetwork, resolution: Resolution) -> Verdict:
    if (strange := strange_status(facts)) is not None:
        raise UnseenError(strange)
    gets = {
        "private": f"to {listed(resolution.addresses)}, which is no approved private endpoint of this registry",
        "public": "to its public address",
        "nxdomain": "to nothing (no such host: the linked zone has no record of it)",
        "unanswered": "to nothing (its DNS servers do not answer)",
        "unknowable": "to what its own DNS servers say",
    }[resolution.kind]
    follows = "Its pulls never come by a private endpoint and are refused with 403."
    if resolution.kind == "private":
        follows = "Nothing answers there: its pulls never come by a private endpoint and time out."
    if resolution.kind == "nxdomain":
        follows = "Its pulls find no registry at all."
    return Verdict(
        Status.FAIL,
        f"Public network access of {facts.registry.name} is Disabled, and node pool {pool.name} (virtual network "
        f"{vnet.name}) resolves {resolution.name} {gets}. {follows}",
        evidence=(_closed(facts), *_evidence(resolution)),
        fixes=(_private_path(facts, vnet, resolution), _open_selected(facts)),
    )


def _private_path(facts: Facts, vnet: VirtualNetwork, resolution: Resolution) -> Fix:
    """The zone's link belongs where the question is answered: at the network of the DNS servers, not at the nodes'."""
    home = resolution.answered_for
    if resolution.kind == "public" and resolution.zone_id is None and home.id != vnet.id:
        return link_servers(facts, resolution.name, home, resolution.servers)
    return _endpoint_here(facts, vnet)


def _endpoint_here(facts: Facts, vnet: VirtualNetwork) -> Fix:
    registry = facts.registry
    return Fix(
        f"Give {vnet.name} a private path: link it to the zone that holds the registry's records (AKA301 names it), "
        f"or make a private endpoint for {registry.name} in a subnet of {vnet.name}, with a DNS zone group",
        manual=True,
        caveat="A new endpoint takes an address for the registry and one for each replica's data endpoint.",
        needs=f"Network Contributor on {vnet.name} and Contributor on {registry.name}",
    )


def _open_selected(facts: Facts, *, alone: bool = False) -> Fix:
    registry = facts.registry
    where = ("-g", registry.id.resource_group, "-n", registry.name, *subscription_words(facts, registry.id))
    addresses = _leaving_from(facts)
    lacking = f", {listed(addresses)} among them" if addresses else ""
    return Fix(
        f"{'Open' if alone else 'Or open'} {registry.name} to selected addresses only, its rules naming every address "
        f"that the nodes leave from{lacking}",
        (
            *(az("acr", "network-rule", "add", *where, "--ip-address", address) for address in addresses),
            az("acr", "update", *where, "--public-network-enabled", "true", "--default-action", "Deny"),
        ),
        caveat="This puts a public endpoint back that someone closed: ask who did. Premium tier only.",
        needs=f"Contributor on {registry.name}",
    )


def _leaving_from(facts: Facts) -> list[str]:
    """The addresses of node pools that are known and that the registry's rules lack."""
    found: dict[str, None] = {}
    for pool in facts.cluster.node_pools:
        with suppress(UnseenError):  # what is not known of one pool is asked for by AKA203 once the registry is open
            missing = outside(facts.registry, egress(facts, pool).ipv4)
            found.update(dict.fromkeys(str(item).removesuffix("/32") for item in missing))
    return list(found)


def _closed(facts: Facts) -> Evidence:
    return seen(facts.registry.id, "properties.publicNetworkAccess", facts.registry.public_network_access)


def _evidence(resolution: Resolution) -> list[Evidence]:
    if resolution.zone_id is None:
        return [seen(resolution.answered_for.id, "private DNS zones linked, of the registry's name", [])]
    return [
        seen(
            resolution.zone_id,
            f"virtualNetworkLinks[{resolution.link.name if resolution.link else ''}]",
            resolution.answered_for.id.text,
        ),
        seen(resolution.zone_id, f"A[{resolution.name}]", list(resolution.addresses)),
    ]


CHECK = Check(
    code="AKA202",
    name="public-access-disabled-without-private-path",
    title="A registry closed to the public has a private path from the nodes",
    explains=("forbidden-403",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",),
)
