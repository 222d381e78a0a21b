"""The ways to sign in that an environment offers, in their order.

Azure Pipelines, service principal, workload identity, managed identity announced by the environment, `az login`,
managed identity of a virtual machine. An empty variable counts as unset, and nothing is ever taken from an option.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from .sign_in_errors import SignInError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
    from azure.core.pipeline.transport import AsyncHttpTransport

    from aksacr.clouds import Cloud

_IMDS = "http://169.254.169.254"
_IMDS_SECONDS = 3.0  # a virtual machine's endpoint answers in a few hundredths of one
_IMDS_SECONDS_WHEN_ASKED_FOR = 20.0
_LOGIN_SECONDS = 60.0
_AZ_SECONDS = 30
_RETRIES = {"retry_total": 3, "retry_connect": 1, "retry_read": 2, "retry_status": 3, "retry_backoff_factor": 0.4}

PIPELINES = "AzurePipelinesCredential"
ENVIRONMENT = "EnvironmentCredential"
WORKLOAD = "WorkloadIdentityCredential"
MANAGED = "ManagedIdentityCredential"
AZ = "AzureCliCredential"
_ORDER = (PIPELINES, ENVIRONMENT, WORKLOAD, MANAGED, AZ)
_GROUPS = {"dev": (AZ,), "prod": (ENVIRONMENT, WORKLOAD, MANAGED)}  # azure-identity's own two words

_PIPELINE_VARIABLES = (
    "AZURESUBSCRIPTION_CLIENT_ID",
    "AZURESUBSCRIPTION_TENANT_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "SYSTEM_ACCESSTOKEN",
    "SYSTEM_OIDCREQUESTURI",
)


class TokenSource(Protocol):
    """What is used of azure-identity's credentials."""

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sign in; `who` names it. One that is configured is final, the others give way to the next.

    probe: an address that must answer at all before the way is tried. advice: what helps when Entra refuses it.
    """

    who: str
    open: Callable[[], TokenSource] = field(repr=False)
    seconds: float = field(default_factory=lambda: _LOGIN_SECONDS)
    probe: str | None = None
    is_configured: bool = True
    advice: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Setting:
    """What the ways are made from: the environment (with its secrets, hence without a repr), cloud and transport."""

    environment: Mapping[str, str]
    cloud: Cloud
    transport: AsyncHttpTransport[Any, Any]

    def value(self, variable: str) -> str:
        """Read a variable; an empty one counts as unset."""
        return self.environment.get(variable, "").strip()

    @property
    def is_restricted(self) -> bool:
        return bool(self.value("AZURE_TOKEN_CREDENTIALS"))

    def missing(self, *variables: str) -> list[str]:
        return [variable for variable in variables if not self.value(variable)]

    def entra(self) -> dict[str, Any]:
        """Make the options of credentials that ask Entra."""
        return {
            "authority": self.cloud.authority,
            "transport": self.transport,
            # The asynchronous credentials of azure-identity 1.27 do no instance discovery; should they begin to,
            # an authority that Entra's list does not have must still be trusted as given.
            "disable_instance_discovery": not self.cloud.authority_is_known,
            "additionally_allowed_tenants": ["*"],
            **_RETRIES,
        }


def ways(
    setting: Setting, *, tenant: str | None, az_subscription: str | None, az_cloud: Cloud | None
) -> tuple[list[Way], list[str]]:
    """Find the ways to try, up to the first that is configured, and say why the others are not among them.

    Raises SignInError when AZURE_TOKEN_CREDENTIALS has a value that is not known.
    """
    kinds = _allowed(setting)
    announced = _announced_identity(setting)
    found: dict[str, Way | str] = {
        PIPELINES: _service_connection(setting),
        ENVIRONMENT: _service_principal(setting),
        WORKLOAD: _workload_identity(setting),
        MANAGED: announced or _machine_identity(setting, is_last=AZ in kinds),
        AZ: _az_login(setting, tenant, az_subscription, az_cloud),
    }
    order = [kind for kind in _ORDER if kind in kinds]
    if announced is None and MANAGED in order:
        order.append(order.pop(order.index(MANAGED)))  # an endpoint that nobody announced comes last
    reasons = [f"AZURE_TOKEN_CREDENTIALS allows only {', '.join(kinds)}"] if setting.is_restricted else []
    chosen: list[Way] = []
    for kind in order:
        one = found[kind]
        if isinstance(one, Way):
            chosen.append(one)
            if one.is_configured:
                break
        elif one:
            reasons.append(one)
    return chosen, reasons


def _allowed(setting: Setting) -> tuple[str, ...]:
    """The kinds that AZURE_TOKEN_CREDENTIALS leaves, in any case, as azure-identity reads it."""
    asked = setting.value("AZURE_TOKEN_CREDENTIALS").lower()
    if not asked:
        return _ORDER
    if asked in _GROUPS:
        return _GROUPS[asked]
    for kind in _ORDER:
        if kind.lower() == asked:
            return (kind,)
    known = ", ".join([*_ORDER, *_GROUPS])
    raise SignInError(f"AZURE_TOKEN_CREDENTIALS is {asked!r}; it can be one of {known}, or unset")


def _service_connection(setting: Setting) -> Way | str:
    missing = setting.missing(*_PIPELINE_VARIABLES)
    if missing:
        # Every job has the OIDC address; without a connection's ids nobody meant to sign in like this.
        is_meant = setting.is_restricted or len(missing) < 4
        return f"Azure Pipelines service connection: {_not_set(missing)}" if is_meant else ""
    from .service_connection import ServiceConnectionCredential  # noqa: PLC0415 - only inside a pipeline

    client, tenant, connection, system_token, uri = (setting.value(variable) for variable in _PIPELINE_VARIABLES)
    opened = partial(
        ServiceConnectionCredential,
        tenant_id=tenant,
        client_id=client,
        service_connection_id=connection,
        system_access_token=system_token,
        oidc_request_uri=uri,
        **setting.entra(),
    )
    return Way(f"service connection {connection} (application {client} of tenant {tenant})", opened)


def _service_principal(setting: Setting) -> Way | str:
    secret, certificate = "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"
    proof = certificate if setting.value(certificate) and not setting.value(secret) else secret
    missing = setting.missing("AZURE_TENANT_ID", "AZURE_CLIENT_ID", proof)
    if missing:
        return f"service principal: {_not_set(missing)}"
    tenant, client = setting.value("AZURE_TENANT_ID"), setting.value("AZURE_CLIENT_ID")

    def opened() -> TokenSource:
        from azure.identity.aio import CertificateCredential, ClientSecretCredential  # noqa: PLC0415 - heavy

        if proof == secret:
            return ClientSecretCredential(tenant, client, setting.value(secret), **setting.entra())
        password = setting.environment.get("AZURE_CLIENT_CERTIFICATE_PASSWORD") or None
        return CertificateCredential(tenant, client, setting.value(certificate), password=password, **setting.entra())

    return Way(f"service principal {client} of tenant {tenant} ({proof})", opened)


def _workload_identity(setting: Setting) -> Way | str:
    file = setting.value("AZURE_FEDERATED_TOKEN_FILE")
    tenant, client = setting.value("AZURE_TENANT_ID"), setting.value("AZURE_CLIENT_ID")
    missing = setting.missing("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE")
    if missing:
        return f"workload identity: {_not_set(missing)}" if file or setting.is_restricted else ""

    def opened() -> TokenSource:
        from azure.identity.aio import WorkloadIdentityCredential  # noqa: PLC0415 - heavy

        return WorkloadIdentityCredential(tenant_id=tenant, client_id=client, token_file_path=file, **setting.entra())

    return Way(f"workload identity {client} of tenant {tenant} (AZURE_FEDERATED_TOKEN_FILE)", opened)


def _announced_identity(setting: Setting) -> Way | None:
    """App Service, Functions, Container Apps, Arc, Cloud Shell: the host names an endpoint in the environment."""
    for variable in ("IDENTITY_ENDPOINT", "MSI_ENDPOINT"):
        if setting.value(variable):
            who = f"managed identity{_user_assigned(setting)} ({variable})"
            return Way(who, partial(_managed_identity, setting), is_configured=False)
    return None


def _machine_identity(setting: Setting, *, is_last: bool) -> Way:
    address = setting.value("AZURE_POD_IDENTITY_AUTHORITY_HOST") or _IMDS
    return Way(
        f"managed identity{_user_assigned(setting)}",
        partial(_managed_identity, setting),
        seconds=_IMDS_SECONDS if is_last else _IMDS_SECONDS_WHEN_ASKED_FOR,
        probe=address,
        is_configured=False,
    )


def _user_assigned(setting: Setting) -> str:
    client = setting.value("AZURE_CLIENT_ID")
    return f" {client}" if client else ""


def _managed_identity(setting: Setting) -> TokenSource:
    from azure.core.pipeline.transport import AioHttpTransport  # noqa: PLC0415 - heavy
    from azure.identity.aio import ManagedIdentityCredential  # noqa: PLC0415 - heavy

    # These endpoints are local: a proxy would answer with its own machine's identity, or not at all.
    return ManagedIdentityCredential(
        client_id=setting.value("AZURE_CLIENT_ID") or None,
        transport=AioHttpTransport(use_env_settings=False),
        # Else the variables of workload identity would win here, too, and over this transport.
        _exclude_workload_identity_credential=True,
    )


def _az_login(setting: Setting, tenant: str | None, subscription: str | None, az_cloud: Cloud | None) -> Way | str:
    if az_cloud is not None and az_cloud.authority != setting.cloud.authority:
        return f"az login: az works in {az_cloud.name}, not in {setting.cloud.name} (`az cloud set` changes that)"

    def opened() -> TokenSource:
        from azure.identity.aio import AzureCliCredential  # noqa: PLC0415 - heavy

        # az takes either of them, and refuses a tenant for managed identities; the subscription implies it.
        only_tenant = "" if subscription else tenant or ""
        return AzureCliCredential(
            tenant_id=only_tenant,
            subscription=subscription,
            additionally_allowed_tenants=["*"],
            process_timeout=_AZ_SECONDS,
        )

    return Way("az login", opened, is_configured=False, advice="run `az login` again")


def _not_set(variables: Sequence[str]) -> str:
    return f"{', '.join(variables)} {'is' if len(variables) == 1 else 'are'} not set"
