"""Which Azure: the endpoints and names that differ from cloud to cloud, and where they are learnt.

A cloud is one of az's built-in ones, one that was registered with `az cloud register`, or whatever answers at the
https URL of a Resource Manager endpoint. What a source does not say is asked of Resource Manager's own metadata
(`/metadata/endpoints?api-version=2022-09-01`, the document that `az cloud register` reads); nothing is guessed.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

METADATA_PATH = "/metadata/endpoints?api-version=2022-09-01"


class CloudError(Exception):
    """A cloud that is not there, or does not say what is needed: one line, fit to be shown."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure. URLs are https and without a trailing slash; `registry_suffix` has no leading dot.

    `graph` is "" where the cloud names no Microsoft Graph: what needs it is then unseen. `storage_suffix` is what the
    hosts of Azure Storage end in (`core.windows.net`), "" where the cloud does not say.

    `authority_is_known` says that Entra's own list of authorities contains this one; an authority that is not
    in it is trusted as given, without asking login.microsoftonline.com about it (instance discovery).
    """

    name: str
    resource_manager: str
    authority: str
    graph: str
    registry_suffix: str
    resource_manager_scope: str
    graph_scope: str
    authority_is_known: bool
    storage_suffix: str = ""


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """What one source says about a cloud; None where it says nothing. `audience` is the one of Resource Manager."""

    name: str | None = None
    resource_manager: str | None = None
    authority: str | None = None
    audience: str | None = None
    graph: str | None = None
    registry_suffix: str | None = None
    storage_suffix: str | None = None

    def missing(self) -> tuple[str, ...]:
        """The fields that are needed and that the source says nothing about."""
        return tuple(name for name in self._unsaid() if name != "storage_suffix")

    def completed_by(self, other: CloudSettings) -> CloudSettings:
        """These settings, with what is missing taken from the other source."""
        return replace(self, **{name: getattr(other, name) for name in self._unsaid()})

    def _unsaid(self) -> tuple[str, ...]:
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is None)


# azure-cli-core 2.91 cloud.py and azure-mgmt-core 1.6 get_arm_endpoints (the audiences that its clients ask for).
_BUILT_IN = (
    CloudSettings(
        "AzureCloud",
        "https://management.azure.com",
        "https://login.microsoftonline.com",
        "https://management.azure.com",
        "https://graph.microsoft.com",
        "azurecr.io",
        "core.windows.net",
    ),
    CloudSettings(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "azurecr.cn",
        "core.chinacloudapi.cn",
    ),
    CloudSettings(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://management.core.usgovcloudapi.net",
        "https://graph.microsoft.us",
        "azurecr.us",
        "core.usgovcloudapi.net",
    ),
    CloudSettings(
        "AzureBleuCloud",
        "https://management.sovcloud-api.fr",
        "https://login.sovcloud-identity.fr",
        "https://management.sovcloud-api.fr",
        "https://graph.svc.sovcloud.fr",
        "azurecr.sovcloud-azure.fr",
        "core.sovcloud-api.fr",
    ),
)
_KNOWN_AUTHORITIES = {str(settings.authority) for settings in _BUILT_IN[:3]}

# The names of the SDK's AZURE_SDK_CLOUD_CONF and of a node's /etc/kubernetes/azure.json.
_ALIASES = {
    "azure_public_cloud": "azurecloud",
    "azurepubliccloud": "azurecloud",
    "azure_china_cloud": "azurechinacloud",
    "azure_us_government": "azureusgovernment",
    "azureusgovernmentcloud": "azureusgovernment",
}
_AZ_KEYS = {
    "resource_manager": "endpoint_resource_manager",
    "authority": "endpoint_active_directory",
    "audience": "endpoint_active_directory_resource_id",
    "graph": "endpoint_microsoft_graph_resource_id",
    "registry_suffix": "suffix_acr_login_server_endpoint",
    "storage_suffix": "suffix_storage_endpoint",
}
_METADATA_KEYS = {
    "name": "name",
    "authority": "authentication.loginEndpoint",
    "audience": "authentication.audiences[0]",
    "graph": "microsoftGraphResourceId",
    "registry_suffix": "suffixes.acrLoginServer",
    "storage_suffix": "suffixes.storage",
}


def known_cloud(name: str) -> Cloud | None:
    """A cloud that az knows without being told, by its name in any case; None for any other name."""
    settings = _built_in(name)
    return None if settings is None else _finished(settings, "this program")


def settings_from_az_config(name: str, section: Mapping[str, str]) -> CloudSettings:
    """What a section of az's `clouds.config` says, laid over the built-in cloud of that name, as az does."""
    said = CloudSettings(name, **{field: section.get(key) or None for field, key in _AZ_KEYS.items()})
    built_in = _built_in(name)
    return said if built_in is None else replace(said, name=None).completed_by(built_in)


