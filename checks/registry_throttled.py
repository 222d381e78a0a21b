"""The registry answers 429: more is asked of it than its tier allows.

What is read
    The pull errors that were given with `--error`, and the registry's tier. Azure shows no throttling by itself, so
    without an error that says 429 there is nothing to judge.

Why pulls fail
    A registry takes so many requests a minute, by its tier; one identity may use half of them, and the admin user and
    all anonymous pulls together count as one identity each. An image costs a request for its manifest, one for each
    layer and some for tokens, times the nodes that pull at once. Above the limit it answers `429 Too Many Requests`
    until the minute is over. Containerd and the kubelet try again, so that such pulls are slow more often than lost.

What to do
    Spread the pulls (roll out in steps, scale node pools less at a time), keep images on the nodes
    (`imagePullPolicy: IfNotPresent`), build with fewer layers, or move to Premium, where each replica has the limits
    for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, az, not_applicable
from aksacr.facts import same
from aksacr.semantics.registry_hosts import belongs_to

from ._wording import REGISTRY_READ, listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, Registry

# Requests a minute that read, and that ask for tokens, by tier: learn.microsoft.com/azure/container-registry/
# container-registry-skus, of which one identity may use half.
_LIMITS = {"basic": 10_000, "standard": 10_000, "premium": 20_000}


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    if not facts.throttling_hosts:
        return not_applicable("No pull error that says 429 was given (--error); Azure shows no throttling by itself.")
    ours = [host for host in facts.throttling_hosts if not host or belongs_to(registry, host)]
    if not ours:
        return not_applicable(
            f"The 429 came from {listed(facts.throttling_hosts)}, not from {registry.login_server}: its limits are "
            "those of that host."
        )
    return Verdict(
        Status.WARN,
        f"{registry.name} refused requests with 429: more was asked of it at once than {_limits(registry)}. Pulls are "
        "slow, or fail until the minute is over.",
        evidence=(
            seen("the pull error", "httpStatus", 429),
            seen(registry.id, "sku.name", registry.sku or None),
        ),
        fixes=tuple(_fixes(facts)),
    )


def _limits(registry: Registry) -> str:
    most = _LIMITS.get(registry.sku.lower())
    if most is None:
        return f"its tier ({registry.sku or 'unknown'}) allows"
    return (
        f"its tier {registry.sku} allows ({most:,} reading requests a minute, and as many for tokens; one identity may "
        "use half of them)"
    )


def _fixes(facts: Facts) -> list[Fix]:
    registry = facts.registry
    fixes = [
        Fix(
            "Spread what is pulled at once: roll out and scale in smaller steps, set imagePullPolicy to "
            "IfNotPresent, build images of fewer layers",
            manual=True,
            needs="whoever deploys to the cluster",
        )
    ]
    if not same(registry.sku, "Premium"):
        where = ("-n", registry.name, "-g", registry.id.resource_group, *subscription_words(facts, registry.id))
        fixes.append(
            Fix(
                f"Or move {registry.name} to Premium, whose limits are higher and count for each replica",
                (az("acr", "update", *where, "--sku", "Premium"),),
                caveat="Premium costs more; pulls go on while the tier changes.",
                needs=f"Contributor on {registry.name}",
            )
        )
    else:
        fixes.append(
            Fix(
                f"Or give {registry.name} a replica in another region that pulls, or ask Azure support for higher "
                "limits",
                manual=True,
                caveat="A replica costs as much as the registry; each has the limits for itself.",
                needs=f"Contributor on {registry.name}",
            )
        )
    return fixes


CHECK = Check(
    code="AKA603",
    name="registry-throttled",
    title="The registry's tier carries the load",
    explains=("rate-limited-429",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ,),
    docs=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-skus",
        "https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-performance",
    ),
)
