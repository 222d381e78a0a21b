"""Whether network security groups let a pool's nodes ask their DNS servers: port 53, UDP and TCP.

Rules (learn.microsoft.com: network security groups, Azure platform considerations; virtual network service tags):
* questions to Azure DNS (168.63.129.16) are no matter of security groups: a rule that denies everything, the internet
  or the virtual network does not stop them. Only a rule that denies the service tag AzurePlatformDNS does;
* once there is such a rule, priorities count as everywhere: a rule before it that allows them ends the search;
* a custom DNS server is an address like any other;
* resolvers ask by UDP, and by TCP for long answers or where UDP does not come back.

Azure's own rules, which deny what is outside of the virtual network, are no fault here: what lies behind a gateway or
an appliance does not show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, TypeAlias

from aksacr.facts import UnseenError, same

from .dns_servers import AZURE_DNS
from .pools import network_of, subnet_of
from .remembering import remembered
from .security_rules import (
    Decision,
    Flow,
    Rulebook,
    group_of,
    groups_of,
    pool_hosts,
    space_of,
    verdict_of,
)
from .service_tags import Hosts, is_tag, ranges_of

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, SecurityGroup, SecurityRule

DNS_TAG = "AzurePlatformDNS"
DNS_PORT = 53
Protocol: TypeAlias = Literal["udp", "tcp"]
_PROTOCOLS: tuple[Protocol, ...] = ("udp", "tcp")


@dataclass(frozen=True, slots=True)
class Asking:
    """What security groups do with questions to one DNS server, by protocol."""

    server: str
    decisions: dict[Protocol, list[Decision]]

    def kind(self, protocol: Protocol) -> Literal["allow", "deny", "open"]:
        """What becomes of questions by that protocol."""
        found = verdict_of(self.decisions[protocol])
        return "allow" if found is None else found.kind

    def of_kind(self, kind: Literal["deny", "open"]) -> list[Decision]:
        """The decisions of a kind, each group's and rule's once."""
        every = [item for protocol in _PROTOCOLS for item in self.decisions[protocol] if item.kind == kind]
        return list({(item.group.id, item.rule.name, item.place): item for item in reversed(every)}.values())[::-1]

    @property
    def denied(self) -> tuple[Protocol, ...]:
        """The protocols by which nothing gets through."""
        return tuple(item for item in _PROTOCOLS if self.kind(item) == "deny")

    @property
    def is_cut_off(self) -> bool:
        """Whether the server can be asked by neither."""
        return self.denied == _PROTOCOLS


@remembered
def asking(facts: Facts, pool: NodePool) -> tuple[Asking, ...]:
    """What the security groups at a pool's nodes do with questions to each DNS server of its network, in their order.

    Raises `UnseenError` where a group was not seen and those that were do not deny.
    """
    servers = network_of(facts, pool).dns_servers or (AZURE_DNS,)
    return tuple(
        Asking(server, {item: _decisions(facts, pool, server, item) for item in _PROTOCOLS})
        for server in dict.fromkeys(servers)
        if _version(server)
    )


def _version(server: str) -> int:
    """4 or 6; 0 for what is no address."""
    try:
        return ip_address(server).version
    except ValueError:
        return 0


def _decisions(facts: Facts, pool: NodePool, server: str, protocol: Protocol) -> list[Decision]:
    found: list[Decision] = []
    try:
        for group_id, place in groups_of(facts, pool):
            group = group_of(facts, group_id)
            judged = _for_the_platform(facts, group) if server == AZURE_DNS else group
            space = space_of(facts, network_of(facts, pool), subnet_of(facts, pool))
            nodes = pool_hosts(facts, pool, _version(server))
            flow = Flow("Outbound", nodes, Hosts(ranges_of((server,))), space, DNS_PORT, protocol)
            decision = _book(facts, judged).decide(judged, flow)
            if decision.kind != "deny" or not decision.by_default:
                found.append(replace(decision, group=group, rule=_as_written(facts, group, decision.rule), place=place))
    except UnseenError:
        if not any(item.kind == "deny" for item in found):
            raise
    return found


@remembered
def _book(facts: Facts, group: SecurityGroup) -> Rulebook:
    """A rulebook for one group, whose rules may be those that the platform knows."""
    del facts, group
    return Rulebook()


@remembered
def _for_the_platform(facts: Facts, group: SecurityGroup) -> SecurityGroup:
    """A group with the rules that count for questions to Azure DNS, its address in the place of its tag."""
    del facts
    return replace(group, rules=tuple(_with_address(rule) for rule in group.rules if _counts(rule)))


@remembered
def _as_written(facts: Facts, group: SecurityGroup, rule: SecurityRule) -> SecurityRule:
    """The rule as its group has it; Azure's own rules are in no group."""
    del facts
    alike = (each for each in group.rules if (each.name, each.priority) == (rule.name, rule.priority))
    return next((each for each in alike if same(each.direction, rule.direction)), rule)


def _counts(rule: SecurityRule) -> bool:
    return not same(rule.access, "Deny") or any(is_tag(item, DNS_TAG) for item in rule.destination_prefixes)


def _with_address(rule: SecurityRule) -> SecurityRule:
    if not any(is_tag(item, DNS_TAG) for item in rule.destination_prefixes):
        return rule
    kept = () if same(rule.access, "Deny") else rule.destination_prefixes
    return replace(rule, destination_prefixes=(AZURE_DNS, *(item for item in kept if not is_tag(item, DNS_TAG))))