def cloud_from_az_config(name: str, section: Mapping[str, str]) -> Cloud:
    """The cloud that a section of az's `clouds.config` describes. Raises CloudError naming the key that is missing."""
    settings = settings_from_az_config(name, section)
    for field in settings.missing():
        raise CloudError(f"cloud {name}: az's clouds.config has no {_AZ_KEYS[field]}; add it with `az cloud update`")
    return _finished(settings, f"az's clouds.config, section [{name}]")


def cloud_from_metadata(document: object, url: str) -> Cloud:
    """The cloud that the metadata of the Resource Manager endpoint `url` describes.

    `document` is the decoded JSON: an object, or (older api-versions) a list of them. Raises CloudError naming the
    URL and the key that is missing.
    """
    return _from_metadata(CloudSettings(resource_manager=endpoint_url(url)), document)


async def fetch_cloud(url: str, get_json: Callable[[str], Awaitable[object]]) -> Cloud:
    """Ask the Resource Manager endpoint `url` which cloud it belongs to.

    `get_json` GETs a URL and decodes the JSON; it raises OSError (unreachable, TLS, an HTTP error) or ValueError
    (no JSON). Raises CloudError.
    """
    settings = CloudSettings(resource_manager=endpoint_url(url))
    return _from_metadata(settings, await _metadata(settings, get_json))


async def resolve_cloud(
    named: str | None,
    *,
    configured: str | None = None,
    authority_host: str | None = None,
    registered: Mapping[str, Mapping[str, str]] | None = None,
    get_json: Callable[[str], Awaitable[object]],
) -> Cloud:
    """The cloud to work in. Raises CloudError for one that does not exist or cannot be learnt.

    named: what the user asked for (`--cloud`, AZURE_CLOUD_NAME): a name or the https URL of an ARM endpoint.
    configured: az's active cloud, used when nothing was named; AzureCloud when there is none either.
    authority_host: AZURE_AUTHORITY_HOST, which like all of the environment goes before az's files, but not before
    what was named. registered: the sections of az's clouds.config.
    """
    sections = registered or {}
    if named:
        return await _look_up(named, sections, get_json)
    cloud = await _look_up(configured or "AzureCloud", sections, get_json)
    return with_authority(cloud, authority_host) if authority_host else cloud


def with_authority(cloud: Cloud, authority_host: str) -> Cloud:
    """The cloud whose sign-in is at `authority_host` (a host or a URL, as in AZURE_AUTHORITY_HOST).

    A built-in cloud gives way to the built-in cloud of that authority, since its own Resource Manager would refuse
    the tokens; any other cloud keeps its endpoints. Raises CloudError when it is no https URL.
    """
    given = authority_host if "://" in authority_host else f"https://{authority_host}"
    authority = _origin(given, "AZURE_AUTHORITY_HOST")
    if authority == cloud.authority:
        return cloud
    if _built_in(cloud.name) is not None:
        for settings in _BUILT_IN:
            if settings.authority == authority:
                return _finished(settings, "this program")
    return replace(cloud, authority=authority, authority_is_known=authority in _KNOWN_AUTHORITIES)


def endpoint_url(url: str) -> str:
    """An ARM endpoint as a plain https URL without a trailing slash. Raises CloudError for anything else."""
    return _https(url, "the ARM endpoint").rstrip("/")


async def _look_up(
    asked: str, registered: Mapping[str, Mapping[str, str]], get_json: Callable[[str], Awaitable[object]]
) -> Cloud:
    if "://" in asked:
        url = endpoint_url(asked)
        for built_in in _BUILT_IN:
            if built_in.resource_manager == url.lower():
                return _finished(built_in, "this program")
        return await fetch_cloud(url, get_json)
    wanted = _ALIASES.get(asked.lower(), asked.lower())
    built_in = _built_in(asked)
    section_name = next((name for name in registered if name.lower() == wanted), None)
    if built_in is None and section_name is None:
        raise CloudError(_no_such_cloud(asked, registered))
    name = str(built_in.name) if built_in is not None else str(section_name)
    section = registered.get(section_name or "", {})
    settings = settings_from_az_config(name, section)
    if not settings.missing() or settings.resource_manager is None:
        return cloud_from_az_config(name, section)
    settings = replace(settings, resource_manager=endpoint_url(settings.resource_manager))
    return _from_metadata(settings, await _metadata(settings, get_json))


def _built_in(name: str) -> CloudSettings | None:
    wanted = _ALIASES.get(name.lower(), name.lower())
    return next((settings for settings in _BUILT_IN if str(settings.name).lower() == wanted), None)


