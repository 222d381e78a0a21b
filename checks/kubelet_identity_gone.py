"""The kubelet identity is gone, or is another one than the cluster knows.

What is read
    The cluster's `identityProfile.kubeletidentity`, and the user-assigned identity of that resource id with its
    `clientId` and `principalId`.

Why pulls fail
    Nodes ask for tokens of the client id that the cluster knows. An identity that was deleted gives none; one that
    was recreated under the same name has other ids, and the roles of the old one do not apply to it. Nodes go on
    without credentials: `failed to fetch anonymous token: ... 401 Unauthorized`.

What to do
    Give the cluster an identity that exists, and grant it its pull role. Assigning a kubelet identity upgrades
    every node pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, az, not_applicable, passed
from aksacr.facts import same

from ._anonymous import refusal
from ._wording import (
    CLUSTER_READ,
    KUBELET_PATH,
    REGISTRY_READ,
    no_identity,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Facts, KubeletIdentity, ManagedIdentity


def judge(facts: Facts) -> Verdict:
    cluster = facts.cluster
    known = cluster.kubelet_identity
    if cluster.pulls_with == "service-principal":
        return not_applicable(f"Cluster {cluster.name} pulls with a service principal.")
    if known is None:
        return no_identity(facts)
    found = facts.kubelet_identity.value
    if found is None:
        return _gone(facts, known)
    if _differs(known.object_id, found.principal_id) or _differs(known.client_id, found.client_id):
        return _recreated(facts, known, found)
    return passed(
        f"Kubelet identity {known.resource_id.name} exists and has the ids that the cluster knows.",
        seen(found.id, "properties.principalId", found.principal_id),
    )


def _differs(known: str, found: str) -> bool:
    """Two ids that are both told and are not the same."""
    return bool(known) and bool(found) and not same(known, found)


def _gone(facts: Facts, known: KubeletIdentity) -> Verdict:
    return refusal(
        facts,
        f"Kubelet identity {known.resource_id.name} no longer exists.",
        "Nodes get no token for the registry and pull without credentials.",
        evidence=(
            seen(facts.cluster.id, f"{KUBELET_PATH}.resourceId", known.resource_id.text),
            seen(known.resource_id, "", "not found (404)"),
        ),
        fixes=(_assign(facts),),
    )


def _recreated(facts: Facts, known: KubeletIdentity, found: ManagedIdentity) -> Verdict:
    return refusal(
        facts,
        f"Kubelet identity {known.resource_id.name} was recreated: the cluster knows object id {known.object_id} and "
        f"client id {known.client_id}, but the identity now has {found.principal_id} and {found.client_id}.",
        "Nodes ask for tokens of an identity that is no more.",
        evidence=(
            seen(facts.cluster.id, f"{KUBELET_PATH}.objectId", known.object_id),
            seen(found.id, "properties.principalId", found.principal_id),
        ),
        fixes=(_assign(facts),),
    )


def _assign(facts: Facts) -> Fix:
    cluster = facts.cluster
    where = ("-g", cluster.id.resource_group, "-n", cluster.name, *subscription_words(facts, cluster.id))
    command = az("aks", "update", *where, "--enable-managed-identity")
    return Fix(
        f"Make a user-assigned identity and give it to the cluster: `{command} --assign-identity <control-plane "
        "identity id> --assign-kubelet-identity <new identity id>`, then grant it its pull role",
        manual=True,
        caveat="It upgrades every node pool. The control-plane identity must be Managed Identity Operator on it.",
        needs=f"Azure Kubernetes Service Contributor on {cluster.name} and Managed Identity Contributor",
    )


CHECK = Check(
    code="AKA123",
    name="kubelet-identity-gone",
    title="The kubelet identity exists and is the one the cluster knows",
    explains=("anonymous-token-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, "Microsoft.ManagedIdentity/userAssignedIdentities/read"),
    docs=("https://learn.microsoft.com/azure/aks/use-managed-identity",),
)
