"""Builds the report from facts and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from aksacr import __version__
from aksacr.check import Status, worst
from aksacr.diagnosis import SeenErrors, diagnose
from aksacr.facts import Seen, UnseenError
from aksacr.observed import observed_in, saying_nothing
from aksacr.semantics.egress import egress
from aksacr.semantics.pull_path import pull_path

from . import model

if TYPE_CHECKING:
    from aksacr.check import JsonValue, Verdict
    from aksacr.facts import Facts, NodePool
    from aksacr.runner import Judged
    from aksacr.semantics.pull_path import Hop

# The steps by which layers go as well, and the checks that speak of single names and addresses there.
_TO_REGISTRY = {"resolve", "route", "admit"}
_OF_ONE_ADDRESS = {"AKA302", "AKA303", "AKA331", "AKA332"}
# What makes a step worse than its own words, and how it is said.
_SERIOUS = {Status.FAIL: "but", Status.UNKNOWN: "not decided:", Status.WARN: "at risk:"}


def build(
    facts: Facts,
    judged: list[Judged],
    stats: model.Stats,
    *,
    observed: list[dict[str, JsonValue]] | None = None,
    fail_on: model.FailOn = "fault",
    allow_unknown: frozenset[str] = frozenset(),
) -> model.Report:
    """One report. Its exit status is a property of it, the same in every format.

    observed: the pull errors that were seen, as `explain` writes them.
    """
    entries = observed or []
    checks = [_result(item) for item in judged]
    paths = [_path(facts, pool, judged) for pool in facts.cluster.node_pools]
    seen = SeenErrors(observed_in(entries), _stops(paths), facts.registry.login_server, saying_nothing(entries))
    found = diagnose(judged, facts.cluster.name, facts.registry.name, seen)
    return model.Report(
        schema_version="1.0",
        tool=model.Tool(name="aksacr", version=__version__),
        generated_at=facts.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        target=_target(facts),
        observed=entries,
        verdict=model.VerdictResult(
            outcome=found.outcome,
            root_causes=list(found.root_causes),
            summary=found.summary,
            exit_status=model.exit_status(checks, fail_on=fail_on, allow_unknown=allow_unknown),
        ),
        checks=checks,
        pull_path=paths,
        stats=stats,
    )


def _target(facts: Facts) -> model.Target:
    cluster, registry = facts.cluster, facts.registry
    return model.Target(
        cloud=facts.cloud.name,
        cluster=model.ClusterTarget(
            id=cluster.id.text,
            name=cluster.name,
            resource_group=cluster.id.resource_group,
            location=cluster.location,
            kubernetes_version=cluster.kubernetes_version,
            identity=_identity(facts),
        ),
        registry=model.RegistryTarget(
            id=registry.id.text, name=registry.name, login_server=registry.login_server, sku=registry.sku
        ),
        image=facts.image,
        node_pools=[_pool(facts, pool) for pool in cluster.node_pools],
    )


def _identity(facts: Facts) -> model.IdentityTarget:
    cluster = facts.cluster
    if cluster.kubelet_identity is not None:
        identity = cluster.kubelet_identity
        return model.IdentityTarget(
            kind="managed-identity",
            object_id=identity.object_id or None,
            client_id=identity.client_id or None,
            resource_id=identity.resource_id.text,
        )
    principal = facts.service_principal
    object_id = principal.value.object_id if isinstance(principal, Seen) and principal.value else None
    return model.IdentityTarget(
        kind=cluster.pulls_with, object_id=object_id, client_id=cluster.service_principal_client_id or None
    )


def _pool(facts: Facts, pool: NodePool) -> model.NodePoolTarget:
    subnet = facts.subnet_id(pool)
    try:
        addresses = [str(item).removesuffix("/32").removesuffix("/128") for item in egress(facts, pool).ranges]
    except UnseenError:
        addresses = []
    return model.NodePoolTarget(
        name=pool.name,
        os_type=pool.os_type,
        subnet_id=subnet.value.text if isinstance(subnet, Seen) else None,
        egress_addresses=addresses,
    )


def _path(facts: Facts, pool: NodePool, judged: list[Judged]) -> model.PoolPath:
    hops = pull_path(facts, pool)
    # A fault that speaks about two steps belongs to the one that fails by Azure's rules, where they show which that is.
    failing = {code: hop.name for hop in reversed(hops) for code in hop.checks if hop.status is Status.FAIL}
    faults = {item.check.code for item in judged if item.verdict.status is Status.FAIL}
    placed = {code: name for code, name in failing.items() if code in faults}
    results = [
        _hop(hop, pool, [item for item in judged if placed.get(item.check.code, hop.name) == hop.name]) for hop in hops
    ]
    return model.PoolPath(node_pool=pool.name, hops=_layers_after(results, pool, judged))


def _layers_after(hops: list[model.HopResult], pool: NodePool, judged: list[Judged]) -> list[model.HopResult]:
    """The steps, where layers do not pass over a way that the registry's own requests are not known to get by.

    What bears on the login server's own address alone leaves the layers' way as it is.
    """
    *before, layers = hops
    held_up = [hop for hop in before if hop.hop in _TO_REGISTRY and hop.status in {"fail", "unknown"}]
    codes = _codes(held_up[0], pool, judged) if held_up else set[str]()  # what comes after it may follow from it
    if layers.status != "pass" or not held_up or (codes and codes <= _OF_ONE_ADDRESS):
        return hops
    detail = f"{layers.detail}, by the same way as the registry itself, which comes first"
    return [*before, msgspec.structs.replace(layers, status="not-applicable", detail=detail)]


def _codes(hop: model.HopResult, pool: NodePool, judged: list[Judged]) -> set[str]:
    """The checks that leave a step of a pool as it is."""
    return {
        item.check.code
        for item in judged
        if item.check.code in hop.checks
        and str(item.verdict.status) == hop.status
        and (not item.verdict.node_pools or pool.name in item.verdict.node_pools)
    }


def _stops(paths: list[model.PoolPath]) -> frozenset[str]:
    """The codes of the checks that speak about the first failing step of each node pool."""
    first = [[hop for hop in path.hops if hop.status == "fail"][:1] for path in paths]
    return frozenset(code for hops in first for hop in hops for code in hop.checks)


def _hop(hop: Hop, pool: NodePool, judged: list[Judged]) -> model.HopResult:
    """A step as Azure's rules show it, never better than what its checks say of this pool; these are named then."""
    about = [
        item
        for item in judged
        if item.check.code in hop.checks and (not item.verdict.node_pools or pool.name in item.verdict.node_pools)
    ]
    serious = [item.verdict.status for item in about if item.verdict.status in _SERIOUS]
    status = worst([hop.status, *serious])
    detail = hop.detail
    if status is not hop.status:
        names = [item.check.name for item in about if item.verdict.status is status]
        detail = f"{detail}; {_SERIOUS[status]} {', '.join(names)}"
    return model.HopResult(
        hop=hop.name, status=cast("model.StatusWord", str(status)), detail=detail, checks=list(hop.checks)
    )


def _result(item: Judged) -> model.CheckResult:
    check, verdict = item.check, item.verdict
    return model.CheckResult(
        code=check.code,
        name=check.name,
        title=check.title,
        status=cast("model.StatusWord", str(verdict.status)),
        message=verdict.message,
        node_pools=list(verdict.node_pools),
        evidence=[model.EvidenceItem(source=e.source, path=e.path, value=e.value) for e in verdict.evidence],
        fixes=_fixes(verdict),
        unseen=[model.UnseenItem(source=gap.source, action=gap.action, reason=gap.reason) for gap in verdict.unseen],
        docs=list(check.docs),
        explains=list(dict.fromkeys((*check.explains, *verdict.explains))),
        refines=list(check.refines),
    )


def _fixes(verdict: Verdict) -> list[model.FixItem]:
    return [
        model.FixItem(
            summary=fix.summary, commands=list(fix.commands), manual=fix.manual, caveat=fix.caveat, needs=fix.needs
        )
        for fix in verdict.fixes
    ]
