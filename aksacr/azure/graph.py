"""The service principal behind a cluster: Microsoft Graph, by azure-core's pipeline (its SDK is too heavy)."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.core.rest import HttpRequest

from aksacr.facts import Credential, DirectoryObject, Fact, Holder, Seen, Unseen

from .credentials import SignInError
from .reading import read_one

if TYPE_CHECKING:
    from .session import Session

PERMISSION = "Application.Read.All (Microsoft Graph), or ownership of the application"


class _Key(msgspec.Struct, rename="camel"):
    key_id: str | None = None
    display_name: str | None = None
    hint: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class _Object(msgspec.Struct, rename="camel"):
    id: str
    app_id: str
    display_name: str | None = None
    account_enabled: bool | None = None
    app_owner_organization_id: str | None = None
    service_principal_type: str | None = None
    alternative_names: list[str] | None = None
    password_credentials: list[_Key] | None = None
    key_credentials: list[_Key] | None = None


class _Page(msgspec.Struct):
    value: list[_Object]


async def read_application(session: Session, app_id: str) -> Fact[DirectoryObject | None]:
    """The application of that app id. Absent where the application lives in another tenant."""
    return await _read(session, "applications", app_id, "id,appId,displayName,passwordCredentials,keyCredentials")


async def read_service_principal(session: Session, app_id: str) -> Fact[DirectoryObject | None]:
    """The service principal of that app id: its object id is what role assignments hold."""
    fields = "id,appId,displayName,accountEnabled,appOwnerOrganizationId,passwordCredentials,keyCredentials"
    return await _read(session, "servicePrincipals", app_id, fields)


async def read_holder(session: Session, object_id: str) -> Fact[Holder | None]:
    """The service principal of that object id; `Seen(None)` when the directory has none any more."""
    source = f"Microsoft Graph servicePrincipals/{object_id}"
    fields = "id,appId,displayName,servicePrincipalType,alternativeNames"

    async def ask() -> bytes:
        return await _get(session, f"servicePrincipals/{quote(object_id)}?$select={fields}")

    def decode(body: bytes) -> Holder:
        item = msgspec.json.decode(body, type=_Object)
        names = [name for name in item.alternative_names or [] if name.startswith("/subscriptions/")]
        kind = item.service_principal_type or ""
        return Holder(item.id.lower(), item.display_name or "", kind, names[0] if names else "")

    try:
        return await read_one(session, source, PERMISSION, ask, decode)
    except SignInError as error:
        return Unseen(source, PERMISSION, f"no token for Microsoft Graph: {error}")


async def _get(session: Session, path: str) -> bytes:
    if not session.cloud.graph:
        raise ServiceRequestError(f"cloud {session.cloud.name} names no Microsoft Graph endpoint")
    response = await session.graph(HttpRequest("GET", f"{session.cloud.graph}/v1.0/{path}"))
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise HttpResponseError(response=response)
    return response.content


async def _read(session: Session, collection: str, app_id: str, fields: str) -> Fact[DirectoryObject | None]:
    source = f"Microsoft Graph {collection}(appId='{app_id}')"
    condition = quote(f"appId eq '{app_id}'")
    query = f"$filter={condition}&$select={fields}"

    async def ask() -> bytes:
        return await _get(session, f"{collection}?{query}")

    def decode(body: bytes) -> DirectoryObject | None:
        found = msgspec.json.decode(body, type=_Page).value
        return _decode(found[0], collection) if found else None

    try:
        fact = await read_one(session, source, PERMISSION, ask, decode)
    except SignInError as error:
        return Unseen(source, PERMISSION, f"no token for Microsoft Graph: {error}")
    return fact if isinstance(fact, Unseen) else Seen(fact.value, fact.source)


def _decode(item: _Object, collection: str) -> DirectoryObject:
    held_by = "application" if collection == "applications" else "service principal"
    credentials = [
        *(_credential("client secret", key, held_by) for key in item.password_credentials or []),
        *(_credential("certificate", key, held_by) for key in item.key_credentials or []),
    ]
    return DirectoryObject(
        object_id=item.id.lower(),
        app_id=item.app_id,
        display_name=item.display_name or "",
        account_enabled=item.account_enabled is not False,
        home_tenant_id=item.app_owner_organization_id or "",
        credentials=tuple(credentials),
    )


def _moment(value: datetime | None) -> datetime | None:
    """A moment of Graph, which is in UTC whether or not it says so."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _credential(kind: str, key: _Key, held_by: str) -> Credential:
    return Credential(
        kind=kind,
        key_id=key.key_id or "",
        hint=key.hint or "",
        display_name=key.display_name or "",
        start=_moment(key.start_date_time),
        end=_moment(key.end_date_time),
        held_by=held_by,
    )
