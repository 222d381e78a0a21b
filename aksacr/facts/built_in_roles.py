"""Azure's built-in roles that bear on pulling, so that their definitions need not be read.

Source of GUIDs and permissions: Azure's built-in role reference (Containers, Privileged) and the registry's
built-in roles directory reference. Any role that is not here is read from Azure.
"""

from __future__ import annotations

from .access import Permission, RoleDefinition

_REGISTRY = "Microsoft.ContainerRegistry/registries"
_CONTENT = f"{_REGISTRY}/repositories/content"
_METADATA = f"{_REGISTRY}/repositories/metadata"

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"


def _role(
    guid: str,
    name: str,
    actions: tuple[str, ...] = (),
    *,
    but: tuple[str, ...] = (),
    data: tuple[str, ...] = (),
) -> RoleDefinition:
    return RoleDefinition(guid, name, (Permission(actions, but, data, ()),))


_AUTHORIZATION_WRITES = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)

BUILT_IN_ROLES: dict[str, RoleDefinition] = {
    role.guid: role
    for role in (
        _role(ACR_PULL, "AcrPull", (f"{_REGISTRY}/pull/read",)),
        _role("8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush", (f"{_REGISTRY}/pull/read", f"{_REGISTRY}/push/write")),
        _role("c2f4ef07-c644-48eb-af81-4b1b4947fb11", "AcrDelete", (f"{_REGISTRY}/artifacts/delete",)),
        _role(
            "6cef56e8-d556-48e5-a04f-b8e64114680f",
            "AcrImageSigner",
            (f"{_REGISTRY}/sign/write",),
            data=(f"{_REGISTRY}/trustedCollections/write",),
        ),
        _role(
            REPOSITORY_READER,
            "Container Registry Repository Reader",
            data=(f"{_METADATA}/read", f"{_CONTENT}/read"),
        ),
        _role(
            "2a1e307c-b015-4ebd-883e-5b7698a07328",
            "Container Registry Repository Writer",
            data=(f"{_METADATA}/read", f"{_METADATA}/write", f"{_CONTENT}/read", f"{_CONTENT}/write"),
        ),
        _role(
            "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
            "Container Registry Repository Contributor",
            data=(
                f"{_METADATA}/read",
                f"{_METADATA}/write",
                f"{_METADATA}/delete",
                f"{_CONTENT}/read",
                f"{_CONTENT}/write",
                f"{_CONTENT}/delete",
            ),
        ),
        _role(
            "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
            "Container Registry Repository Catalog Lister",
            data=(f"{_REGISTRY}/catalog/read",),
        ),
        _role(
            "577a9874-89fd-4f24-9dbd-b5034d0ad23a",
            "Container Registry Data Importer and Data Reader",
            (f"{_REGISTRY}/importImage/action", f"{_REGISTRY}/read", f"{_REGISTRY}/pull/read"),
            data=(f"{_CONTENT}/read", f"{_METADATA}/read", f"{_REGISTRY}/catalog/read"),
        ),
        _role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ("*",)),
        _role("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", ("*",), but=_AUTHORIZATION_WRITES),
        _role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ("*/read",)),
        _role(
            "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
            "User Access Administrator",
            ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
        ),
        _role(
            "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
            "Role Based Access Control Administrator",
            (
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete",
                "*/read",
            ),
        ),
    )
}

# The registry's own roles that grant pull in one mode or the other: who holds one of them was meant to pull.
PULL_ROLES = frozenset(
    {
        ACR_PULL,
        "8311e382-0749-4cb8-b61a-304f252e45ec",
        REPOSITORY_READER,
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        "577a9874-89fd-4f24-9dbd-b5034d0ad23a",
    }
)
