"""Whether layers in Azure Storage are reached by a service endpoint of the nodes' subnet.

Rules (Azure service endpoints, learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview;
Terraform module avm-res-network-virtualnetwork, issue 22, on `locations`): a service endpoint is a route for the
service's own prefixes, which go before a default route to an appliance. Microsoft.Storage is for the regions in its
`locations` (the network's own and its pair, or `*` for all), Microsoft.Storage.Global for every region. Where no
location is told, it is for the network's region at least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pools import network_of, subnet_of
from .regions import registry_regions
from .service_tags import Match, region_name

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool

_STORAGE, _EVERYWHERE = "microsoft.storage", "microsoft.storage.global"
_ANY = "*"


def storage_by_service_endpoint(facts: Facts, pool: NodePool) -> Match:
    """Whether a pool's requests for layers in Azure Storage go by a service endpoint; PART where that is not decided.

    Raises `UnseenError`.
    """
    subnet = subnet_of(facts, pool)
    services = {service.lower() for service in subnet.service_endpoints}
    if _EVERYWHERE in services:
        return Match.YES
    if _STORAGE not in services:
        return Match.NO
    told = {region_name(region) for service, region in subnet.service_endpoint_regions if service.lower() == _STORAGE}
    if _ANY in told:
        return Match.YES
    own = region_name(network_of(facts, pool).location)
    regions, are_all = registry_regions(facts)
    asked = {own} if own in regions else regions  # the nearest replica answers
    covered = asked & (told or {own})
    if covered == asked and are_all:
        return Match.YES
    return Match.NO if told and are_all and not covered else Match.PART
