"""The nodes reach the registry, but not the place where its layers are kept.

What is read
    The names and addresses of the registry's data endpoints in its private endpoints, and the state of each private
    endpoint connection; what the nodes resolve each name to; the routes, network security groups and Azure Firewalls
    on the way to each of these addresses; and, for a registry without data endpoints, whether the nodes' subnet
    restricts Azure Storage by service endpoint policies, and whether a network security group or an Azure Firewall
    denies it.

Why pulls fail
    The registry answers a request for a layer with a redirect: to a data endpoint,
    `<registry>.<region>.data.azurecr.io`, or to Azure Storage, `*.blob.core.windows.net`. Where that name or its
    way fails, the manifest is read and every layer fails: `failed to copy: httpReadSeeker: failed open: ... i/o
    timeout`, `EOF`, or 403 from storage. Other clouds have other names, and the same ways. What stops the login server
    just as well is not counted here: the checks that speak of it are named. A connection that is not approved carries
    nothing: AKA311 says so, and this check follows it.

What to do
    Give every data endpoint what the login server has: a record, an approved connection, a rule, a way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Gap, Status, Verdict, across_pools, not_applicable, unknown
from aksacr.facts import UnseenError
from aksacr.semantics.name_resolution import Resolution, resolve
from aksacr.semantics.pools import network_of

from ._layers_by_endpoint import by_private_endpoint, by_public_names
from ._layers_by_storage import by_storage
from ._layers_past_firewalls import past_firewalls
from ._security_groups import SECURITY_GROUPS_READ
from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    FIREWALL_READ,
    NAMES_READ,
    REGISTRY_READ,
    REPLICAS_READ,
    for_each_pool,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.facts import Facts, NodePool

# What surely stops the login server as well comes before what could not be seen.
_WORST_FIRST = (Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN, Status.PASS)


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    login = resolve(facts, network_of(facts, pool))
    if login.kind == "unknowable":
        return not_applicable(f"Node pool {pool.name}: what {login.name} resolves to comes first; see AKA305.")
    if login.leads_nowhere:
        return not_applicable(f"Node pool {pool.name} does not resolve {login.name}; layers come after that.")
    own = _seen(pool, lambda: _by_own_way(facts, pool, login))
    past = _seen(pool, lambda: past_firewalls(facts, pool))
    said = [verdict for verdict in (own, past) if verdict is not None]
    status = min((verdict.status for verdict in said), key=_WORST_FIRST.index)
    return across_pools([(pool.name, verdict) for verdict in said if verdict.status is status])


def _by_own_way(facts: Facts, pool: NodePool, login: Resolution) -> Verdict:
    """By names, routes and network security groups, whatever an appliance on the way does."""
    if login.kind == "private":
        return by_private_endpoint(facts, pool, login)
    if facts.registry.data_endpoint_enabled:
        return by_public_names(facts, pool)
    return by_storage(facts, pool)


def _seen(pool: NodePool, ask: Callable[[], Verdict | None]) -> Verdict | None:
    """The answer, *unknown* where what decides was not seen: the other question may still find a fault."""
    try:
        return ask()
    except UnseenError as error:
        gap = Gap.of(error.unseen)
        return unknown(f"Node pool {pool.name}: {gap.sentence()}.", gap)


CHECK = Check(
    code="AKA351",
    name="layer-endpoint-unreachable",
    title="The nodes reach where the layers are stored",
    explains=("layer-blob-timeout", "layer-blob-forbidden", "connection-eof"),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        REGISTRY_READ,
        REPLICAS_READ,
        *dict.fromkeys((*NAMES_READ, *ENDPOINTS_READ, *EGRESS_READ, *SECURITY_GROUPS_READ, *FIREWALL_READ)),
    ),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints",),
)
