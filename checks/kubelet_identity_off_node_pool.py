"""A node pool's machines do not carry the kubelet identity.

What is read
    The cluster's `identityProfile.kubeletidentity.resourceId`, and the user-assigned identities on every scale set
    in the node resource group; for pools without a scale set (VirtualMachines, availability sets, node
    auto-provisioning) those on their virtual machines.

Why pulls fail
    The credential provider on the node asks the instance metadata service for a token of the kubelet identity. A
    machine that does not carry the identity gets none, kubelet goes on without credentials, and the event says
    `failed to fetch anonymous token: ... 401 Unauthorized`, although the role is there. It happens when the scale
    set was edited by hand or by policy, which AKS does not support.

What to do
    Let AKS repair it: `az aks update` without any other option reconciles the scale sets. Lock the node resource
    group down so that it does not come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import Unseen, same
from aksacr.semantics.pools import is_running, machines_of

from ._anonymous import refusal
from ._wording import (
    CLUSTER_READ,
    KUBELET_PATH,
    MACHINES_READ,
    REGISTRY_READ,
    SCALE_SETS_READ,
    counted,
    for_each_pool,
    listed,
    no_identity,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence, Verdict
    from aksacr.facts import Facts, KubeletIdentity, Machine, NodePool


def judge(facts: Facts) -> Verdict:
    identity = facts.cluster.kubelet_identity
    if facts.cluster.pulls_with == "service-principal":
        return not_applicable(
            f"Cluster {facts.cluster.name} pulls with a service principal; its machines need no identity."
        )
    if identity is None:
        return no_identity(facts)
    verdicts = for_each_pool(facts, lambda pool: _judge_pool(facts, pool, identity))
    return across_pools([*verdicts, *_auto_provisioned(facts, identity)])


def _auto_provisioned(facts: Facts, identity: KubeletIdentity) -> list[tuple[str, Verdict]]:
    """Node auto-provisioning makes machines of pools that the cluster's own list does not name."""
    if not same(facts.cluster.node_provisioning_mode, "Auto") or isinstance(facts.machines, Unseen):
        return []
    listed_pools = {pool.name.lower() for pool in facts.cluster.node_pools}
    others = [item for item in facts.machines.value if item.pool and item.pool.lower() not in listed_pools]
    names = dict.fromkeys(item.pool for item in others)
    return [
        (name, _judge(facts, name, tuple(item for item in others if item.pool == name), identity)) for name in names
    ]


def _judge_pool(facts: Facts, pool: NodePool, identity: KubeletIdentity) -> Verdict:
    machines = machines_of(facts, pool)
    # A resource group without machines has no node; one with others' has them under names that are not known here.
    if machines or not facts.machines.value or not pool.count or not is_running(facts, pool):
        return _judge(facts, pool.name, machines, identity)
    group = facts.cluster.node_resource_group
    gap = Gap(
        f"the machines of node pool {pool.name}",
        f"a look at resource group {group}: which scale set or virtual machines are the pool's, and are they tagged so",
        f"no scale set was found for it in {group}, although the cluster counts {counted(pool.count, 'node')} in it",
    )
    return unknown(f"Node pool {pool.name}: {gap.reason}. Whether its nodes carry the identity was not seen.", gap)


def _judge(facts: Facts, pool: str, machines: tuple[Machine, ...], identity: KubeletIdentity) -> Verdict:
    if not machines:
        group = facts.cluster.node_resource_group
        return not_applicable(
            f"Node pool {pool} has no scale set or virtual machine in resource group {group}: there is no node that "
            "could lack the identity."
        )
    lacking = [machine for machine in machines if identity.resource_id not in machine.identity_ids]
    if not lacking:
        names = listed(machine.name for machine in machines)
        return passed(
            f"{names} (node pool {pool}) carries kubelet identity {identity.resource_id.name}.",
            *_carried(machines),
        )
    names = listed(f"{machine.kind} {machine.name}" for machine in lacking)
    return refusal(
        facts,
        f"Node pool {pool}: {names} does not carry kubelet identity {identity.resource_id.name}. Its nodes get no "
        "token for the registry.",
        "They pull without credentials, which is refused with 401.",
        evidence=(
            seen(facts.cluster.id, f"{KUBELET_PATH}.resourceId", identity.resource_id.text),
            *_carried(tuple(lacking)),
        ),
        fixes=(_reconcile(facts),),
    )


def _carried(machines: tuple[Machine, ...]) -> list[Evidence]:
    return [
        seen(machine.id, "identity.userAssignedIdentities", [item.text for item in sorted(machine.identity_ids)])
        for machine in machines[:5]
    ]


def _reconcile(facts: Facts) -> Fix:
    cluster = facts.cluster
    where = ("-g", cluster.id.resource_group, "-n", cluster.name, *subscription_words(facts, cluster.id))
    return Fix(
        f"Let AKS put the identity back: reconcile {cluster.name}",
        (az("aks", "update", *where),),
        caveat="az asks whether to reconcile: answer y (in a pipeline, where nobody answers, it does nothing). "
        "Nodes that exist may need their pool's node image upgraded to get the new model.",
        needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
    )


CHECK = Check(
    code="AKA121",
    name="kubelet-identity-off-node-pool",
    title="Every node pool carries the kubelet identity",
    explains=("anonymous-token-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, SCALE_SETS_READ, MACHINES_READ),
    docs=("https://learn.microsoft.com/azure/aks/node-resource-group-lockdown",),
)
