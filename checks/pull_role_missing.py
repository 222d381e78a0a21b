"""The pulling identity holds no role that grants pull on the registry.

What is read
    The cluster's kubelet identity (`identityProfile.kubeletidentity`) or service principal, the registry's
    `roleAssignmentMode`, and every role assignment at the registry and above it: resource group, subscription,
    management groups. Assignments through groups are found with Resource Manager's own `assignedTo()` filter, custom
    roles by their permissions (`actions` less `notActions`, with wildcards). Principals are compared by object id.

Why pulls fail
    kubelet shows the identity to the registry, which issues no token with the right to pull. The pod's event says
    `failed to authorize: failed to fetch oauth token: ... 401 Unauthorized` (or `anonymous token`). In the mode
    "RBAC Registry Permissions" the registry asks for `Microsoft.ContainerRegistry/registries/pull/read`, which
    AcrPull holds. In the mode "RBAC Registry + ABAC Repository Permissions" it asks for data actions on repositories
    and ignores AcrPull, Owner, Contributor and Reader.

What to do
    Grant the identity AcrPull on the registry, or, in the ABAC mode, Container Registry Repository Reader. A new grant
    takes up to ten minutes, and nodes keep their old token for up to an hour.
"""

from __future__ import annotations

from aksacr.check import Check, Fix, Gap, Status, Verdict, az, passed, unknown
from aksacr.facts import ACR_PULL, BUILT_IN_ROLES, REPOSITORY_READER, Facts, Unseen
from aksacr.semantics.authorization import Access, Held, access

from ._wording import CLUSTER_READ, REGISTRY_READ, identity_evidence, identity_name, listed, seen


def judge(facts: Facts) -> Verdict:
    found = access(facts)
    if found.granting:
        return _granted(facts, found.granting[0])
    gaps = [*found.unread]
    if isinstance(facts.reached_through_groups, Unseen):
        gaps.append(facts.reached_through_groups)
    if gaps:
        return unknown(
            f"{_who(facts)} holds no role on {facts.registry.name} that is seen to grant pull; "
            f"{Gap.of(gaps[0]).sentence()}.",
            *(Gap.of(gap) for gap in gaps),
        )
    if found.conditional:
        return _conditional(facts, found.conditional)
    return _missing(facts, found)


def _granted(facts: Facts, held: Held) -> Verdict:
    role = held.role.name if held.role else held.assignment.role_guid
    through = " through a group" if held.through_group else ""
    return passed(
        f"{_who(facts)} holds {role}{through} at {_scope(facts, held)}, which grants pull.",
        identity_evidence(facts),
        seen(held.assignment.id, "properties.roleDefinitionId", held.assignment.role_definition_id),
    )


def _conditional(facts: Facts, held: tuple[Held, ...]) -> Verdict:
    roles = listed(item.role.name for item in held if item.role)
    return unknown(
        f"{_who(facts)} holds {roles} on {facts.registry.name} under a condition, which decides repository by "
        "repository. "
        "Read the condition against the repository that fails to be pulled.",
        evidence=tuple(seen(item.assignment.id, "properties.condition", item.assignment.condition) for item in held),
    )


def _missing(facts: Facts, found: Access) -> Verdict:
    others = sorted({item.role.name if item.role else item.assignment.role_guid for item in found.held})
    needed = BUILT_IN_ROLES[REPOSITORY_READER if facts.registry.uses_abac else ACR_PULL].name
    holds = f"it holds {listed(others)}, which do not grant it" if others else "it holds no role there at all"
    mode = " (ABAC mode: AcrPull, Owner, Contributor and Reader do not count)" if facts.registry.uses_abac else ""
    message = (
        f"{_who(facts)} may not pull from {facts.registry.name}: {holds}{mode}. "
        f"Every pull of the cluster is refused with 401 until it holds {needed}."
    )
    evidence = [
        identity_evidence(facts),
        seen(facts.registry.id, "properties.roleAssignmentMode", facts.registry.role_assignment_mode or None),
        seen(
            f"{facts.registry.id}/providers/Microsoft.Authorization/roleAssignments",
            f"assignments that reach {found.principal_id}",
            [item.role.name if item.role else item.assignment.role_guid for item in found.held],
        ),
    ]
    return Verdict(Status.FAIL, message, evidence=tuple(evidence), fixes=(_grant(facts, found.principal_id, needed),))


def _grant(facts: Facts, principal_id: str, role: str) -> Fix:
    registry = facts.registry
    command = az(
        *("role", "assignment", "create", "--assignee-object-id", principal_id),
        *("--assignee-principal-type", "ServicePrincipal", "--role", role, "--scope", registry.id),
    )
    abac = (
        " Not `az aks update --attach-acr`: it grants AcrPull, which this registry ignores."
        if registry.uses_abac
        else ""
    )
    return Fix(
        f"Grant {role} on {registry.name} to the {identity_name(facts)}",
        (command,),
        caveat=f"Takes up to 10 minutes to reach the registry; nodes may keep a refused token for up to an hour.{abac}",
        needs=f"Owner, User Access Administrator or Role Based Access Control Administrator on {registry.name}",
    )


def _who(facts: Facts) -> str:
    return f"The {identity_name(facts)} of cluster {facts.cluster.name}"


def _scope(facts: Facts, held: Held) -> str:
    scope = held.assignment.scope
    if scope == facts.registry.id:
        return f"registry {facts.registry.name}"
    return {
        "": f"resource group {scope.resource_group}" if scope.resource_group else f"subscription {scope.name}",
        "microsoft.management/managementgroups": f"management group {scope.name}",
    }.get(scope.type, scope.text)


CHECK = Check(
    code="AKA101",
    name="pull-role-missing",
    title="The pulling identity holds a role that grants pull on the registry",
    explains=("unauthorized-401", "anonymous-token-401"),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        CLUSTER_READ,
        REGISTRY_READ,
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleDefinitions/read",
        "Application.Read.All (Microsoft Graph)",
    ),
    docs=(
        "https://learn.microsoft.com/azure/aks/cluster-container-registry-integration",
        "https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-directory-reference",
    ),
)
