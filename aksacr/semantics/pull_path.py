"""The steps of a pull, in the order in which a pull meets them, for one node pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aksacr.check import Status
from aksacr.facts import Seen, UnseenError, same

from .admission import (
    admits_everyone,
    has_service_endpoint,
    is_closed,
    outside,
    serves_nothing,
    subnet_is_allowed,
)
from .authorization import access
from .crossings import crossings, passages
from .dns_rules import asking
from .egress import egress
from .endpoints import endpoint_of_address
from .hub_ways import way_to
from .image_names import slip_of, split_image
from .layer_path import layer_obstacles, login_way
from .name_resolution import Resolution, registry_names, resolve
from .peering_sync import in_sync
from .pools import machines_of, network_of, why_nothing_runs
from .routing import peering_routes_gap
from .security_rules import goes_by_proxy, to_endpoint, to_registry, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.facts import Facts, NodePool

    from .security_rules import Decision

HopName = Literal["resolve", "route", "admit", "identify", "authorize", "layers"]
_WAY = ("AKA321", "AKA322", "AKA323", "AKA324", "AKA331")
_DETAIL = tuple[Status, str]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step: its status, what it rests on, and the codes of the checks that speak about it."""

    name: HopName
    status: Status
    detail: str
    checks: tuple[str, ...]


def pull_path(facts: Facts, pool: NodePool) -> tuple[Hop, ...]:
    """The six steps for a pool. What was not seen makes its step unknown and leaves the others alone."""
    by_secret = facts.cluster.pulls_with == "service-principal"
    identify = ("AKA111", "AKA112") if by_secret else ("AKA121", "AKA122", "AKA123", "AKA125", "AKA131")
    steps: tuple[tuple[HopName, Callable[[Facts, NodePool], _DETAIL], tuple[str, ...]], ...] = (
        ("resolve", _resolve, ("AKA402", "AKA601", "AKA301", "AKA302", "AKA303", "AKA304", "AKA305", "AKA306")),
        ("route", _route_past_firewalls, (*_WAY, "AKA332", "AKA341", "AKA342", "AKA343", "AKA344")),
        ("admit", _admit, ("AKA602", "AKA201", "AKA202", "AKA203", "AKA204", "AKA211", "AKA311")),
        ("identify", _identify, identify),
        ("authorize", _authorize, ("AKA101", "AKA104", "AKA105", "AKA106")),
        ("layers", _layers_past_firewalls, ("AKA302", "AKA343", "AKA351")),
    )
    return tuple(_hop(name, step, checks, facts, pool) for name, step, checks in steps)


def _hop(
    name: HopName,
    step: Callable[[Facts, NodePool], _DETAIL],
    checks: tuple[str, ...],
    facts: Facts,
    pool: NodePool,
) -> Hop:
    try:
        status, detail = step(facts, pool)
    except UnseenError as error:
        gap = error.unseen
        status = Status.UNKNOWN
        detail = f"could not read {gap.source} ({gap.reason})" if gap.action else f"{gap.source}: {gap.reason}"
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        status, detail = Status.UNKNOWN, f"could not be worked out ({type(error).__name__})"
    return Hop(name, status, detail, checks)


def _resolution(facts: Facts, pool: NodePool, name: str = "") -> Resolution:
    return resolve(facts, network_of(facts, pool), name)


def _resolve(facts: Facts, pool: NodePool) -> _DETAIL:
    if idle := why_nothing_runs(facts):
        return Status.FAIL, f"{idle}: no node asks"
    image = split_image(facts.image or "")
    if slip_of(facts, image) not in {"", "no host", "regional"}:
        return Status.FAIL, f"the image is asked of {image.host}, not of {facts.registry.login_server}"
    cut_off = asking(facts, pool)
    if cut_off and all(item.is_cut_off for item in cut_off):
        rule = cut_off[0].of_kind("deny")[0]
        named = f"rule {rule.rule.name} of network security group {rule.group.name}"
        return Status.FAIL, f"{named} keeps it from DNS server {', '.join(item.server for item in cut_off)}"
    found = _resolution(facts, pool)
    if found.kind == "nxdomain":
        return Status.FAIL, f"{found.name}: no such host (the linked zone has no record)"
    if found.kind == "unanswered":
        return Status.FAIL, f"{found.name}: nothing answers at DNS server {', '.join(found.servers)}"
    if found.kind == "unknowable":
        return Status.UNKNOWN, f"{found.name}: up to DNS server {', '.join(found.servers)}"
    if found.kind == "private":
        zone = found.zone_id.name if found.zone_id else ""
        return Status.PASS, f"{found.name} is {', '.join(found.addresses)} (zone {zone})"
    return Status.PASS, f"{found.name} is its public address"


def _route_past_firewalls(facts: Facts, pool: NodePool) -> _DETAIL:
    return _past_firewalls(facts, pool, _past_security_groups(facts, pool, _route(facts, pool)), layers=False)


def _layers_past_firewalls(facts: Facts, pool: NodePool) -> _DETAIL:
    return _past_firewalls(facts, pool, _layers(facts, pool), layers=True)


