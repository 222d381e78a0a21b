"""Where tests sign in: an Entra, a metadata endpoint and an `az` of our own, on the loopback."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

import pytest
import trustme
from aiohttp import web

from aksacr.azure.credentials import Credential, SignInError, from_environment
from aksacr.azure.tls import SharedTransport, client_session, ssl_context
from aksacr.clouds import Cloud, known_cloud

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

TENANT = "99999999-9999-9999-9999-999999999999"
CLIENT = "44444444-4444-4444-4444-444444444444"
SECRET = "hunter2~with.letters"
CONNECTION = "55555555-5555-5555-5555-555555555555"
ARM = "https://management.local.example/.default"
GRAPH = "https://graph.local.example/.default"
PRINCIPAL = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
PIPELINE = {
    "AZURESUBSCRIPTION_CLIENT_ID": CLIENT,
    "AZURESUBSCRIPTION_TENANT_ID": TENANT,
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": CONNECTION,
    "SYSTEM_ACCESSTOKEN": "system-token",
}
TRACE = f"Trace ID: {TENANT} Correlation ID: {CLIENT} Timestamp: 2026-11-22 10:00:00Z"


class Entra:
    """Answers token requests, OIDC requests and IMDS requests, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.refusal: tuple[int, str] | None = None
        self.page: tuple[int, str] | None = None
        self.delay = 0.0
        self.expires_in = 86399
        self.url = ""
        self.imds_url = ""

    async def answer(self, request: web.Request) -> web.Response:
        form = {key: values[0] for key, values in parse_qs(await request.text()).items()}
        self.asked.append({"path": request.path, "query": request.query_string, **form, **request.headers})
        number = len(self.asked)
        await asyncio.sleep(self.delay)
        if self.page is not None:
            return web.Response(status=self.page[0], text=self.page[1], content_type="text/html")
        if self.refusal is not None:
            status, words = self.refusal
            body = {"error": "invalid_client", "error_description": words, "error_codes": [7000215]}
            return web.json_response(body, status=status)
        if request.path == "/oidc":
            return web.json_response({"oidcToken": "an-oidc-token"})
        token = {"token_type": "Bearer", "expires_in": self.expires_in, "access_token": f"token {number}"}
        if request.path.startswith("/metadata"):
            token |= {"expires_on": str(int(time.time()) + self.expires_in), "resource": request.query["resource"]}
        return web.json_response(token)

    @asynccontextmanager
    async def running(self, authority: trustme.CA) -> AsyncGenerator[Self]:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - half typed
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        self.imds_url = f"http://127.0.0.1:{runner.addresses[1][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


class Desk:
    """Where a test signs in: an environment that is the process's own, a cloud, a session."""

    def __init__(self, entra: Entra, monkeypatch: pytest.MonkeyPatch, folder: Path, transport: SharedTransport) -> None:
        self.entra = entra
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.transport = transport
        public = known_cloud("AzureCloud")
        assert public is not None
        self.cloud: Cloud = replace(public, name="Local", authority=entra.url, authority_is_known=False)

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)

    def credential(self, **options: Any) -> Credential:
        return from_environment(os.environ, self.cloud, transport=self.transport, **options)

    def az(self, script: str) -> Path:
        """Put an `az` on the PATH; what it was called with stands in the file that is returned."""
        log = self.folder / "az.log"
        program = self.folder / "bin" / "az"
        program.parent.mkdir()
        program.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"with open({str(log)!r}, 'a') as log:\n"
            "    print(json.dumps([sys.argv[1:], os.environ.get('AZURE_CONFIG_DIR')]), file=log)\n" + script
        )
        program.chmod(0o755)
        self.set(PATH=str(program.parent))
        return log


AZ_TOKEN = 'print(json.dumps({"accessToken": "az token", "expires_on": 4102444800, "tokenType": "Bearer"}))\n'


def az_fails(words: str) -> str:
    return f"sys.stderr.write({words!r})\nsys.exit(1)\n"


@asynccontextmanager
async def desk_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    """An environment in which nobody is signed in."""
    for name in list(os.environ):
        if name.startswith(("AZURE", "IDENTITY_", "MSI_", "SYSTEM_", "IMDS_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    async with AsyncExitStack() as stack:
        entra = await stack.enter_async_context(Entra().running(authority))
        context = ssl_context({"SSL_CERT_FILE": str(tmp_path / "authority.pem")})
        session = await stack.enter_async_context(client_session(context))
        # No test may look for the metadata endpoint of the machine that it runs on.
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9")
        yield Desk(entra, monkeypatch, tmp_path, SharedTransport(session))


async def refused(desk: Desk, **options: Any) -> str:
    """The one line that a sign-in which fails gives."""
    async with desk.credential(**options) as credential:
        with pytest.raises(SignInError) as caught:
            await credential.get_token_info(ARM)
    line = str(caught.value)
    assert "\n" not in line
    assert "hunter2" not in line
    return line


async def signed_in(desk: Desk, **options: Any) -> str:
    """Who got a token."""
    async with desk.credential(**options) as credential:
        await credential.get_token_info(ARM)
        return credential.describe()
