"""One connection to one Azure: credential, transport, clients and their policies.

Clients share one list of policies, so that there is one token per audience, and none of them contains the
SDK's ARMAutoResourceProviderRegistrationPolicy: with it a GET that is answered 409 MissingSubscriptionRegistration
would make the SDK register the provider, and a read would have written.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any, cast

from azure.core import AsyncPipelineClient
from azure.core.exceptions import DecodeError, HttpResponseError
from azure.core.pipeline.policies import (
    AsyncHTTPPolicy,
    AsyncRetryPolicy,
    ContentDecodePolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from aksacr import __version__

from .activity import Activity
from .dataflow import Table, lengthen, retrieve
from .forms import NO_ID

if TYPE_CHECKING:
    from types import ModuleType

    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline import PipelineRequest, PipelineResponse
    from azure.core.pipeline.transport import AsyncHttpTransport
    from azure.core.rest import AsyncHttpResponse, HttpRequest
    from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
    from azure.mgmt.compute.aio import ComputeManagementClient
    from azure.mgmt.containerregistry.aio import ContainerRegistryManagementClient
    from azure.mgmt.containerservice.aio import ContainerServiceClient
    from azure.mgmt.network.aio import NetworkManagementClient
    from azure.mgmt.privatedns.aio import PrivateDnsManagementClient

    from aksacr.clouds import Cloud

    from .recording import Recording

_LONGEST_RETRY_AFTER = 20.0
_RETRIES = {
    "retry_total": 4,
    "retry_status": 3,
    "retry_connect": 2,
    "retry_read": 2,
    "retry_backoff_factor": 0.5,
    "retry_backoff_max": 8,
}
# In the order in which a run needs them, but the large ones (compute 0.1 s, network 0.2 s) last: the reads of the
# others then come and go while these are imported.
# Authorization's multi-version front is typed as the union of all its versions; one version is named instead.
_CLIENTS = {
    "containerservice": "ContainerServiceClient",
    "containerregistry": "ContainerRegistryManagementClient",
    "authorization.v2022_04_01": "AuthorizationManagementClient",
    "privatedns": "PrivateDnsManagementClient",
    "compute": "ComputeManagementClient",
    "network": "NetworkManagementClient",
}


class WriteRefusedError(Exception):
    """Raised when something asked this session for more than a read."""


class ReadOnlyPolicy(SansIOHTTPPolicy[Any, Any]):
    """Lets nothing but GET through: Azure is never written to."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        method: str = request.http_request.method
        if method != "GET":
            raise WriteRefusedError(f"refused to send {method} {request.http_request.url}: aksacr only reads")


class BoundedRetryPolicy(AsyncRetryPolicy[Any, Any]):
    """The SDK's retries, bounded in number and time: it would sleep any Retry-After (372 s have been seen)."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        wait = self.get_retry_after(response)
        return super().is_retry(settings, response) and not (wait and wait > _LONGEST_RETRY_AFTER)


class AnswerFormPolicy(SansIOHTTPPolicy[Any, Any]):
    """Lets a body through that is a resource or a list; the clients take anything else for one with nothing in it.

    Raises HttpResponseError for an error without JSON (one client would trip over it), DecodeError for the rest.
    """

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        del request
        answer = response.http_response
        body: object = response.context.get(ContentDecodePolicy.CONTEXT_NAME)
        if answer.status_code >= 400:
            if not isinstance(body, dict):
                raise HttpResponseError(response=answer)
        elif not _is_resource_or_list(body):
            raise DecodeError(message=NO_ID if isinstance(body, dict) else "no JSON object", response=answer)


def _is_resource_or_list(body: object) -> bool:
    if not isinstance(body, dict):
        return False
    members = cast("dict[str, object]", body)
    return isinstance(members.get("id"), str) or isinstance(members.get("value"), list)


class CountingPolicy(AsyncHTTPPolicy[Any, Any]):
    """Counts what is sent, bounds how much is under way at once, and hands answers to the recording."""

    def __init__(self, at_once: int, recording: Recording | None, activity: Activity) -> None:
        super().__init__()
        self.sent = 0
        self._activity = activity
        self._gate = asyncio.Semaphore(at_once)
        self._recording = recording

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        async with self._gate:
            self.sent += 1
            with self._activity.asking(request.http_request.url):
                response = await self.next.send(request)
        if self._recording is not None:
            answer = response.http_response
            self._recording.note(request.http_request.url, answer.status_code, answer.headers, answer.text())
        return response


class Importer:
    """Imports packages in a thread while answers are awaited, in the order asked for.

    One at a time: where two threads import packages that share modules, one may be shown half of a module.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._modules: dict[str, asyncio.Task[ModuleType]] = {}

    def start(self, *names: str) -> None:
        """Import these, too, after those that were asked for before."""
        for name in names:
            if name not in self._modules:
                self._modules[name] = asyncio.create_task(self._import(name))
                self._modules[name].add_done_callback(retrieve)

    async def module(self, name: str) -> ModuleType:
        """Wait for a module. Raises ImportError."""
        self.start(name)
        return await asyncio.shield(self._modules[name])

    async def _import(self, name: str) -> ModuleType:
        async with self._turn:
            if name in sys.modules:
                return sys.modules[name]
            # The clients are 250 000 objects that stay until the end. Looking for garbage among them, again and again
            # while they come and once more when the process ends, takes 0.75 s of the 1.7 s that a run computes.
            was_enabled = gc.isenabled()
            gc.disable()
            try:
                return await asyncio.to_thread(importlib.import_module, name)
            finally:
                gc.freeze()
                if was_enabled:
                    gc.enable()


