"""Which private endpoint an address belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.facts import Seen, Unseen, UnseenError, same

if TYPE_CHECKING:
    from aksacr.facts import Facts, PrivateEndpoint


def endpoint_of_address(facts: Facts, address: str) -> PrivateEndpoint | None:
    """The approved private endpoint of this registry that holds `address`, or None.

    The interface's own addresses count first, then the endpoint's `customDnsConfigs`. Raises `UnseenError` when no
    endpoint that was seen holds it and another one may not be read.
    """
    gap: Unseen | None = None
    for connection in facts.registry.endpoint_connections:
        if not same(connection.status, "Approved") or connection.endpoint_id is None:
            continue
        endpoint = facts.private_endpoints.get(connection.endpoint_id)
        addresses = facts.endpoint_addresses.get(connection.endpoint_id)
        if isinstance(endpoint, Seen) and endpoint.value is not None:
            known = {item for _, items in endpoint.value.custom_dns for item in items}
            if isinstance(addresses, Seen):
                known |= {str(item.address) for item in addresses.value}
            if address in known:
                return endpoint.value
        for fact in (endpoint, addresses):
            if isinstance(fact, Unseen) and gap is None:
                gap = fact
    if gap is not None:
        raise UnseenError(gap)
    return None
