"""The registry's network rules have no effect.

What is read
    The registry's IP rules, its default action and its tier.

Why pulls fail
    A rule does nothing while the default action is Allow, and registries below the Premium tier have no rules at
    all. Pulls work, but the registry is open to everyone although somebody meant it to be closed; when the default
    action is set to Deny later, the rules are all that is left.

What to do
    Set the default action to Deny once the rules hold every address that is needed (AKA201), or remove the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, az, not_applicable, passed
from aksacr.facts import same
from aksacr.semantics.admission import admits_everyone, is_closed

from ._wording import REGISTRY_READ, counted, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    if not registry.ip_rules:
        return not_applicable(f"{registry.name} has no IP rules.")
    rules = counted(len(registry.ip_rules), "IP rule")
    premium = same(registry.sku, "Premium")
    if premium and not admits_everyone(registry) and not is_closed(registry):
        return passed(f"{rules} of {registry.name}: in effect (Premium, default action Deny).")
    if not premium:
        why = f"its tier is {registry.sku or 'not told'}, and only Premium has rules"
    elif is_closed(registry):
        why = "public network access is Disabled, which overrides them"
    else:
        why = "its default action is Allow, which admits every address"
    return Verdict(
        Status.WARN,
        f"{rules} of {registry.name}: without effect, because {why}.",
        evidence=(
            seen(registry.id, "properties.networkRuleSet.ipRules", list(registry.ip_rules)),
            seen(registry.id, "properties.networkRuleSet.defaultAction", registry.default_action),
            seen(registry.id, "sku.name", registry.sku),
        ),
        fixes=(_fix(facts),) if premium and not is_closed(registry) else (),
    )


def _fix(facts: Facts) -> Fix:
    registry = facts.registry
    where = ("-g", registry.id.resource_group, "-n", registry.name, *subscription_words(facts, registry.id))
    return Fix(
        f"If {registry.name} is meant to be closed: check that its rules hold every egress address first, then deny "
        "by default",
        (az("acr", "update", *where, "--default-action", "Deny"),),
        caveat="Everything that no rule admits is refused from then on.",
        needs=f"Contributor on {registry.name}",
    )


CHECK = Check(
    code="AKA205",
    name="network-rules-not-in-effect",
    title="The registry's network rules can take effect",
    explains=("forbidden-403",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ,),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks",),
)
