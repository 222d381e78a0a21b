"""A world as the transport of azure-core clients: `check --snapshot` runs the real SDK on a file, without a socket."""

from __future__ import annotations

from http import HTTPStatus
from json import loads
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.pipeline.transport import HttpRequest as OlderHttpRequest
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.core.utils import CaseInsensitiveDict

from .messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, MutableMapping
    from types import TracebackType

    from .world import World

AnyHttpRequest: TypeAlias = "HttpRequest | OlderHttpRequest"
"""azure-mgmt clients from before `azure.core.rest` (authorization is one) send the older kind."""

_ANONYMOUS = "Bearer in-process"


class WorldTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Answers the requests of `azure.mgmt.*.aio` clients and azure-core pipelines from a world.

    A snapshot asks nobody to sign in: a request without a token gets one on the way.
    `requests` counts what was asked.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.requests = 0

    async def send(self, request: AnyHttpRequest, **kwargs: Any) -> AsyncHttpResponse:  # noqa: ARG002 - azure-core's signature
        """The world's answer; raises ValueError only for a URL that is none."""
        self.requests += 1
        headers = {"authorization": _ANONYMOUS, **{name.lower(): value for name, value in request.headers.items()}}
        answer = self._world.answer(Request.of(request.method, request.url, headers, _body_of(request)))
        return WorldResponse(request, answer)

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def sleep(self, duration: float) -> None:
        """Do not wait between tries: a file answers the second time what it answered the first."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing to close."""


def _body_of(request: AnyHttpRequest) -> bytes:
    content: object = request.content if isinstance(request, HttpRequest) else request.body
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else b""


class WorldResponse(AsyncHttpResponse):
    """An answer of a world as azure-core reads one. The body is there at once, and may be read again and again."""

    def __init__(self, request: AnyHttpRequest, answer: Response) -> None:
        self._request = cast("HttpRequest", request)  # policies only hand it on
        self._answer = answer
        self._headers: MutableMapping[str, str] = CaseInsensitiveDict(answer.headers)
        self._encoding: str | None = None
        self._is_closed = False

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._headers

    @property
    def reason(self) -> str:
        try:
            return HTTPStatus(self._answer.status).phrase
        except ValueError:
            return ""

    @property
    def content_type(self) -> str | None:
        return self._answer.headers.get("content-type")

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def is_stream_consumed(self) -> bool:
        return True

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def content(self) -> bytes:
        return self._answer.body

    def body(self) -> bytes:
        """The body, under the name that clients from before `azure.core.rest` use."""
        return self._answer.body

    def text(self, encoding: str | None = None) -> str:
        return self._answer.body.decode(encoding or self._encoding or "utf-8", "replace")

    def json(self) -> Any:
        return loads(self.text())

    def raise_for_status(self) -> None:
        if self._answer.status >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=self)

    async def read(self) -> bytes:
        return self._answer.body

    async def iter_raw(self, **kwargs: Any) -> AsyncIterator[bytes]:  # noqa: ARG002 - azure-core's signature
        yield self._answer.body

    async def iter_bytes(self, **kwargs: Any) -> AsyncIterator[bytes]:  # noqa: ARG002 - azure-core's signature
        yield self._answer.body

    async def close(self) -> None:
        self._is_closed = True

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._is_closed = True
