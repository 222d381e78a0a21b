"""Which user-defined route takes requests to a public service of Azure.

Rules (Azure routing):
* a service tag stands for the service's own prefixes. Of routes for tags that hold one address a region's tag goes
  first, then the service's, then `AzureCloud` of the region, then `AzureCloud`;
* the longest prefix wins, and Azure publishes a service's addresses by tag only. A tag's prefixes are longer than a
  default route, its halves or any other of the 256 blocks of the internet, so that its route goes before these. Whether
  a longer route (/9 to /32) holds the address that is asked cannot be told here;
* no private range holds a public service, nor do the addresses that are the cluster's own (a route for the firewall's
  address past the firewall is usual).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, UnseenError, look, same

from .prefixes import holds_address
from .regions import registry_regions
from .remembering import remembered
from .service_tags import Match, Range, covers, is_public, range_of, ranges_of, region_name

if TYPE_CHECKING:
    from aksacr.facts import Facts, Route, Subnet

_CLOUD = "azurecloud"
_LARGE = 8  # the shortest prefixes, 1/256 of all addresses and more
IPV4 = 4
_ELSEWHERE = ""  # a region that no tag names
# The public addresses in blocks of the smallest size that counts. The registry's public endpoint is IPv4.
_PARTS = [
    part
    for part in IPv4Network("0.0.0.0/0").subnets(new_prefix=_LARGE)
    if not part.is_private and not part.is_multicast and not part.is_reserved
]


@dataclass(frozen=True, slots=True)
class PublicRoutes:
    """The user's route that requests to a service take (None: Azure's own, to the internet), as far as can be told.

    `doubtful` are routes to somewhere else that take them instead, if they hold the address that is asked.
    """

    route: Route | None
    doubtful: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A service by its tag, in `regions`; the first of `regions` is the likeliest. `own` are addresses that it has not.

    Not `every_region`: it may answer from others, too.
    """

    tag: str
    regions: tuple[str, ...]
    every_region: bool = True
    own: tuple[Range, ...] = ()


@remembered
def public_routes(facts: Facts, subnet: Subnet, tag: str) -> PublicRoutes:
    """The routes of a subnet that requests to a public service take: the registry, or where its layers are.

    `tag` is the service's tag. Raises `UnseenError` when the table was not seen, and when its routes part the internet:
    Azure does not show in which part the service's addresses lie.
    """
    if subnet.route_table_id is None:
        return PublicRoutes(None)
    table = look(facts.route_tables, subnet.route_table_id).value
    routes = [route for route in (table.routes if table else ()) if not _is_to_a_node(subnet, route)]
    return routes_to(routes, _asked(facts, subnet, tag, routes), str(subnet.route_table_id))


def _asked(facts: Facts, subnet: Subnet, tag: str, routes: list[Route]) -> Asked:
    """The registry's nearest region answers: that of the nodes, where it has a replica there."""
    by_region = any(_tag_of(route.prefix, tag)[1] for route in routes)
    regions, complete = registry_regions(facts) if by_region else (frozenset[str](), True)
    network = facts.virtual_network(subnet.id.parent)
    near = region_name(network.value.location) if isinstance(network, Seen) and network.value else ""
    own = _own_addresses(facts) if any(_may_hold(route.prefix, ()) for route in routes) else ()
    if near in regions:
        return Asked(tag, (near,), own=own)
    home = region_name(facts.registry.location)
    return Asked(tag, (home, *sorted(regions - {home})), complete, own)


def _own_addresses(facts: Facts) -> tuple[Range, ...]:
    found = [fact.value.range for fact in facts.public_addresses.values() if isinstance(fact, Seen) and fact.value]
    return ranges_of(str(item) for item in found if item is not None)


def _is_to_a_node(subnet: Subnet, route: Route) -> bool:
    """Kubenet routes each node's pods to the node, as if it were an appliance."""
    large = _large(route.prefix) is not None
    return not large and holds_address(subnet.prefixes, route.next_hop_address)


