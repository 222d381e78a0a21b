"""A world behind a loopback TLS server: an Azure that az, the SDK and azure-identity take for one.

The certificate is made for the run by a certificate authority that lives as long as the server; clients are told of it
by `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE`, which azure-identity, azure-core and az obey.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from . import errors, http1, instance_metadata
from .entra import SignIn
from .messages import Request, Response
from .pipelines import PipelineJob

if TYPE_CHECKING:
    from types import TracebackType

    from .world import World

_SECONDS_TO_START = 30


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was answered: `target` is path and query, times are `time.perf_counter()` seconds."""

    method: str
    target: str
    status: int
    start: float
    end: float


class StandIn:
    """Serves a world on a free loopback port for as long as the `with` block lasts.

    `delay_seconds` is added to every answer, side by side for those that are asked side by side: the round trip of a
    real Azure. `requests` logs what was answered, in the order of the answers' ends.
    `job` is an Azure Pipelines job whose service connection signs in here; `metadata_url` is where a machine would
    find its metadata service.
    """

    def __init__(
        self, world: World, delay_seconds: float = 0.0, *, port: int = 0, sign_in: SignIn | None = None
    ) -> None:
        self.world = world
        self.delay_seconds = delay_seconds
        self.requests: list[Exchange] = []
        self.sign_in = sign_in or SignIn(world.tenant_id)
        self.job = PipelineJob(self.sign_in)
        self.url = ""
        self.metadata_url = ""
        self._port = port
        self._folder: Path | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def ca_bundle(self) -> Path:
        """The certificates to trust, as a PEM file that is there while the server runs."""
        if self._folder is None:
            raise RuntimeError("the stand-in is not running: enter it with `with` first")
        return self._folder / "ca.pem"

    @property
    def page_size(self) -> int | None:
        """The length of list pages; None answers everything at once."""
        return self.world.page_size

    @page_size.setter
    def page_size(self, size: int | None) -> None:
        self.world.page_size = size

    def environment(self) -> dict[str, str]:
        """The environment variables by which a client signs in here and trusts the certificate."""
        return {
            "AZURE_TENANT_ID": self.sign_in.tenant_id,
            "AZURE_CLIENT_ID": self.sign_in.client_id,
            "AZURE_CLIENT_SECRET": self.sign_in.client_secret,
            "SSL_CERT_FILE": str(self.ca_bundle),
            "REQUESTS_CA_BUNDLE": str(self.ca_bundle),
        }

    def __enter__(self) -> Self:
        """Raises OSError when the port is taken."""
        self._folder = Path(tempfile.mkdtemp(prefix="aksacr-standin-"))
        try:
            context = _certified(self._folder)
            self._loop = asyncio.new_event_loop()
            self._loop.set_exception_handler(_forget)
            self._thread = threading.Thread(target=self._loop.run_forever, name="aksacr-standin", daemon=True)
            self._thread.start()
            asyncio.run_coroutine_threadsafe(self._listen(context), self._loop).result(_SECONDS_TO_START)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(_SECONDS_TO_START)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_SECONDS_TO_START)
            self._loop.close()
            self._loop = self._thread = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def _listen(self, context: ssl.SSLContext) -> None:
        first = await asyncio.start_server(self._connected, "127.0.0.1", self._port, ssl=context)
        port: int = first.sockets[0].getsockname()[1]
        self._servers.append(first)
        with contextlib.suppress(OSError):  # "localhost" may mean ::1 first, on hosts that have IPv6
            self._servers.append(await asyncio.start_server(self._connected, "::1", port, ssl=context))
        self.url = f"https://localhost:{port}"
        metadata = await asyncio.start_server(self._connected_to_metadata, "127.0.0.1", 0)
        self._servers.append(metadata)
        self.metadata_url = f"http://127.0.0.1:{metadata.sockets[0].getsockname()[1]}"

    async def _hang_up(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected_to_metadata(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._connected(reader, writer, is_metadata=True)

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_metadata: bool = False
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
        try:
            await self._converse(reader, writer, is_metadata=is_metadata)
        except (OSError, EOFError):
            pass  # the client hung up; ssl's errors are OSErrors
        except asyncio.CancelledError:
            writer.transport.abort()  # the server ends; nobody waits for an idle client's farewell
        finally:
            if task is not None:
                self._connections.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_metadata: bool) -> None:
        """Answer one request after the other until the client is done."""
        while True:
            try:
                incoming = await http1.receive(reader, writer)
            except http1.ProtocolError:
                writer.write(http1.BAD_REQUEST)
                return
            if incoming is None:
                return
            start = time.perf_counter()
            answer = self._answer(incoming, is_metadata=is_metadata)
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            written = http1.written(answer, with_body=incoming.method != "HEAD")
            end = time.perf_counter()
            # Logged before it is sent: a client in another thread may look as soon as it has its answer.
            self.requests.append(Exchange(incoming.method, incoming.target, answer.status, start, end))
            writer.write(written)
            await writer.drain()
            if incoming.is_last:
                return

    def _answer(self, incoming: http1.Incoming, *, is_metadata: bool) -> Response:
        """What is answered in Azure's name. A defect here is a 500 to the client, and no silence on the line."""
        try:
            request = Request.of(incoming.method, self.url + incoming.target, incoming.headers, incoming.body)
            if is_metadata:
                return instance_metadata.answer(self.sign_in, self.url, request)
            return self.sign_in.answer(request) or self.job.answer(request) or self.world.answer(request)
        except Exception as error:  # noqa: BLE001
            return errors.arm_error(500, "InternalServerError", f"The stand-in failed: {error!r}")


def _forget(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Say nothing of clients that hang up in the middle of a TLS handshake."""


def _certified(folder: Path) -> ssl.SSLContext:
    """A server's TLS context with a fresh certificate for this machine; its authority is written to `ca.pem`."""
    import trustme  # noqa: PLC0415 - a tenth of a second, needed only to serve

    authority = trustme.CA(organization_name="aksacr stand-in Azure")
    certificate = authority.issue_cert("localhost", "127.0.0.1", "::1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    context.load_cert_chain(folder / "server.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return context
