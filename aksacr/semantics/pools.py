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
