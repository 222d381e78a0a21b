"""Layers from Azure Storage, where the registry has no data endpoints: what AKA351 says of the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Fix, Status, Verdict, not_applicable, passed, unknown
from aksacr.facts import Unseen, UnseenError, same
from aksacr.semantics.egress import way_out
from aksacr.semantics.name_resolution import resolve
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.public_routes import public_routes
from aksacr.semantics.security_rules import goes_by_proxy, to_registry, verdict_of
from aksacr.semantics.service_endpoints import storage_by_service_endpoint
from aksacr.semantics.service_tags import REGISTRY_TAG, STORAGE_TAG, Match

from ._security_groups import (
    allow_fix,
    denial_words,
    denials,
    doubt_words,
    of_all_pools,
    region_gaps,
    remove_fix,
    rule_evidence,
    rule_words,
)
from ._wording import listed, seen

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, Route, Subnet
    from aksacr.semantics.security_rules import Decision

_STORAGE = "Microsoft.Storage"


def by_storage(facts: Facts, pool: NodePool) -> Verdict:
    """For a pool that resolves the login server to its public address. Raises `UnseenError`."""
    subnet = subnet_of(facts, pool)
    if goes_by_proxy(facts, pool, facts.registry.login_server):
        return not_applicable(
            f"Node pool {pool.name} sends its requests to the cluster's HTTP proxy: whether layers come through it, "
            "Azure does not show."
        )
    if _is_restricted(subnet):
        return _refused(facts, pool, subnet)
    if (route := _dropping(facts, pool, subnet)) is not None:
        return _dropped(facts, pool, subnet, route)
    verdict = _past_security_groups(facts, pool)
    return verdict if verdict.status is not Status.PASS else _way_out(facts, pool) or verdict


def _way_out(facts: Facts, pool: NodePool) -> Verdict | None:
    """What there is to say where the nodes have no way out, or none that Azure shows."""
    leaving = way_out(facts, pool)
    if leaving.kind == "none":
        return not_applicable(
            f"Node pool {pool.name}: whether it gets to the registry at all comes first ({leaving.reason}); see AKA341."
        )
    if not leaving.is_way_out_seen:
        raise UnseenError(Unseen(facts.cluster.id.text, "", f"shows no way out to Azure Storage ({leaving.reason})"))
    return None


def _is_restricted(subnet: Subnet) -> bool:
    return bool(subnet.service_endpoint_policy_ids) and any(same(item, _STORAGE) for item in subnet.service_endpoints)


def _refused(facts: Facts, pool: NodePool, subnet: Subnet) -> Verdict:
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


def _dropping(facts: Facts, pool: NodePool, subnet: Subnet) -> Route | None:
    """The route that drops requests to Azure Storage, where those to the registry get out. Raises `UnseenError`."""
    past = storage_by_service_endpoint(facts, pool)
    if past is Match.YES:
        return None  # a service endpoint's route goes first
    route = public_routes(facts, subnet, STORAGE_TAG).route
    registry = public_routes(facts, subnet, REGISTRY_TAG).route
    if route is None or route == registry or not same(route.next_hop_type, "None"):
        return None
    if past is Match.PART:
        reason = f"does not tell whether its service endpoint {_STORAGE} is for the region that the layers are in"
        raise UnseenError(Unseen(subnet.id.text, "", reason))
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


def _past_security_groups(facts: Facts, pool: NodePool) -> Verdict:
    """A group may admit the registry and still deny the storage that its layers are in."""
    way_out = passed(f"Node pool {pool.name} reads layers from Azure Storage, by the same way out as the registry.")
    decisions = to_registry(facts, pool, STORAGE_TAG)
    decisive = verdict_of(decisions)
    if decisive is None or decisive.kind == "allow":
        return way_out
    registry = verdict_of(to_registry(facts, pool))
    if registry is not None and registry.kind == "deny":
        return not_applicable(f"Node pool {pool.name}: whether it gets to the registry at all comes first; see AKA342.")
    if decisive.kind == "open":
        return unknown(
            f"Node pool {pool.name}: {rule_words(decisive)} bears on Azure Storage {doubt_words(decisive)}. Azure does "
            f"not show whether that holds for the layers of {facts.registry.name}: allow {STORAGE_TAG} by a rule "
            "before it, or ask a node.",
            *region_gaps(facts, decisive),
            evidence=(rule_evidence(decisive),),
            fixes=(_allow_storage(facts, pool, decisive),),
        )
    faults = denials(decisions) or [decisive]
    login = facts.registry.login_server
    is_open = registry is None or registry.kind == "allow"
    only = f"reaches {login}, but not the storage" if is_open else f"does not reach the storage of {login}"
    then = "Manifests are read and every layer times out." if is_open else "Every layer times out."
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} {only} that its layers are in: {denial_words(faults)} to service tag {STORAGE_TAG}. "
        f"{then}",
        evidence=tuple(rule_evidence(item) for item in faults),
        fixes=tuple(fix for item in faults for fix in (*remove_fix(facts, item), _allow_storage(facts, pool, item))),
    )


def _allow_storage(facts: Facts, pool: NodePool, decision: Decision) -> Fix:
    met = of_all_pools(facts, pool, decision, lambda other: _met(facts, other))
    return allow_fix(facts, *met, (f"service tag {STORAGE_TAG}",), ((STORAGE_TAG,),))


def _met(facts: Facts, pool: NodePool) -> list[Decision]:
    """What a pool that reads layers from Azure Storage meets on its way out."""
    is_public = resolve(facts, network_of(facts, pool)).kind == "public"
    by_proxy = goes_by_proxy(facts, pool, facts.registry.login_server)
    return to_registry(facts, pool, STORAGE_TAG) if is_public and not by_proxy else []
