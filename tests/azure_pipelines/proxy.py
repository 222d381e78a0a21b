"""A proxy that ends TLS itself: the stand-in answers for every host, with a certificate of its own authority."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass
class Proxy:
    """Where the proxy listens, and what it was asked."""

    target: int
    url: str = ""
    tunnels: int = 0
    credentials: set[str] = field(default_factory=set[str])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            if head.startswith("CONNECT "):
                await self._tunnel(head, reader, writer)
        writer.close()

    async def _tunnel(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tunnels += 1
        for line in head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "proxy-authorization":
                self.credentials.add(unquote(base64.b64decode(value.split()[1]).decode()))
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _forget(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Say nothing of clients that hang up."""


@contextlib.contextmanager
def intercepting(url: str) -> Generator[Proxy]:
    """Run a proxy in front of the Azure at this URL."""
    proxy = Proxy(urlsplit(url).port or 443)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_forget)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(proxy.serve, "127.0.0.1", 0), loop).result()
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
