"""Node pools still pull with the service principal that the cluster has left.

What is read
    Whether the cluster is on a managed identity whose kubelet identity holds no pull role, while an application's
    service principal holds one; and how old each pool's node image is.

Why pulls fail
    After `az aks update --enable-managed-identity` the control plane speaks of the new identity at once, but nodes
    keep the service principal until their pool is renewed. When its secret ends, or pools are renewed before the
    new identity has its role, pulls are refused with 401. Azure alone cannot prove that it happened: a warning.

What to do
    Grant the kubelet identity its role, then upgrade the node image of every pool.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, not_applicable, passed, unknown
from aksacr.facts import PULL_ROLES, Seen, Unseen, same
from aksacr.semantics.authorization import access
from aksacr.semantics.node_images import image_date

from ._roles import ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ, assignment_evidence, gaps_in, grant
from ._wording import CLUSTER_READ, REGISTRY_READ, identity_name, listed, seen, upgrade_node_image

if TYPE_CHECKING:
    from aksacr.facts import Facts, Holder, NodePool, RoleAssignment

_OLD = timedelta(days=60)


def judge(facts: Facts) -> Verdict:
    cluster = facts.cluster
    if cluster.pulls_with != "managed-identity":
        return not_applicable(f"Cluster {cluster.name} is not on a managed identity.")
    found = access(facts)
    if found.granting:
        return passed(f"The {identity_name(facts)} holds {found.granting[0].role_name}; a move would be finished.")
    if gaps := gaps_in(facts, found):
        return unknown(f"It is not known whether the {identity_name(facts)} holds a role.", *gaps)
    left = _applications(facts)
    old = [pool for pool in cluster.node_pools if _is_old(facts, pool)]
    if left and old:
        return _unfinished(facts, found.principal_id, left, old)
    unread = [fact for fact in facts.holders.values() if isinstance(fact, Unseen)]
    if unread and old:
        gap = Gap.of(unread[0])
        return unknown(
            f"Who holds pull roles on {facts.registry.name} could not be read ({gap.reason}); needs {gap.action}.", gap
        )
    return not_applicable(
        f"No application's service principal holds a pull role on {facts.registry.name}; nothing shows a move from one."
    )


def _applications(facts: Facts) -> list[tuple[RoleAssignment, Holder]]:
    found: list[tuple[RoleAssignment, Holder]] = []
    for item in facts.role_assignments.value:
        holder = facts.holders.get(item.principal_id)
        if (
            item.role_guid in PULL_ROLES
            and isinstance(holder, Seen)
            and holder.value
            and same(holder.value.kind, "Application")
        ):
            found.append((item, holder.value))
    return found


def _is_old(facts: Facts, pool: NodePool) -> bool:
    made = image_date(pool.node_image_version)
    return made is not None and facts.now.date() - made > _OLD


def _unfinished(
    facts: Facts, principal_id: str, left: list[tuple[RoleAssignment, Holder]], old: list[NodePool]
) -> Verdict:
    names = listed(f'"{holder.display_name or holder.object_id}"' for _, holder in left)
    pools = listed(f"{pool.name} ({pool.node_image_version})" for pool in old)
    cluster = facts.cluster
    upgrades = Fix(
        "Then upgrade the node image of every pool: "
        + "; ".join(f"`{upgrade_node_image(facts, pool.name)}`" for pool in old),
        manual=True,
        caveat="It replaces the pools' nodes one by one.",
        needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
    )
    return Verdict(
        Status.WARN,
        f"Cluster {cluster.name} is on a managed identity that holds no pull role, while service principal {names} "
        f"holds one on {facts.registry.name}, and node pool {pools} was not renewed lately. If the cluster was moved "
        "from that service principal, these nodes still pull with it, and stop when its secret ends.",
        node_pools=() if len(old) == len(cluster.node_pools) else tuple(pool.name for pool in old),
        evidence=(
            *(assignment_evidence(item, "properties.principalId") for item, _ in left[:3]),
            *(
                seen(cluster.id, f"agentPoolProfiles[{pool.name}].nodeImageVersion", pool.node_image_version)
                for pool in old[:6]
            ),
        ),
        fixes=(*grant(facts, principal_id), upgrades),
    )


CHECK = Check(
    code="AKA124",
    name="identity-migration-unfinished",
    title="Node pools were renewed after the move from service principal to managed identity",
    explains=("unauthorized-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ),
    refines=("AKA101",),
    docs=("https://learn.microsoft.com/azure/aks/use-managed-identity",),
)
