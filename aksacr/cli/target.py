"""What is to be judged, and as whom: options, then az's environment and files, in az's order."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .az_settings import AzSettings, UnknownSubscriptionError
from .output import UsageError, remark

if TYPE_CHECKING:
    from aksacr.azure.gather import Account
    from aksacr.azure.target import Target


@dataclass(frozen=True, slots=True)
class Named:
    """What the user named on the command line; None where nothing was."""

    resource_group: str | None
    cluster: str | None
    registry: str | None
    subscription: str | None = None
    cloud: str | None = None
    image: str | None = None


def az_settings(*, quiet: bool) -> AzSettings:
    """Az's settings. A broken file of az's is a remark, not an error."""
    return AzSettings.read(os.environ, Path.cwd(), Path.home(), _ignore if quiet else remark)


def _ignore(remark: str) -> None:
    del remark


def resolve(named: Named, settings: AzSettings) -> tuple[Target, Account]:
    """The target and the account. Raises `UsageError` naming the options that are missing, `AzSettingsError`."""
    from aksacr.azure.gather import Account  # noqa: PLC0415 - azure-core is only imported by commands that need it
    from aksacr.azure.target import Target  # noqa: PLC0415

    group = named.resource_group or settings.default_group
    registry = named.registry or settings.default_acr
    missing = [
        option
        for option, value in (("-g/--resource-group", group), ("-n/--name", named.cluster), ("--acr", registry))
        if not value
    ]
    if missing or not (group and named.cluster and registry):
        raise UsageError(
            f"missing {', '.join(missing)}; for example: aksacr check -g my-rg -n my-cluster --acr myregistry"
        )
    cloud_named = named.cloud or (settings.cloud_name if settings.cloud_is_named else None)
    subscription, tenant, known = _subscription(named, settings, cloud_named)
    account = Account(
        environment=os.environ,
        named_cloud=cloud_named,
        configured_cloud=settings.cloud_name,
        registered_clouds=settings.registered_clouds,
        az_subscription=subscription if known else None,
        tenant=tenant,
    )
    return Target(group, named.cluster, registry, subscription), account


def _subscription(named: Named, settings: AzSettings, cloud_named: str | None) -> tuple[str, str | None, bool]:
    """Id or name, tenant, and whether az knows it. A name that az does not know is looked for in Azure itself."""
    cloud = cloud_named or settings.cloud_name or "AzureCloud"
    if named.subscription:
        try:
            found = settings.find_subscription(named.subscription, cloud)
        except UnknownSubscriptionError:
            return named.subscription, None, False
    else:
        active = settings.active_subscription(cloud)
        if active is None:
            return "", None, False
        found = active
    return found.id, found.tenant_id or None, bool(found.name)
