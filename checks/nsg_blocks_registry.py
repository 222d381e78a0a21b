"""A security rule keeps the nodes from the public registry.

What is read
    The network security groups of each node pool's subnet and of its machines' network interfaces, with their
    outbound rules, for pools that resolve the login server to its public address; the regions of a Premium registry's
    replicas, since a rule may be for the service tag of one region.

Why pulls fail
    The first rule that holds decides, by ascending priority number, in every group on the way. A Deny for
    `Internet` or everything, without an Allow for the service tag AzureContainerRegistry before it, drops the
    packets: `dial tcp <public address>:443: i/o timeout`. Layers come from Storage, unless the registry has
    dedicated data endpoints: with Storage denied, manifests come and layers do not (AKA351).

What to do
    Allow 443 to AzureContainerRegistry, to Storage where layers come from there, and to AzureFrontDoor.FirstParty,
    through which Azure answers for some registries and for Microsoft's own (mcr.microsoft.com in the public cloud),
    with lower priority numbers than the rule that denies. A rule that somebody put into the node resource group's own
    security group is better taken away: AKS manages that group. Which addresses a registry has is published by service
    tag only: rules for bare address ranges cannot be judged here, and break when the addresses change.
    Security admin rules of a Virtual Network Manager come before all groups. No read shows which of them apply to a
    network (Azure gives them to a POST only), so a pass here does not rule them out: ask who runs the manager, or look
    at the effective security rules of a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, not_applicable, passed, unknown
from aksacr.semantics.admission import is_closed, public_side
from aksacr.semantics.endpoints import has_approved_connection
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of
from aksacr.semantics.security_rules import goes_by_proxy, to_registry, verdict_of
from aksacr.semantics.service_tags import FRONT_DOOR_TAG, REGISTRY_TAG, STORAGE_TAG

from ._security_groups import (
    SECURITY_GROUPS_READ,
    allow_fix,
    denial_words,
    denials,
    doubt_words,
    group_words,
    of_all_pools,
    region_gaps,
    remove_fix,
    rule_evidence,
    rule_words,
)
from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    REPLICAS_READ,
    for_each_pool,
    service_tag_ranges,
)

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.security_rules import Decision


def judge(facts: Facts) -> Verdict:
    if is_closed(facts.registry):
        return not_applicable(f"Public network access of {facts.registry.name} is Disabled.")
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    registry = facts.registry
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private":
        return not_applicable(f"Node pool {pool.name} reaches the registry by a private address.")
    if resolution.leads_nowhere:
        return not_applicable(f"Node pool {pool.name} does not resolve {resolution.name}.")
    if goes_by_proxy(facts, pool, registry.login_server):
        return not_applicable(f"Node pool {pool.name} sends its requests to the cluster's HTTP proxy.")
    decisions = to_registry(facts, pool)
    decisive = verdict_of(decisions)
    if decisive is None:
        return passed(f"Node pool {pool.name}: no network security group filters its way out.")
    if decisive.kind == "allow":
        return _allowed(facts, pool, decisions)
    if has_approved_connection(facts) and public_side(facts, pool) == "closed":
        return not_applicable(
            f"Node pool {pool.name} is not admitted to the public side of {registry.name}; its way is a private "
            "endpoint."
        )
    if decisive.kind == "open":
        return _open(facts, pool, decisive)
    if resolution.kind == "unknowable":
        return unknown(
            f"Node pool {pool.name}: {denial_words(denials(decisions))} to the public registry. Whether its requests "
            f"go there is up to its DNS servers, which Azure does not place: ask them for {resolution.name}.",
            evidence=(rule_evidence(decisive),),
        )
    return _denied(facts, pool, denials(decisions))


def _allowed(facts: Facts, pool: NodePool, decisions: list[Decision]) -> Verdict:
    layers = "" if facts.registry.data_endpoint_enabled else _remark(facts, pool, STORAGE_TAG)
    front = _remark(facts, pool, FRONT_DOOR_TAG)
    remarks = ""
    if layers:
        remarks += f" But {layers} denies {STORAGE_TAG}, where the layers come from: see AKA351."
    if front and front != layers:
        remarks += f" Mind that {front} denies {FRONT_DOOR_TAG}, which Microsoft's own container registry needs."
    return passed(
        f"Node pool {pool.name}: 443 to {facts.registry.name} gets through {group_words(decisions)}.{remarks}",
        *(rule_evidence(item) for item in decisions),
    )


def _remark(facts: Facts, pool: NodePool, tag: str) -> str:
    decisive = verdict_of(to_registry(facts, pool, tag))
    return rule_words(decisive) if decisive is not None and decisive.kind == "deny" else ""


def _denied(facts: Facts, pool: NodePool, faults: list[Decision]) -> Verdict:
    tags = [REGISTRY_TAG]
    if not facts.registry.data_endpoint_enabled and _remark(facts, pool, STORAGE_TAG):
        tags.append(STORAGE_TAG)
    if _remark(facts, pool, FRONT_DOOR_TAG):
        tags.append(FRONT_DOOR_TAG)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: {denial_words(faults)} to {facts.registry.login_server}, and no rule before allows "
        f"{REGISTRY_TAG}. Packets of its nodes are dropped and pulls time out.",
        evidence=tuple(rule_evidence(item) for item in faults),
        fixes=tuple(fix for item in faults for fix in (*remove_fix(facts, item), _allow(facts, pool, item, tags))),
    )


def _allow(facts: Facts, pool: NodePool, decisive: Decision, tags: list[str]) -> Fix:
    names = [f"service tag {tag}" for tag in tags]
    met = of_all_pools(facts, pool, decisive, lambda other: _met(facts, other))
    return allow_fix(facts, *met, names, [(tag,) for tag in tags])


def _met(facts: Facts, pool: NodePool) -> list[Decision]:
    """What a pool that goes to the public registry meets on its way out."""
    resolution = resolve(facts, network_of(facts, pool))
    is_elsewhere = resolution.kind == "private" or resolution.leads_nowhere
    if is_elsewhere or goes_by_proxy(facts, pool, facts.registry.login_server):
        return []
    return to_registry(facts, pool)


def _open(facts: Facts, pool: NodePool, decisive: Decision) -> Verdict:
    registry = facts.registry
    verb = "denies" if decisive.rule.access.lower() == "deny" else "allows"
    return unknown(
        f"Node pool {pool.name}: {rule_words(decisive)} {verb} 443 {doubt_words(decisive)}, and the rules after it say "
        f"otherwise. Whether that holds for {registry.login_server} from every node is not to be seen: Azure "
        f"publishes a registry's addresses by service tag only. Ask a node for {registry.login_server} and compare, "
        f"or allow {REGISTRY_TAG} by a rule before it.",
        *region_gaps(facts, decisive),
        evidence=(rule_evidence(decisive),),
        fixes=(_addresses(registry.location), _allow(facts, pool, decisive, [REGISTRY_TAG])),
    )


def _addresses(location: str) -> Fix:
    return Fix(
        f"See which addresses {REGISTRY_TAG} holds, and compare them with the rule's",
        (service_tag_ranges(location),),
        needs="Reader on the subscription",
    )


CHECK = Check(
    code="AKA342",
    name="nsg-blocks-registry",
    title="Security rules let the nodes reach the public registry",
    explains=("timeout-public-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        REGISTRY_READ,
        REPLICAS_READ,
        *dict.fromkeys((*NAMES_READ, *EGRESS_READ, *ENDPOINTS_READ, *SECURITY_GROUPS_READ)),
    ),
    docs=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-firewall-rules",
        "https://learn.microsoft.com/azure/virtual-network/service-tags-overview",
    ),
)
