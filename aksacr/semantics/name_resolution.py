"""What a node gets when it asks for a name of the registry.

Rules (Azure private DNS and private link):
* whom nodes ask, and by which virtual network's links that is answered, is told by `dns_servers`;
* Azure DNS answers from the linked zone with the longest matching name; only a completed link answers;
* a registry with a private endpoint is a CNAME into `privatelink.<suffix>`; one without is public;
* a virtual network is linked to at most one zone of a name;
* a linked zone without the record answers NXDOMAIN, unless it is a private link zone whose link's resolution policy
  is NxDomainRedirect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Seen, Unseen, UnseenError, look, same

from .dns_servers import custom_servers, name_servers
from .remembering import remembered

if TYPE_CHECKING:
    from aksacr.facts import AddressRecord, Fact, Facts, PrivateZone, ResourceId, VirtualNetwork, ZoneLink

    from .dns_servers import NameServer

_LINK_STATES = {"completed", "inprogress", "failed"}
_POLICIES = {"", "default", "nxdomainredirect"}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name resolves to from a virtual network.

    kind: `private` (addresses of a linked zone's record), `public`, `nxdomain`, `unanswered` (nothing answers at the
    DNS servers) or `unknowable` (custom DNS servers that Azure does not place, or that differ: then `differing` are
    their answers, each by its own server). `servers` are the custom DNS servers. `answered_for` is the virtual network
    whose links decided: the nodes' own, or the one that their DNS servers sit in. `zone_id` and `link` are the zone
    that answered, or that would have been asked first and fell back to the public name.
    """

    kind: Literal["private", "public", "nxdomain", "unanswered", "unknowable"]
    name: str
    answered_for: VirtualNetwork
    servers: tuple[str, ...] = ()
    zone_id: ResourceId | None = None
    link: ZoneLink | None = None
    addresses: tuple[str, ...] = ()
    differing: tuple[Resolution, ...] = ()

    @property
    def by_custom_servers(self) -> bool:
        return bool(self.servers)

    @property
    def leads_nowhere(self) -> bool:
        """Whether nodes get no address at all, and so send nothing to anybody."""
        return self.kind in {"nxdomain", "unanswered"}


@remembered
def resolve(facts: Facts, vnet: VirtualNetwork, name: str = "") -> Resolution:
    """What `name` (default: the login server) resolves to for the nodes of `vnet`.

    Raises `UnseenError` when what decides was not seen: a DNS server's network or settings, a zone, link or record. A
    server at which nothing answers is passed over while others do.
    """
    name = name or facts.registry.login_server
    servers = custom_servers(vnet)
    if not servers:
        return _by_azure_dns(facts, vnet, name, ())
    answering = [item for item in name_servers(facts, vnet) if item.answers]
    if not answering:
        return Resolution("unanswered", name, vnet, servers)
    if any(item.network is None for item in answering):
        kind = "unknowable" if facts.registry.endpoint_connections else "public"  # the public name is no alias then
        return Resolution(kind, name, vnet, servers)
    answers = [
        (item, _by_azure_dns(facts, item.network, name, servers)) for item in answering if item.network is not None
    ]
    if len({(answer.kind, answer.addresses) for _, answer in answers}) > 1:
        return Resolution("unknowable", name, vnet, servers, differing=_each(answers))
    return answers[0][1]


def _each(answers: list[tuple[NameServer, Resolution]]) -> tuple[Resolution, ...]:
    """The answers, each by its own server; what one network answers is said once."""
    by_network: dict[ResourceId, Resolution] = {}
    for server, answer in answers:
        kept = by_network.get(answer.answered_for.id)
        others = () if kept is None else kept.servers
        by_network[answer.answered_for.id] = replace(answer, servers=tuple(dict.fromkeys((*others, server.words))))
    return tuple(by_network.values())


def known_zones(facts: Facts) -> list[ResourceId]:
    """Every zone that was found and could answer for names of registries.

    By subscription, then those of endpoints, then those of subscriptions that nothing else names.
    """
    further = _further_away(facts)
    near = [zone for key, fact in facts.zones.items() if key not in further for zone in _ids(fact)]
    far = [zone for key, fact in facts.zones.items() if key in further for zone in _ids(fact)]
    return list(dict.fromkeys([*near, *_written(facts), *far]))


def _ids(zones: Fact[tuple[PrivateZone, ...]]) -> list[ResourceId]:
    return [zone.id for zone in zones.value] if isinstance(zones, Seen) else []


