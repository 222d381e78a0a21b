"""Words about roles that several checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Evidence, Fix, Gap, Verdict, az, not_applicable
from aksacr.facts import ACR_PULL, BUILT_IN_ROLES, REPOSITORY_READER, Seen, Unseen
from aksacr.semantics.authorization import PULL_DATA_ACTIONS, repository_of

from ._wording import identity_name, no_identity, seen

if TYPE_CHECKING:
    from aksacr.facts import Facts, ResourceId, RoleAssignment
    from aksacr.semantics.authorization import Access, Held

ASSIGNMENTS_READ = "Microsoft.Authorization/roleAssignments/read"
DEFINITIONS_READ = "Microsoft.Authorization/roleDefinitions/read"
ELIGIBLE_READ = "Microsoft.Authorization/roleEligibilityScheduleInstances/read"
DIRECTORY_READ = "Application.Read.All (Microsoft Graph)"
_WAIT = "Takes up to 10 minutes to reach the registry; nodes may keep a refused token for up to an hour."
_WHO_MAY = "Owner, User Access Administrator or Role Based Access Control Administrator"


def who(facts: Facts) -> str:
    """`The kubelet identity x of cluster y`."""
    return f"The {identity_name(facts)} of cluster {facts.cluster.name}"


def no_principal(facts: Facts) -> Verdict | None:
    """The verdict of every check about roles when there is no principal that could hold one, or none was seen."""
    if facts.cluster.pulls_with == "unknown":
        return no_identity(facts)
    principal = facts.service_principal
    is_gone = isinstance(principal, Seen) and principal.value is None
    if facts.cluster.pulls_with != "service-principal" or not is_gone:
        return None
    app_id = facts.cluster.service_principal_client_id
    return not_applicable(f"Service principal {app_id} is not in the directory, so it can hold no role; see AKA112.")


def gaps_in(facts: Facts, found: Access) -> list[Gap]:
    """What was not seen of the roles that the pulling identity may hold."""
    gaps = [Gap.of(gap) for gap in found.unread]
    groups = facts.reached_through_groups
    return [*gaps, Gap.of(groups)] if isinstance(groups, Unseen) else gaps


def needed_role(facts: Facts) -> str:
    """The least role that grants pull in the registry's permission mode."""
    return BUILT_IN_ROLES[REPOSITORY_READER if facts.registry.uses_abac else ACR_PULL].name


def scope_words(facts: Facts, scope: ResourceId) -> str:
    """`registry x`, `resource group y`, `subscription z`, `management group m`, `the root scope`."""
    if scope == facts.registry.id:
        return f"registry {facts.registry.name}"
    if scope.type == "microsoft.management/managementgroups":
        return f"management group {scope.name}"
    if scope.type:
        return scope.text
    if scope.resource_group:
        return f"resource group {scope.resource_group}"
    return f"subscription {scope.subscription_id}" if scope.subscription_id else "the root scope"


def grant(facts: Facts, principal_id: str, *, also: str = "", narrow_first: bool = False) -> list[Fix]:
    """Grant the pulling principal the least role that the registry's mode honours; with an image, also narrowly.

    `narrow_first`: for the image's repository alone, and on the whole registry as the other way.
    """
    registry = facts.registry
    role = needed_role(facts)
    words = (
        *("role", "assignment", "create", "--assignee-object-id", principal_id),
        *("--assignee-principal-type", "ServicePrincipal", "--role", role, "--scope", registry.id),
    )
    caveat = _WAIT
    if registry.uses_abac:
        caveat += " Not `az aks update --attach-acr`: it grants AcrPull, which this registry ignores."
    needs = f"{_WHO_MAY} on {registry.name}"
    to = f"{role} on {registry.name} to the {identity_name(facts)}{also}"
    repository = repository_of(facts)
    if not registry.uses_abac or repository is None:
        return [Fix(f"Grant {to}", (az(*words),), False, caveat, needs)]
    narrow = (az(*words, "--condition", condition_for(repository), "--condition-version", "2.0"),)
    if narrow_first:
        return [
            Fix(f"Grant {role} for {repository} only", narrow, False, caveat, needs),
            Fix(f"Or grant {to}, for every repository", (az(*words),), False, caveat, needs),
        ]
    return [
        Fix(f"Grant {to}", (az(*words),), False, caveat, needs),
        Fix(f"Or grant it for repository {repository} only", narrow, False, caveat, needs),
    ]


def condition_for(repository: str) -> str:
    """A condition that admits reading one repository, in Azure's own form."""
    quoted = repository.replace("\\", "\\\\").replace("'", "\\'")
    others = " AND ".join(f"!(ActionMatches{{'{action}'}})" for action in PULL_DATA_ACTIONS)
    name = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"
    return f"(({others}) OR ({name} StringEqualsIgnoreCase '{quoted}'))"


def assignment_evidence(assignment: RoleAssignment, path: str = "properties.roleDefinitionId") -> Evidence:
    """Where an assignment says who holds what."""
    values = {"condition": assignment.condition, "principalId": assignment.principal_id}
    return seen(assignment.id, path, values.get(path.rpartition(".")[2], assignment.role_definition_id))


def held_names(held: tuple[Held, ...]) -> list[str]:
    """The names of the roles, each once, in order."""
    return sorted({item.role_name for item in held})
