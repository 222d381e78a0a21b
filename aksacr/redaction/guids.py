"""GUIDs: which of them say something about somebody, and which are the same everywhere."""

from __future__ import annotations

import re

from aksacr.facts.built_in_roles import BUILT_IN_ROLES

GUID = re.compile(
    r"(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
)
# As a part of a longer name (`DefaultWorkspace-…-WEU`, `pvc-…`); only those that are known count there.
INSIDE = re.compile(r"[0-9A-Fa-f]{8}(?:[-_][0-9A-Fa-f]{4}){3}[-_][0-9A-Fa-f]{12}")
UNDASHED = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")
EVERYONE = "00000000-0000-0000-0000-000000000000"

# Applications of Microsoft's own, which have one id in every tenant; https://learn.microsoft.com/troubleshoot/entra/
# entra-id/governance/verify-first-party-apps-sign-in lists them.
_FIRST_PARTY = frozenset(
    {
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",  # Azure CLI
        "1950a258-227b-4e31-a9cf-717495945fc2",  # Azure PowerShell
        "797f4846-ba00-4fd7-ba73-dac1f8f63013",  # Azure Resource Manager
        "6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26",  # Azure Container Registry
        "7319c514-987d-4e9b-ac3d-d38c4f427f4c",  # Azure Kubernetes Service
        "6dae42f8-4368-4678-94ff-3960e28e3630",  # Azure Kubernetes Service, server
        "80faf920-1908-4b52-b5ef-a8e7bedfc67a",  # Azure Kubernetes Service, client
    }
)
_FIRST_PARTY_FORM = re.compile(r"0000[0-9a-f]{4}-0000-0000-c000-000000000000")
_TRACE = re.compile(
    r"(?:correlation|request|trace|activity|operation|tracking|session|error|event)[ _-]{0,2}id"
    r"\"?'?\s{0,2}[:=]?\s{0,3}\"?'?\Z",
    re.IGNORECASE,
)


def is_well_known(guid: str) -> bool:
    """Whether a GUID is the same in every tenant: a built-in role, everyone, an application of Microsoft's."""
    key = guid.lower()
    return (
        key in BUILT_IN_ROLES or key == EVERYONE or key in _FIRST_PARTY or _FIRST_PARTY_FORM.fullmatch(key) is not None
    )


def is_trace(text: str, start: int) -> bool:
    """Whether the GUID at `start` tells one request from another, which is what support asks for first."""
    return _TRACE.search(text, max(0, start - 40), start) is not None


def undashed(guid: str) -> str:
    """`6f2d6c1e8a0b…`, the form without hyphens."""
    return guid.replace("-", "").lower()
