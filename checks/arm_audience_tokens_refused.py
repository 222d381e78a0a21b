"""The registry refuses the tokens that old node images ask for.

What is read
    The registry's policy `azureADAuthenticationAsArmPolicy`, and the node image version of every pool.

Why pulls fail
    Credential providers from before March 2025 ask Entra for a token of Azure Resource Manager and show that to the
    registry. A registry whose policy is disabled accepts only tokens that were made for registries: it refuses the
    exchange, and nodes go on without credentials, `failed to fetch anonymous token: ... 401 Unauthorized`.
    `az aks check-acr` uses the old kind of token, too, and says FAILED of such a registry whatever the nodes do.

What to do
    Upgrade the node image of the pools, or enable the policy again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed
from aksacr.facts import same
from aksacr.semantics.node_images import image_date

from ._anonymous import refusal
from ._wording import (
    CLUSTER_READ,
    MACHINES_READ,
    REGISTRY_READ,
    SCALE_SETS_READ,
    for_each_pool,
    no_identity,
    seen,
    subscription_words,
    upgrade_node_image,
)

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool

# kubernetes-sigs/cloud-provider-azure PR 8593 (2025-03-21): the provider asks for the registry's own audience.
_FIRST_IMAGE = date(2025, 3, 21)


def judge(facts: Facts) -> Verdict:
    cluster, registry = facts.cluster, facts.registry
    if not same(registry.arm_audience_tokens, "disabled"):
        return passed(f"{registry.name} accepts tokens of both audiences.", _policy(facts))
    if cluster.pulls_with == "service-principal":
        return not_applicable(f"Cluster {cluster.name} pulls with a service principal, whose nodes send no such token.")
    if cluster.pulls_with == "unknown":
        return no_identity(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    made = image_date(pool.node_image_version)
    evidence = (
        _policy(facts),
        seen(facts.cluster.id, f"agentPoolProfiles[{pool.name}].nodeImageVersion", pool.node_image_version),
    )
    name = facts.registry.name
    if made is None:
        text = f"Node pool {pool.name}: its node image ({pool.node_image_version or 'not told'}) does not tell its age"
        why = f"nodes from before {_FIRST_IMAGE.isoformat()} are refused by {name}, which accepts registry tokens only"
        return Verdict(Status.WARN, f"{text}; {why}.", evidence=evidence, fixes=_fixes(facts, pool))
    if made < _FIRST_IMAGE:
        return refusal(
            facts,
            f"Node pool {pool.name} runs node image {pool.node_image_version}, whose credential provider asks for "
            f"Resource Manager tokens. {name} refuses those (authentication-as-arm is disabled).",
            "Pulls go on without credentials.",
            evidence=evidence,
            fixes=_fixes(facts, pool),
        )
    return passed(
        f"Node pool {pool.name} runs node image {pool.node_image_version}, which asks for registry tokens.", *evidence
    )


def _policy(facts: Facts) -> Evidence:
    return seen(
        facts.registry.id,
        "properties.policies.azureADAuthenticationAsArmPolicy.status",
        facts.registry.arm_audience_tokens or None,
    )


def _fixes(facts: Facts, pool: NodePool) -> tuple[Fix, ...]:
    cluster, registry = facts.cluster, facts.registry
    words = (
        "acr",
        "config",
        "authentication-as-arm",
        "update",
        "-r",
        registry.name,
        *subscription_words(facts, registry.id),
    )
    return (
        Fix(
            f"Upgrade the node image of pool {pool.name}: `{upgrade_node_image(facts, pool.name)}`",
            manual=True,
            caveat="It replaces the pool's nodes one by one.",
            needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
        ),
        Fix(
            f"Until then, let {registry.name} accept Resource Manager tokens again",
            (az(*words, "--status", "enabled"),),
            caveat="Someone, or an Azure Policy, disabled it for a reason: a policy would disable it again.",
            needs=f"Contributor on {registry.name}",
        ),
    )


CHECK = Check(
    code="AKA131",
    name="arm-audience-tokens-refused",
    title="The registry accepts the tokens that the nodes' credential provider asks for",
    explains=("anonymous-token-401",),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, SCALE_SETS_READ, MACHINES_READ),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-disable-authentication-as-arm",),
)
