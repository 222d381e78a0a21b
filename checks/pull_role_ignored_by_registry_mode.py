"""The role that is held does not count in the registry's permission mode.

What is read
    The registry's `roleAssignmentMode`, and the roles that the pulling identity holds at the registry and above,
    each judged in both modes.

Why pulls fail
    A registry in the mode "RBAC Registry + ABAC Repository Permissions" ignores AcrPull, AcrPush, Owner,
    Contributor, Reader and custom roles with `registries/pull/read`: a token is issued, but it opens no repository.
    A registry in the mode "RBAC Registry Permissions" ignores the repository roles. A mode that was switched leaves
    every assignment standing and makes it worthless.

What to do
    Grant the role that the mode honours. `az aks update --attach-acr` grants AcrPull, and must not be used for a
    registry in the ABAC mode. Nodes keep credentials from before the switch for minutes to hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, not_applicable, passed, unknown
from aksacr.semantics.authorization import access

from ._anonymous import refusal
from ._roles import (
    ASSIGNMENTS_READ,
    DEFINITIONS_READ,
    DIRECTORY_READ,
    assignment_evidence,
    gaps_in,
    grant,
    held_names,
    needed_role,
    no_principal,
    who,
)
from ._wording import CLUSTER_READ, REGISTRY_READ, identity_evidence, listed, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence, Verdict
    from aksacr.facts import Facts
    from aksacr.semantics.authorization import Held


def judge(facts: Facts) -> Verdict:
    if (gone := no_principal(facts)) is not None:
        return gone
    found = access(facts)
    if found.granting:
        return passed(
            f"{found.granting[0].role_name} counts in the registry's mode ({_mode(facts)}).", _evidence(facts)
        )
    ignored = tuple(held for held in found.held if held.grants_in_other_mode)
    if gaps := gaps_in(facts, found):
        return unknown(f"Not every role that {who(facts)[4:]} holds could be read.", *gaps)
    if not ignored:
        return not_applicable(f"{who(facts)} holds no pull role of either mode; see AKA101.")
    return _fault(facts, found.principal_id, ignored)


def _mode(facts: Facts) -> str:
    return "RBAC Registry + ABAC Repository Permissions" if facts.registry.uses_abac else "RBAC Registry Permissions"


def _evidence(facts: Facts) -> Evidence:
    return seen(facts.registry.id, "properties.roleAssignmentMode", facts.registry.role_assignment_mode or None)


def _fault(facts: Facts, principal_id: str, ignored: tuple[Held, ...]) -> Verdict:
    names = listed(held_names(ignored))
    return refusal(
        facts,
        f"{who(facts)} holds {names}, which {facts.registry.name} ignores in its mode {_mode(facts)}.",
        f"Its tokens open no repository, and pulls are refused until it holds {needed_role(facts)}.",
        evidence=(
            identity_evidence(facts),
            _evidence(facts),
            *(assignment_evidence(item.assignment) for item in ignored[:6]),
        ),
        fixes=tuple(grant(facts, principal_id)),
    )


CHECK = Check(
    code="AKA103",
    name="pull-role-ignored-by-registry-mode",
    title="The role held counts in the registry's permission mode",
    explains=("unauthorized-401", "not-found-repository"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ),
    refines=("AKA101",),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions",),
)
