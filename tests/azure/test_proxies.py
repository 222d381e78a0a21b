"""A proxy that is in the way is named, with its setting and without its password; a refused token is no lost target."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest
from console import FIXTURES, run

from aksacr.azure.tls import SharedTransport, client_session, connection_failure, ssl_context

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

PASSWORD = "hunter2"


@asynccontextmanager
async def proxy_that_answers(status: str) -> AsyncGenerator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def failure_by(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", address)
    async with client_session(ssl_context({})) as session, SharedTransport(session) as transport:
        with pytest.raises(ServiceRequestError) as raised:
            await transport.send(HttpRequest("GET", "https://management.example.org/"))
    assert PASSWORD not in str(raised.value)
    return connection_failure(raised.value)


@pytest.mark.parametrize(
    ("status", "says"), [("407 Proxy Authentication Required", "a user and a password"), ("403 Forbidden", "NO_PROXY")]
)
async def test_a_proxy_that_refuses_is_named(status: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with proxy_that_answers(status) as port:
        said = await failure_by(f"http://user:{PASSWORD}@127.0.0.1:{port}", monkeypatch)
    assert f"the proxy http://127.0.0.1:{port} (HTTPS_PROXY) refused it: HTTP {status[:3]}" in said
    assert says in said
    assert PASSWORD not in said


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await failure_by(f"user:{PASSWORD}@127.0.0.1:9", monkeypatch)
    assert "the proxy http://127.0.0.1:9 (HTTPS_PROXY) does not answer (connection refused)" in said
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ExpiredAuthenticationToken", "sign in again"),
        ("InvalidAuthenticationToken", "--cloud"),
        ("InvalidAuthenticationTokenTenant", "--tenant"),
    ],
)
def test_a_token_that_is_refused_is_a_matter_of_signing_in(code: str, says: str, tmp_path: Path) -> None:
    world = json.loads((FIXTURES / "recorded_public_attached" / "world.json").read_text(encoding="utf-8"))
    body = {"error": {"code": code, "message": "The access token is of no use."}}
    world["refused"].append({"path": world["target"]["cluster"].lower(), "status": 401, "body": body})
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world), encoding="utf-8")
    ended = run("check", "--snapshot", str(file), home=tmp_path)
    assert (ended.status, ended.out, ended.err.count("\n")) == (5, "", 1)
    assert code in ended.err
    assert says in ended.err


@pytest.mark.parametrize("text", ["[" * 200_000, '{"subscriptions": 7}', '{"subscriptions": [7, {"id": []}]}', "7"])
def test_a_profile_of_az_that_cannot_be_used_is_a_remark(text: str, tmp_path: Path) -> None:
    (tmp_path / ".azure").mkdir()
    (tmp_path / ".azure" / "azureProfile.json").write_text(text, encoding="utf-8")
    snapshot = str(FIXTURES / "recorded_public_attached" / "world.json")
    ended = run("check", "--snapshot", snapshot, "-o", "none", home=tmp_path)
    assert ended.status == 0
    assert "azureProfile.json" in ended.err
