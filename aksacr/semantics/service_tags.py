"""What the prefixes of a security rule stand for: addresses, Azure's service tags, application security groups.

Rules (Azure service tags and application security groups):
* `Internet` is every public address outside the virtual network, Azure's own public addresses included;
* `VirtualNetwork` is the network's space, its peers' where the peering gives access, what a gateway brings in, and the
  prefixes of user-defined routes: a user-defined default route makes it everything;
* `AzureCloud` holds the public addresses of Azure's data centers, those of registries and storage among them, but not
  all of Front Door's; a tag with a region (`Storage.WestUS2`) holds that region's part;
* which addresses a service has is published by tag only: whether a bare public range holds them cannot be told here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import ResourceId

REGISTRY_TAG = "AzureContainerRegistry"
STORAGE_TAG = "Storage"
FRONT_DOOR_TAG = "AzureFrontDoor.FirstParty"

_ANY = "*"
_VIRTUAL_NETWORK = "virtualnetwork"
_INTERNET = "internet"
_CLOUD = "azurecloud"
_LOOKS_LIKE_TAG = re.compile(r"[a-z][a-z0-9._-]*", re.IGNORECASE)
# Tags of Azure that hold neither a registry's addresses nor its storage's nor Front Door's, without regions.
_OTHER_TAG_NAMES = (
    "actiongroup apimanagement appconfiguration applicationinsightsavailability appservice appservicemanagement "
    "autonomousdevelopmentplatform azureactivedirectory azureactivedirectorydomainservices "
    "azureadvancedthreatprotection azurearcinfrastructure azureattestation azurebackup azurebotservice "
    "azurecognitivesearch azureconnectors azurecosmosdb azuredatabricks azuredataexplorermanagement "
    "azuredeviceupdate azuredevops azuredigitaltwins azureeventgrid azurefrontdoor.backend "
    "azurefrontdoor.frontend azurefrontdoor.microsoftsecurity azurehealthcareapis azureinformationprotection "
    "azureiothub azurekeyvault azureloadbalancer azuremachinelearning azuremachinelearninginference "
    "azuremanagedgrafana azuremonitor azuremonitorforsap azureopendatasets azureplatformdns azureplatformimds "
    "azureplatformlkm azureresourcemanager azuresentinel azuresignalr azuresiterecovery azuresphere "
    "azurespringcloud azurestack azuretrafficmanager azureupdatedelivery azurevideoanalyzerformedia "
    "azurewebpubsub batchnodemanagement chaosstudio cognitiveservicesfrontend cognitiveservicesmanagement "
    "datafactory datafactorymanagement dynamics365businesscentral dynamics365formarketingemail "
    "eopexternalpublishedips eventhub gatewaymanager genomics grafana guestandhybridmanagement hdinsight "
    "kustoanalytics logicapps logicappsmanagement m365managementactivityapi m365managementactivityapiwebhook "
    "marketplace microsoftazurefluidrelay microsoftcloudappsecurity microsoftcontainerregistry "
    "microsoftdefenderforendpoint microsoftpurviewpolicydistribution onedscollector oraclecloud "
    "poweragentplatform powerbi powerplatforminfra powerplatformplex powerqueryonline scuba securitycopilot "
    "servicebus serviceconnector servicefabric sql sqlmanagement storagemover storagesyncservice videoindexer "
    "virtualdesktop windowsadmincenter windowsvirtualdesktop "
)
_OTHER_TAGS = frozenset(_OTHER_TAG_NAMES.split())

# Where the region in a tag is not spelt as in a location.
_REGION_NAMES = {
    "centralfrance": "francecentral",
    "southfrance": "francesouth",
    "germanyn": "germanynorth",
    "germanywc": "germanywestcentral",
    "norwaye": "norwayeast",
    "norwayw": "norwaywest",
    "switzerlandn": "switzerlandnorth",
    "switzerlandw": "switzerlandwest",
    "brazilse": "brazilsoutheast",
}


class Match(IntEnum):
    """Whether a rule holds for a flow: for none of it, for part of it (or that cannot be told), for all of it."""

    NO = 0
    PART = 1
    YES = 2


class Range(NamedTuple):
    """The addresses from `first` to `last`, of IP version `version`."""

    version: int
    first: int
    last: int


@lru_cache(maxsize=65536)
def range_of(text: str) -> Range | None:
    """The range of an address or prefix, host bits or not; None for what is neither (a service tag)."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return Range(network.version, int(network.network_address), int(network.broadcast_address))


def ranges_of(prefixes: Iterable[str]) -> tuple[Range, ...]:
    """The ranges of those texts that are addresses or prefixes."""
    return tuple(item for prefix in prefixes if (item := range_of(prefix)) is not None)


_EVERYTHING = Range(4, 0, 2**32 - 1)
_NEVER_PUBLIC = ranges_of(
    (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3", "::/3", "4000::/2", "8000::/1"),
    )
)


