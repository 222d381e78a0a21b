"""The machines of the node pools: scale sets and virtual machines in the node resource group."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aksacr.facts import Fact, Instance, Machine, ResourceId, Seen

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


async def read_instances(session: Session, scale_set: ResourceId) -> Fact[tuple[Instance, ...]]:
    """The instances of a scale set, and whether each runs its latest model."""

    async def ask() -> AsyncIterable[models.VirtualMachineScaleSetVM]:
        client = await session.compute(scale_set.subscription_id)
        return client.virtual_machine_scale_set_vms.list(scale_set.resource_group, scale_set.name)

    action = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read"
    return await read_list(session, f"{scale_set.text}/virtualMachines", action, ask, decode_instance)


def decode_instance(instance: models.VirtualMachineScaleSetVM) -> Instance:
    # An instance that does not say is taken to run the model: only a clear "no" is worth an operator's time.
    latest = instance.properties is None or instance.properties.latest_model_applied is not False
    return Instance(ResourceId(text(instance.id)), text(instance.name), latest)


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
        security_group_ids=Seen(_distinct(_security_groups(interfaces)), text(scale_set.id)),
        application_group_ids=Seen(_distinct(_application_groups(interfaces)), text(scale_set.id)),
        dns_servers=tuple(dict.fromkeys(_dns_servers(interfaces))),
    )


def _primary(
    interfaces: Sequence[models.VirtualMachineScaleSetNetworkConfiguration],
) -> list[models.VirtualMachineScaleSetNetworkConfigurationProperties]:
    """The configurations of the interface that nodes send from; all of them where none says that it is primary."""
    known = [item.properties for item in interfaces if item.properties]
    return [item for item in known if item.primary] or known


def _security_groups(interfaces: Sequence[models.VirtualMachineScaleSetNetworkConfiguration]) -> list[str | None]:
    groups = [item.network_security_group for item in _primary(interfaces)]
    return [group.id for group in groups if group]


def _application_groups(interfaces: Sequence[models.VirtualMachineScaleSetNetworkConfiguration]) -> list[str | None]:
    ends = [end.properties for item in _primary(interfaces) for end in item.ip_configurations if end.properties]
    return [group.id for end in ends for group in end.application_security_groups or ()]


def _dns_servers(interfaces: Sequence[models.VirtualMachineScaleSetNetworkConfiguration]) -> list[str]:
    settings = [item.dns_settings for item in _primary(interfaces)]
    return [text(server) for item in settings if item for server in item.dns_servers or ()]


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
