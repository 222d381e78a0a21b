"""Whether security rules let nodes ask their DNS servers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.facts import Facts, SecurityRule, Seen, UnseenError
from aksacr.semantics.dns_rules import asking
from aksacr.semantics.dns_servers import AZURE_DNS

from .building import REFUSED, cluster, facts, networks, peering, pool, subnet, vnet
from .ruling import GROUP_ID, group, rule, to

if TYPE_CHECKING:
    from aksacr.semantics.dns_rules import Asking

TAG = "AzurePlatformDNS"
SERVER = "10.100.0.4"
POOL = pool()


def filtered(*rules: SecurityRule, servers: tuple[str, ...] = (), **changes: Any) -> Facts:
    """A pool whose subnet has a group with these rules."""
    nodes = subnet(security_group_id=GROUP_ID)
    hub = peering("hub", prefixes=("10.100.0.0/16",))
    network = replace(vnet("vnet1", hub, dns_servers=servers), subnets=(nodes,))
    tables: dict[str, Any] = {
        "cluster": cluster(node_pools=(POOL,)),
        "virtual_networks": networks(network),
        "security_groups": {GROUP_ID: Seen(group(*rules))},
    }
    return facts(**{**tables, **changes})


def only(made: Facts) -> Asking:
    [found] = asking(made, POOL)
    return found


def port(number: str, prefix: str = TAG, **changes: Any) -> SecurityRule:
    return to(prefix, destination_ports=(number,), **changes)


@pytest.mark.parametrize(
    ("rules", "denied"),
    [
        ((), ()),
        ((to(TAG),), ("udp", "tcp")),
        ((to("azureplatformdns"),), ("udp", "tcp")),
        ((port("53"),), ("udp", "tcp")),
        ((port("50-60"),), ("udp", "tcp")),
        ((port("443"),), ()),
        ((to(TAG, protocol="Udp"),), ("udp",)),
        ((to(TAG, protocol="tcp"),), ("tcp",)),
        ((to(TAG, protocol="Udp"), to(TAG, protocol="Tcp", priority=210)), ("udp", "tcp")),
        ((to(TAG, "Storage"),), ("udp", "tcp")),
        ((to(TAG, direction="Inbound"),), ()),
        # The platform's traffic is no matter of rules that do not name it.
        ((rule(),), ()),
        ((to("Internet"),), ()),
        ((to("VirtualNetwork"),), ()),
        ((to(AZURE_DNS),), ()),
        ((to("AzureCloud"),), ()),
        ((to("AzurePlatformIMDS"),), ()),
        # The first rule that holds decides.
        ((to(TAG, priority=300), to(TAG, access="Allow", priority=200)), ()),
        ((to(TAG, priority=300), rule(200, "Allow")), ()),
        ((to(TAG, priority=300), port("53", AZURE_DNS, access="Allow", priority=200)), ()),
        ((to(TAG, priority=300), port("443", access="Allow", priority=200)), ("udp", "tcp")),
        ((to(TAG, priority=200), to(TAG, access="Allow", priority=300)), ("udp", "tcp")),
        ((to(TAG, source_prefixes=("10.9.0.0/16",)),), ()),
    ],
)
def test_questions_to_azure_dns(rules: tuple[SecurityRule, ...], denied: tuple[str, ...]) -> None:
    found = only(filtered(*rules))
    assert (found.server, found.denied, found.is_cut_off) == (AZURE_DNS, denied, len(denied) == 2)


def test_the_rule_is_told_as_it_is_written() -> None:
    written = to(TAG, "Storage")
    [decision] = only(filtered(written, rule(100, "Allow", destination_ports=("80",)))).of_kind("deny")
    assert (decision.rule, decision.group.rules[0], decision.place) == (written, written, "subnet nodes")


@pytest.mark.parametrize(
    ("rules", "denied"),
    [
        ((rule(),), ("udp", "tcp")),
        ((port("53", SERVER),), ("udp", "tcp")),
        ((port("53", "VirtualNetwork"),), ("udp", "tcp")),
        ((port("53", "10.101.0.0/16"),), ()),
        ((port("443", SERVER),), ()),
        ((to(TAG),), ()),
        ((to(SERVER, protocol="Udp"),), ("udp",)),
        ((rule(300), port("53", SERVER, access="Allow")), ()),
    ],
)
def test_questions_to_a_server_of_ones_own(rules: tuple[SecurityRule, ...], denied: tuple[str, ...]) -> None:
    found = only(filtered(*rules, servers=(SERVER,)))
    assert (found.server, found.denied) == (SERVER, denied)


def test_azures_own_rules_are_no_fault() -> None:
    """A server behind a gateway or an appliance is outside of what the network shows."""
    assert only(filtered(servers=("192.168.7.53",))).denied == ()


def test_each_server_is_judged() -> None:
    found = asking(filtered(to(TAG), servers=(AZURE_DNS, SERVER, SERVER, "no address")), POOL)
    assert [(item.server, item.is_cut_off) for item in found] == [(AZURE_DNS, True), (SERVER, False)]


def test_a_rule_for_some_of_the_nodes_leaves_it_open() -> None:
    found = only(filtered(to(TAG, source_prefixes=("10.1.0.0/25",))))
    assert (found.kind("udp"), found.kind("tcp")) == ("open", "open")
    assert [item.doubt for item in found.of_kind("open")] == ["source"]


def test_groups_that_were_not_seen() -> None:
    with pytest.raises(UnseenError):
        asking(filtered(security_groups={GROUP_ID: REFUSED}), POOL)
    with pytest.raises(UnseenError):
        asking(filtered(machines=REFUSED), POOL)
    assert only(filtered(to(TAG), machines=REFUSED)).is_cut_off  # the subnet's group denies, whatever others say


def test_a_pool_without_groups_asks_whom_it_likes() -> None:
    made = facts()
    assert [(item.server, item.denied) for item in asking(made, made.cluster.node_pools[0])] == [(AZURE_DNS, ())]