class Session:
    """Clients for one Azure, made when first asked for."""

    def __init__(
        self,
        cloud: Cloud,
        credential: AsyncTokenCredential,
        transport: AsyncHttpTransport[Any, Any],
        *,
        recording: Recording | None = None,
        at_once: int = 24,
        deadline: float | None = None,
        importer: Importer | None = None,
        activity: Activity | None = None,
    ) -> None:
        """`deadline` is a moment of the running event loop's clock after which reads are given up.

        `activity` is told of every request, for somebody who waits.
        """
        self.cloud = cloud
        self.deadline = deadline
        self._credential = credential
        self._transport = transport
        self._counting = CountingPolicy(at_once, recording, activity or Activity())
        self._importer = importer or Importer()
        self._tokens = Table(self._token)
        self._policies = self._chain_of_policies(cloud.resource_manager_scope)
        self._clients: dict[tuple[str, str, str], Any] = {}
        logging.getLogger("azure").setLevel(logging.CRITICAL)

    def _chain_of_policies(self, scope: str) -> list[Any]:
        return [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy(base_user_agent=f"aksacr/{__version__}"),
            AnswerFormPolicy(),
            ContentDecodePolicy(),
            ReadOnlyPolicy(),
            BoundedRetryPolicy(**_RETRIES),
            AsyncARMChallengeAuthenticationPolicy(self._credential, scope),
            self._counting,
        ]

    @property
    def requests(self) -> int:
        """How many requests were sent to Resource Manager and Graph, retries included."""
        return self._counting.sent

    def prefetch(self, *packages: str) -> None:
        """Begin to import these management packages (or all), in this order, for reads that will need them."""
        self._importer.start(*(_module_of(package) for package in packages or _CLIENTS))

    async def sign_in(self) -> None:
        """Get Resource Manager's token, on which all of its reads depend. Raises `SignInError`."""
        await self._tokens(self.cloud.resource_manager_scope)

    async def _token(self, scope: str) -> None:
        """Let the credential ask for a token. It keeps it, and the policies then get it from there."""
        await self._credential.get_token(scope)
        lengthen()

    async def _client(self, package: str, subscription_id: str, api_version: str = "") -> Any:
        key = (package, subscription_id.lower(), api_version)
        module = await self._importer.module(_module_of(package))
        if key not in self._clients:
            options: dict[str, Any] = {"api_version": api_version} if api_version else {}
            self._clients[key] = getattr(module, _CLIENTS[package])(
                self._credential,
                subscription_id,
                base_url=self.cloud.resource_manager,
                credential_scopes=[self.cloud.resource_manager_scope],
                policies=self._policies,
                transport=self._transport,
                **options,
            )
        return self._clients[key]

    async def container_service(self, subscription_id: str) -> ContainerServiceClient:
        return await self._client("containerservice", subscription_id)

    async def container_registry(
        self, subscription_id: str, api_version: str = ""
    ) -> ContainerRegistryManagementClient:
        return await self._client("containerregistry", subscription_id, api_version)

    async def compute(self, subscription_id: str) -> ComputeManagementClient:
        return await self._client("compute", subscription_id)

    async def network(self, subscription_id: str) -> NetworkManagementClient:
        return await self._client("network", subscription_id)

    async def authorization(self, subscription_id: str) -> AuthorizationManagementClient:
        return await self._client("authorization.v2022_04_01", subscription_id)

    async def private_dns(self, subscription_id: str) -> PrivateDnsManagementClient:
        return await self._client("privatedns", subscription_id)

    async def resource_manager(self, request: HttpRequest) -> AsyncHttpResponse:
        """Send a request for which no management client above has an operation."""
        return await self._pipeline("arm", self.cloud.resource_manager, self._policies).send_request(request)

    async def graph(self, request: HttpRequest) -> AsyncHttpResponse:
        """Send a request to Microsoft Graph. Raises `SignInError` when there is no token for it."""
        await self._tokens(self.cloud.graph_scope)
        policies = self._chain_of_policies(self.cloud.graph_scope) if ("graph", "", "") not in self._clients else []
        return await self._pipeline("graph", self.cloud.graph, policies).send_request(request)

    def _pipeline(self, name: str, url: str, policies: list[Any]) -> AsyncPipelineClient[Any, Any]:
        key = (name, "", "")
        if key not in self._clients:
            self._clients[key] = AsyncPipelineClient(base_url=url, policies=policies, transport=self._transport)
        return self._clients[key]


def _module_of(package: str) -> str:
    return f"azure.mgmt.{package}.aio"
