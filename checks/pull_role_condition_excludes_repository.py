"""The condition on the role leaves the repository out.

What is read
    The conditions of the repository roles that the pulling identity holds on a registry in the ABAC mode, judged for
    the repository of `--image`. Conditions are parsed; one that is not of the known forms is unknown, never a pass.

Why pulls fail
    A role with a condition such as `repositories:name StringStartsWith 'backend/'` opens those repositories only. For
    any other the registry issues a token that lacks it: `insufficient_scope`, or 401. Operators without `IgnoreCase`
    count letter case, and a prefix without its trailing slash admits more than was meant.

What to do
    Grant the role for this repository, too: one more assignment is enough, because assignments add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Gap, Status, Verdict, not_applicable, passed, unknown
from aksacr.semantics.authorization import access, repository_of
from aksacr.semantics.image_names import is_elsewhere

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
    who,
)
from ._wording import CLUSTER_READ, REGISTRY_READ, listed

if TYPE_CHECKING:
    from aksacr.facts import Facts
    from aksacr.semantics.authorization import Access


def judge(facts: Facts) -> Verdict:
    if not facts.registry.uses_abac:
        return not_applicable(
            f"{facts.registry.name} is in the mode RBAC Registry Permissions, where conditions do not bear on pulls."
        )
    if (gone := no_principal(facts)) is not None:
        return gone
    if is_elsewhere(facts):
        return not_applicable(f"Image {facts.image} is not asked of {facts.registry.name}; see AKA402.")
    found = access(facts)
    if found.unconditional:
        return passed(
            f"{found.unconditional[0].role_name} is held without a condition.",
            assignment_evidence(found.unconditional[0].assignment),
        )
    if not found.granting:
        return not_applicable(f"{who(facts)} holds no role that grants pull; see AKA101.")
    return _by_condition(facts, found)


def _by_condition(facts: Facts, found: Access) -> Verdict:
    evidence = tuple(assignment_evidence(item.assignment, "properties.condition") for item in found.granting[:6])
    repository = repository_of(facts)
    names = listed(held_names(found.granting))
    verdicts = {item.condition for item in found.granting}
    if "admits" in verdicts:
        return passed(
            f"A condition of {names} admits {f'repository {repository}' if repository else 'every repository'}.",
            *evidence,
        )
    gaps = gaps_in(facts, found) + [
        Gap(item.assignment.id.text, "", f"its condition cannot be judged: {item.condition_note}")
        for item in found.granting
        if item.condition in {"unparsable", "undecidable"}
    ]
    if gaps:
        what = f"admits repository {repository}" if repository else "admits the repository that is pulled"
        return unknown(
            f"It cannot be told whether a condition of {names} {what}: {gaps[0].reason}.", *gaps, evidence=evidence
        )
    if repository is None:
        text = f"{who(facts)} may pull only the repositories that a condition of {names} admits."
        return Verdict(
            Status.WARN, f"{text} Name the image with --image to have it judged.", evidence=evidence, fixes=()
        )
    return refusal(
        facts,
        f"No condition of {names} admits repository {repository}: {who(facts)[0].lower()}{who(facts)[1:]} gets no "
        "token for it.",
        "Its pull is refused.",
        evidence=evidence,
        fixes=tuple(grant(facts, found.principal_id, narrow_first=True)),
    )


CHECK = Check(
    code="AKA104",
    name="pull-role-condition-excludes-repository",
    title="The role's condition admits the repository",
    explains=("unauthorized-401", "not-found-repository"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ),
    docs=("https://learn.microsoft.com/azure/role-based-access-control/conditions-format",),
)
