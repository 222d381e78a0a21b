"""Replicas whose layers nodes cannot ask for by the private endpoint.

Rules (learn.microsoft.com: container-registry-private-endpoints, container-registry-geo-replication): clients are sent
to the nearest replica whose region endpoint is enabled. Each region has a data endpoint, for which a private endpoint
has an address of its own. Its name is the login server's label, then the region, then `data`: `x.westus2.data`. An
endpoint with static addresses, or in a full subnet, gets none for a replica that is added later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, UnseenError, same

from .endpoints import connection_of_address
from .name_resolution import registry_names, relative_name, resolve
from .registry_hosts import data_region
from .remembering import remembered
from .service_tags import region_name

if TYPE_CHECKING:
    from aksacr.facts import Facts, Replica, ResourceId, VirtualNetwork

    from .name_resolution import Resolution


@dataclass(frozen=True, slots=True)
class UnservedReplica:
    """A replica whose data endpoint no private endpoint shows, and that `name` has no record of in the zone asked.

    `may_be_nearest` unless the nodes' own region has a replica that is served.
    """

    replica: Replica
    name: str
    zone_id: ResourceId
    may_be_nearest: bool


@remembered
def unserved_replicas(facts: Facts, vnet: VirtualNetwork, login: Resolution) -> list[UnservedReplica]:
    """The replicas that clients are sent to, and whose layers the nodes of `vnet` cannot ask for.

    `login` is what the login server resolves to for them, a private address. Raises `UnseenError` when the replicas,
    or what their names resolve to, were not seen.
    """
    routed = [item for item in facts.replicas.value if item.is_routed and _is_ready(item)]
    served = {data_region(facts.registry, name) for name in registry_names(facts)} - {""}
    if routed and not served:
        raise _hidden(facts)
    there = {region_name(item.location) for item in routed}
    own = region_name(vnet.location)
    lost: list[tuple[Replica, Resolution]] = []
    for replica in routed:
        if region_name(replica.location) not in served:
            found = resolve(facts, vnet, _data_name(facts, login, region_name(replica.location)))
            lost += [(replica, found)] if found.kind == "nxdomain" else []
    unserved = {region_name(replica.location) for replica, _ in lost}
    may_be_nearest = own not in there or own in unserved
    return [
        UnservedReplica(replica, found.name, found.zone_id, may_be_nearest)
        for replica, found in lost
        if found.zone_id is not None
    ]


@remembered
def unserved_home(facts: Facts, vnet: VirtualNetwork, login: Resolution) -> Resolution | None:
    """What the home region's data endpoint resolves to for the nodes of `vnet`, where no endpoint answers for it.

    None where one has, where a record answers all the same, and where the interface does not say for what its
    addresses are. `login` is what the login server resolves to for them, a private address. Raises `UnseenError`.
    """
    home = region_name(facts.registry.location)
    try:
        held = [found for address in login.addresses if (found := connection_of_address(facts, address)) is not None]
    except UnseenError:  # whose the address is, is not known: nothing is said of it here
        return None
    shown = [facts.endpoint_addresses.get(endpoint.id) for _, endpoint in held]
    members = [item.member for fact in shown if isinstance(fact, Seen) for item in fact.value]
    is_told = bool(members) and all(same(member, "registry") for member in members)
    if not is_told or any(data_region(facts.registry, name) == home for name in registry_names(facts)):
        return None
    found = resolve(facts, vnet, _data_name(facts, login, home))
    return found if found.kind == "nxdomain" and found.zone_id is not None else None


def _hidden(facts: Facts) -> UnseenError:
    """No endpoint shows a data endpoint: which of them it has an address for is not known."""
    unread = [fact for fact in facts.endpoint_addresses.values() if isinstance(fact, Unseen)]
    reason = "no private endpoint of it shows the name of a data endpoint"
    return UnseenError(unread[0] if unread else Unseen(facts.registry.id.text, "", reason))


def _is_ready(replica: Replica) -> bool:
    """One that is being made, or is not ready, has no data endpoint yet: of that AKA602 speaks."""
    return same(replica.provisioning_state or "Succeeded", "Succeeded") and same(replica.status or "Ready", "Ready")


def _data_name(facts: Facts, login: Resolution, region: str) -> str:
    """The name of a region's data endpoint: as Azure tells it, else the login server's label with the region."""
    told = facts.registry.data_endpoint_host_names
    known = next((name for name in told if data_region(facts.registry, name) == region), "")
    return known or f"{relative_name(facts, login.name)}.{region}.data.{facts.cloud.registry_suffix}"
