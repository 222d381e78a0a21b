"""The kubelet identity's own resource: `Microsoft.ManagedIdentity/userAssignedIdentities`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest

from aksacr.facts import Fact, ManagedIdentity, ResourceId

from .reading import read_one

if TYPE_CHECKING:
    from .session import Session

_API_VERSION = "2023-01-31"


class _Properties(msgspec.Struct, rename="camel"):
    client_id: str = ""
    principal_id: str = ""


class _Identity(msgspec.Struct):
    id: str
    properties: _Properties


async def read_identity(session: Session, identity: ResourceId) -> Fact[ManagedIdentity | None]:
    """A user-assigned managed identity. `Seen(None)` when it is gone."""
    url = f"{session.cloud.resource_manager}{identity.text}?api-version={_API_VERSION}"

    async def ask() -> bytes:
        response = await session.resource_manager(HttpRequest("GET", url))
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=response)
        return response.content

    action = "Microsoft.ManagedIdentity/userAssignedIdentities/read"
    return await read_one(session, identity.text, action, ask, _decode)


def _decode(body: bytes) -> ManagedIdentity:
    found = msgspec.json.decode(body, type=_Identity)
    return ManagedIdentity(ResourceId(found.id), found.properties.client_id, found.properties.principal_id.lower())
