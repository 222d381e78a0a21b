"""A security rule keeps the nodes from the registry's private endpoint.

What is read
    The network security groups of each node pool's subnet and of its machines' network interfaces, with their
    outbound rules; where the private endpoint's subnet applies security groups to endpoints
    (`privateEndpointNetworkPolicies` Enabled or NetworkSecurityGroupEnabled), that subnet's group with its inbound
    rules. By default it does not. The application security groups that the endpoint and the machines are in.

Why pulls fail
    The first rule that holds decides, by ascending priority number, in every group on the way. A Deny that holds
    for TCP 443 to the endpoint's address drops the packets: `dial tcp <private address>:443: i/o timeout`. Azure's
    own rules let everything through within the virtual network and its peers.

What to do
    Allow 443 to the endpoint's address with a lower priority number than the rule that denies, or take that rule
    away. Security admin rules of a Virtual Network Manager come before all groups. No read shows which of them apply
    to a network (Azure gives them to a POST only), so a pass here does not rule them out: ask who runs the manager, or
    look at the effective security rules of a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Status, Verdict, across_pools, not_applicable, passed, unknown, worst
from aksacr.facts import Seen, Unseen, UnseenError
from aksacr.semantics.endpoints import endpoints_meant, has_approved_connection
from aksacr.semantics.hub_ways import way_to
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of
from aksacr.semantics.security_rules import goes_by_proxy, to_endpoint, verdict_of

from ._security_groups import (
    SECURITY_GROUPS_READ,
    allow_fix,
    denial_words,
    denials,
    doubt_words,
    group_words,
    of_all_pools,
    remove_fix,
    rule_evidence,
    rule_words,
)
from ._wording import EGRESS_READ, ENDPOINTS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, no_endpoint

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, PrivateEndpoint
    from aksacr.semantics.security_rules import Decision

_BEST_FIRST = (Status.PASS, Status.UNKNOWN, Status.FAIL, Status.NOT_APPLICABLE)


def judge(facts: Facts) -> Verdict:
    if not has_approved_connection(facts):
        return no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    if goes_by_proxy(facts, pool, facts.registry.login_server):
        return not_applicable(f"Node pool {pool.name} sends its requests to the cluster's HTTP proxy.")
    vnet = network_of(facts, pool)
    meant = endpoints_meant(facts, pool, vnet)
    named = resolve(facts, vnet).kind == "private"
    if not named:
        near = [item for item in meant if way_to(facts, pool, *item).kind in {"same", "peered"}]
        meant = near or meant
    if not meant:
        return not_applicable(f"Node pool {pool.name} does not use a private endpoint of {facts.registry.name}.")
    verdicts: list[Verdict] = []
    gap: UnseenError | None = None
    for endpoint, address in meant:
        try:
            verdicts.append(_judge_endpoint(facts, pool, endpoint, address))
        except UnseenError as error:
            gap = gap or error
    statuses = [verdict.status for verdict in verdicts]
    # Names that lead to several endpoints need all of them; where none is named yet, one that can be reached will do.
    status = worst(statuses) if named else min(statuses, key=_BEST_FIRST.index, default=Status.NOT_APPLICABLE)
    if gap is not None and status is not (Status.FAIL if named else Status.PASS):
        raise gap
    return next(verdict for verdict in verdicts if verdict.status is status)


def _judge_endpoint(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> Verdict:
    if not address:
        action = "Microsoft.Network/networkInterfaces/read"
        raise UnseenError(Unseen(endpoint.id.text, action, "shows no address of the login server"))
    decisions = to_endpoint(facts, pool, endpoint, address)
    decisive = verdict_of(decisions)
    target = f"private endpoint {endpoint.name} ({address})"
    if decisive is None:
        return passed(f"Node pool {pool.name}: no network security group filters its way to {target}.")
    if decisive.kind == "allow":
        return passed(
            f"Node pool {pool.name}: 443 to {target} gets through {group_words(decisions)}.",
            *(rule_evidence(item) for item in decisions),
        )
    if decisive.kind == "open":
        return _open(pool, decisive, target)
    if not denials(decisions):
        return not_applicable(
            f"Node pool {pool.name}: no rule that someone made bears on {target}. Azure's own rules let through what "
            "is in the virtual network and its peers, and the endpoint is not among them: see the checks of the "
            "peering (AKA321, AKA322, AKA324)."
        )
    return _denied(facts, pool, denials(decisions), endpoint, address)


def _denied(facts: Facts, pool: NodePool, faults: list[Decision], endpoint: PrivateEndpoint, address: str) -> Verdict:
    target = f"private endpoint {endpoint.name} ({address})"
    family = ":" if ":" in address else "."
    read = facts.endpoint_addresses.get(endpoint.id)
    # Layers come from other addresses of the same endpoint: a rule for the registry's alone would be half a remedy.
    every = [str(item.address) for item in read.value] if isinstance(read, Seen) else []
    addresses = tuple(dict.fromkeys([address, *(item for item in every if family in item)]))
    names = (f"every address of private endpoint {endpoint.name}",)
    where = "where the endpoint is" if faults[0].direction == "Inbound" else "on their way out"
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: {denial_words(faults)} to {target}. Packets of its nodes are dropped {where}, and "
        "pulls time out.",
        evidence=tuple(rule_evidence(item) for item in faults),
        fixes=tuple(
            fix
            for item in faults
            for fix in (
                *remove_fix(facts, item),
                allow_fix(
                    facts,
                    *of_all_pools(facts, pool, item, lambda other: _met(facts, other, endpoint, address), family),
                    names,
                    (addresses,),
                ),
            )
        ),
    )


def _met(facts: Facts, pool: NodePool, endpoint: PrivateEndpoint, address: str) -> list[Decision]:
    """What a pool that goes to the same endpoint meets on its way."""
    if goes_by_proxy(facts, pool, facts.registry.login_server):
        return []
    meant = endpoints_meant(facts, pool, network_of(facts, pool))
    return to_endpoint(facts, pool, endpoint, address) if (endpoint, address) in meant else []


def _open(pool: NodePool, decisive: Decision, target: str) -> Verdict:
    if decisive.by_default:
        return unknown(
            f"Node pool {pool.name}: whether {rule_words(decisive)} lets 443 through to {target} hangs on routes or "
            "addresses on the way that Azure does not show here (a gateway, an appliance). Look at the effective "
            "security rules of a node and of the endpoint's network interface.",
            evidence=(rule_evidence(decisive),),
        )
    verb = "denies" if decisive.rule.access.lower() == "deny" else "allows"
    return unknown(
        f"Node pool {pool.name}: {rule_words(decisive)} {verb} 443 {doubt_words(decisive)}, and the rules after it "
        f"say otherwise. Azure does not show whether that holds for every node and {target}: look at the effective "
        "security rules of a node, or allow the endpoint's address by a rule before it.",
        evidence=(rule_evidence(decisive),),
    )


CHECK = Check(
    code="AKA332",
    name="nsg-blocks-private-endpoint",
    title="Security rules let the nodes reach the private endpoint",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *EGRESS_READ, *ENDPOINTS_READ, *SECURITY_GROUPS_READ))),
    docs=(
        "https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works",
        "https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy",
    ),
)
