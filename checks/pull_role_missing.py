"""The pulling identity holds no role that grants pull on the registry.

What is read
    The cluster's kubelet identity (`identityProfile.kubeletidentity`) or service principal, the registry's
    `roleAssignmentMode`, and every role assignment at the registry and above it: resource group, subscription,
    management groups. Assignments through groups are found with Resource Manager's own `assignedTo()` filter,
    custom roles by their permissions (`actions` less `notActions`, with wildcards). Principals are compared by
    object id. Azure does not show which pods pull with another identity (service accounts with the annotation
    `kubernetes.azure.com/acr-client-id`, identity bindings, pull secrets): those need a role or secret of their
    own.

Why pulls fail
    kubelet shows the identity to the registry, which issues no token with the right to pull. The pod's event says
    `failed to authorize: failed to fetch oauth token: ... 401 Unauthorized` (or `anonymous token`). In the mode
    "RBAC Registry Permissions" the registry asks for `Microsoft.ContainerRegistry/registries/pull/read`, which
    AcrPull holds. In the mode "RBAC Registry + ABAC Repository Permissions" it asks for data actions on
    repositories and ignores AcrPull, Owner, Contributor and Reader.

What to do
    Grant the identity AcrPull on the registry, or, in the ABAC mode, Container Registry Repository Reader. A new
    grant takes up to ten minutes, and nodes keep their old token for up to an hour. An eligible assignment
    (Privileged Identity Management) grants nothing until it is activated, which a node cannot do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, passed, unknown
from aksacr.facts import Seen, Unseen
from aksacr.semantics.authorization import access, definition, grants_pull

from ._anonymous import refusal
from ._roles import (
    ASSIGNMENTS_READ,
    DEFINITIONS_READ,
    DIRECTORY_READ,
    ELIGIBLE_READ,
    assignment_evidence,
    gaps_in,
    grant,
    held_names,
    needed_role,
    no_principal,
    scope_words,
    who,
)
from ._wording import CLUSTER_READ, REGISTRY_READ, identity_evidence, listed, seen

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Facts
    from aksacr.semantics.authorization import Access, Held


def judge(facts: Facts) -> Verdict:
    if (gone := no_principal(facts)) is not None:
        return gone
    found = access(facts)
    if found.granting:
        return _granted(facts, _best(found))
    if gaps := gaps_in(facts, found):
        seen_none = f"{who(facts)} holds no role on {facts.registry.name} that is seen to grant pull"
        return unknown(f"{seen_none}; {gaps[0].sentence()}.", *gaps)
    return _missing(facts, found)


def _best(found: Access) -> Held:
    """The grant that needs the least explaining: without a condition, direct, with the least role."""
    return min(
        found.effective or found.granting,
        key=lambda held: (held.condition != "none", held.through_group, held.role_name),
    )


def _granted(facts: Facts, held: Held) -> Verdict:
    through = " through a group" if held.through_group else ""
    narrowed = ", under a condition (see AKA104)" if held.condition != "none" else ""
    return passed(
        f"{who(facts)} holds {held.role_name}{through} at {scope_words(facts, held.assignment.scope)}, which grants "
        f"pull{narrowed}.{_bootstrap(facts)}",
        identity_evidence(facts),
        assignment_evidence(held.assignment),
    )


def _bootstrap(facts: Facts) -> str:
    """A network-isolated cluster pulls its system images from a second registry."""
    other = facts.cluster.bootstrap_registry_id
    if other is None or other == facts.registry.id:
        return ""
    return f" The cluster's system images come from another registry, {other.name}, which was not judged."


def _missing(facts: Facts, found: Access) -> Verdict:
    registry = facts.registry
    others = held_names(found.held)
    holds = f"it holds {listed(others)}, which does not grant it" if others else "it holds no role there at all"
    mode = " (ABAC mode: AcrPull, Owner, Contributor and Reader do not count)" if registry.uses_abac else ""
    what = f"{who(facts)} may not pull from {registry.name}: {holds}{mode}."
    then = f"Every pull of the cluster is refused with 401 until it holds {needed_role(facts)}.{_eligible(facts)}"
    evidence = (
        identity_evidence(facts),
        seen(registry.id, "properties.roleAssignmentMode", registry.role_assignment_mode or None),
        seen(
            f"{registry.id}/providers/Microsoft.Authorization/roleAssignments",
            f"assignments that reach {found.principal_id}",
            [item.role_name for item in found.held],
        ),
    )
    return refusal(facts, what, then, evidence=evidence, fixes=tuple(grant(facts, found.principal_id)))


def _eligible(facts: Facts) -> str:
    """A remark, never a verdict: that eligible roles may not be read changes nothing."""
    if isinstance(facts.eligible_roles, Unseen):
        return ""
    for item in facts.eligible_roles.value:
        role = definition(facts, item.role_guid)
        if isinstance(role, Seen) and role.value and grants_pull(role.value, abac=facts.registry.uses_abac):
            return (
                f" It is eligible for {role.value.name}, but an eligible assignment that is not active grants nothing."
            )
    return ""


CHECK = Check(
    code="AKA101",
    name="pull-role-missing",
    title="The pulling identity holds a role that grants pull on the registry",
    explains=("unauthorized-401", "anonymous-token-401"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, ELIGIBLE_READ, DIRECTORY_READ),
    docs=(
        "https://learn.microsoft.com/azure/aks/cluster-container-registry-integration",
        "https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-directory-reference",
    ),
)
