"""Where a node pool's nodes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, same

from .remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import Facts, Machine, NodePool, ResourceId, Subnet, VirtualNetwork

_NOT_RUNNING = {"stopped", "stopping", "deleting"}


@remembered
def network_of(facts: Facts, pool: NodePool) -> VirtualNetwork:
    """The virtual network of a pool's nodes. Raises `UnseenError` when it was not seen or is gone."""
    subnet_id = facts.subnet_id(pool).value
    vnet = facts.virtual_network(subnet_id.parent).value
    if vnet is None:
        raise UnseenError(Unseen(subnet_id.parent.text, "", "Azure has no virtual network of that id"))
    return vnet


@remembered
def subnet_of(facts: Facts, pool: NodePool) -> Subnet:
    """The subnet of a pool's nodes. Raises `UnseenError` when it was not seen or is gone."""
    subnet_id = facts.subnet_id(pool).value
    subnet = _subnets(facts, network_of(facts, pool)).get(subnet_id)
    if subnet is None:
        raise UnseenError(Unseen(subnet_id.text, "", "its virtual network has no such subnet"))
    return subnet


@remembered
def _subnets(facts: Facts, vnet: VirtualNetwork) -> dict[ResourceId, Subnet]:
    del facts
    return {subnet.id: subnet for subnet in reversed(vnet.subnets)}


@remembered
def machines_of(facts: Facts, pool: NodePool) -> tuple[Machine, ...]:
    """The scale sets, or virtual machines, of a pool. Raises `UnseenError`."""
    return _machines(facts).get(pool.name.lower(), ())


@remembered
def _machines(facts: Facts) -> dict[str, tuple[Machine, ...]]:
    return machines_by_pool(facts.machines.value)


def machines_by_pool(machines: Iterable[Machine]) -> dict[str, tuple[Machine, ...]]:
    """By the pool's name in lower case. AKS names Windows scale sets `aks<pool>`, without dashes and without tags."""
    found: dict[str, list[Machine]] = {}
    for machine in machines:
        name = machine.name.lower()
        pool = machine.pool.lower() or (name.removeprefix("aks") if name.startswith("aks") else "")
        found.setdefault(pool, []).append(machine)
    return {pool: tuple(of_pool) for pool, of_pool in found.items() if pool}


@remembered
def why_nothing_runs(facts: Facts) -> str:
    """`cluster x is Stopped` where no node of the cluster runs, or soon none will; else ""."""
    cluster = facts.cluster
    for state in (cluster.power_state, cluster.provisioning_state):
        if state.lower() in _NOT_RUNNING:
            return f"cluster {cluster.name} is {state}"
    idle = [_idle_state(pool) for pool in cluster.node_pools]
    if not idle or not all(idle):
        return ""
    if len(set(idle)) == 1:
        return f"every node pool of cluster {cluster.name} is {idle[0]}"
    named = ", ".join(f"{pool.name} is {state}" for pool, state in zip(cluster.node_pools, idle, strict=True))
    return f"no node pool of cluster {cluster.name} runs: {named}"


def is_running(facts: Facts, pool: NodePool) -> bool:
    """Whether nothing says that the pool, or the whole cluster, is stopped."""
    return not _idle_state(pool) and not same(facts.cluster.power_state, "Stopped")


def _idle_state(pool: NodePool) -> str:
    return next((state for state in (pool.power_state, pool.provisioning_state) if state.lower() in _NOT_RUNNING), "")


def why_pool_has_no_nodes(facts: Facts, pool: NodePool) -> str:
    """`node pool x is Stopped`, or has no node, so that nothing of it pulls now; else "".

    A pool that scales by itself may have nodes in a minute: it has none only where its machines, and with them its
    network, are not there yet.
    """
    if state := _idle_state(pool):
        return f"node pool {pool.name} is {state}"
    has_machines = isinstance(facts.machines, Unseen) or bool(machines_of(facts, pool))
    is_empty = pool.count == 0 and not (pool.autoscales and has_machines)
    return f"node pool {pool.name} has no node" if is_empty else ""
