"""The cluster's service principal is not in the directory, or is disabled.

What is read
    The cluster's `servicePrincipalProfile.clientId`, and the service principal of that application id in Microsoft
    Graph with its `accountEnabled`.

Why pulls fail
    The registry asks Entra to check the credentials that the nodes send. Entra knows no such service principal
    (`AADSTS700016`, `Application not registered with AAD`) or refuses a disabled one: 401, whatever its role.

What to do
    Restore or enable it (a deleted application can be restored for 30 days), or give the cluster another one, or move
    it to a managed identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, not_applicable, passed

from ._anonymous import refusal
from ._roles import DIRECTORY_READ
from ._wording import (
    CLUSTER_READ,
    REGISTRY_READ,
    identity_evidence,
    move_to_managed_identity,
    no_identity,
    seen,
)

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Facts


def judge(facts: Facts) -> Verdict:
    cluster = facts.cluster
    app_id = cluster.service_principal_client_id
    if cluster.pulls_with == "managed-identity":
        return not_applicable(f"Cluster {cluster.name} pulls with a managed identity.")
    if cluster.pulls_with == "unknown":
        return no_identity(facts)
    found = facts.service_principal.value
    if found is None:
        return refusal(
            facts,
            f"There is no service principal for application {app_id} in this tenant: it was deleted, or never made "
            "here.",
            "Entra refuses the cluster's credentials, and every pull fails.",
            evidence=(identity_evidence(facts), seen("Microsoft Graph: servicePrincipals", f"appId {app_id}", "none")),
            fixes=(_restore(app_id), _replace(facts)),
        )
    if not found.account_enabled:
        return refusal(
            facts,
            f'Service principal "{found.display_name}" ({app_id}) is disabled.',
            "Entra refuses its credentials, and every pull fails.",
            evidence=(identity_evidence(facts), seen("Microsoft Graph: service principal", "accountEnabled", False)),
            fixes=(_enable(app_id), _replace(facts)),
        )
    return passed(
        f'Service principal "{found.display_name}" ({app_id}) exists and is enabled.',
        seen("Microsoft Graph: service principal", "accountEnabled", True),
    )


def _restore(app_id: str) -> Fix:
    return Fix(
        f"Restore application {app_id} if it was deleted in the last 30 days (Entra: App registrations, Deleted "
        "applications)",
        manual=True,
        caveat="Role assignments are not restored with it.",
        needs="Application Administrator, or owner of the application",
    )


def _enable(app_id: str) -> Fix:
    return Fix(
        f"Enable it: `az ad sp update --id {app_id} --set accountEnabled=true`",
        manual=True,
        caveat="Someone disabled it: find out why first.",
        needs="Application Administrator",
    )


def _replace(facts: Facts) -> Fix:
    return Fix(
        f"Or move {facts.cluster.name} to a managed identity (`{move_to_managed_identity(facts)}`), upgrade the node "
        "image of every pool, and grant the kubelet identity its pull role",
        manual=True,
        caveat="Nodes keep the service principal until their pool is upgraded.",
        needs=f"Azure Kubernetes Service Contributor on {facts.cluster.name}",
    )


CHECK = Check(
    code="AKA112",
    name="service-principal-missing-or-disabled",
    title="The cluster's service principal exists and is enabled",
    explains=("unauthorized-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, DIRECTORY_READ),
    docs=("https://learn.microsoft.com/azure/aks/kubernetes-service-principal",),
)