def _past_security_groups(facts: Facts, pool: NodePool, detail: _DETAIL) -> _DETAIL:
    """The same, unless a network security group on the way drops it, or may."""
    if detail[0] is not Status.PASS or goes_by_proxy(facts, pool, facts.registry.login_server):
        return detail
    found = _resolution(facts, pool)
    decisions: list[Decision] = []
    for address in found.addresses if found.kind == "private" else ():
        endpoint = endpoint_of_address(facts, address)
        decisions += [] if endpoint is None else to_endpoint(facts, pool, endpoint, address)
    if found.kind == "public":
        decisions = to_registry(facts, pool)
    decisive = verdict_of(decisions)
    if decisive is None or decisive.kind == "allow":
        return detail
    rule = f"rule {decisive.rule.name} of network security group {decisive.group.name}"
    if decisive.kind == "deny":
        return Status.FAIL, f"{rule} drops it"
    return Status.UNKNOWN, f"whether {rule} drops it cannot be told"


def _past_firewalls(facts: Facts, pool: NodePool, detail: _DETAIL, *, layers: bool) -> _DETAIL:
    """The same, unless an Azure Firewall on the way stops it, or may."""
    if detail[0] not in {Status.PASS, Status.NOT_APPLICABLE}:
        return detail
    found = [
        item for item in crossings(facts, pool) if same(item.target.name, facts.registry.login_server) is not layers
    ]
    judged = [(item, passage) for item, passage in passages(facts, pool, found) if passage.verdict != "allowed"]
    for crossing, passage in sorted(judged, key=lambda item: item[1].verdict != "denied"):
        firewall, name = crossing.appliance.firewall, crossing.target.host
        by = f"Azure Firewall {firewall.name if firewall else ''}"
        if passage.verdict == "denied" and crossing.certain:
            return Status.FAIL, f"{by} does not let it reach {name}"
        return Status.UNKNOWN, f"whether {by} lets it reach {name} cannot be told"
    for crossing in found:
        if crossing.appliance.firewall is None:
            return (
                Status.UNKNOWN,
                f"{crossing.target.host} is behind {crossing.appliance.hop}, whose rules are not seen",
            )
    return detail


def _route(facts: Facts, pool: NodePool) -> _DETAIL:
    found = _resolution(facts, pool)
    if found.kind == "private":
        return _private_route(facts, pool, found)
    if found.kind != "public":
        return Status.UNKNOWN, "no address to go to"
    leaving = egress(facts, pool)
    if leaving.kind == "known":
        addresses = ", ".join(str(item).removesuffix("/32") for item in leaving.ranges)
        return Status.PASS, f"leaves from {addresses} ({leaving.through})"
    return (Status.FAIL if leaving.kind == "none" else Status.UNKNOWN), leaving.reason


def _private_route(facts: Facts, pool: NodePool, found: Resolution) -> _DETAIL:
    held = ((endpoint_of_address(facts, address), address) for address in found.addresses)
    endpoint, address = next((item for item in held if item[0]), (None, ""))
    if endpoint is None:
        return Status.UNKNOWN, f"{', '.join(found.addresses)} is no private endpoint of this registry that was seen"
    start = network_of(facts, pool)
    there = way_to(facts, pool, endpoint, address)
    target = f"private endpoint {endpoint.name}"
    if there.kind == "same":
        return Status.PASS, f"{target} is in the same virtual network {start.name}"
    name = endpoint.virtual_network_id.name
    if there.kind == "peered" and (gap := peering_routes_gap(facts, pool, endpoint, address, there)) is not None:
        return Status.UNKNOWN, f"{target} in {name}: {gap.reason}"
    synced = in_sync(facts, pool, endpoint, address, there)
    if there.kind == "peered" and synced.blind:
        return Status.FAIL, f"{target} in {name}: {synced.blind[0].words}"
    if there.kind == "peered" and synced.gap is not None:
        return Status.UNKNOWN, f"{target} in {name}: {synced.gap.reason}"
    if there.kind == "peered":
        hubs = ", ".join(hub.name for hub in there.hubs)
        over = f" (hub{'s' if len(there.hubs) > 1 else ''} {hubs})" if hubs else ""
        return Status.PASS, f"{target} over the peering of {start.name} with {name}{over}"
    if there.kind == "broken":
        return Status.FAIL, f"{target} in {name}: the peering with {start.name} is not connected"
    if there.dead_end:
        return Status.FAIL, f"{target} in {name}: {there.dead_end}"
    return Status.UNKNOWN, f"{target} in {name}: no way from {start.name} was seen"