@dataclass(frozen=True, slots=True)
class Space:
    """What `VirtualNetwork` stands for in a subnet. `open_ended`: a gateway or an unread route table may add to it."""

    ranges: tuple[Range, ...]
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Hosts:
    """Machines in a network: ranges that hold them, of one family; none where the addresses are not known.

    `groups` are the application security groups that all of them are in; None when that is not known.
    """

    ranges: tuple[Range, ...]
    groups: frozenset[ResourceId] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The public addresses (IPv4) of a service of Azure in `regions`; not `every_region`: it may be in others, too."""

    tag: str
    regions: frozenset[str] = frozenset()
    every_region: bool = False


def region_name(text: str) -> str:
    """A region as locations are spelt (`westus2`), from a location, a display name or the region of a tag."""
    name = text.replace(" ", "").lower()
    return _REGION_NAMES.get(name, name)


def holds(prefixes: tuple[str, ...], groups: tuple[ResourceId, ...], place: Hosts | Service, space: Space) -> Match:
    """Whether one side of a rule holds a place. `space` is the virtual network of the group that the rule is in."""
    if groups:
        return _in_groups(groups, place)
    if _ANY in prefixes:
        return Match.YES
    if isinstance(place, Service):
        return _holds_service(prefixes, place, space)
    return _holds_hosts(prefixes, place, space)


def _in_groups(groups: tuple[ResourceId, ...], place: Hosts | Service) -> Match:
    """Members of application security groups are interfaces in a virtual network, never a public service."""
    if isinstance(place, Service):
        return Match.NO
    if place.groups is None:
        return Match.PART
    return Match.YES if place.groups.intersection(groups) else Match.NO


def _holds_hosts(prefixes: tuple[str, ...], place: Hosts, space: Space) -> Match:
    ranges: list[Range] = []
    doubtful = not prefixes
    for prefix in prefixes:
        found = range_of(prefix)
        tag = _plain(prefix)
        if found is not None:
            ranges.append(found)
        elif tag == _VIRTUAL_NETWORK:
            ranges += space.ranges
            doubtful = doubtful or space.open_ended
        elif tag == _INTERNET:
            ranges += [item for item in place.ranges if is_public(item) and covers(space.ranges, item) is Match.NO]
        elif not _LOOKS_LIKE_TAG.fullmatch(tag):
            doubtful = True  # other tags hold public addresses only; this is none, nor an address
    if not place.ranges:
        everything = any(item.first == 0 and item.last >= _EVERYTHING.last for item in ranges)
        return Match.YES if everything else Match.PART if ranges or doubtful else Match.NO
    matches = {covers(ranges, item) for item in place.ranges}
    if matches == {Match.YES}:
        return Match.YES
    return Match.PART if doubtful or matches != {Match.NO} else Match.NO


def _holds_service(prefixes: tuple[str, ...], place: Service, space: Space) -> Match:
    public: list[Range] = []
    regions: set[str] = set()
    doubtful = not prefixes
    for prefix in prefixes:
        addresses = range_of(prefix)
        if addresses is not None:
            if addresses.version == _EVERYTHING.version and is_public(addresses):
                public.append(addresses)
            continue
        found = _tag_holds(_plain(prefix), place, space, regions)
        if found is Match.YES:
            return Match.YES
        doubtful = doubtful or found is Match.PART
    # All that is public, in one prefix or several: 0.0.0.0/0, its halves, or everything but the private ranges.
    if public and covers([*public, *_NEVER_PUBLIC], _EVERYTHING) is Match.YES:
        return Match.YES
    if regions and place.every_region and place.regions <= regions:
        return Match.YES
    if regions and (place.regions & regions or not place.every_region):
        return Match.PART
    return Match.PART if doubtful or public else Match.NO


def _tag_holds(tag: str, place: Service, space: Space, regions: set[str]) -> Match:
    """Whether a tag holds a service; one for a region only is noted in `regions`."""
    if tag == _INTERNET:
        return Match.YES
    if tag == _VIRTUAL_NETWORK:
        if _EVERYTHING in space.ranges:
            return Match.YES
        return Match.PART if space.open_ended else Match.NO
    own = place.tag.lower()
    in_cloud = Match.PART if own == FRONT_DOOR_TAG.lower() else Match.YES
    for name, match in ((own, Match.YES), (_CLOUD, in_cloud)):
        if tag == name:
            return match
        if tag.startswith(name + "."):
            regions.add(region_name(tag.removeprefix(name + ".")))
            return Match.NO
    return Match.NO if _is_other_service(tag) else Match.PART


def _is_other_service(tag: str) -> bool:
    ours = {item.lower() for item in (REGISTRY_TAG, STORAGE_TAG, FRONT_DOOR_TAG)}
    return any(name in _OTHER_TAGS or name in ours for name in (tag, tag.rpartition(".")[0]))


def is_public(addresses: Range) -> bool:
    """Whether some of a range is public."""
    return covers(_NEVER_PUBLIC, addresses) is not Match.YES


def covers(ranges: Iterable[Range], target: Range) -> Match:
    """Whether ranges hold, together, all of another one, part of it or nothing."""
    near = [
        (item.first, item.last)
        for item in ranges
        if item.version == target.version and item.first <= target.last and target.first <= item.last
    ]
    position = target.first
    for first, last in sorted(near):
        if first > position:
            break
        position = max(position, last + 1)
    if position > target.last:
        return Match.YES
    return Match.PART if near else Match.NO


def is_tag(prefix: str, tag: str) -> bool:
    """Whether a prefix of a rule is that service tag, in whatever spelling."""
    return _plain(prefix) == _plain(tag)


def _plain(tag: str) -> str:
    """A tag in one spelling: the classic names have underscores (`VIRTUAL_NETWORK`)."""
    return tag.strip().replace("_", "").lower()
