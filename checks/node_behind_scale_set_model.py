"""Some nodes do not run their scale set's latest model.

What is read
    For every scale set that carries the kubelet identity, its instances' `latestModelApplied`.

Why pulls fail
    An identity that is put on a scale set reaches an instance only when the model is applied to it. Nodes that were
    there before may lack it and pull without credentials, while newer ones in the same pool are well.

What to do
    Upgrade the pool's node image, which replaces its nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, not_applicable, passed
from aksacr.facts import look
from aksacr.semantics.pools import machines_of

from ._wording import (
    CLUSTER_READ,
    SCALE_SETS_READ,
    counted,
    for_each_pool,
    listed,
    no_identity,
    seen,
    upgrade_node_image,
)

if TYPE_CHECKING:
    from aksacr.facts import Facts, Instance, KubeletIdentity, NodePool


def judge(facts: Facts) -> Verdict:
    cluster = facts.cluster
    identity = cluster.kubelet_identity
    if cluster.pulls_with == "service-principal":
        return not_applicable(f"Cluster {cluster.name} pulls with a service principal; its machines need no identity.")
    if identity is None:
        return no_identity(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool, identity)))


def _judge_pool(facts: Facts, pool: NodePool, identity: KubeletIdentity) -> Verdict:
    machines = machines_of(facts, pool)
    carrying = [item for item in machines if item.kind == "scale set" and identity.resource_id in item.identity_ids]
    if not carrying:
        return not_applicable(f"Node pool {pool.name} has no scale set that carries the kubelet identity; see AKA121.")
    instances = [instance for item in carrying for instance in look(facts.instances, item.id).value]
    behind = [instance for instance in instances if not instance.latest_model]
    if not behind:
        total = counted(len(instances), "instance")
        return passed(
            f"Node pool {pool.name}: {total} of {listed(item.name for item in carrying)} run its latest model."
        )
    return _behind(facts, pool, behind, len(instances))


def _behind(facts: Facts, pool: NodePool, behind: list[Instance], total: int) -> Verdict:
    cluster = facts.cluster
    return Verdict(
        Status.WARN,
        f"Node pool {pool.name}: {len(behind)} of {counted(total, 'instance')} "
        f"({listed(item.name for item in behind)}) do not run the scale set's latest model. If the identity was put "
        "on the model later, these nodes lack it and pull without credentials.",
        evidence=tuple(seen(item.id, "properties.latestModelApplied", False) for item in behind[:6]),
        fixes=(
            Fix(
                f"Upgrade the node image of pool {pool.name}: `{upgrade_node_image(facts, pool.name)}`",
                manual=True,
                caveat="It replaces the pool's nodes, and does nothing where they run the newest image already.",
                needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
            ),
        ),
    )


CHECK = Check(
    code="AKA122",
    name="node-behind-scale-set-model",
    title="Node instances run the scale set's latest model",
    explains=("anonymous-token-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        CLUSTER_READ,
        SCALE_SETS_READ,
        "Microsoft.Compute/virtualMachines/read",
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
    ),
    docs=("https://learn.microsoft.com/azure/aks/node-image-upgrade",),
)
