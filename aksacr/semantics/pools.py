"""Where a node pool's nodes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Unseen, UnseenError, same

if TYPE_CHECKING:
    from aksacr.facts import Facts, Machine, NodePool, Subnet, VirtualNetwork


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
    """The scale sets, or virtual machines, of a pool. AKS names Windows scale sets `aks<pool>`, without dashes."""
    return tuple(
        machine
        for machine in facts.machines.value
        if same(machine.pool, pool.name) or (not machine.pool and same(machine.name, f"aks{pool.name}"))
    )
