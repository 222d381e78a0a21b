"""Whom we trust and through which proxy we go, with real sockets on the loopback."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trustme
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest

from aksacr.azure.tls import SharedTransport, TlsError, client_session, connection_failure, get_json, ssl_context
from aksacr.clouds import CloudError, resolve_cloud

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "company authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


class Server:
    """An HTTPS server that gives the same answer to every request, and remembers the request lines and headers."""

    def __init__(self, answer: str, status: str = "200 OK") -> None:
        self.answer = answer
        self.status = status
        self.requests: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            body = self.answer.encode()
            head = f"HTTP/1.1 {self.status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # a client that does not trust us hangs up
        finally:
            writer.close()


@asynccontextmanager
async def running(server: Server, authority: trustme.CA) -> AsyncGenerator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - half typed
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context) as listening:
        yield f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def fetched(url: str, environment: Mapping[str, str]) -> object:
    async with client_session(ssl_context(environment)) as session:
        return await get_json(SharedTransport(session), url)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_a_private_authority_named_by_the_environment_is_trusted(
    variable: str, authority: trustme.CA, bundle: Path
) -> None:
    async with running(Server('{"a": [1]}'), authority) as url:
        assert await fetched(url, {variable: str(bundle)}) == {"a": [1]}


@pytest.mark.parametrize("variable", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
async def test_a_folder_of_certificates_is_trusted(variable: str, authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    # OpenSSL finds a certificate in a folder by the hash of its subject; the test asks OpenSSL for that name.
    process = await asyncio.create_subprocess_exec(
        "openssl", "x509", "-hash", "-noout", "-in", str(bundle), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    (tmp_path / f"{output.decode().strip()}.0").symlink_to(bundle)
    async with running(Server("[]"), authority) as url:
        assert await fetched(url, {variable: str(tmp_path)}) == []


def test_a_bundle_is_added_to_the_default_trust_and_does_not_replace_it(bundle: Path) -> None:
    def names(environment: Mapping[str, str]) -> set[str]:
        return {repr(certificate["subject"]) for certificate in ssl_context(environment).get_ca_certs()}

    public = trustme.CA(organization_name="public authority")
    public_file = bundle.with_name("public.pem")
    public.cert_pem.write_to_path(str(public_file))
    default = names({"SSL_CERT_FILE": str(public_file)})
    with_bundle = names({"SSL_CERT_FILE": str(public_file), "REQUESTS_CA_BUNDLE": str(bundle)})
    assert len(default) == 1
    assert len(with_bundle) == 2
    assert default < with_bundle


def test_requests_order_of_the_two_bundles_and_empty_variables(bundle: Path) -> None:
    ssl_context({"REQUESTS_CA_BUNDLE": str(bundle), "CURL_CA_BUNDLE": "/nowhere"})
    ssl_context(dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), ""))
    with pytest.raises(TlsError, match=r"^CURL_CA_BUNDLE names /nowhere"):
        ssl_context({"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "/nowhere"})


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_is_missing_or_no_certificates(variable: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a certificate")
    (tmp_path / "empty.pem").touch()
    for name, reason in {
        "nowhere.pem": "which cannot be read (No such file or directory)",
        "note.txt": "which is no PEM file of certificates",
        "empty.pem": "which is no PEM file of certificates",
    }.items():
        with pytest.raises(TlsError) as caught:
            ssl_context({variable: str(tmp_path / name)})
        assert str(caught.value) == f"{variable} names {tmp_path / name}, {reason}; correct or unset it"


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        TlsError, match=r"^SSL_CERT_DIR names .*nowhere, where there is no folder; correct or unset it$"
    ):
        ssl_context({"SSL_CERT_DIR": str(tmp_path / "nowhere")})
    ssl_context({"SSL_CERT_DIR": f"{tmp_path / 'nowhere'}:{tmp_path}"})


def test_a_python_without_authorities_gets_certifis(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: Path
) -> None:
    nowhere = str(tmp_path / "nowhere")
    paths = ssl.DefaultVerifyPaths(nowhere, nowhere, "SSL_CERT_FILE", nowhere, "SSL_CERT_DIR", nowhere)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    public = len(ssl_context({}).get_ca_certs())
    assert public > 50
    assert len(ssl_context({"REQUESTS_CA_BUNDLE": str(bundle)}).get_ca_certs()) == public + 1
    assert len(ssl_context({"SSL_CERT_FILE": str(bundle)}).get_ca_certs()) == 1


async def test_an_untrusted_server_is_told_apart_from_a_silent_one(authority: trustme.CA) -> None:
    async with running(Server("{}"), authority) as url:
        async with client_session(ssl_context({})) as session:
            with pytest.raises(ServiceRequestError) as caught:
                await SharedTransport(session).send(HttpRequest("GET", url))
        assert connection_failure(caught.value).startswith("its certificate is not trusted (")
        assert "SSL_CERT_FILE or REQUESTS_CA_BUNDLE" in connection_failure(caught.value)
    with pytest.raises(OSError, match=r"^connection refused$"):
        await fetched(url, {})


async def test_a_wrong_host_name_is_refused(authority: trustme.CA, bundle: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("somewhere.example").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - half typed
    async with await asyncio.start_server(Server("{}").serve, "127.0.0.1", 0, ssl=context) as listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        with pytest.raises(OSError, match=r"its certificate is not trusted .*IP address mismatch"):
            await fetched(url, {"SSL_CERT_FILE": str(bundle)})


async def test_metadata_of_a_private_cloud_over_tls(authority: trustme.CA, bundle: Path) -> None:
    document = (
        '{"name": "Local", "authentication": {"loginEndpoint": "https://login.local", "audiences": ["https://a.local"]},'
        ' "microsoftGraphResourceId": "https://g.local", "suffixes": {"acrLoginServer": ".cr.local"}}'
    )
    server = Server(document)
    async with (
        running(server, authority) as url,
        client_session(ssl_context({"SSL_CERT_FILE": str(bundle)})) as session,
    ):
        transport = SharedTransport(session)
        cloud = await resolve_cloud(url, get_json=lambda address: get_json(transport, address))
        assert (cloud.name, cloud.resource_manager, cloud.registry_suffix) == ("Local", url, "cr.local")
        assert server.requests[0].startswith("GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n")
        server.answer = "<html>"
        with pytest.raises(CloudError, match="did not answer with JSON: is this an ARM endpoint"):
            await resolve_cloud(url, get_json=lambda address: get_json(transport, address))
        server.status = "503 Busy"
        with pytest.raises(CloudError, match=r"which cloud it is: it answered HTTP 503$"):
            await resolve_cloud(url, get_json=lambda address: get_json(transport, address))


async def test_the_proxy_of_the_environment_is_used_and_netrc_is_not(
    authority: trustme.CA, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With aiohttp's trust_env, a matching line of ~/.netrc ends each request that has a token with a ValueError."""
    (tmp_path / ".netrc").write_text("default login someone password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    proxy = Server("", "407 Proxy Authentication Required")
    direct = Server("[]")
    async with running(direct, authority) as url, await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as listening:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        async with client_session(ssl_context({"SSL_CERT_FILE": str(bundle)})) as session:
            with pytest.raises(OSError, match="407"):
                await get_json(SharedTransport(session), url)
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            request = HttpRequest("GET", url, headers={"Authorization": "Bearer token"})
            assert (await SharedTransport(session).send(request)).status_code == 200
    assert [request.splitlines()[0] for request in proxy.requests] == [
        f"CONNECT {url.removeprefix('https://')} HTTP/1.1"
    ]
    assert "Authorization: Bearer token" in direct.requests[0]


async def test_a_kind_of_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://me:hunter2@127.0.0.1:1080")
    async with client_session(ssl_context({})) as session:
        with pytest.raises(
            TlsError, match=r"^HTTPS_PROXY names a socks5 proxy; only http and https proxies can be used$"
        ):
            SharedTransport(session)


async def test_closing_the_transport_leaves_the_session_open() -> None:
    async with client_session(ssl_context({})) as session:
        async with SharedTransport(session):
            pass
        assert not session.closed
    assert session.closed
