"""The DNS servers that answer for the nodes' virtual network do not see the registry's private zone.

What is read
    The DNS servers of each node pool's virtual network, the virtual networks that they sit in (the nodes' own, or a
    peered one, by its address space), and the private DNS zones linked to those. What a server forwards where is
    not visible in Azure.

Why pulls fail
    Nodes ask the custom server, not Azure DNS; their own network's zone links do not matter. A server in Azure that
    forwards to 168.63.129.16 is answered by the links of the network that it sits in. A server on premises reaches
    no private zone by itself. Nodes then get the public address, and the registry answers 403, or they get `no such
    host`.

What to do
    Link the zone to the network that the DNS servers sit in, and let them forward the registry suffix (the public
    name, not only the privatelink one) to 168.63.129.16. From on premises, forward to a resolver in Azure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.semantics.admission import public_side
from aksacr.semantics.endpoints import has_approved_connection
from aksacr.semantics.name_resolution import Resolution, custom_servers, private_link_zones, resolve
from aksacr.semantics.pools import network_of

from ._wording import EGRESS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    if not has_approved_connection(facts):
        return not_applicable(
            f"{facts.registry.name} has no approved private endpoint: its name is a public one for every server."
        )
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    servers = custom_servers(vnet)
    if not servers:
        return passed(f"Node pool {pool.name}: Azure DNS answers for {vnet.name}.", _servers(vnet))
    found = resolve(facts, vnet)
    if found.kind == "unknowable":
        return _unplaced(facts, pool, vnet, found)
    where = found.answered_for.name
    if found.kind == "private":
        return passed(
            f"Node pool {pool.name}: DNS server {listed(servers)} sits in {where}, which is linked to the registry's "
            f"zone ({found.name} is {listed(found.addresses)} there).",
            _servers(vnet),
        )
    if found.kind == "public" and public_side(facts, pool) == "open":
        return not_applicable(f"Node pool {pool.name} is admitted by the public endpoint of {facts.registry.name}.")
    return _not_linked(facts, pool, vnet, found)


def _servers(vnet: VirtualNetwork) -> Evidence:
    return seen(vnet.id, "properties.dhcpOptions.dnsServers", list(vnet.dns_servers))


def _unplaced(facts: Facts, pool: NodePool, vnet: VirtualNetwork, found: Resolution) -> Verdict:
    suffix = facts.cloud.registry_suffix
    return unknown(
        f"Node pool {pool.name}: DNS server {listed(found.servers)} answers for {vnet.name}, and Azure does not show "
        f"where it is or what it answers. Ask it from a node for {found.name}: the answer must be the private "
        f"endpoint's address. It must forward {suffix} to a resolver in a network that is linked to "
        f"{facts.cloud.private_link_zone}.",
        evidence=(_servers(vnet),),
    )


def _not_linked(facts: Facts, pool: NodePool, vnet: VirtualNetwork, found: Resolution) -> Verdict:
    home = found.answered_for
    gets = "`no such host`" if found.kind == "nxdomain" else "the public address"
    return Verdict(
        Status.WARN,
        f"Node pool {pool.name}: DNS server {listed(found.servers)} of {vnet.name} sits in {home.name}, which no zone "
        f"with the record of {found.name} is linked to. Unless it forwards elsewhere, nodes get {gets}.",
        evidence=(_servers(vnet), seen(home.id, "private DNS zones linked, with the record", [])),
        fixes=_link(facts, home),
    )


def _link(facts: Facts, home: VirtualNetwork) -> tuple[Fix, ...]:
    commands = [
        az(
            *("network", "private-dns", "link", "vnet", "create", "-g", zone.resource_group),
            *subscription_words(facts, zone),
            *(
                "--zone-name",
                zone.name,
                "--name",
                home.name,
                "--virtual-network",
                home.id,
                "--registration-enabled",
                "false",
            ),
        )
        for zone in private_link_zones(facts)[:1]
    ]
    return (
        Fix(
            f"Link {facts.cloud.private_link_zone} to {home.name}, where the DNS servers sit",
            tuple(commands),
            manual=not commands,
            caveat="The servers must forward to 168.63.129.16; nodes keep their resolver until they are restarted.",
            needs=f"Private DNS Zone Contributor on the zone and Network Contributor on {home.name}",
        ),
    )


if TYPE_CHECKING:
    from aksacr.check import Evidence

CHECK = Check(
    code="AKA305",
    name="custom-dns-servers-in-the-way",
    title="The servers that answer for the nodes' VNet see the private zone",
    explains=("forbidden-403", "dns-nxdomain"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",),
)
