"""The subscriptions that the caller sees, for names, for tenants and for finding a registry anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest

from aksacr.facts import Fact, mapped

from .dataflow import lengthen
from .reading import read_one

if TYPE_CHECKING:
    from .session import Session

_API_VERSION = "2022-12-01"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as Resource Manager lists it."""

    id: str
    name: str
    tenant_id: str
    state: str


class _Body(msgspec.Struct, rename="camel"):
    subscription_id: str
    display_name: str = ""
    tenant_id: str = ""
    state: str = ""


class _Page(msgspec.Struct, rename="camel"):
    value: list[_Body]
    next_link: str | None = None


async def list_all(session: Session) -> list[Subscription]:
    """Every subscription that the caller sees. Raises the SDK's exceptions, and ValueError for an unknown body."""
    found = await _listed(session)
    lengthen()
    return found


async def read_all(session: Session) -> Fact[tuple[Subscription, ...] | None]:
    """Every subscription that the caller sees: Azure leaves out the others, and asks for no permission."""
    return await read_one(session, "/subscriptions", "", lambda: _listed(session), tuple)


async def _listed(session: Session) -> list[Subscription]:
    """All pages; the chain grows by each but the last, which the caller counts."""
    found: list[Subscription] = []
    url: str | None = f"{session.cloud.resource_manager}/subscriptions?api-version={_API_VERSION}"
    while url:
        response = await session.resource_manager(HttpRequest("GET", url))
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=response)
        page = msgspec.json.decode(response.content, type=_Page)
        found += [
            Subscription(item.subscription_id, item.display_name, item.tenant_id, item.state) for item in page.value
        ]
        url = page.next_link
        if url:
            lengthen()
    return found


async def read_tenant(session: Session, subscription_id: str) -> Fact[str]:
    """The Entra tenant that a subscription trusts."""
    source = f"/subscriptions/{subscription_id}"
    url = f"{session.cloud.resource_manager}{source}?api-version={_API_VERSION}"

    async def ask() -> bytes:
        response = await session.resource_manager(HttpRequest("GET", url))
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=response)
        return response.content

    def decode(body: bytes) -> str:
        return msgspec.json.decode(body, type=_Body).tenant_id.lower()

    fact = await read_one(session, source, "Microsoft.Resources/subscriptions/read", ask, decode)
    return mapped(fact, lambda tenant: tenant or "")


async def resource_groups(session: Session, subscription_id: str) -> list[str]:
    """The names of a subscription's resource groups, for "nearest names". Raises the SDK's exceptions."""
    url = f"{session.cloud.resource_manager}/subscriptions/{subscription_id}/resourcegroups?api-version={_API_VERSION}"
    response = await session.resource_manager(HttpRequest("GET", url))
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise HttpResponseError(response=response)
    return [group.name for group in msgspec.json.decode(response.content, type=_Groups).value]


class _Group(msgspec.Struct):
    name: str


class _Groups(msgspec.Struct):
    value: list[_Group]
