"""The nodes reach the registry, but not the place where its layers are kept.

What is read
    The names and addresses of the registry's data endpoints in its private endpoints; what the nodes resolve each
    to; the routes and network security groups on the way to each of these addresses; and, for a registry without
    data endpoints, whether the nodes' subnet restricts Azure Storage by service endpoint policies, and whether a
    network security group denies service tag Storage.

Why pulls fail
    The registry answers a request for a layer with a redirect: to a data endpoint,
    `<registry>.<region>.data.azurecr.io`, or to Azure Storage, `*.blob.core.windows.net`. Where that name or its
    way fails, the manifest is read and every layer fails: `failed to copy: httpReadSeeker: failed open: ... i/o
    timeout`, `EOF`, or 403 from storage.

What to do
    Give every data endpoint what the login server has: a record, a rule, a way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, not_applicable, passed, unknown
from aksacr.facts import UnseenError, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.crossings import crossings, passages
from aksacr.semantics.layer_path import Obstacle, layer_obstacle
from aksacr.semantics.name_resolution import Resolution, registry_names, relative_name, resolve
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.public_routes import public_routes
from aksacr.semantics.security_rules import goes_by_proxy, to_registry, verdict_of
from aksacr.semantics.service_tags import REGISTRY_TAG, STORAGE_TAG

from ._firewall_denials import denial, denied_of, spares_login
from ._security_groups import (
    SECURITY_GROUPS_READ,
    allow_fix,
    denial_words,
    denials,
    doubt_words,
    region_gaps,
    remove_fix,
    rule_evidence,
    rule_words,
)
from ._wording import (
    EGRESS_READ,
    ENDPOINTS_READ,
    FIREWALL_READ,
    NAMES_READ,
    REGISTRY_READ,
    REPLICAS_READ,
    for_each_pool,
    listed,
    seen,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, Route, Subnet, VirtualNetwork
    from aksacr.semantics.security_rules import Decision

_STORAGE = "Microsoft.Storage"


def judge(facts: Facts) -> Verdict:
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    verdict = _beside_firewalls(facts, pool)
    return verdict if verdict.status is not Status.PASS else _at_firewalls(facts, pool) or verdict


def _at_firewalls(facts: Facts, pool: NodePool) -> Verdict | None:
    """What an Azure Firewall denies of layers alone; what it denies of the login server, too, is AKA343's."""
    try:
        found = crossings(facts, pool)
    except UnseenError:
        return None  # whether anything goes through an appliance: AKA343 says what was not seen
    judged = passages(facts, pool, found)
    denied = denied_of(judged)
    if not denied or not spares_login(facts, denied):
        return None
    on_the_way = [item for item, passage in judged if passage in denied]
    return denial(facts, pool, on_the_way, denied)


def _beside_firewalls(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    login = resolve(facts, vnet)
    if login.kind == "private":
        return _by_endpoint(facts, pool, vnet)
    if login.kind != "public":
        return not_applicable(f"Node pool {pool.name} does not resolve {login.name}; layers come after that.")
    if facts.registry.data_endpoint_enabled:
        names = listed(facts.registry.data_endpoint_host_names)
        return passed(f"Node pool {pool.name} reads layers from {names}, public like the login server.")
    return _by_storage(facts, pool, subnet_of(facts, pool))


def _by_endpoint(facts: Facts, pool: NodePool, vnet: VirtualNetwork) -> Verdict:
    data = registry_names(facts)[1:]
    if not data:
        return unknown(
            f"Node pool {pool.name}: no private endpoint of {facts.registry.name} shows the name of its data endpoint."
        )
    login = resolve(facts, vnet)
    lost: list[tuple[Resolution, Obstacle]] = []
    gap: UnseenError | None = None
    for item in [resolve(facts, vnet, name) for name in data]:
        try:
            obstacle = _obstacle(facts, pool, login, item)
        except UnseenError as error:
            gap = gap or error
            continue
        lost += [(item, obstacle)] if obstacle is not None else []
    if gap is not None and not lost:
        raise gap
    if not lost:
        return passed(f"Node pool {pool.name} reads layers from {listed(data)}, by the private endpoint.")
    words = listed(f"{item.name} ({_gets(obstacle)})" for item, obstacle in lost)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} reaches {facts.registry.login_server}, but not where its layers are: {words}. "
        "Manifests are read and every layer fails.",
        evidence=tuple(each for item, obstacle in lost for each in _evidence(facts, pool, item, obstacle)),
        fixes=tuple(dict.fromkeys(each for item, obstacle in lost for each in _fixes(facts, pool, item, obstacle))),
    )


def _obstacle(facts: Facts, pool: NodePool, login: Resolution, item: Resolution) -> Obstacle | None:
    if item.kind == "private":
        return layer_obstacle(facts, pool, login, item)
    if item.kind == "public":
        side = public_side(facts, pool)
        return None if side == "open" else Obstacle("", "its public address, which does not admit the nodes")
    return Obstacle("", "no such host")


def _gets(obstacle: Obstacle) -> str:
    return f"{obstacle.address}, {obstacle.words}" if obstacle.address else obstacle.words


def _evidence(facts: Facts, pool: NodePool, item: Resolution, obstacle: Obstacle) -> tuple[Evidence, ...]:
    subnet = subnet_of(facts, pool)
    route = obstacle.hop.route if obstacle.hop is not None else None
    if route is not None:
        path = f"properties.routes[{route.name}]"
        return (seen(str(subnet.route_table_id), path, f"{route.prefix} to {route.next_hop_type}"),)
    if obstacle.rules:
        return tuple(rule_evidence(rule) for rule in obstacle.rules)
    source = item.zone_id or item.answered_for.id
    return (seen(source, f"A[{relative_name(facts, item.name)}]", list(item.addresses)),)