def _no_such_cloud(asked: str, registered: Iterable[str]) -> str:
    names = {name.lower(): name for name in [*registered, *(str(settings.name) for settings in _BUILT_IN)]}
    near = difflib.get_close_matches(asked.lower(), names, n=len(names), cutoff=0.5)
    ordered = [*near, *(name for name in sorted(names) if name not in near)]
    existing = ", ".join(names[name] for name in ordered)
    return (
        f"no cloud is called {asked!r}; there are {existing}. "
        "`az cloud register` adds one, and --cloud also takes the https URL of an ARM endpoint"
    )


async def _metadata(settings: CloudSettings, get_json: Callable[[str], Awaitable[object]]) -> object:
    url = f"{settings.resource_manager}{METADATA_PATH}"
    try:
        return await get_json(url)
    except ValueError as error:
        raise CloudError(f"{url} did not answer with JSON: is this an ARM endpoint? ({_one_line(error)})") from error
    except OSError as error:
        raise CloudError(f"cannot ask {url} which cloud it is: {_one_line(error)}") from error


def _from_metadata(settings: CloudSettings, document: object) -> Cloud:
    """Complete the settings from a metadata document; what they say themselves goes before it, as in az."""
    url = f"{settings.resource_manager}{METADATA_PATH}"
    entry = _entry(document, str(settings.resource_manager), url)
    complete = settings.completed_by(
        CloudSettings(**{field: _text_at(entry, path) for field, path in _METADATA_KEYS.items()})
    )
    # Neither its name nor its audience is needed from it: an endpoint's audience is its own URL unless it says
    # otherwise.
    endpoint = str(settings.resource_manager)
    complete = complete.completed_by(
        CloudSettings(name=urlsplit(endpoint).hostname, audience=endpoint, graph=complete.graph or "")
    )
    for field in complete.missing():
        raise CloudError(f"{url} has no {_METADATA_KEYS[field]}, so this cloud cannot be used")
    return _finished(complete, url)


def _entry(document: object, endpoint: str, url: str) -> object:
    if not isinstance(document, list):
        return document
    entries = cast("list[object]", document)
    own = [entry for entry in entries if (_text_at(entry, "resourceManager") or "").rstrip("/") == endpoint]
    if len(own) == 1 or len(entries) == 1:
        return own[0] if own else entries[0]
    raise CloudError(f"{url} lists {len(entries)} clouds, and not one of them alone has resourceManager {endpoint}")


def _text_at(document: object, path: str) -> str | None:
    """The text at a path like `authentication.audiences[0]`; None when it is not there or is no text."""
    value = document
    for step in path.split("."):
        key, is_list = step.removesuffix("[0]"), step.endswith("[0]")
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, object]", value).get(key)
        if is_list:
            values = cast("list[object]", value) if isinstance(value, list) else []
            value = values[0] if values else None
    return value if isinstance(value, str) and value.strip() else None


def _finished(settings: CloudSettings, source: str) -> Cloud:
    """Turn complete settings into a Cloud; `source` is named when an address in it is not one."""
    authority = _origin(str(settings.authority), source)
    graph = _https(settings.graph, source).rstrip("/") if settings.graph else ""
    return Cloud(
        name=str(settings.name),
        resource_manager=_https(str(settings.resource_manager), source).rstrip("/"),
        authority=authority,
        graph=graph,
        registry_suffix=str(settings.registry_suffix).strip().strip(".").lower(),
        # The audience is kept to the letter: with a trailing slash the scope has two, as in az's resource_to_scopes.
        resource_manager_scope=f"{settings.audience}/.default",
        graph_scope=f"{graph}/.default",
        authority_is_known=authority in _KNOWN_AUTHORITIES,
        storage_suffix=(settings.storage_suffix or "").strip().strip(".").lower(),
    )


def _origin(url: str, source: str) -> str:
    """Scheme, host and port of a sign-in URL; ARM's metadata of some clouds adds a path to it."""
    return f"https://{urlsplit(_https(url, source)).netloc.lower()}"


def _https(url: str, source: str) -> str:
    """The URL without blanks around it. Tokens go to these addresses, so plain http is refused."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        plain = bool(parts.hostname) and "@" not in parts.netloc and not parts.query and not parts.fragment
        well_formed = parts.scheme == "https" and plain and not any(letter.isspace() for letter in text)
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        well_formed = False
    if not well_formed:
        shown = text.rpartition("@")[2]  # what stands before an @ may be a password
        raise CloudError(f"{source}: {shown!r} is not a plain https URL (https://host, without query or user)")
    return text


def _one_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
