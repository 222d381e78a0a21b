"""What network security groups let through.

Rules (Azure network security groups):
* the rules of a direction are taken by ascending priority number, and the first that holds ends the search;
* Azure's own come last: 65000 allows within the virtual network, 65001 out to the internet (or in from the load
  balancer), 65500 denies the rest;
* the group of the subnet and the group of the network interface must both allow; nodes without either are not filtered;
* a rule is for a protocol (or `*`), ports, and prefixes, service tags or application security groups at both sides;
* at a private endpoint's subnet, groups count only while `privateEndpointNetworkPolicies` turns them on;
* a private endpoint is in the application security groups that it names itself (`applicationSecurityGroups`).

A rule that may or may not hold (see `service_tags`) leaves the question open when the rules after it decide otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from aksacr.facts import SecurityRule, Seen, Unseen, UnseenError, look, same

from .dns_servers import AZURE_DNS
from .hub_ways import way_to
from .pools import machines_of, network_of, subnet_of
from .proxy import bypasses
from .regions import registry_regions
from .remembering import remembered
from .routing import next_hop
from .service_tags import (
    REGISTRY_TAG,
    Hosts,
    Match,
    Service,
    Space,
    holds,
    ranges_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aksacr.facts import Facts, NodePool, PrivateEndpoint, ResourceId, SecurityGroup, Subnet, VirtualNetwork

Direction = Literal["Outbound", "Inbound"]
_Doubt = Literal["", "source", "source ports", "destination", "value"]
_Side: TypeAlias = "tuple[tuple[str, ...], tuple[ResourceId, ...]]"
_Candidate: TypeAlias = "tuple[SecurityRule, _Doubt, Match]"  # what is in doubt, and whether it holds the destination
HTTPS = 443
LOWEST_PRIORITY = 100
DEFAULT_PRIORITIES = 65000
_FILTERED = {"enabled", "networksecuritygroupenabled"}
_NOT_FILTERED = {"disabled", "routetableenabled", ""}
_PROTOCOLS = {"tcp", "udp", "icmp", "esp", "ah", "icmpv6"}
_EPHEMERAL = (32768, 65535)  # what nodes dial from: Linux up to 60999, Windows from 49152
_ROUTED_ELSEWHERE = {"virtualappliance", "virtualapplianceecmp", "virtualnetworkgateway", "vnetlocal"}


@dataclass(frozen=True, slots=True)
class Flow:
    """Packets from one place to another, as a group in the virtual network `space` sees them."""

    direction: Direction
    source: Hosts
    destination: Hosts | Service
    space: Space
    port: int = HTTPS
    protocol: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a group does with a flow, and by which rule.

    kind: `allow`, `deny`, or `open`: `rule` may or may not hold, and what follows it decides otherwise; `doubt` says
    which of its parts cannot be told (`source`, `source ports`, `destination`, or a `value` that is not known here).
    `place` is what the group is on (`subnet nodes`). A rule that is to decide instead needs a priority number under
    `first`.
    """

    kind: Literal["allow", "deny", "open"]
    group: SecurityGroup
    rule: SecurityRule
    direction: Direction
    first: int
    doubt: _Doubt = ""
    place: str = ""

    @property
    def by_default(self) -> bool:
        """Whether one of Azure's own rules decided."""
        return self.rule.priority >= DEFAULT_PRIORITIES


def _default(name: str, priority: int, access: str, source: str, destination: str) -> SecurityRule:
    sides = ((source,), ("*",), (), (destination,), ("*",), ())
    return SecurityRule(name, "Inbound" if name.endswith("InBound") else "Outbound", access, "*", priority, *sides)


