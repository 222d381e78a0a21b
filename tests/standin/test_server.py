"""The loopback server, asked by the real SDK, by azure-identity, and by clients that know no manners."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import ClientSecretCredential
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.containerservice.aio import ContainerServiceClient

from aksacr.standin.server import StandIn

from .worlds import FIXTURES, REGISTRY, recorded, resource, world_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.enable_socket

ZEROS = "00000000-0000-0000-0000-000000000000"
GROUP = "clitest000001"


@pytest.fixture(scope="module")
def azure() -> Iterator[StandIn]:
    with StandIn(recorded("recorded_public_attached")) as running:
        yield running


def signing_in(azure: StandIn, secret: str | None = None, tenant: str | None = None) -> ClientSecretCredential:
    known = azure.sign_in
    return ClientSecretCredential(
        tenant or known.tenant_id,
        known.client_id,
        secret or known.client_secret,
        authority=azure.url,
        disable_instance_discovery=True,
        connection_verify=str(azure.ca_bundle),
    )


def scopes(azure: StandIn) -> list[str]:
    return [f"{azure.url}/.default"]


async def test_the_sdk_signs_in_and_reads(azure: StandIn) -> None:
    azure.requests.clear()
    async with (
        signing_in(azure) as credential,
        ContainerServiceClient(
            credential, ZEROS, azure.url, credential_scopes=scopes(azure), connection_verify=str(azure.ca_bundle)
        ) as client,
    ):
        cluster = await client.managed_clusters.get(GROUP, "cliakstest000001")
        assert cluster.name == "cliakstest000001"
    log = [
        (exchange.method, exchange.target.split("?")[0].rsplit("/", 1)[1], exchange.status)
        for exchange in azure.requests
    ]
    assert log == [("POST", "token", 200), ("GET", "cliakstest000001", 200)]
    assert all(0 < exchange.end - exchange.start < 5 for exchange in azure.requests)


async def test_pages_are_followed_to_this_very_server(azure: StandIn) -> None:
    azure.page_size = 40
    try:
        async with (
            signing_in(azure) as credential,
            AuthorizationManagementClient(
                credential,
                ZEROS,
                base_url=azure.url,
                credential_scopes=scopes(azure),
                connection_verify=str(azure.ca_bundle),
            ) as client,
        ):
            scope = azure.world.target.registry
            found = [item async for item in client.role_assignments.list_for_scope(scope, filter="atScope()")]
        assert len(found) == 112
        assert sum("roleAssignments" in exchange.target for exchange in azure.requests) >= 3
    finally:
        azure.page_size = None


@pytest.mark.parametrize(
    ("secret", "tenant", "said"),
    [("wrong", None, "AADSTS7000215"), (None, "99999999-0000-0000-0000-000000000000", "AADSTS90002")],
)
async def test_signing_in_fails(azure: StandIn, secret: str | None, tenant: str | None, said: str) -> None:
    async with signing_in(azure, secret, tenant) as credential:
        with pytest.raises((ClientAuthenticationError, ValueError), match=said):
            await credential.get_token(f"{azure.url}/.default")


async def test_thirty_requests_are_answered_side_by_side() -> None:
    delay = 0.3
    with StandIn(world_of([resource(REGISTRY)]), delay_seconds=delay) as azure:
        context = ssl.create_default_context(cafile=azure.ca_bundle)
        port = int(azure.url.rsplit(":", 1)[1])

        async def fetch() -> bytes:
            reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
            target = f"{REGISTRY}?api-version=2025-11-01"
            for close in (b"", b"connection: close\r\n"):
                head = f"GET {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer t\r\n".encode()
                writer.write(head + close + b"\r\n")
            answers = await reader.read()
            writer.close()
            return answers

        start = time.perf_counter()
        answers = await asyncio.gather(*(fetch() for _ in range(30)))
        elapsed = time.perf_counter() - start
    assert all(answer.count(b"HTTP/1.1 200 OK\r\n") == 2 for answer in answers)
    assert 2 * delay <= elapsed < 10 * delay
    assert all(exchange.end - exchange.start >= delay for exchange in azure.requests)
    assert len(azure.requests) == 60


def test_the_environment_is_all_that_a_client_needs(azure: StandIn) -> None:
    variables = azure.environment()
    assert set(variables) == {
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
    }
    program = (
        "import asyncio, sys\n"
        "from azure.identity.aio import EnvironmentCredential\n"
        "async def main():\n"
        "    async with EnvironmentCredential(authority=sys.argv[1], disable_instance_discovery=True) as credential:\n"
        "        print((await credential.get_token(sys.argv[1] + '/.default')).token.count('.'))\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, azure.url]
    result = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "2\n"), result.stderr


def raw(azure: StandIn, sent: bytes) -> bytes:
    context = ssl.create_default_context(cafile=azure.ca_bundle)
    with (
        socket.create_connection(("localhost", int(azure.url.rsplit(":", 1)[1])), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall(sent)
        received = b""
        while chunk := secure.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /subscriptions SPDY/3\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n",
        b"GET / HTTP/1.1\r\na: " + b"b" * 100_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_what_is_no_request_is_a_bad_request(azure: StandIn, sent: bytes) -> None:
    assert raw(azure, sent).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_chunks_continuation_and_head_are_understood(azure: StandIn) -> None:
    path = f"/subscriptions/{ZEROS}/providers/Microsoft.ContainerRegistry/checkNameAvailability?api-version=2025-11-01"
    head = f"POST {path} HTTP/1.1\r\nAuthorization: Bearer t\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
    chunks = b'8\r\n{"name":\r\n8;x=y\r\n"free1"}\r\n0\r\ntrailer: x\r\n\r\n'
    answer = raw(azure, head.encode() + b"Connection: close\r\n\r\n" + chunks)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert answer.endswith(b'{"nameAvailable":true}')
    target = f"/subscriptions/{ZEROS}/resourceGroups/{GROUP}/providers/Microsoft.ContainerService/managedClusters/x"
    answer = raw(azure, f"HEAD {target}?api-version=2025-01-01 HTTP/1.0\r\nauthorization: Bearer t\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_a_header_of_a_world_opens_no_other_header() -> None:
    refused = {"path": REGISTRY, "status": 429, "headers": {"x-note": "a\r\nset-cookie: b"}}
    with StandIn(world_of([resource(REGISTRY)], refused=[refused])) as azure:
        path = f"{REGISTRY}?api-version=2025-11-01"
        answer = raw(azure, f"GET {path} HTTP/1.1\r\nauthorization: Bearer t\r\nconnection: close\r\n\r\n".encode())
    assert b"\r\nx-note: a set-cookie: b\r\n" in answer


def test_the_certificate_is_its_own_and_goes_with_the_server() -> None:
    with StandIn(world_of([])) as azure:
        folder = azure.ca_bundle.parent
        assert folder.stat().st_mode & 0o077 == 0
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            urlopen(azure.url)  # noqa: S310 - its own https address
        url = azure.url
    assert not folder.exists()
    with pytest.raises(OSError, match="refused"):
        urlopen(url)  # noqa: S310
    with pytest.raises(RuntimeError, match="not running"):
        azure.environment()


def test_a_taken_port_is_an_error_and_leaves_nothing(azure: StandIn) -> None:
    second = StandIn(world_of([]), port=int(azure.url.rsplit(":", 1)[1]))
    with pytest.raises(OSError, match="address already in use"), second:
        pass
    with pytest.raises(RuntimeError, match="not running"):
        second.environment()


def test_an_idle_client_does_not_hold_the_server_up() -> None:
    with StandIn(world_of([])) as azure:
        context = ssl.create_default_context(cafile=azure.ca_bundle)
        plain = socket.create_connection(("localhost", int(azure.url.rsplit(":", 1)[1])), timeout=10)
        idle = context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=True)
        idle.sendall(b"GET /tenants HTTP/1.1\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 401 Unauthorized\r\n")
        start = time.perf_counter()
    assert time.perf_counter() - start < 2
    with idle:
        try:
            received = idle.recv(1)
        except ConnectionError:
            received = b""
        assert received == b""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_served_from_the_command_line(tmp_path: Path, ending: signal.Signals) -> None:
    world = FIXTURES / "recorded_public_attached" / "world.json"
    command = [sys.executable, "-m", "aksacr.standin", str(world), "--delay", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or lines[-1] != "serving until interrupted":
                lines.append(process.stdout.readline().rstrip("\n"))
                assert lines[-1], process.stderr.read() if process.stderr else ""
            said = dict(line.removeprefix("export ").replace("=", " ", 1).split(" ", 1) for line in lines)
            context = ssl.create_default_context(cafile=said["ca-bundle"])
            request = UrlRequest(f"{said['url']}/metadata/endpoints?api-version=2022-09-01")  # noqa: S310
            with urlopen(request, context=context) as answer:  # noqa: S310
                assert json.load(answer)["resourceManager"] == said["url"]
            assert said["SSL_CERT_FILE"] == said["ca-bundle"]
        finally:
            process.send_signal(ending)
            _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert not os.path.exists(said["ca-bundle"])  # noqa: PTH110 - a text


@pytest.mark.parametrize("content", [None, b"{}"])
def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "world.json"
    if content is not None:
        path.write_bytes(content)
    command = [sys.executable, "-m", "aksacr.standin", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}: ")
    assert result.stderr.count("\n") == 1


def test_importing_the_stand_in_imports_no_azure_and_no_certificates() -> None:
    program = (
        "import sys, aksacr.standin\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'azure', 'trustme', 'cryptography', 'aiohttp', 'asyncio'}))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