def _written(facts: Facts) -> list[ResourceId]:
    """The zones that private endpoints write their records to."""
    return [zone for fact in facts.endpoint_zones.values() if isinstance(fact, Seen) for zone in fact.value]


def _further_away(facts: Facts) -> frozenset[str]:
    """The subscriptions that nothing of cluster and registry names."""
    search = facts.zone_search
    return frozenset(search.value.subscriptions) if isinstance(search, Seen) else frozenset()


def private_link_zones(facts: Facts) -> list[ResourceId]:
    """The zones among them that have the private link name (`privatelink.azurecr.io`)."""
    return [zone for zone in known_zones(facts) if same(zone.name, facts.cloud.private_link_zone)]


def links_to(facts: Facts, vnet: VirtualNetwork) -> tuple[list[tuple[ResourceId, ZoneLink]], list[Unseen]]:
    """Every zone that is linked to `vnet`, whatever the link's state, and what could not be seen of zones and links.

    Of subscriptions that nothing of the cluster names, a list that was refused counts where the network, one of its
    peers or a zone of the registry's endpoints is: any other may hold such a zone as well as those that nobody sees.
    """
    found: list[tuple[ResourceId, ZoneLink]] = []
    lists = [fact for key, fact in facts.zones.items() if key not in _unrelated(facts, vnet)]
    asked = (*lists, facts.zone_search, *facts.endpoint_zones.values())
    unseen: list[Unseen] = [fact for fact in asked if isinstance(fact, Unseen)]
    for zone in known_zones(facts):
        links = look(facts.zone_links, zone)
        if isinstance(links, Unseen):
            unseen.append(links)
        else:
            found += [(zone, link) for link in links.value if link.virtual_network_id == vnet.id]
    return found, unseen


def _unrelated(facts: Facts, vnet: VirtualNetwork) -> frozenset[str]:
    around = (vnet.id, *(item.remote_id for item in vnet.peerings), *_written(facts))
    return _further_away(facts) - {item.subscription_id.lower() for item in around}


def unseen_zones(facts: Facts, *networks: VirtualNetwork) -> list[Unseen]:
    """What was not seen of zones that could hide the private link zone: lists of zones, and links of other zones.

    Lists count in the subscriptions of the cluster, the registry and these networks. Any other subscription (that of
    somebody else's endpoint) may hold such a zone as well as all those that nobody names.
    """
    near = {item.subscription_id.lower() for item in (facts.cluster.id, facts.registry.id, *(n.id for n in networks))}
    found = [fact for key, fact in facts.zones.items() if isinstance(fact, Unseen) and key.lower() in near]
    others = [zone for zone in known_zones(facts) if not same(zone.name, facts.cloud.private_link_zone)]
    return [*found, *(links for zone in others if isinstance(links := look(facts.zone_links, zone), Unseen))]


def is_complete(link: ZoneLink) -> bool:
    """Whether a link answers: neither in progress nor failed. Raises `UnseenError` for a state that is not known."""
    if link.state and link.state.lower() not in _LINK_STATES and not same(link.provisioning_state, "Failed"):
        reason = f'virtualNetworkLinkState is "{link.state}", which is not known here'
        raise UnseenError(Unseen(link.id.text, "", reason))
    return (same(link.state, "Completed") or not link.state) and not same(link.provisioning_state, "Failed")


def _zone_for(facts: Facts, vnet: VirtualNetwork, name: str) -> tuple[ResourceId, ZoneLink] | None:
    """The linked zone that answers for a name: the longest one that it ends in. Raises `UnseenError`.

    A zone or link that was not seen only matters while nothing that was seen answers.
    """
    links, unseen = links_to(facts, vnet)
    fitting = [(zone, link) for zone, link in links if _ends_in(name, zone.name) and is_complete(link)]
    if fitting:
        return max(fitting, key=lambda item: len(item[0].name))
    if unseen and _ends_in(name, facts.cloud.private_link_zone):
        raise UnseenError(unseen[0])
    return None


def _ends_in(name: str, zone: str) -> bool:
    name, zone = name.lower().rstrip("."), zone.lower().rstrip(".")
    return name == zone or name.endswith("." + zone)


def _by_azure_dns(facts: Facts, vnet: VirtualNetwork, name: str, servers: tuple[str, ...]) -> Resolution:
    direct = _zone_for(facts, vnet, name)
    if direct is not None:
        return _from_zone(facts, vnet, name, servers, direct, name)
    if not facts.registry.endpoint_connections:
        return Resolution("public", name, vnet, servers)
    alias = private_link_name(facts, name)
    linked = _zone_for(facts, vnet, alias)
    if linked is None:
        return Resolution("public", name, vnet, servers)
    return _from_zone(facts, vnet, name, servers, linked, alias)


