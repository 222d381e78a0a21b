"""A deny assignment keeps the pulling identity from pulling.

What is read
    The deny assignments at the registry and above it, with their principals, exclusions and permissions. One that
    does not apply below its own scope counts at the registry only. Whether the identity is in a group that one names
    is seen where the group holds a role, and unknown where it does not.

Why pulls fail
    A deny assignment wins over every role. Blueprints, deployment stacks and managed applications make them, often
    for everyone but a few, with `*` as the action: the identity holds its role and is refused all the same.

What to do
    Exclude the identity in whatever made the deny assignment. It cannot be edited by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, passed, unknown
from aksacr.semantics.authorization import EVERYONE, denials, denials_of_pull

from ._anonymous import refusal
from ._roles import ASSIGNMENTS_READ, DIRECTORY_READ, no_principal, scope_words, who
from ._wording import CLUSTER_READ, REGISTRY_READ, identity_evidence, listed, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence, JsonValue, Verdict
    from aksacr.facts import DenyAssignment, Facts


def judge(facts: Facts) -> Verdict:
    if facts.cluster.pulls_with == "unknown" and not denials_of_pull(facts):
        return passed(f"No deny assignment at {facts.registry.name} or above covers pull.", _counted(facts))
    if (gone := no_principal(facts)) is not None:
        return gone
    found = denials(facts)
    if not found:
        return passed(
            f"No deny assignment at {facts.registry.name} or above covers pull for {who(facts)[4:]}.", _counted(facts)
        )
    if all(item.condition for item in found):
        return _narrowed(facts, found)
    found = [item for item in found if not item.condition]
    names = listed(f'"{item.name}" at {scope_words(facts, item.scope)}' for item in found)
    return refusal(
        facts,
        f"Deny assignment {names} refuses pull to {who(facts)[4:]}, whatever roles it holds.",
        "Its pulls end with 401.",
        evidence=(identity_evidence(facts), *(_evidence(item) for item in found[:6])),
        fixes=(_exclude(facts, found),),
    )


def _narrowed(facts: Facts, found: list[DenyAssignment]) -> Verdict:
    """A condition may leave the pull out, and those of deny assignments are made by Azure in forms of their own."""
    gaps = [
        Gap(
            item.id.text,
            "",
            f'deny assignment "{item.name}" has a condition, and whether it covers this pull is not known: '
            f"{' '.join(item.condition.split())}",
        )
        for item in found
    ]
    return unknown(
        f"It cannot be told whether pull is denied to {who(facts)[4:]}: {gaps[0].reason}.",
        *gaps,
        evidence=(identity_evidence(facts), *(_evidence(item) for item in found[:6])),
    )


def _counted(facts: Facts) -> Evidence:
    source = f"{facts.registry.id}/providers/Microsoft.Authorization/denyAssignments"
    return seen(source, "value", len(facts.deny_assignments.value))


def _evidence(item: DenyAssignment) -> Evidence:
    everyone = EVERYONE in item.principal_ids
    named: list[JsonValue] = ["everyone"] if everyone else [*sorted(item.principal_ids)[:10]]
    return seen(item.id, "properties.principals", named)


def _exclude(facts: Facts, found: list[DenyAssignment]) -> Fix:
    names = listed(f'"{item.name}"' for item in found)
    return Fix(
        f"Exclude the identity in the deployment stack, blueprint or managed application that made {names}",
        manual=True,
        caveat="A deny assignment is system-protected: it changes only with what made it.",
        needs=f"whoever owns that deployment, at {scope_words(facts, found[0].scope)}",
    )


CHECK = Check(
    code="AKA105",
    name="pull-denied-by-deny-assignment",
    title="No deny assignment covers pull on the registry",
    explains=("unauthorized-401", "forbidden-403"),
    judge=judge,
    page=__doc__ or "",
    permissions=(
        *(CLUSTER_READ, REGISTRY_READ, "Microsoft.Authorization/denyAssignments/read"),
        *(ASSIGNMENTS_READ, DIRECTORY_READ),
    ),
    docs=("https://learn.microsoft.com/azure/role-based-access-control/deny-assignments",),
)
