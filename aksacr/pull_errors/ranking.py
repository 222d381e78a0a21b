"""A finding → its causes, the most probable first, filled with the names that the text holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import causes_dns, causes_elsewhere, causes_identity, causes_image, causes_network, causes_registry
from .probable import CLUES, RANKED
from .remedies import filled

if TYPE_CHECKING:
    from .findings import Finding
    from .model import Cause

_MOST_CAUSES = 16
REMEDIES = {
    remedy.slug: remedy
    for module in (causes_image, causes_identity, causes_dns, causes_network, causes_registry, causes_elsewhere)
    for remedy in module.CAUSES
}


def causes_of(finding: Finding) -> list[Cause]:
    """What produces this symptom, most probable first."""
    clues = [clue for clue in CLUES if clue.applies(finding)] if finding.symptom != "not-a-pull-error" else []
    without = {slug for clue in clues for slug in clue.without.split()}
    first = [slug for clue in clues for slug in clue.first.split()]
    last = [slug for clue in clues for slug in clue.last.split()]
    between = [slug for slug in _by_symptom(finding) if slug not in without]
    slugs = list(dict.fromkeys((*first, *between, *last)))
    return [filled(REMEDIES[slug], finding) for slug in slugs[:_MOST_CAUSES]]


def _by_symptom(finding: Finding) -> list[str]:
    if finding.symptom == "not-a-pull-error":
        return causes_elsewhere.recognised(finding.text)
    ranked = list(RANKED[finding.symptom])
    if finding.symptom == "unknown":
        ranked += [RANKED[name][0] for name in finding.alternatives if RANKED[name]]
    return ranked
