"""Which private endpoint an address belongs to, and which endpoints a pool's requests go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, UnseenError, look, not_asked, same

from .admission import public_side
from .name_resolution import resolve

if TYPE_CHECKING:
    from aksacr.facts import EndpointConnection, Fact, Facts, NodePool, PrivateEndpoint, ResourceId, VirtualNetwork

    from .name_resolution import Resolution

_STATUSES = {"approved", "pending", "rejected", "disconnected"}


def has_approved_connection(facts: Facts) -> bool:
    """Whether the registry itself lists an approved private endpoint connection."""
    return any(same(connection.status, "Approved") for connection in facts.registry.endpoint_connections)


def strange_status(facts: Facts) -> Unseen | None:
    """The first private endpoint connection whose state is a word that is not known here: it may carry traffic."""
    gaps = (unknown_state(facts, item) for item in facts.registry.endpoint_connections)
    return next((gap for gap in gaps if gap is not None), None)


def unknown_state(facts: Facts, connection: EndpointConnection) -> Unseen | None:
    """What is not known of a connection whose state is a word that is not known here; else None."""
    if not connection.status or connection.status.lower() in _STATUSES:
        return None
    source = f"{facts.registry.id}/privateEndpointConnections/{connection.name}"
    reason = f'privateLinkServiceConnectionState.status is "{connection.status}", which is not known here'
    return Unseen(source, "", reason)


def approved_endpoints(facts: Facts) -> list[PrivateEndpoint]:
    """The registry's approved private endpoints that were seen. Raises `UnseenError` when all are hidden."""
    found: list[PrivateEndpoint] = []
    gap: Unseen | None = None
    for connection in facts.registry.endpoint_connections:
        if not same(connection.status, "Approved"):
            continue
        fact = _endpoint_of(facts, connection)
        if isinstance(fact, Unseen):
            gap = fact
        elif fact.value is not None:
            found.append(fact.value)
    if gap is not None and not found:
        raise UnseenError(gap)
    return found


def _endpoint_of(facts: Facts, connection: EndpointConnection) -> Fact[PrivateEndpoint | None]:
    if connection.endpoint_id is None:
        return Unseen(f"{facts.registry.id}/privateEndpointConnections/{connection.name}", "", "it names no endpoint")
    kept = facts.private_endpoints.get(connection.endpoint_id)
    return not_asked(connection.endpoint_id.text) if kept is None else kept


def endpoint_of_address(facts: Facts, address: str) -> PrivateEndpoint | None:
    """The approved private endpoint of this registry that holds `address`, or None. Raises `UnseenError`."""
    found = connection_of_address(facts, address)
    return found[1] if found is not None and same(found[0].status, "Approved") else None


def connection_of_address(facts: Facts, address: str) -> tuple[EndpointConnection, PrivateEndpoint] | None:
    """The connection, in whatever state, and the endpoint that hold `address`, or None.

    The interface's own addresses count first, then the endpoint's `customDnsConfigs`. Raises `UnseenError` when no
    endpoint that was seen holds it and another one may not be read.
    """
    gap: Unseen | None = None
    for connection in facts.registry.endpoint_connections:
        endpoint = _endpoint_of(facts, connection)
        if isinstance(endpoint, Unseen):
            gap = endpoint
            continue
        if endpoint.value is None:
            continue
        addresses = look(facts.endpoint_addresses, endpoint.value.id)
        known = {item for _, items in endpoint.value.custom_dns for item in items}
        if isinstance(addresses, Seen):
            known |= {str(item.address) for item in addresses.value}
        if address in known:
            return connection, endpoint.value
        if isinstance(addresses, Unseen):
            gap = addresses
        elif not known:
            gap = Unseen(endpoint.value.id.text, "", "it shows no address yet")
    if gap is not None:
        raise UnseenError(gap)
    return None


def names_at(facts: Facts, address: str) -> tuple[str, ...]:
    """The names that an address of the registry's endpoints answers for; none where that was not seen.

    Every address of an endpoint's interface serves one member (`requiredMemberName`), by that member's names alone.
    """
    told = [
        name
        for fact in facts.endpoint_addresses.values()
        if isinstance(fact, Seen)
        for item in fact.value
        if str(item.address) == address
        for name in item.names
    ]
    return tuple(dict.fromkeys(name.lower().rstrip(".") for name in told))


def address_beside(facts: Facts, login: Resolution, name: str) -> str:
    """The address that answers for a name of the registry at the endpoint that the login server's record leads to.

    Where that record is missing, too, any endpoint's address serves; "" where none was seen.
    """
    beside: set[ResourceId] = set()
    for address in login.addresses:
        found = connection_of_address(facts, address)
        beside |= {found[1].id} if found is not None else set()
    held = [
        (endpoint, str(item.address))
        for endpoint, fact in facts.endpoint_addresses.items()
        if isinstance(fact, Seen)
        for item in fact.value
        if any(same(each.rstrip("."), name.rstrip(".")) for each in item.names)
    ]
    return next((address for endpoint, address in held if not beside or endpoint in beside), "")


def endpoints_meant(facts: Facts, pool: NodePool, vnet: VirtualNetwork) -> list[tuple[PrivateEndpoint, str]]:
    """The approved endpoints that a pool's requests go to, or should go to, each with its address.

    Should: where the public side is closed to the pool and its names lead to none, every approved endpoint counts.
    Empty where the pool's own way works without one. Raises `UnseenError`.
    """
    resolution = resolve(facts, vnet)
    if resolution.kind == "private":
        found = [(endpoint_of_address(facts, address), address) for address in resolution.addresses]
        named = [(endpoint, address) for endpoint, address in found if endpoint is not None]
        if named:
            return named
    if resolution.kind != "nxdomain" and public_side(facts, pool) == "open":
        return []
    return [(endpoint, login_address(facts, endpoint)) for endpoint in approved_endpoints(facts)]


def login_address(facts: Facts, endpoint: PrivateEndpoint) -> str:
    """The address at which an endpoint answers for the login server; "" when it was not seen."""
    addresses = facts.endpoint_addresses.get(endpoint.id)
    if isinstance(addresses, Seen):
        for item in addresses.value:
            if same(item.member, "registry"):
                return str(item.address)
    return address_for(facts, endpoint, facts.registry.login_server)


def address_for(facts: Facts, endpoint: PrivateEndpoint, name: str) -> str:
    """The address at which an endpoint answers for a name of the registry; "" when it was not seen."""
    addresses = facts.endpoint_addresses.get(endpoint.id)
    if isinstance(addresses, Seen):
        for item in addresses.value:
            if any(same(each.rstrip("."), name.rstrip(".")) for each in item.names):
                return str(item.address)
    for each, items in endpoint.custom_dns:
        if same(each.rstrip("."), name.rstrip(".")) and items:
            return items[0]
    return ""
