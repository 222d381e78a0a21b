"""HTTP/1.1 as far as clients of Azure speak it: one request after the other on a connection that stays open."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from .messages import Response

_LARGEST_BODY = 16 * 1024 * 1024
_MOST_HEADERS = 200
_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request as it came over the wire; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_last(self) -> bool:
        """True when the client wants the connection closed after the answer."""
        return self.headers.get("connection", "").lower() == "close"


class ProtocolError(Exception):
    """What came over the wire is not HTTP/1.1 as this server reads it."""


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Incoming | None:
    """The next request of a connection, or None when the client is done with it.

    Raises ProtocolError for anything malformed, and what the stream raises when the connection breaks.
    """
    try:
        line = await reader.readline()
        if not line:
            return None
        method, target, version = line.decode("latin-1").split()
        headers = await _headers(reader)
        if version not in {"HTTP/1.1", "HTTP/1.0"} or not target.startswith("/"):
            raise ProtocolError(version)
        if version == "HTTP/1.0":
            headers["connection"] = "close"
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(_CONTINUE)
        return Incoming(method, target, headers, await _body(reader, headers))
    except ValueError as error:
        raise ProtocolError(str(error)) from error


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = (await reader.readline()).decode("latin-1")
        if line in {"\r\n", "\n"}:
            return headers
        name, colon, value = line.partition(":")
        if not colon:
            break
        headers[name.strip().lower()] = value.strip()
    raise ProtocolError("headers")


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        length = int(headers.get("content-length", "0"))
        return await _exactly(reader, length)
    parts: list[bytes] = []
    while (length := int((await reader.readline()).split(b";")[0], 16)) > 0:
        parts.append(await _exactly(reader, length))
        await reader.readline()
    while (await reader.readline()).strip():
        pass  # trailers
    return b"".join(parts)


async def _exactly(reader: asyncio.StreamReader, length: int) -> bytes:
    if not 0 <= length <= _LARGEST_BODY:
        raise ProtocolError("length")
    return await reader.readexactly(length)


def written(answer: Response, *, with_body: bool) -> bytes:
    """The answer's bytes; an answer to HEAD has the headers of its body and not the body."""
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    lines += [f"{name}: {_on_one_line(value)}" for name, value in answer.headers.items() if name != "content-length"]
    lines.append(f"content-length: {len(answer.body)}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head + answer.body if with_body else head


def _on_one_line(value: str) -> str:
    """A header's value; a world's own headers must not open new ones."""
    return " ".join(value.split())


BAD_REQUEST = _BAD_REQUEST
"""The answer to what is no request, after which the connection is closed."""
