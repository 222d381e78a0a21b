"""Service endpoint and subnet rule do not agree.

What is read
    Whether the nodes' subnet has the service endpoint `Microsoft.ContainerRegistry`, and the registry's subnet
    rules, read with an API version that returns them (newer ones leave them out).

Why pulls fail
    With the service endpoint a request carries the subnet as its identity, and public addresses in the rules no
    longer match: a registry that denies by default must name the subnet. A rule that names a subnet without the
    service endpoint matches nothing, because the request then carries a public address. Both are refused with 403.

What to do
    Name the subnet in the registry's rules, or take the service endpoint off; add the service endpoint where a rule
    expects it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.semantics.admission import (
    REGISTRY_SERVICE_ENDPOINT,
    admits_everyone,
    has_service_endpoint,
    is_closed,
    outside,
    subnet_is_allowed,
)
from aksacr.semantics.egress import egress
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of, subnet_of

from ._wording import EGRESS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, Subnet
    from aksacr.semantics.name_resolution import Resolution


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    if is_closed(registry) or admits_everyone(registry):
        state = "closed to the public" if is_closed(registry) else "open to every address"
        return not_applicable(f"{registry.name} is {state}: subnet rules do not matter.")
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private" or resolution.leads_nowhere:
        return not_applicable(f"Node pool {pool.name} does not go to the public endpoint of {facts.registry.name}.")
    subnet = subnet_of(facts, pool)
    endpoint, rule = has_service_endpoint(facts, pool), subnet_is_allowed(facts, pool)
    if endpoint and rule:
        return passed(
            f"Node pool {pool.name}: subnet {subnet.name} has the service endpoint, and a rule names it.", _rules(facts)
        )
    if not endpoint and not rule:
        return passed(
            f"Node pool {pool.name}: subnet {subnet.name} has no service endpoint, and no rule names it.", _rules(facts)
        )
    if not endpoint and _admitted_by_address(facts, pool):
        return passed(f"Node pool {pool.name}: a rule names subnet {subnet.name} in vain, but its address is admitted.")
    if resolution.kind == "unknowable":
        return _hangs_on_names(facts, pool, subnet, resolution)
    return _no_rule(facts, pool, subnet) if endpoint else _no_endpoint(facts, pool, subnet)


def _hangs_on_names(facts: Facts, pool: NodePool, subnet: Subnet, resolution: Resolution) -> Verdict:
    return unknown(
        f"Node pool {pool.name}: the service endpoint of subnet {subnet.name} and the subnet rules of "
        f"{facts.registry.name} do not agree. Whether its requests go there at all is up to DNS server "
        f"{listed(resolution.servers)}: where it answers with a private endpoint's address, the rules do not matter.",
        evidence=(seen(subnet.id, "properties.serviceEndpoints", list(subnet.service_endpoints)), _rules(facts)),
    )


def _admitted_by_address(facts: Facts, pool: NodePool) -> bool:
    found = egress(facts, pool)
    return found.kind == "known" and not outside(facts.registry, found.ipv4)


def _no_rule(facts: Facts, pool: NodePool, subnet: Subnet) -> Verdict:
    registry = facts.registry
    where = ("-g", registry.id.resource_group, "-n", registry.name, *subscription_words(facts, registry.id))
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: subnet {subnet.name} has the service endpoint {REGISTRY_SERVICE_ENDPOINT}, and no "
        f"rule of {registry.name} names the subnet. Its requests carry the subnet instead of a public address, and "
        "are refused with 403.",
        evidence=(seen(subnet.id, "properties.serviceEndpoints", list(subnet.service_endpoints)), _rules(facts)),
        fixes=(
            Fix(
                f"Name subnet {subnet.name} in the rules of {registry.name}",
                (az("acr", "network-rule", "add", *where, "--subnet", subnet.id),),
                caveat="In preview, Premium only, not with private endpoints. Or take the service endpoint off.",
                needs=f"Contributor on {registry.name} and Network Contributor on {subnet.name}",
            ),
        ),
    )


def _no_endpoint(facts: Facts, pool: NodePool, subnet: Subnet) -> Verdict:
    network = subnet.id.parent
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: a rule of {facts.registry.name} names subnet {subnet.name}, which has no service "
        f"endpoint {REGISTRY_SERVICE_ENDPOINT}. Its requests carry a public address that no rule admits, and are "
        "refused with 403.",
        evidence=(seen(subnet.id, "properties.serviceEndpoints", list(subnet.service_endpoints)), _rules(facts)),
        fixes=(
            Fix(
                f"Add the service endpoint to subnet {subnet.name}",
                (
                    az(
                        *(
                            "network",
                            "vnet",
                            "subnet",
                            "update",
                            "-g",
                            network.resource_group,
                            *subscription_words(facts, network),
                        ),
                        *("--vnet-name", network.name, "-n", subnet.name, "--service-endpoints"),
                        *dict.fromkeys((*subnet.service_endpoints, REGISTRY_SERVICE_ENDPOINT)),
                    ),
                ),
                caveat="Open connections of the subnet to registries break for a moment.",
                needs=f"Network Contributor on {network.name}",
            ),
        ),
    )


def _rules(facts: Facts) -> Evidence:
    return seen(
        facts.registry.id,
        "properties.networkRuleSet.virtualNetworkRules",
        [rule.subnet_id.text for rule in facts.subnet_rules.value],
    )


if TYPE_CHECKING:
    from aksacr.check import Evidence

CHECK = Check(
    code="AKA204",
    name="subnet-rule-mismatch",
    title="Service endpoint and registry subnet rule agree",
    explains=("forbidden-403",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-vnet",),
)
