"""The only grant reaches the pulling identity through a group.

What is read
    The assignments that grant pull, and whether each names the identity itself or a group that it is a member of.

Why pulls fail
    Memberships of managed identities are held in their tokens and in Azure's caches for up to a day. A new member is
    refused for hours, and one that was removed keeps pulling until it suddenly does not.

What to do
    Grant the identity the role itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Status, Verdict, not_applicable, passed
from aksacr.facts import UnseenError
from aksacr.semantics.authorization import access

from ._roles import (
    ASSIGNMENTS_READ,
    DEFINITIONS_READ,
    DIRECTORY_READ,
    assignment_evidence,
    grant,
    no_principal,
    scope_words,
    who,
)
from ._wording import CLUSTER_READ, REGISTRY_READ

if TYPE_CHECKING:
    from aksacr.facts import Facts


def judge(facts: Facts) -> Verdict:
    if (gone := no_principal(facts)) is not None:
        return gone
    found = access(facts)
    if not found.granting and found.unread:
        raise UnseenError(found.unread[0])
    if not found.effective:
        return not_applicable(f"No role is held that grants pull; see {'AKA104' if found.granting else 'AKA101'}.")
    direct = [held for held in found.effective if not held.through_group]
    if direct:
        return passed(
            f"{who(facts)} is named by its assignment of {direct[0].role_name}.",
            assignment_evidence(direct[0].assignment),
        )
    held = found.effective[0]
    return Verdict(
        Status.WARN,
        f"{who(facts)} holds {held.role_name} at {scope_words(facts, held.assignment.scope)} only as a member of group "
        f"{held.assignment.principal_id}. A change of membership takes up to a day to reach the nodes.",
        evidence=(assignment_evidence(held.assignment, "properties.principalId"),),
        fixes=tuple(grant(facts, found.principal_id, also=" itself")),
    )


CHECK = Check(
    code="AKA107",
    name="pull-role-only-through-group",
    title="The grant does not hang on a group membership",
    explains=("unauthorized-401", "anonymous-token-401"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ),
    docs=(
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations",
    ),
)
