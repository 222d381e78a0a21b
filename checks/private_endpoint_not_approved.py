"""The private endpoint connection is not approved.

What is read
    The registry's private endpoint connections with their states, and what the nodes resolve the registry's names to:
    the login server, and the data endpoints, which layers come from.

Why pulls fail
    A connection that is Pending waits for the registry's owner, one that is Rejected was refused, and one that is
    Disconnected has lost the registry that it was made for. None carries traffic: `dial tcp <private address>:443:
    i/o timeout`, or, where no name leads there yet, 403 from the public endpoint.

What to do
    Approve the connection. One that is Disconnected must be made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed, unknown
from aksacr.facts import UnseenError, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.endpoints import connection_of_address, strange_status
from aksacr.semantics.name_resolution import Resolution, registry_names, resolve
from aksacr.semantics.pools import network_of

from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    NAMES_READ,
    REGISTRY_READ,
    for_each_pool,
    listed,
    no_endpoint,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.facts import EndpointConnection, Facts, NodePool


def judge(facts: Facts) -> Verdict:
    connections = facts.registry.endpoint_connections
    if not connections:
        return no_endpoint(facts)
    if all(same(item.status, "Approved") for item in connections):
        names = listed(item.name for item in connections)
        return passed(
            f"Private endpoint connection {names} is approved.", *(_state(facts, item) for item in connections[:5])
        )
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    resolution = resolve(facts, network_of(facts, pool))
    none_approved = not any(same(item.status, "Approved") for item in facts.registry.endpoint_connections)
    if resolution.kind == "private" and none_approved:
        why = f"resolves {resolution.name} to {listed(resolution.addresses)}"
        return _fault(facts, pool, list(facts.registry.endpoint_connections), why)
    if resolution.kind == "private":
        return _by_names(facts, pool, resolution)
    if not none_approved:
        return passed(
            f"Node pool {pool.name}: {facts.registry.name} has an approved private endpoint beside those that are not."
        )
    side = "closed" if resolution.leads_nowhere else public_side(facts, pool)
    if side == "open":
        return not_applicable(f"Node pool {pool.name} is admitted by the public endpoint of {facts.registry.name}.")
    if side == "unknowable":
        return unknown(
            f"Node pool {pool.name}: no private endpoint connection of {facts.registry.name} is approved, and Azure "
            "does not show whether the public endpoint admits the pool; see AKA203.",
            evidence=tuple(_state(facts, item) for item in facts.registry.endpoint_connections[:5]),
        )
    return _fault(facts, pool, list(facts.registry.endpoint_connections), "has no other way in")


def _by_names(facts: Facts, pool: NodePool, login: Resolution) -> Verdict:
    """Some connection is approved: what counts is where each name of the registry leads to."""
    vnet = network_of(facts, pool)
    gap: UnseenError | None = None
    for item in [login, *(resolve(facts, vnet, name) for name in _data_names(facts))]:
        try:
            waiting = _waiting(facts, item)
        except UnseenError as error:
            gap = gap or error
            continue
        if waiting:
            return _fault(facts, pool, waiting, f"resolves {item.name} to {listed(item.addresses)}")
    if gap is not None:
        raise gap
    return passed(f"Node pool {pool.name}: the private endpoint that it uses is approved.")


def _data_names(facts: Facts) -> tuple[str, ...]:
    """The data endpoints' names; none where no endpoint shows them: AKA351 says so."""
    try:
        return registry_names(facts)[1:]
    except UnseenError:
        return ()


def _waiting(facts: Facts, item: Resolution) -> list[EndpointConnection]:
    """The connections that a name leads to, where none of them is approved. Raises `UnseenError`."""
    held = [connection_of_address(facts, address) for address in item.addresses]
    found = [each[0] for each in held if each is not None]
    return [] if any(same(each.status, "Approved") for each in found) else found


def _fault(facts: Facts, pool: NodePool, waiting: list[EndpointConnection], why: str) -> Verdict:
    if (strange := strange_status(facts)) is not None:
        raise UnseenError(strange)
    states = listed(f"{item.name} is {item.status or 'in no known state'}" for item in waiting)
    return Verdict(
        Status.FAIL,
        f"Private endpoint connection {states}; node pool {pool.name} {why}. {_then(waiting)}",
        evidence=tuple(_state(facts, item) for item in waiting[:5]),
        fixes=tuple(_fix(facts, item) for item in waiting[:3]),
    )


def _then(waiting: list[EndpointConnection]) -> str:
    """What follows: one that waits can be approved, one that was rejected or cut off does not wait any more."""
    states = {item.status.lower() for item in waiting}
    if not states <= {"rejected", "disconnected"}:
        return "It carries no traffic until it is approved."
    if states == {"rejected"}:
        return "It carries no traffic: somebody rejected it."
    if states == {"disconnected"}:
        return "It carries no traffic any more, and cannot be approved again."
    return "They carry no traffic any more."


def _fix(facts: Facts, item: EndpointConnection) -> Fix:
    registry = facts.registry
    if same(item.status, "Disconnected"):
        return Fix(
            f"Delete the private endpoint of {item.name} and make it anew: its registry was deleted or replaced",
            manual=True,
            caveat="Its address changes; records that were made by hand must follow.",
            needs=f"Network Contributor on the endpoint and Contributor on {registry.name}",
        )
    words = ("acr", "private-endpoint-connection", "approve", "-n", item.name, "--registry-name", registry.name)
    caveat = "Someone left it unapproved: make sure that the endpoint is yours."
    if same(item.status, "Rejected"):
        caveat = "Someone rejected it: ask who. Where Azure no longer approves it, make the endpoint anew."
    return Fix(
        f"Approve private endpoint connection {item.name}",
        (az(*words, "-g", registry.id.resource_group, *subscription_words(facts, registry.id)),),
        caveat=caveat,
        needs=f"Contributor on {registry.name}",
    )


def _state(facts: Facts, item: EndpointConnection) -> Evidence:
    path = f"properties.privateEndpointConnections[{item.name}].privateLinkServiceConnectionState.status"
    return seen(facts.registry.id, path, item.status)


if TYPE_CHECKING:
    from aksacr.check import Evidence

CHECK = Check(
    code="AKA311",
    name="private-endpoint-not-approved",
    title="The private endpoint connection is approved",
    explains=("timeout-private-ip", "forbidden-403"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",),
)
