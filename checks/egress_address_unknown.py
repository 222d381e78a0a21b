"""The address that nodes leave from cannot be seen in Azure.

What is read
    The registry's `publicNetworkAccess` and `networkRuleSet`; for every node pool its outbound path: a default
    route to an appliance, gateway or virtual WAN, the Azure Firewall behind it with its public addresses, the
    cluster's HTTP proxy, public addresses of single nodes. Of routes for service tags those for
    AzureContainerRegistry and AzureCloud count, before the default route. Routes for private ranges do not.

Why pulls fail
    With `defaultAction` Deny the registry admits the addresses in its rules only. What it sees is the address of
    the last machine on the way: the firewall's, the proxy's, the office's. Rules with the load balancer's address
    then help nobody, and every pull is refused with 403. Whether it is so cannot be told from here. A route that
    sends some public addresses elsewhere, say 20.0.0.0/11 to an appliance, may hold the registry's address or not:
    Azure publishes that by service tag only.

What to do
    Ask who runs that machine for its public addresses, or read them off the error: `client with IP '203.0.113.7' is
    not allowed access`. With the registry's diagnostic setting on, `ContainerRegistryLoginEvents` lists them as
    `CallerIpAddress`. Then compare with the registry's rules. Where a route may hold the registry's address, ask
    `nslookup <login server>` on a node and compare the answer with the route's prefix; a route for service tag
    AzureContainerRegistry settles it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.semantics.admission import admits_everyone, has_service_endpoint, is_closed
from aksacr.semantics.egress import Egress, egress
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.quoted_clients import quoted_for
from aksacr.semantics.service_tags import REGISTRY_TAG

from ._wording import (
    EGRESS_READ,
    NAMES_READ,
    REGISTRY_READ,
    for_each_pool,
    listed,
    seen,
    service_tag_ranges,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    if is_closed(registry):
        return not_applicable(f"Public network access of {registry.name} is Disabled: no public address gets in.")
    if admits_everyone(registry):
        return not_applicable(f"{registry.name} admits every public address, whatever it is.")
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private":
        return not_applicable(f"Node pool {pool.name} uses the private endpoint, where public addresses do not matter.")
    if resolution.leads_nowhere:
        return not_applicable(f"Node pool {pool.name} does not resolve {resolution.name}: it asks nobody.")
    if has_service_endpoint(facts, pool):
        return not_applicable(
            f"Node pool {pool.name}: the registry sees its subnet (service endpoint), not an address."
        )
    found = egress(facts, pool)
    if found.kind == "none":
        return not_applicable(f"Node pool {pool.name} has no way out ({found.reason}).")
    quoted = quoted_for(facts, pool)
    if found.kind == "unknowable" and quoted:
        return passed(
            f"The pull error quotes the address that {facts.registry.name} saw node pool {pool.name} leave from: "
            f"{listed(str(item).removesuffix('/32') for item in quoted)}; see AKA201.",
            seen("the pull error", "client with IP", list(facts.quoted_clients)),
        )
    if found.kind == "unknowable":
        return _unknown(facts, pool, found)
    addresses = listed(str(item).removesuffix("/32") for item in found.ipv4)
    return passed(f"Node pool {pool.name} leaves from {addresses} ({found.through}).", *_addresses(found))


def _unknown(facts: Facts, pool: NodePool, found: Egress) -> Verdict:
    registry = facts.registry
    gap = None if found.gap is None else Gap.of(found.gap)
    read = f" {gap.action} would show more." if gap and gap.action else ""
    return unknown(
        f"Node pool {pool.name}: Azure does not show which address it leaves from ({found.reason}), and "
        f"{registry.name} admits only {_admitted(facts)}. {_how(facts, found)}, or read "
        f"the address from `client with IP '...'` in the pull error; it must be among the registry's rules.{read}",
        *([gap] if gap else []),
        evidence=(_rules(facts), *_doubtful(facts, pool, found)),
        fixes=(*_compare(facts, found), _ask(facts, pool, found)),
    )


def _doubtful(facts: Facts, pool: NodePool, found: Egress) -> list[Evidence]:
    table = subnet_of(facts, pool).route_table_id if found.doubtful else None
    if table is None:
        return []
    return [
        seen(table, f"properties.routes[{item.name}]", f"{item.prefix} to {item.next_hop_type} {item.next_hop_address}")
        for item in found.doubtful
    ]


def _compare(facts: Facts, found: Egress) -> tuple[Fix, ...]:
    """Whether a route holds the registry's address: a name to look up, and the ranges that it comes from."""
    if not found.doubtful:
        return ()
    registry = facts.registry
    prefixes = listed(dict.fromkeys(route.prefix for route in found.doubtful))
    return (
        Fix(
            f"Compare what `nslookup {registry.login_server}` answers on a node with {prefixes}; or see which "
            f"addresses {REGISTRY_TAG} holds",
            (service_tag_ranges(registry.location),),
            caveat=f"A route for service tag {REGISTRY_TAG} holds whatever addresses it has, and goes before these.",
            needs="Reader on the subscription",
        ),
    )


def _how(facts: Facts, found: Egress) -> str:
    if not found.doubtful:
        return "Ask who runs that path for its public addresses"
    prefixes = listed(dict.fromkeys(route.prefix for route in found.doubtful))
    return f"Compare what `nslookup {facts.registry.login_server}` answers on a node with {prefixes}"


def _admitted(facts: Facts) -> str:
    rules = facts.registry.ip_rules
    return listed(rules, 4) if rules else "what comes by a private endpoint"


def _ask(facts: Facts, pool: NodePool, found: Egress) -> Fix:
    registry = facts.registry
    command = az("acr", "network-rule", "add", "-n", registry.name, *subscription_words(facts, registry.id))
    return Fix(
        f"Ask from which public addresses requests of node pool {pool.name} reach {registry.login_server} through "
        f"{found.through}, and admit each: `{command} --ip-address <address>`",
        manual=True,
        caveat="An address that changes is no rule to rely on: prefer a private endpoint then.",
        needs=f"Contributor on {registry.name}",
    )


def _rules(facts: Facts) -> Evidence:
    return seen(facts.registry.id, "properties.networkRuleSet.ipRules", list(facts.registry.ip_rules))


def _addresses(found: Egress) -> list[Evidence]:
    return [seen(item.id, "properties.ipAddress", str(item.range).removesuffix("/32")) for item in found.addresses]


CHECK = Check(
    code="AKA203",
    name="egress-address-unknown",
    title="The address the nodes leave from can be known",
    explains=("forbidden-403",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*EGRESS_READ, *NAMES_READ))),
    docs=(
        "https://learn.microsoft.com/azure/aks/egress-outboundtype",
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry",
    ),
)
