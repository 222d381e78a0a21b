"""Where a node pool's nodes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import Facts, Machine, NodePool, Subnet, VirtualNetwork

_NOT_RUNNING = {"stopped", "stopping", "deleting"}


def network_of(facts: Facts, pool: NodePool) -> VirtualNetwork:
    """The virtual network of a pool's nodes. Raises `UnseenError` when it was not seen or is gone."""
    subnet_id = facts.subnet_id(pool).value
    vnet = facts.virtual_network(subnet_id.parent).value
    if vnet is None:
        raise UnseenError(Unseen(subnet_id.parent.text, "", "Azure has no virtual network of that id"))
    return vnet


def subnet_of(facts: Facts, pool: NodePool) -> Subnet:
    """The subnet of a pool's nodes. Raises `UnseenError` when it was not seen or is gone."""
    subnet_id = facts.subnet_id(pool).value
    subnet = network_of(facts, pool).subnet(subnet_id)
    if subnet is None:
        raise UnseenError(Unseen(subnet_id.text, "", "its virtual network has no such subnet"))
    return subnet


def machines_of(facts: Facts, pool: NodePool) -> tuple[Machine, ...]:
    """The scale sets, or virtual machines, of a pool. Raises `UnseenError`."""
    return machines_among(facts.machines.value, pool)


def machines_among(machines: Iterable[Machine], pool: NodePool) -> tuple[Machine, ...]:
    """Those of a pool. AKS names Windows scale sets `aks<pool>`, without dashes."""
    return tuple(
        machine
        for machine in machines
        if same(machine.pool, pool.name) or (not machine.pool and same(machine.name, f"aks{pool.name}"))
    )


def why_nothing_runs(facts: Facts) -> str:
    """`cluster x is Stopped` where no node of the cluster runs, or soon none will; else ""."""
    cluster = facts.cluster
    for state in (cluster.power_state, cluster.provisioning_state):
        if state.lower() in _NOT_RUNNING:
            return f"cluster {cluster.name} is {state}"
    pools = cluster.node_pools
    if pools and not any(is_running(facts, pool) for pool in pools):
        return f"every node pool of cluster {cluster.name} is Stopped"
    return ""


def is_running(facts: Facts, pool: NodePool) -> bool:
    """Whether nothing says that the pool, or the whole cluster, is stopped."""
    return not any(same(state, "Stopped") for state in (facts.cluster.power_state, pool.power_state))
