"""The cluster, or one of its node pools, does not run.

What is read
    The cluster's `powerState` and `provisioningState`, and those of each entry of its `agentPoolProfiles`.

Why pulls fail
    A cluster that is stopped, stopping or being deleted has no node that pulls. In a cluster or node pool whose last
    operation failed, nodes may be missing or half set up, and a fix that AKS must carry out (another identity, another
    node image) is refused until the state is mended. A cluster that Azure shows no node pool of has nothing that pulls
    either: its roles and rules can be judged, the way from a node cannot.

What to do
    Start what is stopped. Mend a failed state first: `az aks update` without any other option repeats the last
    operation, and its error says what is in the way (quota, a policy, a subnet without addresses).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, az, passed, unknown
from aksacr.facts import same
from aksacr.semantics.pools import is_running, why_nothing_runs, why_pool_has_no_nodes

from ._wording import (
    CLUSTER_READ,
    MACHINES_READ,
    SCALE_SETS_READ,
    listed,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool

# learn.microsoft.com/azure/azure-resource-manager/management/async-operations: these two end an operation badly, any
# word but these and Succeeded says that one is under way.
_ENDED_BADLY = {"failed", "canceled"}
_GOING = {"stopping", "deleting"}
_COMING = {"creating", "starting"}


def judge(facts: Facts) -> Verdict:
    cluster = facts.cluster
    state = cluster.provisioning_state
    if why := why_nothing_runs(facts):
        return _stopped(facts, why)
    if state.lower() in _COMING:
        gap = Gap(cluster.id.text, "the end of that operation: run again then", f"provisioningState is {state}")
        return unknown(f"Cluster {cluster.name} is {state}: its nodes may not be there yet.", gap)
    if not cluster.node_pools:
        return _no_pools(facts)
    stopped = [pool for pool in cluster.node_pools if not is_running(facts, pool)]
    failed = [pool for pool in cluster.node_pools if pool.provisioning_state.lower() in _ENDED_BADLY]
    if stopped or failed or state.lower() in _ENDED_BADLY:
        return _in_part(facts, stopped, failed)
    if coming := [pool for pool in cluster.node_pools if pool.provisioning_state.lower() in _COMING]:
        return _pools_coming(facts, coming)
    if not cluster.power_state:
        gap = Gap(cluster.id.text, "", "its body has no powerState")
        return unknown(f"Azure does not say whether cluster {cluster.name} runs.", gap)
    under_way = "" if not state or same(state, "Succeeded") else f" An operation is under way ({state})."
    empty = [why for pool in cluster.node_pools if (why := why_pool_has_no_nodes(facts, pool))]
    remark = f" But {listed(empty)}: nothing pulls there." if empty else ""
    return passed(f"Cluster {cluster.name} and its node pools run.{remark}{under_way}", *_states(facts))


def _pools_coming(facts: Facts, coming: list[NodePool]) -> Verdict:
    gaps = [
        Gap(
            facts.cluster.id.text,
            "the end of that operation: run again then",
            f"node pool {pool.name} is {pool.provisioning_state}",
        )
        for pool in coming
    ]
    names = listed(f"{pool.name} is {pool.provisioning_state}" for pool in coming)
    found = unknown(f"Node pool {names}: its nodes may not be there yet.", *gaps)
    every = len(coming) == len(facts.cluster.node_pools)
    evidence = (*_states(facts), *_pool_states(facts, coming))
    return replace(found, node_pools=() if every else tuple(pool.name for pool in coming), evidence=evidence)


def _stopped(facts: Facts, why: str) -> Verdict:
    cluster = facts.cluster
    if cluster.provisioning_state.lower() in _GOING:
        fixes = [_wait(facts)]
    elif same(cluster.power_state, "Stopped"):
        fixes = [_start(facts)]
    else:
        fixes = _for_stopped(facts, list(cluster.node_pools))
    return Verdict(
        Status.FAIL,
        f"{why[0].upper()}{why[1:]}: it has no nodes that pull. What else is found here bears on its pulls when it "
        "runs again.",
        evidence=_states(facts),
        fixes=tuple(fixes),
    )


def _no_pools(facts: Facts) -> Verdict:
    cluster = facts.cluster
    gap = Gap(
        cluster.id.text,
        "a node pool, or a look at how this cluster gets its nodes",
        "agentPoolProfiles is empty",
    )
    return unknown(
        f"Azure shows no node pool of cluster {cluster.name}: nothing was seen that pulls, and no way from a node to "
        "the registry was judged.",
        gap,
    )


def _in_part(facts: Facts, stopped: list[NodePool], failed: list[NodePool]) -> Verdict:
    cluster = facts.cluster
    parts: list[str] = []
    fixes: list[Fix] = []
    if cluster.provisioning_state.lower() in _ENDED_BADLY or failed:
        states = [f"node pool {pool.name} is {pool.provisioning_state}" for pool in failed]
        if cluster.provisioning_state.lower() in _ENDED_BADLY:
            states.insert(0, f"cluster {cluster.name} is {cluster.provisioning_state}")
        parts.append(
            f"The last operation went wrong: {listed(states)}. Nodes that run go on pulling; others may be missing, "
            "and fixes that AKS carries out are refused until that is mended."
        )
        fixes.append(_repeat(facts))
    if stopped:
        names = listed(_idle_words(pool) for pool in stopped)
        parts.append(f"Node pool {names}: nothing pulls there.")
        fixes += _for_stopped(facts, stopped)
    return Verdict(
        Status.WARN,
        " ".join(parts),
        evidence=(*_states(facts), *_pool_states(facts, [*stopped, *failed])),
        fixes=tuple(fixes),
    )


def _idle_words(pool: NodePool) -> str:
    going = pool.provisioning_state.lower() in _GOING
    return f"{pool.name} is {pool.provisioning_state if going else pool.power_state}"


def _for_stopped(facts: Facts, pools: list[NodePool]) -> list[Fix]:
    """Pools that are on their way out cannot be started; those that are stopped can."""
    at_rest = [pool for pool in pools if pool.provisioning_state.lower() not in _GOING]
    fixes = [_start_pools(facts, at_rest)] if at_rest else []
    return [*fixes, _wait(facts)] if len(at_rest) < len(pools) else fixes


def _states(facts: Facts) -> tuple[Evidence, ...]:
    cluster = facts.cluster
    return (
        seen(cluster.id, "properties.powerState.code", cluster.power_state or None),
        seen(cluster.id, "properties.provisioningState", cluster.provisioning_state or None),
    )


def _pool_states(facts: Facts, pools: list[NodePool]) -> list[Evidence]:
    return [
        seen(
            facts.cluster.id,
            f"properties.agentPoolProfiles[{pool.name}]",
            {"powerState": pool.power_state, "provisioningState": pool.provisioning_state},
        )
        for pool in dict.fromkeys(pools)
    ]


def _where(facts: Facts) -> tuple[str, ...]:
    cluster = facts.cluster
    return ("-g", cluster.id.resource_group, "-n", cluster.name, *subscription_words(facts, cluster.id))


def _start(facts: Facts) -> Fix:
    name = facts.cluster.name
    return Fix(
        f"Start {name}",
        (az("aks", "start", *_where(facts)),),
        caveat="Nodes cost money while they run: somebody may have stopped it for that. The address of its API server, "
        "and those of its nodes, may be others afterwards.",
        needs=f"Azure Kubernetes Service Contributor on {name}",
    )


def _start_pools(facts: Facts, pools: list[NodePool]) -> Fix:
    cluster = facts.cluster
    where = ("-g", cluster.id.resource_group, "--cluster-name", cluster.name, *subscription_words(facts, cluster.id))
    return Fix(
        f"Start node pool {listed(pool.name for pool in pools)}, if it should run",
        tuple(az("aks", "nodepool", "start", *where, "-n", pool.name) for pool in pools),
        caveat="Nodes cost money while they run: somebody may have stopped it for that.",
        needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
    )


def _repeat(facts: Facts) -> Fix:
    name = facts.cluster.name
    return Fix(
        f"Reconcile {name}; what is in the way stands in the error that it ends with",
        (az("aks", "update", *_where(facts)),),
        caveat="az asks whether to reconcile: answer y (in a pipeline, where nobody answers, it does nothing).",
        needs=f"Azure Kubernetes Service Contributor on {name}",
    )


def _wait(facts: Facts) -> Fix:
    cluster = facts.cluster
    return Fix(
        f"Wait until that is over, and find out who began it: the activity log of resource group "
        f"{cluster.id.resource_group} names them",
        manual=True,
        needs=f"Reader on {cluster.name}",
    )


CHECK = Check(
    code="AKA601",
    name="cluster-not-running",
    title="The cluster and its node pools are running",
    explains=("any",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, SCALE_SETS_READ, MACHINES_READ),
    docs=(
        "https://learn.microsoft.com/azure/aks/start-stop-cluster",
        "https://learn.microsoft.com/azure/aks/start-stop-nodepools",
        "https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/availability-performance/cluster-node-virtual-machine-failed-state",
    ),
)
