"""The DNS servers that answer for the nodes' virtual network do not see the registry's private zone, or do not answer.

What is read
    The DNS servers of each node pool's virtual network, the virtual networks that they sit in (the nodes' own, or a
    peered one, by its address space), and the private DNS zones linked to those. Where a server is an Azure Firewall:
    whether its DNS proxy is on, and which servers it asks in turn, from its policy. DNS servers that scale sets give
    their network interfaces. The network security groups of the nodes, for port 53; the peering with a server's
    network, both halves, and the route table of the nodes. What a server of one's own forwards where is not visible in
    Azure.

Why pulls fail
    Nodes ask the custom server, not Azure DNS; their own network's zone links do not matter. A server in Azure that
    forwards to 168.63.129.16 is answered by the links of the network that it sits in. A server on premises reaches no
    private zone by itself. Nodes then get the public address, and the registry answers 403, or they get `no such host`.
    An Azure Firewall answers only while its DNS proxy is on, and by default it is off; it then asks its own DNS servers
    or, without any, Azure DNS, by the links of its network. A security rule that denies the service tag
    AzurePlatformDNS keeps nodes from Azure DNS (one that denies everything, or the internet, does not), and one that
    denies port 53, a peering that is down, or a route to None keeps them from a server of one's own: `lookup ... on
    168.63.129.16:53: i/o timeout`.

What to do
    Link the zone to the network that the DNS servers sit in, and let them forward the registry suffix (the public
    name, not only the privatelink one) to 168.63.129.16. From on premises, forward to a resolver in Azure. Turn the
    firewall's DNS proxy on; allow port 53 by a rule before the one that denies it; make the peering whole, or take the
    route away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.check import Check, Status, Verdict, across_pools, not_applicable, passed, unknown
from aksacr.facts import Unseen
from aksacr.semantics.admission import public_side
from aksacr.semantics.dns_servers import AZURE_DNS, custom_servers, name_servers
from aksacr.semantics.endpoints import connection_of_address, has_approved_connection
from aksacr.semantics.name_resolution import Resolution, resolve
from aksacr.semantics.pools import machines_of, network_of

from ._name_servers import TIMEOUT, differing_words, unheard
from ._private_zones import link_servers
from ._security_groups import SECURITY_GROUPS_READ
from ._wording import EGRESS_READ, ENDPOINTS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, no_endpoint, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, Machine, NodePool, VirtualNetwork


def judge(facts: Facts) -> Verdict:
    verdict = across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))
    needs_zone = has_approved_connection(facts) or verdict.status is not Status.NOT_APPLICABLE
    return verdict if needs_zone else no_endpoint(facts)


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    own = _with_servers_of_its_own(facts, pool, vnet)
    if own is not None and has_approved_connection(facts):
        return _of_interfaces(facts, pool, vnet, own)
    asked = unheard(facts, pool, vnet)
    if asked is not None and asked.status is not Status.WARN:
        return asked
    found = _seeing(facts, pool, vnet)
    return found if asked is None or found.status is Status.UNKNOWN else asked


def _with_servers_of_its_own(facts: Facts, pool: NodePool, vnet: VirtualNetwork) -> Machine | None:
    """A machine of the pool whose interface asks other DNS servers than its network; unseen machines say nothing."""
    if isinstance(facts.machines, Unseen):
        return None
    others = (item for item in machines_of(facts, pool) if item.dns_servers)
    return next((item for item in others if set(item.dns_servers) != set(vnet.dns_servers or (AZURE_DNS,))), None)


def _of_interfaces(facts: Facts, pool: NodePool, vnet: VirtualNetwork, machine: Machine) -> Verdict:
    """What AKS never sets, and a policy may: it holds for the nodes, whatever their network says."""
    servers = listed(machine.dns_servers)
    verdict = unknown(
        f"Node pool {pool.name}: the network interfaces of {machine.kind} {machine.name} have DNS server {servers} of "
        f"their own, which comes before those of {vnet.name} and is not judged here. Ask it from a node for "
        f"{facts.registry.login_server}, and take it off where the answer is another than the network's servers give.",
        evidence=(
            seen(
                machine.id,
                "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.dnsSettings.dnsServers",
                list(machine.dns_servers),
            ),
            _servers(vnet),
        ),
    )
    return replace(verdict, explains=TIMEOUT)


def _seeing(facts: Facts, pool: NodePool, vnet: VirtualNetwork) -> Verdict:
    """Whether the servers that answer see the private zone."""
    if not has_approved_connection(facts):
        return no_endpoint(facts)
    servers = custom_servers(vnet)
    if not servers:
        return passed(f"Node pool {pool.name}: Azure DNS answers for {vnet.name}.", _servers(vnet))
    found = resolve(facts, vnet)
    if found.differing:
        return _differing(facts, pool, vnet, found)
    if found.kind == "unknowable":
        return _unplaced(facts, pool, vnet, found)
    if found.kind == "private":
        return passed(
            f"Node pool {pool.name}: {_place(facts, vnet, found)}, which is linked to the registry's zone "
            f"({found.name} is {listed(found.addresses)} there).",
            _servers(vnet),
        )
    if found.kind == "public" and public_side(facts, pool) == "open":
        return not_applicable(f"Node pool {pool.name} is admitted by the public endpoint of {facts.registry.name}.")
    return _not_linked(facts, pool, vnet, found)


def _servers(vnet: VirtualNetwork) -> Evidence:
    return seen(vnet.id, "properties.dhcpOptions.dnsServers", list(vnet.dns_servers))


def _place(facts: Facts, vnet: VirtualNetwork, found: Resolution) -> str:
    """`DNS server 10.0.0.4 of spoke sits in hub`, `... (Azure Firewall f, which asks 10.1.0.4) leads to data`."""
    answering = [item for item in name_servers(facts, vnet) if item.answers]
    verb = "leads to" if any(item.upstream not in {"", AZURE_DNS} for item in answering) else "sits in"
    words = dict.fromkeys(item.words for item in answering if item.address != AZURE_DNS)
    return f"DNS server {listed(words)} of {vnet.name} {verb} {found.answered_for.name}"


def _unplaced(facts: Facts, pool: NodePool, vnet: VirtualNetwork, found: Resolution) -> Verdict:
    suffix = facts.cloud.registry_suffix
    hidden = dict.fromkeys(item.words for item in name_servers(facts, vnet) if item.network is None)
    verdict = unknown(
        f"Node pool {pool.name}: DNS server {listed(hidden)} answers for {vnet.name}, and Azure does not show "
        f"where it is or what it answers. Ask it from a node for {found.name}: the answer must be the private "
        f"endpoint's address. It must forward {suffix} to a resolver in a network that is linked to "
        f"{facts.cloud.private_link_zone}.",
        evidence=(_servers(vnet),),
    )
    return replace(verdict, explains=TIMEOUT)  # nor whether nodes get there


def _differing(facts: Facts, pool: NodePool, vnet: VirtualNetwork, found: Resolution) -> Verdict:
    """Servers in several networks whose zones say different things: the nodes may ask any."""
    words = f"Node pool {pool.name}: {differing_words(vnet, found)}"
    is_open = public_side(facts, pool) == "open"
    bad = [item for item in found.differing if not _leads_there(facts, item, is_open=is_open)]
    if not bad:
        return unknown(
            f"{words}. Which of them a node asks cannot be told: ask each from a node, and see that the registry "
            "answers at what it gives.",
            evidence=(_servers(vnet),),
        )
    which = listed(each for item in bad for each in item.servers)
    return Verdict(
        Status.WARN,
        f"{words}. A node may ask any of them: pulls fail where it asks {which}, unless that forwards elsewhere.",
        evidence=(_servers(vnet), *(_answer(item) for item in bad)),
        fixes=tuple(
            link_servers(facts, found.name, item.answered_for, item.servers) for item in bad if item.zone_id is None
        ),
    )


def _leads_there(facts: Facts, item: Resolution, *, is_open: bool) -> bool:
    """Whether an answer leads to the registry: to one of its private endpoints, or to its public side, while open."""
    if item.kind == "private":
        return all(connection_of_address(facts, address) is not None for address in item.addresses)
    return item.kind == "public" and is_open


def _not_linked(facts: Facts, pool: NodePool, vnet: VirtualNetwork, found: Resolution) -> Verdict:
    gets = "`no such host`" if found.kind == "nxdomain" else "the public address"
    then = f"Unless it forwards elsewhere, nodes get {gets}."
    if _is_certain(facts, vnet, found):
        then = f"Nodes get {gets}."
    return Verdict(
        Status.WARN,
        f"Node pool {pool.name}: {_place(facts, vnet, found)}, which no zone with the record of {found.name} is linked "
        f"to. {then}",
        evidence=(_servers(vnet), _nothing_linked(found)),
        fixes=(link_servers(facts, found.name, found.answered_for, found.servers),),
    )


def _is_certain(facts: Facts, vnet: VirtualNetwork, found: Resolution) -> bool:
    """Whether what the servers forward shows: an Azure Firewall's settings do, those of other servers do not.

    Of a linked zone that lacks the record another check speaks (AKA302).
    """
    answering = [item for item in name_servers(facts, vnet) if item.answers and item.address != AZURE_DNS]
    seen_through = all(item.firewall is not None and item.upstream in {"", AZURE_DNS} for item in answering)
    return seen_through and found.zone_id is None


def _answer(found: Resolution) -> Evidence:
    if found.zone_id is None:
        return _nothing_linked(found)
    return seen(found.zone_id, f"A[{found.name}]", list(found.addresses))


def _nothing_linked(found: Resolution) -> Evidence:
    return seen(found.answered_for.id, "private DNS zones linked, with the record", [])


CHECK = Check(
    code="AKA305",
    name="custom-dns-servers-in-the-way",
    title="The servers that answer for the nodes' VNet see the private zone",
    explains=("forbidden-403", "dns-nxdomain"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ, *SECURITY_GROUPS_READ))),
    docs=(
        "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
        "https://learn.microsoft.com/azure/firewall/dns-settings",
        "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#azure-platform-considerations",
    ),
)
