"""What becomes of pulls whose credentials are missing or refused: they go on without any.

Rules: kubelet hands containerd an empty credential beside, or instead of, those of the identity (kubelet image
manager; Azure's acr-credential-provider), and containerd tries each. A registry with anonymous pull on (Standard and
Premium) serves the empty one, so that the fault is there and no pull fails of it.
Source: learn.microsoft.com/azure/container-registry/anonymous-pull-access.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.check import Status, Verdict

from ._wording import seen

if TYPE_CHECKING:
    from aksacr.check import Evidence, Fix
    from aksacr.facts import Facts


def refusal(facts: Facts, what: str, then: str, *, evidence: tuple[Evidence, ...], fixes: tuple[Fix, ...]) -> Verdict:
    """A fault that leaves pulls without the identity's rights, or a warning where anonymous pull carries them.

    `what` is the finding; `then` is what follows for pulls where no anonymous one is admitted.
    """
    registry = facts.registry
    found = Verdict(Status.FAIL, f"{what} {then}", evidence=evidence, fixes=fixes)
    if not registry.admits_anonymous:
        return found
    return replace(
        found,
        status=Status.WARN,
        message=f"{what} Pulls go on anonymously, because {registry.name} has anonymous pull on; with anonymous pull "
        "off they end with 401.",
        evidence=(*evidence, seen(registry.id, "properties.anonymousPullEnabled", True)),
    )
