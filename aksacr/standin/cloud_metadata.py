"""`/metadata/endpoints`: how an ARM endpoint names the rest of its cloud.

Clients that know nothing but the ARM endpoint (`az cloud register --endpoint-resource-manager`, Terraform, aksacr's
`--cloud`) read it. Every endpoint is the stand-in itself, so that no client strays to the real Azure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import invalid_api_version, method_not_allowed, missing_api_version
from .messages import AnswerError, json_response

if TYPE_CHECKING:
    from .json_values import JsonObject, JsonValue
    from .loading import Cloud
    from .messages import Request, Response

_SUFFIXES = {
    "azurechinacloud": ("vault.azure.cn", "database.chinacloudapi.cn"),
    "azureusgovernment": ("vault.usgovcloudapi.net", "database.usgovcloudapi.net"),
}
_PUBLIC_SUFFIXES = ("vault.azure.net", "database.windows.net")
_AS_LIST = ("2019-05-01", "2019-10-01", "2020-06-01")
_ENDPOINTS = (
    "activeDirectoryDataLake",
    "appInsightsResourceId",
    "appInsightsTelemetryChannelResourceId",
    "appServiceResourceId",
    "attestationResourceId",
    "azmirrorStorageAccountResourceId",
    "batch",
    "gallery",
    "graph",
    "graphAudience",
    "logAnalyticsResourceId",
    "media",
    "microsoftGraphResourceId",
    "ossrdbmsResourceId",
    "portal",
    "resourceManager",
    "sqlManagement",
    "synapseAnalyticsResourceId",
    "vmImageAliasDoc",
)


def answer(cloud: Cloud, tenant_id: str, request: Request) -> Response:
    """The endpoints in the form of the api-version: one object, a list of clouds, or the short form of 2015."""
    if request.method != "GET":
        return method_not_allowed(request.method).response
    version = request.query.get("api-version", "")
    try:
        return json_response(200, _for_version(version, cloud, tenant_id, request.origin))
    except AnswerError as error:
        return error.response


def _for_version(version: str, cloud: Cloud, tenant_id: str, origin: str) -> JsonValue:
    if not version:
        raise missing_api_version()
    audiences: list[JsonValue] = [f"{origin}/"]
    if version == "2015-01-01":
        login: JsonObject = {"loginEndpoint": f"{origin}/", "audiences": audiences}
        short = dict.fromkeys(("galleryEndpoint", "graphEndpoint", "portalEndpoint"), f"{origin}/")
        return {**short, "authentication": login}
    if version != "2022-09-01" and version not in _AS_LIST:
        raise invalid_api_version(version)
    authentication: JsonObject = {
        "loginEndpoint": origin,
        "audiences": audiences,
        "tenant": tenant_id,
        "identityProvider": "AAD",
    }
    body: JsonObject = {
        "name": cloud.name,
        **dict.fromkeys(_ENDPOINTS, f"{origin}/"),
        "resourceManager": origin,
        "authentication": authentication,
        "suffixes": _suffixes(cloud),
    }
    return [body] if version in _AS_LIST else body


def _suffixes(cloud: Cloud) -> JsonObject:
    vault, database = _SUFFIXES.get(cloud.name.lower(), _PUBLIC_SUFFIXES)
    return {
        "acrLoginServer": cloud.registry_suffix,
        "attestationEndpoint": f"attest.{vault.removeprefix('vault.')}",
        "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
        "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
        "keyVaultDns": vault,
        "mariadbServerEndpoint": f"mariadb.{database}",
        "mhsmDns": f"managedhsm.{vault.removeprefix('vault.')}",
        "mysqlServerEndpoint": f"mysql.{database}",
        "postgresqlServerEndpoint": f"postgres.{database}",
        "sqlServerHostname": database,
        **({"storage": cloud.storage_suffix} if cloud.storage_suffix else {}),
        "storageSyncEndpointSuffix": "afs.azure.net",
        "synapseAnalytics": "dev.azuresynapse.net",
    }
