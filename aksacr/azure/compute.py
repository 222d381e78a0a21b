"""The machines of the node pools: scale sets and virtual machines in the node resource group."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aksacr.facts import Fact, Machine, ResourceId

from .reading import read_list, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping, Sequence

    from azure.mgmt.compute import models

    from .session import Session

# Tags that name the pool of a machine: AKS's own (two generations) and node auto-provisioning's.
_POOL_TAGS = ("aks-managed-poolname", "poolname", "karpenter.sh_nodepool")
_POOL_IN_NAME = re.compile(r"^aks-(?P<pool>[a-z0-9]+)-\d+-vmss$", re.IGNORECASE)


async def read_scale_sets(session: Session, subscription_id: str, resource_group: str) -> Fact[tuple[Machine, ...]]:
    """The scale sets of the node resource group. A resource group that is not there has none."""

    async def ask() -> AsyncIterable[models.VirtualMachineScaleSet]:
        client = await session.compute(subscription_id)
        return client.virtual_machine_scale_sets.list(resource_group)

    source = f"{_provider(subscription_id, resource_group)}/virtualMachineScaleSets"
    return await read_list(session, source, "Microsoft.Compute/virtualMachineScaleSets/read", ask, decode_scale_set)


async def read_virtual_machines(
    session: Session, subscription_id: str, resource_group: str
) -> Fact[tuple[Machine, ...]]:
    """The virtual machines of the node resource group, for pools that have no scale set."""

    async def ask() -> AsyncIterable[models.VirtualMachine]:
        client = await session.compute(subscription_id)
        return client.virtual_machines.list(resource_group)

    source = f"{_provider(subscription_id, resource_group)}/virtualMachines"
    return await read_list(session, source, "Microsoft.Compute/virtualMachines/read", ask, decode_virtual_machine)


def _provider(subscription_id: str, resource_group: str) -> str:
    return f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}/providers/Microsoft.Compute"


def decode_scale_set(scale_set: models.VirtualMachineScaleSet) -> Machine:
    identities = (scale_set.identity.user_assigned_identities or {}) if scale_set.identity else {}
    profile = scale_set.properties.virtual_machine_profile if scale_set.properties else None
    interfaces = (
        (profile.network_profile.network_interface_configurations or []) if profile and profile.network_profile else []
    )
    configurations = [
        configuration.properties
        for interface in interfaces
        if interface.properties
        for configuration in interface.properties.ip_configurations
        if configuration.properties
    ]
    public = [item.public_ip_address_configuration for item in configurations if item.public_ip_address_configuration]
    prefixes = [item.properties.public_ip_prefix for item in public if item.properties]
    return Machine(
        id=ResourceId(text(scale_set.id)),
        name=text(scale_set.name),
        kind="scale set",
        pool=pool_of(text(scale_set.name), scale_set.tags),
        identity_ids=frozenset(ResourceId(key) for key in identities),
        subnet_ids=_distinct([item.subnet.id for item in configurations if item.subnet]),
        instance_public_ip=bool(public),
        public_ip_prefix_id=next((ResourceId(prefix.id) for prefix in prefixes if prefix and prefix.id), None),
    )


def decode_virtual_machine(machine: models.VirtualMachine) -> Machine:
    identities = (machine.identity.user_assigned_identities or {}) if machine.identity else {}
    return Machine(
        id=ResourceId(text(machine.id)),
        name=text(machine.name),
        kind="virtual machine",
        pool=pool_of(text(machine.name), machine.tags),
        identity_ids=frozenset(ResourceId(key) for key in identities),
        subnet_ids=(),
        instance_public_ip=False,
        public_ip_prefix_id=None,
    )


def pool_of(name: str, tags: Mapping[str, str] | None) -> str:
    """The node pool of a machine: by AKS's tags, else by AKS's naming (`aks-<pool>-<digits>-vmss`), else ""."""
    by_key = {key.lower(): value for key, value in (tags or {}).items()}
    for tag in _POOL_TAGS:
        if by_key.get(tag):
            return by_key[tag]
    match = _POOL_IN_NAME.match(name)
    return match.group("pool") if match else ""


def _distinct(ids: Sequence[str | None]) -> tuple[ResourceId, ...]:
    return tuple(dict.fromkeys(ResourceId(item) for item in ids if item))