def _admit(facts: Facts, pool: NodePool) -> _DETAIL:
    registry = facts.registry
    if serves_nothing(registry):
        return Status.FAIL, f"{registry.name} is {registry.status or registry.provisioning_state}"
    found = _resolution(facts, pool)
    if found.kind == "private":
        endpoint = next(
            (item for item in (endpoint_of_address(facts, address) for address in found.addresses) if item), None
        )
        if endpoint is None:
            return Status.UNKNOWN, "the address is no approved private endpoint that was seen"
        return Status.PASS, f"by private endpoint {endpoint.name}; IP rules do not apply"
    if found.kind != "public":
        return Status.UNKNOWN, "depends on the address"
    if is_closed(registry):
        return Status.FAIL, f"public network access of {registry.name} is Disabled"
    if admits_everyone(registry):
        return Status.PASS, f"{registry.name} admits every public address"
    if has_service_endpoint(facts, pool):
        allowed = subnet_is_allowed(facts, pool)
        return (
            (Status.PASS, "a subnet rule admits the pool")
            if allowed
            else (Status.UNKNOWN, "service endpoint without a subnet rule")
        )
    leaving = egress(facts, pool)
    if leaving.kind != "known":
        return Status.UNKNOWN, f"default action Deny, and the address is not known: {leaving.reason}"
    missing = outside(registry, leaving.ipv4)
    if missing:
        return Status.FAIL, f"no IP rule admits {', '.join(str(item).removesuffix('/32') for item in missing)}"
    return Status.PASS, f"the IP rules of {registry.name} admit it"


def _identify(facts: Facts, pool: NodePool) -> _DETAIL:
    cluster = facts.cluster
    if cluster.pulls_with == "unknown":
        return Status.UNKNOWN, "the cluster shows no pulling identity yet"
    if cluster.kubelet_identity is None:
        return _service_principal(facts)
    name = cluster.kubelet_identity.resource_id.name
    machines = machines_of(facts, pool)
    if not machines:
        return Status.NOT_APPLICABLE, f"no machine of the pool was found that could carry {name}"
    lacking = [machine.name for machine in machines if cluster.kubelet_identity.resource_id not in machine.identity_ids]
    if lacking:
        return _refused(facts), f"{', '.join(lacking)} does not carry kubelet identity {name}"
    return Status.PASS, f"kubelet identity {name} is on {', '.join(machine.name for machine in machines)}"


def _service_principal(facts: Facts) -> _DETAIL:
    found = [fact.value for fact in (facts.application, facts.service_principal)]
    secrets = [item for held in found if held for item in held.credentials if item.kind == "client secret"]
    app_id = facts.cluster.service_principal_client_id
    if not secrets:
        return Status.UNKNOWN, f"service principal {app_id}: no secret is listed"
    if all(item.end is not None and item.end <= facts.now for item in secrets):
        return _refused(facts), f"service principal {app_id}: every secret has expired"
    return Status.PASS, f"service principal {app_id} has a secret that is valid"


def _authorize(facts: Facts, pool: NodePool) -> _DETAIL:
    del pool
    found = access(facts)
    best = [held for held in found.granting if held.condition in {"none", "admits"}]
    if best:
        return Status.PASS, f"{best[0].role_name} at {best[0].assignment.scope.name or 'the root scope'}"
    if found.granting:
        excluded = all(held.condition == "excludes" for held in found.granting)
        return (_refused(facts) if excluded else Status.UNKNOWN), f"{found.granting[0].role_name} under a condition"
    if found.unread or not isinstance(facts.reached_through_groups, Seen):
        return Status.UNKNOWN, "some of the roles held could not be read"
    return _refused(facts), f"no role that grants pull on {facts.registry.name}"


def _refused(facts: Facts) -> Status:
    """What becomes of a pull without the identity's rights: a registry with anonymous pull on serves it."""
    return Status.WARN if facts.registry.admits_anonymous else Status.FAIL


def _layers(facts: Facts, pool: NodePool) -> _DETAIL:
    """Layers come from the registry's data endpoints where it has them, else from Azure Storage."""
    registry = facts.registry
    found = _resolution(facts, pool)
    if found.leads_nowhere:
        return Status.NOT_APPLICABLE, "no registry is found to name them"
    if found.kind == "unknowable":
        return Status.UNKNOWN, f"hangs on DNS server {', '.join(found.servers)}"
    if found.kind == "private":
        return _layers_by_endpoint(facts, pool, found)
    hosts = registry.data_endpoint_host_names
    where = ", ".join(hosts) if registry.data_endpoint_enabled and hosts else "Azure Storage (blob)"
    return Status.NOT_APPLICABLE, f"from {where}, by the same way out"


def _layers_by_endpoint(facts: Facts, pool: NodePool, login: Resolution) -> _DETAIL:
    data = registry_names(facts)[1:]
    own = login_way(facts, pool, login)
    stopped, gap = layer_obstacles(facts, pool, data)
    for item, obstacle in stopped:
        if not own.meets(obstacle) and obstacle.kind != "proxy":
            return Status.FAIL, f"{item.name} is {obstacle.address or 'lost'}: {obstacle.words}"
    if gap is not None:
        raise gap
    if stopped or (not data and own.obstacles):
        return Status.NOT_APPLICABLE, f"{[*[found for _, found in stopped], *own.obstacles][0].words}, as before"
    if not data:
        return Status.UNKNOWN, "no private endpoint shows the data endpoint's name"
    resolved = [_resolution(facts, pool, name) for name in data]
    ways = [(kind, ", ".join(item.name for item in resolved if item.kind == kind)) for kind in ("private", "public")]
    return Status.PASS, "; ".join(f"from {names}, by the {kind} endpoint" for kind, names in ways if names)