def _fixes(facts: Facts, pool: NodePool, item: Resolution, obstacle: Obstacle) -> tuple[Fix, ...]:
    subnet = subnet_of(facts, pool)
    if obstacle.rules:
        nodes = [prefix for prefix in subnet.prefixes if ":" not in prefix] or ["*"]
        return tuple(
            fix
            for rule in obstacle.rules
            for fix in (*remove_fix(facts, rule), allow_fix(facts, rule, (item.name,), nodes, ((obstacle.address,),)))
        )
    if obstacle.hop is not None:
        route = obstacle.hop.route
        which = f"Take route {route.name} off" if route is not None else "Add a route"
        return (
            Fix(
                f"{which}, so that {obstacle.address} ({item.name}) goes the way of {facts.registry.login_server}",
                manual=True,
                caveat="The route was made on purpose: ask who made it.",
                needs=f"Network Contributor on the route table of subnet {subnet.name}",
            ),
        )
    return (
        Fix(
            f"Give {item.name} the record and the way that the login server has; AKA302 and AKA303 name them",
            manual=True,
            caveat="A DNS zone group on the private endpoint keeps all records.",
            needs="Private DNS Zone Contributor on the zone",
        ),
    )


def _by_storage(facts: Facts, pool: NodePool, subnet: Subnet) -> Verdict:
    restricted = subnet.service_endpoint_policy_ids and any(same(item, _STORAGE) for item in subnet.service_endpoints)
    if not restricted and (route := _dropping(facts, subnet)) is not None:
        return _dropped(facts, pool, subnet, route)
    if not restricted:
        return _past_security_groups(facts, pool, subnet)
    policies = listed(item.name for item in subnet.service_endpoint_policy_ids)
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: service endpoint policy {policies} on subnet {subnet.name} admits only the storage "
        f"accounts that it lists. The layers of {facts.registry.name} are in accounts of the registry service, which "
        "it cannot list: they are refused with 403.",
        evidence=(
            seen(
                subnet.id,
                "properties.serviceEndpointPolicies",
                [item.text for item in subnet.service_endpoint_policy_ids],
            ),
        ),
        fixes=(
            Fix(
                f"Take the policy off subnet {subnet.name}, or enable dedicated data endpoints of "
                f"{facts.registry.name}, so that layers no longer come from storage accounts",
                manual=True,
                caveat="Dedicated data endpoints need the Premium tier, and firewalls must admit their names.",
                needs=f"Network Contributor on {subnet.name}, or Contributor on {facts.registry.name}",
            ),
        ),
    )


def _dropping(facts: Facts, subnet: Subnet) -> Route | None:
    """The route that drops requests to Azure Storage, where those to the registry get out."""
    if any(same(item, _STORAGE) for item in subnet.service_endpoints):
        return None  # a service endpoint's route goes first
    route = public_routes(facts, subnet, STORAGE_TAG).route
    registry = public_routes(facts, subnet, REGISTRY_TAG).route
    if route is None or route == registry or not same(route.next_hop_type, "None"):
        return None
    return route


def _dropped(facts: Facts, pool: NodePool, subnet: Subnet, route: Route) -> Verdict:
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: route {route.name} of subnet {subnet.name} drops {route.prefix}, and the layers of "
        f"{facts.registry.name} come from Azure Storage. Manifests are read and every layer times out.",
        evidence=(seen(str(subnet.route_table_id), f"properties.routes[{route.name}]", f"{route.prefix} to None"),),
        fixes=(
            Fix(
                f"Take route {route.name} off, or let {route.prefix} out by another next hop",
                manual=True,
                caveat="The route was made on purpose: ask who made it.",
                needs=f"Network Contributor on the route table of subnet {subnet.name}",
            ),
        ),
    )


def _past_security_groups(facts: Facts, pool: NodePool, subnet: Subnet) -> Verdict:
    """A group may admit the registry and still deny the storage that its layers are in."""
    way_out = passed(f"Node pool {pool.name} reads layers from Azure Storage, by the same way out as the registry.")
    if goes_by_proxy(facts, pool, facts.registry.login_server):
        return way_out
    decisions = to_registry(facts, pool, STORAGE_TAG)
    decisive = verdict_of(decisions)
    if decisive is None or decisive.kind == "allow":
        return way_out
    registry = verdict_of(to_registry(facts, pool))
    if registry is not None and registry.kind != "allow":
        return not_applicable(f"Node pool {pool.name}: whether it gets to the registry at all comes first; see AKA342.")
    nodes = [prefix for prefix in subnet.prefixes if ":" not in prefix] or ["*"]
    if decisive.kind == "open":
        return unknown(
            f"Node pool {pool.name}: {rule_words(decisive)} bears on Azure Storage {doubt_words(decisive)}. Azure does "
            f"not show whether that holds for the layers of {facts.registry.name}: allow {STORAGE_TAG} by a rule "
            "before it, or ask a node.",
            *region_gaps(facts, decisive),
            evidence=(rule_evidence(decisive),),
            fixes=(_allow_storage(facts, decisive, nodes),),
        )
    faults = denials(decisions) or [decisive]
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} reaches {facts.registry.login_server}, but not the storage that its layers are in: "
        f"{denial_words(faults)} to service tag {STORAGE_TAG}. Manifests are read and every layer times out.",
        evidence=tuple(rule_evidence(item) for item in faults),
        fixes=tuple(fix for item in faults for fix in (*remove_fix(facts, item), _allow_storage(facts, item, nodes))),
    )


def _allow_storage(facts: Facts, decision: Decision, nodes: list[str]) -> Fix:
    return allow_fix(facts, decision, (f"service tag {STORAGE_TAG}",), nodes, ((STORAGE_TAG,),))


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
