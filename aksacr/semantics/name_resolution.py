"""What a node gets when it asks for the registry's name.

Rules (Azure private DNS and private link):
* a virtual network without custom DNS servers asks Azure DNS; 168.63.129.16 among custom servers is Azure DNS;
* a custom server is judged by the virtual network that it sits in: Azure DNS answers *it* by that network's links;
* the name of a registry that has a private endpoint is a CNAME into `privatelink.<suffix>`; a registry without one
  is public whatever zones are linked;
* a virtual network is linked to at most one zone of a name; only a completed link answers;
* a linked zone without the record answers NXDOMAIN, unless the link's resolution policy is NxDomainRedirect.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Seen, Unseen, UnseenError, look, same

if TYPE_CHECKING:
    from aksacr.facts import AddressRecord, Facts, ResourceId, VirtualNetwork, ZoneLink

AZURE_DNS = "168.63.129.16"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name resolves to from a virtual network.

    kind: `private` (addresses of the linked zone's record), `public`, `nxdomain`, or `unknowable` (custom DNS
    servers that Azure does not place; `servers` names them). `answered_for` is the virtual network whose links
    decided: the nodes' own, or the one that their DNS servers sit in. `zone_id` is the linked zone, if any.
    """

    kind: Literal["private", "public", "nxdomain", "unknowable"]
    name: str
    answered_for: VirtualNetwork
    servers: tuple[str, ...] = ()
    zone_id: ResourceId | None = None
    link: ZoneLink | None = None
    addresses: tuple[str, ...] = ()

    @property
    def by_custom_servers(self) -> bool:
        return bool(self.servers)


def resolve(facts: Facts, vnet: VirtualNetwork, name: str = "") -> Resolution:
    """What `name` (default: the login server) resolves to for the nodes of `vnet`.

    Raises `UnseenError` when a zone, link or record that decides was not seen.
    """
    name = name or facts.registry.login_server
    servers = custom_servers(vnet)
    if not facts.registry.endpoint_connections:
        return Resolution("public", name, vnet, servers)
    if not servers:
        return _by_azure_dns(facts, vnet, name, ())
    networks = resolver_networks(facts, vnet)
    if networks is None:
        return Resolution("unknowable", name, vnet, servers)
    answers = [_by_azure_dns(facts, network, name, servers) for network in networks]
    if len({(answer.kind, answer.addresses) for answer in answers}) > 1:
        return Resolution("unknowable", name, vnet, servers)
    return answers[0]


def custom_servers(vnet: VirtualNetwork) -> tuple[str, ...]:
    """The virtual network's own DNS servers; none when one of them is Azure DNS alone."""
    return tuple(server for server in vnet.dns_servers if server != AZURE_DNS)


def resolver_networks(facts: Facts, vnet: VirtualNetwork) -> list[VirtualNetwork] | None:
    """The virtual networks that the custom servers sit in, or None when one of them cannot be placed."""
    found: list[VirtualNetwork] = []
    for server in custom_servers(vnet):
        if holds_address(vnet.prefixes, server):
            found.append(vnet)
            continue
        homes = [
            fact.value
            for peering in vnet.peerings
            if holds_address(peering.remote_prefixes, server)
            and isinstance(fact := facts.virtual_network(peering.remote_id), Seen)
            and fact.value is not None
        ]
        if not homes:
            return None
        found.append(homes[0])
    return found


def peers_with_dns_servers(vnet: VirtualNetwork) -> list[ResourceId]:
    """The peers of a virtual network that its custom DNS servers sit in, by the address space the peering knows."""
    servers = [server for server in custom_servers(vnet) if not holds_address(vnet.prefixes, server)]
    return [
        peering.remote_id
        for peering in vnet.peerings
        if any(holds_address(peering.remote_prefixes, server) for server in servers)
    ]


def holds_address(prefixes: tuple[str, ...], address: str) -> bool:
    """Whether one of the prefixes holds the address; what is no address is in none."""
    try:
        value = ip_address(address)
    except ValueError:
        return False
    return any(value in ip_network(prefix, strict=False) for prefix in prefixes)


def known_zones(facts: Facts) -> list[ResourceId]:
    """The zones of the private link name that were found: by subscription, and those that endpoints write to."""
    listed = [zone.id for fact in facts.zones.values() if isinstance(fact, Seen) for zone in fact.value]
    written = [zone for fact in facts.endpoint_zones.values() if isinstance(fact, Seen) for zone in fact.value]
    return [zone for zone in dict.fromkeys([*listed, *written]) if same(zone.name, facts.cloud.private_link_zone)]


def link_to(facts: Facts, vnet: VirtualNetwork) -> tuple[ResourceId, ZoneLink] | None:
    """The private link zone that is linked to `vnet`, and the link. Raises `UnseenError` when it cannot tell."""
    unseen: list[Unseen] = [fact for fact in facts.zones.values() if isinstance(fact, Unseen)]
    for zone in known_zones(facts):
        links = look(facts.zone_links, zone)
        if isinstance(links, Unseen):
            unseen.append(links)
            continue
        for link in links.value:
            if link.virtual_network_id == vnet.id and (same(link.state, "Completed") or not link.state):
                return zone, link
    if unseen:
        raise UnseenError(unseen[0])
    return None


def _by_azure_dns(facts: Facts, vnet: VirtualNetwork, name: str, servers: tuple[str, ...]) -> Resolution:
    linked = link_to(facts, vnet)
    if linked is None:
        return Resolution("public", name, vnet, servers)
    zone, link = linked
    record = record_for(facts, zone, name)
    if record is not None:
        return Resolution("private", name, vnet, servers, zone, link, record.addresses)
    kind = "public" if same(link.resolution_policy, "NxDomainRedirect") else "nxdomain"
    return Resolution(kind, name, vnet, servers, zone, link)


def record_for(facts: Facts, zone: ResourceId, name: str) -> AddressRecord | None:
    """The A record of a registry name (`x.azurecr.io` is `x` in `privatelink.azurecr.io`), or the zone's wildcard."""
    label = relative_name(facts, name)
    records = look(facts.zone_records, zone).value
    exact = next((record for record in records if same(record.name, label)), None)
    return exact or next((record for record in records if record.name == "*"), None)


def relative_name(facts: Facts, name: str) -> str:
    """A registry's host name without the cloud's suffix: the record's name in the private link zone."""
    suffix = "." + facts.cloud.registry_suffix.lower()
    return name.lower().rstrip(".").removesuffix(suffix)