DEFAULT_RULES: dict[str, tuple[SecurityRule, ...]] = {
    "Inbound": (
        _default("AllowVnetInBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        _default("AllowAzureLoadBalancerInBound", 65001, "Allow", "AzureLoadBalancer", "*"),
        _default("DenyAllInBound", 65500, "Deny", "*", "*"),
    ),
    "Outbound": (
        _default("AllowVnetOutBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        _default("AllowInternetOutBound", 65001, "Allow", "*", "Internet"),
        _default("DenyAllOutBound", 65500, "Deny", "*", "*"),
    ),
}


class Rulebook:
    """Judges flows, and looks at each rule once for a direction and port, and once for a destination in a network."""

    def __init__(self) -> None:
        self._sifted: dict[tuple[ResourceId, Direction, int, str], list[_Candidate]] = {}
        self._towards: dict[tuple[ResourceId, Direction, int, str, Hosts | Service, Space], list[_Candidate]] = {}
        self._decided: dict[tuple[ResourceId, Flow], Decision] = {}
        self._held: dict[tuple[Hosts | Service, Space], dict[_Side, Match]] = {}

    def decide(self, group: SecurityGroup, flow: Flow) -> Decision:
        """What one group does with a flow."""
        key = (group.id, flow)
        if key not in self._decided:
            sources = self._held.setdefault((flow.source, flow.space), {})
            self._decided[key] = _first_match(group, flow, self._leading_to(group, flow), sources)
        return self._decided[key]

    def _leading_to(self, group: SecurityGroup, flow: Flow) -> list[_Candidate]:
        """The rules that may hold a flow's destination, by direction, protocol and port, too. Pools share them."""
        key = (group.id, flow.direction, flow.port, flow.protocol, flow.destination, flow.space)
        if key not in self._towards:
            held = self._held.setdefault((flow.destination, flow.space), {})
            candidates: list[_Candidate] = []
            for rule, doubt, _ in self._rules(group, flow):
                side = (rule.destination_prefixes, rule.destination_groups)
                found = _held_by(side, flow.destination, flow.space, held)
                if found is not Match.NO:
                    candidates.append((rule, doubt, found))
            self._towards[key] = candidates
        return self._towards[key]

    def _rules(self, group: SecurityGroup, flow: Flow) -> list[_Candidate]:
        """The rules that a flow of this direction and port may meet, in order, each with what is in doubt so far."""
        key = (group.id, flow.direction, flow.port, flow.protocol)
        if key not in self._sifted:
            own = sorted(group.rules, key=lambda rule: rule.priority)
            sifted: list[_Candidate] = []
            for rule in (*own, *DEFAULT_RULES[flow.direction]):
                doubt = _applies(rule, flow)
                if doubt is not None:
                    sifted.append((rule, doubt, Match.YES))
            self._sifted[key] = sifted
        return self._sifted[key]


def _first_match(group: SecurityGroup, flow: Flow, rules: list[_Candidate], sources: dict[_Side, Match]) -> Decision:
    doubtful: list[tuple[SecurityRule, _Doubt]] = []
    for rule, doubt, destination in rules:
        source = _held_by((rule.source_prefixes, rule.source_groups), flow.source, flow.space, sources)
        if source is Match.NO:
            continue
        part = "source" if source is Match.PART else "destination" if destination is Match.PART else ""
        if doubt or part:
            doubtful.append((rule, doubt or part))
            continue
        first = doubtful[0][0].priority if doubtful else rule.priority
        for earlier, why in doubtful:
            if not same(earlier.access, rule.access):
                return Decision("open", group, earlier, flow.direction, first, why)
        return Decision("allow" if same(rule.access, "Allow") else "deny", group, rule, flow.direction, first)
    raise AssertionError("Azure's last rule holds for everything")


def _held_by(side: _Side, place: Hosts | Service, space: Space, known: dict[_Side, Match]) -> Match:
    """Whether a side of a rule holds a place. What a side holds is kept: rules, and pools, often repeat it."""
    if side not in known:
        known[side] = holds(*side, place, space)
    return known[side]


def decide(group: SecurityGroup, flow: Flow) -> Decision:
    """What one group does with a flow."""
    return Rulebook().decide(group, flow)


def _applies(rule: SecurityRule, flow: Flow) -> _Doubt | None:
    """None when a rule is for another direction, protocol or port; else what is in doubt about that, or ""."""
    if not same(rule.direction, flow.direction) and rule.direction.lower() in {"inbound", "outbound"}:
        return None
    if rule.protocol.lower() in _PROTOCOLS - {flow.protocol}:
        return None
    ports = _holds_ports(rule.destination_ports, flow.port, flow.port)
    sources = _holds_ports(rule.source_ports, *_EPHEMERAL)
    if Match.NO in (ports, sources):
        return None
    known = same(rule.direction, flow.direction) and rule.protocol.lower() in {flow.protocol, "*"}
    if not known or ports is Match.PART or rule.access.lower() not in {"allow", "deny"}:
        return "value"
    return "source ports" if sources is Match.PART else ""


def _holds_ports(ports: tuple[str, ...], first: int, last: int) -> Match:
    """Whether ports of a rule (`443`, `80-90`, `*`) hold a range; what cannot be read may."""
    found = Match.NO if ports else Match.PART
    for port in ports:
        if port.strip() == "*":
            return Match.YES
        low, _, high = port.partition("-")
        try:
            start, end = int(low), int(high or low)
        except ValueError:
            found = max(found, Match.PART)
            continue
        if start <= first and last <= end:
            return Match.YES
        if start <= last and first <= end:
            found = max(found, Match.PART)
    return found


def verdict_of(decisions: list[Decision]) -> Decision | None:
    """The decision that counts when all groups must allow: a denial, else an open question, else the last one."""
    for kind in ("deny", "open", "allow"):
        for decision in decisions:
            if decision.kind == kind:
                return decision
    return None


# --- the flows of a pool ---------------------------------------------------------------------------------------


@remembered
def to_registry(facts: Facts, pool: NodePool, tag: str = REGISTRY_TAG) -> list[Decision]:
    """What the groups on a pool's way say of its requests to the public registry, or to another service by its tag.

    Empty where no group is on the way. Raises `UnseenError`.
    """
    regions, every_region = registry_regions(facts)
    return _leaving(facts, pool, Service(tag, regions, every_region), 4)


@remembered
def to_endpoint(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> list[Decision]:
    """What the groups on a pool's way say of its requests to an address of a private endpoint, at both ends.

    Empty where no group is on the way. Raises `UnseenError` where what was seen does not deny.
    """
    target = Hosts(ranges_of((address,)), frozenset(endpoint.application_group_ids))
    found = _leaving(facts, pool, target, _version(target))
    try:
        arriving = _arriving(facts, pool, endpoint, address)
    except UnseenError:
        if any(decision.kind == "deny" for decision in found):
            return found
        raise
    return [*found, *arriving]


def _arriving(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> list[Decision]:
    """What the group at a private endpoint's subnet says, where one counts."""
    subnet = _filtered_subnet(facts, endpoint)
    if subnet is None or subnet.security_group_id is None:
        return []
    target = Hosts(ranges_of((address,)), frozenset(endpoint.application_group_ids))
    found = way_to(facts, pool, endpoint, address)
    hop = next_hop(facts, pool, endpoint, address, found)
    # An appliance on the way may put its own address in place of the nodes'.
    nodes = Hosts(()) if hop.kind == "appliance" or found.hubs else pool_hosts(facts, pool, _version(target))
    end = facts.virtual_network(endpoint.virtual_network_id).value
    flow = Flow("Inbound", nodes, target, space_of(facts, end, subnet) if end else Space(()))
    return [
        replace(_book(facts).decide(group_of(facts, subnet.security_group_id), flow), place=f"subnet {subnet.name}")
    ]


@remembered
def _book(facts: Facts) -> Rulebook:
    """The one rulebook for these facts."""
    del facts
    return Rulebook()


def _version(hosts: Hosts) -> int:
    return hosts.ranges[0].version if hosts.ranges else 4


def _leaving(facts: Facts, pool: NodePool, destination: Hosts | Service, version: int) -> list[Decision]:
    """What the groups at the nodes say. One that was not seen no longer matters once another denies."""
    found: list[Decision] = []
    flow: Flow | None = None
    try:
        for group_id, place in groups_of(facts, pool):
            if flow is None:
                space = space_of(facts, network_of(facts, pool), subnet_of(facts, pool))
                flow = Flow("Outbound", pool_hosts(facts, pool, version), destination, space)
            found.append(replace(_book(facts).decide(group_of(facts, group_id), flow), place=place))
    except UnseenError:
        if not any(decision.kind == "deny" for decision in found):
            raise
    return found


def groups_of(facts: Facts, pool: NodePool) -> Iterator[tuple[ResourceId, str]]:
    """The security groups that a pool's packets meet on their way out, and what each is on. Raises `UnseenError`."""
    subnet = subnet_of(facts, pool)
    if subnet.security_group_id is not None:
        yield subnet.security_group_id, f"subnet {subnet.name}"
    met = {subnet.security_group_id}
    for machine in machines_of(facts, pool):
        for group_id in machine.security_group_ids.value:
            if group_id not in met:
                met.add(group_id)
                yield group_id, f"the network interfaces of {machine.name}"


@remembered
def pool_hosts(facts: Facts, pool: NodePool, version: int) -> Hosts:
    """The nodes of a pool: the ranges of their subnet, and the application security groups that all of them are in."""
    ranges = [item for item in ranges_of(subnet_of(facts, pool).prefixes) if item.version == version]
    if isinstance(facts.machines, Unseen):
        return Hosts(tuple(ranges))
    memberships = [machine.application_group_ids for machine in machines_of(facts, pool)]
    seen = [frozenset(item.value) for item in memberships if isinstance(item, Seen)]
    known = bool(seen) and len(seen) == len(memberships) and len(set(seen)) == 1
    return Hosts(tuple(ranges), seen[0] if known else None)


@remembered
def space_of(facts: Facts, vnet: VirtualNetwork, subnet: Subnet) -> Space:
    """What `VirtualNetwork` stands for in a subnet. What was not seen of it makes it open-ended."""
    peers = [item for item in vnet.peerings if same(item.state, "Connected")]
    prefixes = [*vnet.prefixes, *(prefix for item in peers if item.allow_access for prefix in item.remote_prefixes)]
    open_ended = any(item.use_remote_gateways for item in peers) or any(
        same(item.name, "GatewaySubnet") for item in vnet.subnets
    )
    if subnet.route_table_id is not None:
        table = look(facts.route_tables, subnet.route_table_id)
        if isinstance(table, Unseen):
            open_ended = True
        else:
            routes = table.value.routes if table.value else ()
            prefixes += [route.prefix for route in routes if route.next_hop_type.lower() in _ROUTED_ELSEWHERE]
    return Space(ranges_of((*prefixes, AZURE_DNS)), open_ended)


def goes_by_proxy(facts: Facts, pool: NodePool, host: str) -> bool:
    """Whether nodes send requests for a host to the cluster's HTTP proxy. Windows nodes do not use it."""
    proxy = facts.cluster.http_proxy
    if proxy is None or same(pool.os_type, "Windows") or not (proxy.https_proxy or proxy.http_proxy):
        return False
    return not bypasses(proxy.no_proxy, host)


def free_priority(group: SecurityGroup, direction: Direction, below: int) -> int | None:
    """The highest priority number under `below` that no rule of a direction has; None when all are taken."""
    taken = {rule.priority for rule in group.rules if same(rule.direction, direction)}
    numbers = range(min(below, 4097) - 1, LOWEST_PRIORITY - 1, -1)
    return next((number for number in numbers if number not in taken), None)


def filters_endpoints(subnet: Subnet) -> bool | None:
    """Whether a subnet applies security groups to the private endpoints in it; None for a value not known here."""
    policies = subnet.endpoint_policies.lower()
    return True if policies in _FILTERED else False if policies in _NOT_FILTERED else None


def _filtered_subnet(facts: Facts, endpoint: PrivateEndpoint) -> Subnet | None:
    """An endpoint's subnet when a security group counts there, else None. Raises `UnseenError`."""
    vnet = facts.virtual_network(endpoint.virtual_network_id).value
    subnet = vnet.subnet(endpoint.subnet_id) if vnet else None
    if subnet is None:
        raise UnseenError(Unseen(endpoint.subnet_id.text, "", "Azure has no subnet of that id"))
    filters = filters_endpoints(subnet)
    if subnet.security_group_id is None or filters is False:
        return None
    if filters is None:
        reason = f"privateEndpointNetworkPolicies is {subnet.endpoint_policies}, whose meaning is not known here"
        raise UnseenError(Unseen(subnet.id.text, "", reason))
    return subnet


def group_of(facts: Facts, group_id: ResourceId) -> SecurityGroup:
    """The security group of an id. Raises `UnseenError` when it was not seen or is gone."""
    group = look(facts.security_groups, group_id).value
    if group is None:
        raise UnseenError(Unseen(group_id.text, "", "Azure has no network security group of that id"))
    return group
