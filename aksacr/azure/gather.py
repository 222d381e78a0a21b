"""From options to facts: signs in (or opens a snapshot), collects, and says how much was asked."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from azure.core.credentials import AccessToken, AccessTokenInfo

from aksacr import clouds
from aksacr.facts import ResourceId

from .collect import Collection
from .credentials import SignInError, from_environment
from .dataflow import lengthen
from .recording import Recording
from .session import Importer, Session
from .target import Finder, Target
from .tls import SharedTransport, client_session, get_json, ssl_context

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from types import TracebackType

    from azure.core.pipeline.transport import AsyncHttpTransport

    from aksacr.facts import Facts
    from aksacr.standin.world import World

    from .activity import Activity


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """Which cloud, and which of az's accounts, to sign in with. See `clouds.resolve_cloud` for the first four."""

    environment: Mapping[str, str]
    named_cloud: str | None
    configured_cloud: str | None
    registered_clouds: Mapping[str, Mapping[str, str]]
    az_subscription: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts, and how they were got. `recording` is there when one was asked for.

    `longest_chain` counts the requests that waited for each other, one after the other: the cloud's metadata and
    Entra's tokens among them, retries and the further pages of a list not.
    """

    facts: Facts
    requests: int
    elapsed_seconds: float
    longest_chain: int
    signed_in_as: str
    recording: Recording | None


class _Nobody:
    """The credential of a snapshot: nobody signs in."""

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        del scopes, options
        return AccessToken("in-process", int(time.time()) + 3600)

    async def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        del scopes, options
        return AccessTokenInfo("in-process", int(time.time()) + 3600)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...


async def from_azure(
    target: Target,
    account: Account,
    *,
    image: str | None,
    timeout_seconds: float,
    record: bool = False,
    activity: Activity | None = None,
) -> Gathered:
    """Read the target from Azure; `activity` is told what is asked meanwhile.

    Raises `CloudError`, `TlsError`, `SignInError`, `TargetError`, each one line for a person.
    """
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        importer = Importer()
        await importer.module("aiohttp")
        http = await stack.enter_async_context(client_session(ssl_context(account.environment)))
        transport = SharedTransport(http)
        importer.start("azure.identity.aio")  # 0.1 s, while the cloud is looked up
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        cloud = await _before(deadline, _cloud_of(account, transport), clouds.CloudError("ARM's metadata"))
        credential = await stack.enter_async_context(
            from_environment(
                account.environment,
                cloud,
                transport=transport,
                subscription_tenant=account.tenant,
                az_subscription=account.az_subscription,
            )
        )
        await importer.module("azure.identity.aio")
        recording = Recording() if record else None
        session = Session(
            cloud,
            credential,
            transport,
            recording=recording,
            deadline=deadline,
            importer=importer,
            activity=activity,
        )
        session.prefetch()
        await _before(deadline, session.sign_in(), SignInError(f"signing in at {cloud.authority}"))
        collection = Collection(session, Finder(session, target))
        facts = await collection.facts(datetime.now(UTC), image)
        elapsed = time.monotonic() - started
        return Gathered(facts, session.requests, elapsed, collection.longest_chain, credential.describe(), recording)


async def _before(deadline: float, work: Coroutine[Any, Any, T], late: Exception) -> T:
    """What `work` gives. Raises an error of the kind of `late`, which names what was waited for, when time is up."""
    try:
        async with asyncio.timeout_at(deadline):
            return await work
    except TimeoutError:
        raise type(late)(f"{late} gave no answer before the time was up (--timeout)") from None


async def _cloud_of(account: Account, transport: SharedTransport) -> clouds.Cloud:
    async def ask(url: str) -> object:
        lengthen()
        return await get_json(transport, url)

    return await clouds.resolve_cloud(
        account.named_cloud,
        configured=account.configured_cloud,
        authority_host=account.environment.get("AZURE_AUTHORITY_HOST"),
        registered=account.registered_clouds,
        get_json=ask,
    )


async def from_world(world: World, transport: AsyncHttpTransport[Any, Any], *, image: str | None) -> Gathered:
    """Read the target of a snapshot, through the same clients, out of the file. Raises `TargetError`."""
    started = time.monotonic()
    cluster, registry = ids_of(world)
    cloud = clouds.Cloud(
        name=world.cloud.name,
        resource_manager="https://management.invalid",
        authority="https://login.invalid",
        graph="https://graph.invalid",
        registry_suffix=world.cloud.registry_suffix,
        resource_manager_scope="https://management.invalid/.default",
        graph_scope="https://graph.invalid/.default",
        authority_is_known=False,
        storage_suffix=world.cloud.storage_suffix,
    )
    session = Session(cloud, _Nobody(), transport)
    target = Target(cluster.resource_group, cluster.name, registry.text, cluster.subscription_id)
    collection = Collection(session, Finder(session, target))
    facts = await collection.facts(world.now, image or world.target.image)
    elapsed = time.monotonic() - started
    return Gathered(facts, session.requests, elapsed, collection.longest_chain, "nobody (snapshot)", None)


def ids_of(world: World) -> tuple[ResourceId, ResourceId]:
    """The ids of the cluster and the registry that a world is about."""
    return ResourceId(world.target.cluster), ResourceId(world.target.registry)
