"""The built-in roles that matter to a registry, for worlds that do not store them.

Azure has these roles in every tenant. Names, GUIDs and what they grant on a registry: Azure's directory of built-in
roles for containers, and the role directory in the documentation of Azure Container Registry. Roles that only reach
the control plane are given by their leading actions; none of those grants pull.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .json_values import JsonObject, JsonValue

_REGISTRY = "Microsoft.ContainerRegistry/registries"
_READ_CONTENT = (f"{_REGISTRY}/repositories/metadata/read", f"{_REGISTRY}/repositories/content/read")
_WRITE_CONTENT = (*_READ_CONTENT, f"{_REGISTRY}/repositories/metadata/write", f"{_REGISTRY}/repositories/content/write")
_DELETE_CONTENT = (
    *_WRITE_CONTENT,
    f"{_REGISTRY}/repositories/metadata/delete",
    f"{_REGISTRY}/repositories/content/delete",
)
_CONTRIBUTOR_LACKS = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
    "Microsoft.Blueprint/blueprintAssignments/write",
    "Microsoft.Blueprint/blueprintAssignments/delete",
    "Microsoft.Compute/galleries/share/action",
    "Microsoft.Purview/consents/write",
    "Microsoft.Purview/consents/delete",
    "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
    "Microsoft.Subscription/cancel/action",
    "Microsoft.Subscription/enable/action",
)


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """One role that Azure itself defines."""

    guid: str
    name: str
    description: str
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()

    def body(self, subscription: str) -> JsonObject:
        """The role definition as ARM answers it below a subscription ("" for above)."""
        prefix = f"/subscriptions/{subscription}" if subscription else ""
        permission: JsonObject = {
            "actions": _values(self.actions),
            "notActions": _values(self.not_actions),
            "dataActions": _values(self.data_actions),
            "notDataActions": [],
        }
        inside: JsonObject = {
            "roleName": self.name,
            "type": "BuiltInRole",
            "description": self.description,
            "assignableScopes": ["/"],
            "permissions": [permission],
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2021-11-11T20:13:45.8978856Z",
            "createdBy": None,
            "updatedBy": None,
        }
        return {
            "properties": inside,
            "id": f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{self.guid}",
            "type": "Microsoft.Authorization/roleDefinitions",
            "name": self.guid,
        }


def _values(texts: tuple[str, ...]) -> list[JsonValue]:
    return list(texts)


def _control_plane(guid: str, name: str, *actions: str) -> BuiltInRole:
    """A role on the registry's settings; `actions` without a namespace are the registry's own."""
    full = tuple(action if action.startswith("Microsoft.") else f"{_REGISTRY}/{action}" for action in actions)
    return BuiltInRole(guid, name, f"{name}: settings of a registry, not its content.", full)


_PRIVILEGED = (
    BuiltInRole(
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "Owner",
        "Every resource, the granting of roles included.",
        ("*",),
    ),
    BuiltInRole(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        "Every resource, but not the granting of roles.",
        ("*",),
        not_actions=_CONTRIBUTOR_LACKS,
    ),
    BuiltInRole(
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "Reader",
        "Sees every resource and changes none.",
        ("*/read",),
    ),
    BuiltInRole(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        "Manages the access of users to resources.",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    BuiltInRole(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        "Manages access by granting roles.",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ),
    ),
    BuiltInRole(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        "Reads and assigns user-assigned identities.",
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
    ),
    BuiltInRole(
        "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "Network Contributor",
        "Manages networks, but not access to them.",
        (
            "Microsoft.Authorization/*/read",
            "Microsoft.Network/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
    ),
)

_REGISTRY_MODE = (
    BuiltInRole(
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPull",
        "acr pull",
        (f"{_REGISTRY}/pull/read",),
    ),
    BuiltInRole(
        "8311e382-0749-4cb8-b61a-304f252e45ec",
        "AcrPush",
        "acr push",
        (f"{_REGISTRY}/pull/read", f"{_REGISTRY}/push/write"),
    ),
    BuiltInRole(
        "c2f4ef07-c644-48eb-af81-4b1b4947fb11",
        "AcrDelete",
        "acr delete",
        (f"{_REGISTRY}/artifacts/delete",),
    ),
    BuiltInRole(
        "6cef56e8-d556-48e5-a04f-b8e64114680f",
        "AcrImageSigner",
        "acr image signer",
        (f"{_REGISTRY}/sign/write",),
        (f"{_REGISTRY}/trustedCollections/write",),
    ),
    BuiltInRole(
        "cdda3590-29a3-44f6-95f2-9f980659eb04",
        "AcrQuarantineReader",
        "acr quarantine data reader",
        (f"{_REGISTRY}/quarantine/read",),
        (f"{_REGISTRY}/quarantinedArtifacts/read",),
    ),
    BuiltInRole(
        "c8d4ff99-41c3-41a8-9f60-21dfdad59608",
        "AcrQuarantineWriter",
        "acr quarantine data writer",
        (f"{_REGISTRY}/quarantine/read", f"{_REGISTRY}/quarantine/write"),
        (f"{_REGISTRY}/quarantinedArtifacts/read", f"{_REGISTRY}/quarantinedArtifacts/write"),
    ),
)

_REPOSITORY_MODE = (
    BuiltInRole(
        "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        "Container Registry Repository Reader",
        "Pulls images; takes a condition on repositories.",
        data_actions=_READ_CONTENT,
    ),
    BuiltInRole(
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        "Container Registry Repository Writer",
        "Pulls and pushes images; takes a condition on repositories.",
        data_actions=_WRITE_CONTENT,
    ),
    BuiltInRole(
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        "Container Registry Repository Contributor",
        "Pulls, pushes and deletes images; takes a condition on repositories.",
        data_actions=_DELETE_CONTENT,
    ),
    BuiltInRole(
        "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
        "Container Registry Repository Catalog Lister",
        "Lists the repositories of a registry.",
        data_actions=(f"{_REGISTRY}/catalog/read",),
    ),
    BuiltInRole(
        "577a9874-89fd-4f24-9dbd-b5034d0ad23a",
        "Container Registry Data Importer and Data Reader",
        "Imports images, lists repositories and pulls.",
        (f"{_REGISTRY}/importImage/action", f"{_REGISTRY}/read", f"{_REGISTRY}/pull/read"),
        (*_READ_CONTENT, f"{_REGISTRY}/catalog/read"),
    ),
)

_SETTINGS = (
    _control_plane(
        "3bc748fc-213d-45c1-8d91-9da5725539b9",
        "Container Registry Contributor and Data Access Configuration Administrator",
        "read",
        "write",
        "delete",
        "tokens/write",
        "scopeMaps/write",
    ),
    _control_plane(
        "69b07be0-09bf-439a-b9a6-e73de851bd59",
        "Container Registry Configuration Reader and Data Access Configuration Reader",
        "read",
        "tokens/read",
        "scopeMaps/read",
    ),
    _control_plane(
        "fb382eab-e894-4461-af04-94435c366c3f",
        "Container Registry Tasks Contributor",
        "tasks/read",
        "tasks/write",
        "scheduleRun/action",
    ),
    _control_plane(
        "bf94e731-3a51-4a7c-8c54-a1ab9971dfc1",
        "Container Registry Transfer Pipeline Contributor",
        "importPipelines/write",
        "exportPipelines/write",
        "pipelineRuns/write",
    ),
    _control_plane(
        "df87f177-bb12-4db1-9793-a413691eff94",
        "Container Registry Cache Rule Administrator",
        "cacheRules/read",
        "cacheRules/write",
        "cacheRules/delete",
    ),
    _control_plane(
        "c357b964-0002-4b64-a50d-7a28f02edc52",
        "Container Registry Cache Rule Reader",
        "cacheRules/read",
    ),
    _control_plane(
        "f094fb07-0703-4400-ad6a-e16dd8000e14",
        "Container Registry Credential Set Administrator",
        "credentialSets/read",
        "credentialSets/write",
        "credentialSets/delete",
    ),
    _control_plane(
        "29093635-9924-4f2c-913b-650a12949526",
        "Container Registry Credential Set Reader",
        "credentialSets/read",
    ),
)

BUILT_IN = {role.guid: role for role in (*_PRIVILEGED, *_REGISTRY_MODE, *_REPOSITORY_MODE, *_SETTINGS)}
"""The roles by GUID."""