def routes_to(routes: list[Route], asked: Asked, source: str = "") -> PublicRoutes:
    """Which of `routes` requests to a service take. Raises `UnseenError` (of `source`) when they part the internet."""
    by_tag = {_tag_of(route.prefix, asked.tag): route for route in reversed(routes)}
    regions = list(asked.regions)
    if not asked.every_region:
        regions += [*(region for _, region in by_tag if region not in regions), _ELSEWHERE]
    taken = [_by_tag(by_tag, asked.tag, region) for region in regions]
    large = _route_of_internet(routes, source) if None in taken else None
    every = [large if route is None else route for route in taken]
    chosen = every[0]
    if any(hop_of(route) != hop_of(chosen) for route in every):
        chosen = _by_tag(by_tag, asked.tag, _ELSEWHERE) or _route_of_internet(routes, source)
    narrow = [route for route in routes if _may_hold(route.prefix, asked.own)]
    others = [route for route in (*every, *narrow) if route is not None and hop_of(route) != hop_of(chosen)]
    return PublicRoutes(chosen, tuple(dict.fromkeys(others)))


def _tag_of(prefix: str, tag: str) -> tuple[str, str]:
    """A prefix as a tag that holds the service, and its region: both "" where it is none."""
    plain = prefix.strip().lower()
    for name in (tag.lower(), _CLOUD):
        if plain == name:
            return name, _ELSEWHERE
        if plain.startswith(f"{name}."):
            return name, region_name(plain.removeprefix(f"{name}."))
    return "", _ELSEWHERE


def _by_tag(by_tag: dict[tuple[str, str], Route], tag: str, region: str) -> Route | None:
    """The route that a service tag gives to a service in a region."""
    order = [(name, place) for name in (tag.lower(), _CLOUD) for place in (region, _ELSEWHERE)]
    return next((by_tag[key] for key in order if key in by_tag), None)


def _may_hold(prefix: str, own: tuple[Range, ...]) -> bool:
    """Whether a prefix, too small to hold all that is public, may hold an address of a service (IPv4)."""
    found = range_of(prefix)
    if found is None or found.version != IPV4 or not is_public(found) or covers(own, found) is Match.YES:
        return False
    return found.last - found.first + 1 < 2 ** (32 - _LARGE)


def _route_of_internet(routes: list[Route], source: str) -> Route | None:
    """The route that takes all public addresses, alone or together with others to the same hop."""
    large = [(network, route) for route in routes if (network := _large(route.prefix)) is not None]
    if not large:
        return None
    taken = [_longest(large, part) for part in _PARTS]
    if len({hop_of(route) for route in taken}) == 1:
        return taken[0]
    part = max(large, key=lambda item: item[0].prefixlen)[1]
    does = "drops" if same(part.next_hop_type, "None") else "sends"
    to = "" if does == "drops" else f" to {part.next_hop_type} {part.next_hop_address}".rstrip()
    reason = f"route {part.name} {does} {part.prefix}{to}; Azure does not show whether the registry is in it"
    raise UnseenError(Unseen(source, "", reason))


def _longest(routes: list[tuple[IPv4Network, Route]], part: IPv4Network) -> Route | None:
    fitting = [item for item in routes if part.subnet_of(item[0])]
    return max(fitting, key=lambda item: item[0].prefixlen)[1] if fitting else None


def _large(prefix: str) -> IPv4Network | None:
    """A prefix that the registry's addresses may well lie in; None for a smaller, private or other one."""
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return None
    is_small = network.prefixlen > _LARGE or network.is_private or network.is_multicast
    return network if isinstance(network, IPv4Network) and not is_small else None


def hop_of(route: Route | None) -> tuple[str, str]:
    """Where a route leads; without one Azure's own leads to the internet."""
    return ("internet", "") if route is None else (route.next_hop_type.lower(), route.next_hop_address)
