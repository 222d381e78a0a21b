"""Cluster and registry live in different Entra tenants.

What is read
    The tenants of the cluster's and the registry's subscriptions, where those are two.

Why pulls fail
    A managed identity exists in one tenant only. The registry's tenant does not know it, the exchange of its token is
    refused, and nodes go on without credentials: `failed to fetch anonymous token: ... 401 Unauthorized`. No role can
    mend it, because the identity cannot be given one in the other tenant.

What to do
    Import the images into a registry of the cluster's tenant, or pull with a secret: a registry token, or a
    multi-tenant service principal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, az, not_applicable, passed, unknown
from aksacr.facts import Unseen, same

from ._anonymous import refusal
from ._wording import CLUSTER_READ, REGISTRY_READ, no_identity, seen

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Fact, Facts


def judge(facts: Facts) -> Verdict:
    cluster, registry = facts.cluster, facts.registry
    if cluster.pulls_with == "service-principal":
        return not_applicable(
            f"Cluster {cluster.name} pulls with a service principal, which may be known in both tenants."
        )
    if cluster.pulls_with == "unknown":
        return no_identity(facts)
    if same(cluster.id.subscription_id, registry.id.subscription_id):
        return passed(f"{cluster.name} and {registry.name} are in one subscription, and so in one tenant.")
    here, there = _tenant(facts, cluster.id.subscription_id), _tenant(facts, registry.id.subscription_id)
    ours = cluster.tenant_id or here.value
    if not ours or not there.value:
        return unknown("Azure does not say which tenants the subscriptions of cluster and registry are in.")
    if same(ours, there.value):
        return passed(f"{cluster.name} and {registry.name} are in one tenant ({ours}).")
    return refusal(
        facts,
        f"Cluster {cluster.name} is in tenant {ours}, registry {registry.name} in tenant {there.value}. The cluster's "
        "managed identity does not exist there: its tokens are refused.",
        "Pulls go on without credentials.",
        evidence=(
            seen(cluster.id, "identity.tenantId", ours),
            seen(f"/subscriptions/{registry.id.subscription_id}", "tenantId", there.value),
        ),
        fixes=(_secret(facts), _import(facts)),
    )


def _tenant(facts: Facts, subscription_id: str) -> Fact[str]:
    kept = facts.tenants.get(subscription_id.lower())
    return (
        Unseen(f"/subscriptions/{subscription_id}", "Microsoft.Resources/subscriptions/read", "was not read")
        if kept is None
        else kept
    )


def _secret(facts: Facts) -> Fix:
    return Fix(
        f"Pull with a secret: make a token of {facts.registry.name} that may read the repository, put it into an "
        "image pull secret of the pods' namespace, and name that in their service account",
        manual=True,
        caveat="Tokens end: note when. A multi-tenant service principal is the other way.",
        needs=f"Contributor on {facts.registry.name}",
    )


def _import(facts: Facts) -> Fix:
    command = az("acr", "import", "--subscription", facts.cluster.id.subscription_id)
    source = f"--source {facts.registry.login_server}/<repository>:<tag> --image <repository>:<tag>"
    return Fix(
        f"Or import the images into a registry of the cluster's tenant with `{command} -n <registry> {source} "
        "--username <token name> --password <token password>`",
        manual=True,
        needs="Contributor on the registry that is imported into",
    )


CHECK = Check(
    code="AKA125",
    name="registry-in-other-tenant",
    title="Cluster and registry live in one Entra tenant",
    explains=("anonymous-token-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, "Microsoft.Resources/subscriptions/read"),
    docs=("https://learn.microsoft.com/azure/container-registry/authenticate-aks-cross-tenant",),
)
