"""Network security groups: `Microsoft.Network/networkSecurityGroups`, and those on virtual machines' interfaces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aksacr.facts import Fact, Machine, ResourceId, SecurityGroup, SecurityRule, Seen, Unseen

from .reading import read_list, read_one, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from azure.mgmt.network import models

    from .session import Session

READ = "Microsoft.Network/networkSecurityGroups/read"


async def read_security_group(session: Session, group: ResourceId) -> Fact[SecurityGroup | None]:
    """A network security group with its own rules."""

    async def ask() -> models.NetworkSecurityGroup:
        client = await session.network(group.subscription_id)
        return await client.network_security_groups.get(group.resource_group, group.name)

    return await read_one(session, group.text, READ, ask, decode_security_group)


def decode_security_group(group: models.NetworkSecurityGroup) -> SecurityGroup:
    rules = (group.properties.security_rules or []) if group.properties else []
    return SecurityGroup(ResourceId(text(group.id)), text(group.name), tuple(_rule(rule) for rule in rules))


def _rule(rule: models.SecurityRule) -> SecurityRule:
    properties = rule.properties
    if properties is None:
        raise ValueError(f"security rule {rule.name} has no properties")
    return SecurityRule(
        name=text(rule.name),
        direction=text(properties.direction),
        access=text(properties.access),
        protocol=text(properties.protocol),
        priority=properties.priority,
        source_prefixes=_joined(properties.source_address_prefix, properties.source_address_prefixes),
        source_ports=_joined(properties.source_port_range, properties.source_port_ranges),
        source_groups=_groups(properties.source_application_security_groups),
        destination_prefixes=_joined(properties.destination_address_prefix, properties.destination_address_prefixes),
        destination_ports=_joined(properties.destination_port_range, properties.destination_port_ranges),
        destination_groups=_groups(properties.destination_application_security_groups),
    )


def _joined(one: str | None, several: Sequence[str] | None) -> tuple[str, ...]:
    """Azure fills the single form or the plural one, and leaves the other empty."""
    return tuple(dict.fromkeys([*([one] if one else []), *(several or [])]))


def _groups(groups: Sequence[models.ApplicationSecurityGroup] | None) -> tuple[ResourceId, ...]:
    return tuple(ResourceId(group.id) for group in groups or () if group.id)


@dataclass(frozen=True, slots=True)
class InterfaceGroups:
    """The security groups (network and application) of a virtual machine's network interface."""

    machine_id: ResourceId
    security_group_ids: tuple[ResourceId, ...]
    application_group_ids: tuple[ResourceId, ...]


async def read_interface_groups(
    session: Session, subscription_id: str, resource_group: str
) -> Fact[tuple[InterfaceGroups | None, ...]]:
    """The groups of the primary network interfaces of a resource group; None for other interfaces."""

    async def ask() -> AsyncIterable[models.NetworkInterface]:
        client = await session.network(subscription_id)
        return client.network_interfaces.list(resource_group)

    source = f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}/providers/Microsoft.Network"
    action = "Microsoft.Network/networkInterfaces/read"
    return await read_list(session, f"{source}/networkInterfaces", action, ask, decode_interface_groups)


def decode_interface_groups(interface: models.NetworkInterface) -> InterfaceGroups | None:
    properties = interface.properties
    if properties is None or properties.virtual_machine is None or properties.primary is False:
        return None
    group = properties.network_security_group
    ends = [end.properties for end in properties.ip_configurations or () if end.properties]
    members = [member for end in ends for member in _groups(end.application_security_groups)]
    return InterfaceGroups(
        ResourceId(text(properties.virtual_machine.id)),
        (ResourceId(group.id),) if group and group.id else (),
        tuple(dict.fromkeys(members)),
    )


def with_interface_groups(machines: Sequence[Machine], read: Fact[tuple[InterfaceGroups | None, ...]]) -> list[Machine]:
    """Virtual machines with the groups of their interfaces; scale sets, which name theirs themselves, as they are."""
    return [machine if machine.kind == "scale set" else _joined_with(machine, read) for machine in machines]


def _joined_with(machine: Machine, read: Fact[tuple[InterfaceGroups | None, ...]]) -> Machine:
    if isinstance(read, Unseen):
        return replace(machine, security_group_ids=read, application_group_ids=read)
    own = [item for item in read.value if item is not None and item.machine_id == machine.id]
    return replace(
        machine,
        security_group_ids=Seen(tuple(group for item in own for group in item.security_group_ids), read.source),
        application_group_ids=Seen(tuple(group for item in own for group in item.application_group_ids), read.source),
    )