def _from_zone(
    facts: Facts,
    vnet: VirtualNetwork,
    name: str,
    servers: tuple[str, ...],
    linked: tuple[ResourceId, ZoneLink],
    asked: str,
) -> Resolution:
    zone, link = linked
    record = record_in(facts, zone, asked)
    if record is not None:
        return Resolution("private", name, vnet, servers, zone, link, record.addresses)
    is_private_link = zone.name.lower().startswith("privatelink.")
    if is_private_link and link.resolution_policy.lower() not in _POLICIES:
        reason = f'resolutionPolicy is "{link.resolution_policy}", which is not known here'
        raise UnseenError(Unseen(link.id.text, "", reason))
    redirects = same(link.resolution_policy, "NxDomainRedirect") and is_private_link
    return Resolution("public" if redirects else "nxdomain", name, vnet, servers, zone, link)


def private_link_name(facts: Facts, name: str) -> str:
    """The name that a registry's name is an alias of: `x.azurecr.io` → `x.privatelink.azurecr.io`."""
    return f"{relative_name(facts, name)}.{facts.cloud.private_link_zone}"


def relative_name(facts: Facts, name: str) -> str:
    """A registry's host name without the cloud's suffix: the record's name in the private link zone."""
    suffix = "." + facts.cloud.registry_suffix.lower()
    return name.lower().rstrip(".").removesuffix(suffix)


def record_name(facts: Facts, zone: ResourceId, name: str) -> str:
    """The name, relative to a zone, of the record that answers there for a registry's name: "@" for the zone's own.

    `x.westus.data.azurecr.io` is `x.westus.data` in `privatelink.azurecr.io`, and `x` in
    `westus.data.privatelink.azurecr.io`.
    """
    asked = name.lower().rstrip(".")
    full = asked if _ends_in(asked, zone.name) else private_link_name(facts, asked)
    return _label(full, zone)


def _label(full: str, zone: ResourceId) -> str:
    return full.lower().rstrip(".").removesuffix(zone.name.lower().rstrip(".")).rstrip(".") or "@"


def record_in(facts: Facts, zone: ResourceId, name: str) -> AddressRecord | None:
    """The A record of a full name in a zone, or the wildcard's that stands for it. Raises `UnseenError`.

    A wildcard stands for names below its own parent that the zone does not hold, and only where no name between the
    two exists (RFC 4592, 3.3.1: the closest encloser).
    """
    label = _label(name, zone)
    records = look(facts.zone_records, zone).value
    exact = next((record for record in records if same(record.name, label) and record.addresses), None)
    return exact or next(
        (item for item in records if same(item.name, _wildcard(records, label)) and item.addresses), None
    )


def _wildcard(records: tuple[AddressRecord, ...], label: str) -> str:
    """The name of the one wildcard that may stand for a name: the leftmost label below its closest encloser."""
    held = [record.name.lower() for record in records]
    above = label.split(".")[1:]
    while above:
        encloser = ".".join(above)
        if any(item == encloser or item.endswith("." + encloser) for item in held):
            return f"*.{encloser}"
        above = above[1:]
    return "*"


def registry_names(facts: Facts) -> tuple[str, ...]:
    """Every name of the registry that its private endpoints answer for: login server first, then data endpoints.

    The truth is the endpoints' network interfaces; their `customDnsConfigs` serve where those may not be read. Every
    endpoint of a registry answers for the same names: one that may not be read (somebody else's) takes nothing from
    those that were. Raises `UnseenError` when no approved endpoint shows its names and one of them may not be read.
    """
    found: dict[str, None] = {facts.registry.login_server: None}
    gap: Unseen | None = None
    for connection in facts.registry.endpoint_connections:
        if not same(connection.status, "Approved") or connection.endpoint_id is None:
            continue
        addresses = facts.endpoint_addresses.get(connection.endpoint_id)
        endpoint = facts.private_endpoints.get(connection.endpoint_id)
        told: list[str] = []
        if isinstance(addresses, Seen):
            told += [name for item in addresses.value for name in item.names]
        if isinstance(endpoint, Seen) and endpoint.value is not None:
            told += [name for name, _ in endpoint.value.custom_dns]
        if not told and isinstance(addresses, Unseen):
            gap = addresses
        found.update(dict.fromkeys(name.lower().rstrip(".") for name in told if name))
    if gap is not None and len(found) == 1:
        raise UnseenError(gap)
    return tuple(found)
