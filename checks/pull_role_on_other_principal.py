"""A pull role on the registry is held by a principal that does not pull.

What is read
    The holders of roles that grant pull in the registry's mode, at the registry and above, custom roles and Owner
    among them; the cluster's other principals: its control-plane identity, its add-ons' identities, the client id of
    the kubelet identity, the application's own ids; and, where Microsoft Graph may be read, whether a holder still
    exists.

Why pulls fail
    Nodes pull with the kubelet identity, or the cluster's present service principal, and with nothing else. A role
    that was given to the control-plane identity, to a client id instead of an object id, to an identity that was
    recreated, or to a former service principal grants nothing to the nodes: 401.

What to do
    Grant the role to the identity that pulls. Remove the stray assignment afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, not_applicable, passed, unknown
from aksacr.facts import Seen, same
from aksacr.semantics.authorization import access, definition, is_effective

from ._anonymous import refusal
from ._roles import (
    ASSIGNMENTS_READ,
    DEFINITIONS_READ,
    DIRECTORY_READ,
    assignment_evidence,
    gaps_in,
    grant,
    held_names,
    no_principal,
    scope_words,
    who,
)
from ._wording import CLUSTER_READ, REGISTRY_READ, identity_evidence, identity_name, listed

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Facts, NamedPrincipal, RoleAssignment
    from aksacr.semantics.authorization import Access


def judge(facts: Facts) -> Verdict:
    if (gone := no_principal(facts)) is not None:
        return gone
    found = access(facts)
    if found.granting:
        return passed(f"{who(facts)} holds {found.granting[0].role_name} itself.", identity_evidence(facts))
    if gaps := gaps_in(facts, found):
        return unknown(f"It is not known whether {who(facts)[4:]} holds a role itself.", *gaps)
    ignored = [held for held in found.held if held.grants_in_other_mode]
    if ignored:
        return not_applicable(
            f"{who(facts)} holds {listed(held_names(tuple(ignored)))} itself, which does not count in the registry's "
            "mode; see AKA103."
        )
    strays = [(item, words) for item in _pull_assignments(facts) if (words := _whose(facts, item))]
    if not strays:
        return not_applicable(
            f"No pull role on {facts.registry.name} is held by another principal of this cluster; see AKA101."
        )
    return _fault(facts, found, strays)


def _pull_assignments(facts: Facts) -> list[RoleAssignment]:
    return [item for item in facts.role_assignments.value if is_effective(facts, item)]


def _own(found: Access) -> str:
    names = held_names(found.held)
    return f"{listed(names)} alone, which does not grant it" if names else "nothing"


def _whose(facts: Facts, item: RoleAssignment) -> str:
    """Whom of this cluster the holder is, in words; "" for a stranger, of whom nothing is said."""
    cluster = facts.cluster
    identity = cluster.kubelet_identity
    if identity is not None and same(item.principal_id, identity.client_id):
        name = identity.resource_id.name
        return f"the client id of the kubelet identity {name} (assignments need its object id, {identity.object_id})"
    if same(item.principal_id, cluster.service_principal_client_id):
        return (
            "the application id of the cluster's service principal (assignments need the service principal's object id)"
        )
    application = facts.application
    if isinstance(application, Seen) and application.value and same(item.principal_id, application.value.object_id):
        return "the object id of the application (assignments need the service principal's object id)"
    for other in cluster.other_principals:
        if item.principal_id and item.principal_id.lower() in {other.object_id.lower(), other.client_id.lower()}:
            return f"the cluster's {_other(other)}"
    holder = facts.holders.get(item.principal_id)
    if isinstance(holder, Seen) and holder.value is None:
        return f"a principal that no longer exists ({item.principal_id})"
    return ""


def _other(other: NamedPrincipal) -> str:
    return f"{other.role} {other.resource_id.name}" if other.resource_id else other.role


def _fault(facts: Facts, found: Access, strays: list[tuple[RoleAssignment, str]]) -> Verdict:
    held: list[str] = []
    for item, words in strays:
        role = definition(facts, item.role_guid)
        name = role.value.name if isinstance(role, Seen) and role.value else item.role_guid
        held.append(f"{name} at {scope_words(facts, item.scope)} is held by {words}")
    stray = Fix(
        f"Afterwards, remove the stray assignment{'s' if len(strays) > 1 else ''} of "
        f"{listed(words for _, words in strays)}",
        manual=True,
        caveat="Make sure that nothing else relies on it.",
        needs=f"Owner or User Access Administrator on {facts.registry.name}",
    )
    return refusal(
        facts,
        f"{listed(held)}; pods pull with the {identity_name(facts)}, which holds {_own(found)}.",
        "Its pulls are refused with 401.",
        evidence=(
            identity_evidence(facts),
            *(assignment_evidence(item, "properties.principalId") for item, _ in strays[:6]),
        ),
        fixes=(*grant(facts, found.principal_id), stray),
    )


CHECK = Check(
    code="AKA102",
    name="pull-role-on-other-principal",
    title="Pull roles on the registry are held by the identity that pulls",
    explains=("unauthorized-401", "anonymous-token-401"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ),
    refines=("AKA101",),
    docs=("https://learn.microsoft.com/azure/aks/use-managed-identity",),
)
