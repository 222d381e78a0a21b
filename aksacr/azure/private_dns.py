"""Private DNS zones, their links and their A records: `Microsoft.Network/privateDnsZones`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import AddressRecord, Fact, PrivateZone, ResourceId, ZoneLink, mapped

from .reading import read_list, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from azure.mgmt.privatedns import models

    from .session import Session


async def read_zones(session: Session, subscription_id: str, suffix: str) -> Fact[tuple[PrivateZone, ...]]:
    """The zones of a subscription whose name is `suffix` or ends in it (`privatelink.azurecr.io`, `azurecr.io`)."""

    async def ask() -> AsyncIterable[models.PrivateZone]:
        client = await session.private_dns(subscription_id)
        return client.private_zones.list()

    source = f"/subscriptions/{subscription_id}/providers/Microsoft.Network/privateDnsZones"
    fact = await read_list(session, source, "Microsoft.Network/privateDnsZones/read", ask, decode_zone)
    return mapped(fact, lambda zones: tuple(zone for zone in zones if _in_suffix(zone.name, suffix)))


async def read_links(session: Session, zone: ResourceId) -> Fact[tuple[ZoneLink, ...]]:
    """The virtual network links of a zone."""

    async def ask() -> AsyncIterable[models.VirtualNetworkLink]:
        client = await session.private_dns(zone.subscription_id)
        return client.virtual_network_links.list(zone.resource_group, zone.name)

    action = "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read"
    return await read_list(session, f"{zone.text}/virtualNetworkLinks", action, ask, decode_link)


async def read_records(session: Session, zone: ResourceId) -> Fact[tuple[AddressRecord, ...]]:
    """The A records of a zone."""

    async def ask() -> AsyncIterable[models.RecordSet]:
        client = await session.private_dns(zone.subscription_id)
        return client.record_sets.list_by_type(zone.resource_group, zone.name, "A")

    return await read_list(session, f"{zone.text}/A", "Microsoft.Network/privateDnsZones/A/read", ask, decode_record)


def decode_zone(zone: models.PrivateZone) -> PrivateZone:
    zone_id = ResourceId(text(zone.id))
    return PrivateZone(zone_id, text(zone.name) or zone_id.name)


def decode_link(link: models.VirtualNetworkLink) -> ZoneLink | None:
    """The facts in a link's body; None for one that names no network, and so answers for none."""
    properties = link.properties
    network = properties.virtual_network if properties else None
    if properties is None or network is None or not network.id:
        return None
    return ZoneLink(
        id=ResourceId(text(link.id)),
        name=text(link.name),
        virtual_network_id=ResourceId(network.id),
        state=text(properties.virtual_network_link_state),
        provisioning_state=text(properties.provisioning_state),
        resolution_policy=text(properties.resolution_policy),
    )


def decode_record(record: models.RecordSet) -> AddressRecord:
    addresses = (record.properties.a_records or []) if record.properties else []
    return AddressRecord(text(record.name), tuple(text(address.ipv4_address) for address in addresses))


def _in_suffix(name: str, suffix: str) -> bool:
    name, suffix = name.lower().rstrip("."), suffix.lower()
    return name == suffix or name.endswith("." + suffix)
