"""One HTTPS connection pool for Entra, Resource Manager and Graph: whom it trusts, and through which proxy it goes.

aiohttp by itself reads neither REQUESTS_CA_BUNDLE (az's way to name a private authority) nor HTTPS_PROXY without
also taking passwords from ~/.netrc, which would end every request that carries a token; hence this module.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest

from . import proxies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    import aiohttp

_CONNECT_SECONDS = 10
_READ_SECONDS = 60


class TlsError(Exception):
    """The environment names certificates or a proxy that cannot be used: one line naming the variable."""


def ssl_context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Whom to trust: OpenSSL's default authorities and those that the environment names.

    SSL_CERT_FILE and SSL_CERT_DIR replace OpenSSL's own file and folders, as OpenSSL does. REQUESTS_CA_BUNDLE, or
    else CURL_CA_BUNDLE, is added (requests would trust nothing else; adding keeps public endpoints reachable when
    the file holds only a company's authority). An empty variable is no variable. Raises TlsError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # As Python has it from 3.13 on: an intermediate authority that a user names is trusted although its root is not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["http/1.1"])
    trusted = _load_defaults(context, environment)
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if environment.get(variable):
            _load(context, variable, environment[variable])
            break
    if not trusted:
        # Some Pythons for macOS and bare containers have no authorities at all; azure-core brings these along.
        import certifi  # noqa: PLC0415 - rarely needed

        context.load_verify_locations(cafile=certifi.where())
    return context


def client_session(context: ssl.SSLContext) -> aiohttp.ClientSession:
    """Open the connection pool that everything shares. Call it inside the event loop, and close it at the end.

    Cookies are dropped, and neither proxies nor ~/.netrc are read: `SharedTransport` knows the proxies.
    """
    import aiohttp  # noqa: PLC0415 - `aksacr explain` must not pay for it

    connector = aiohttp.TCPConnector(ssl=context, limit=0, limit_per_host=0, ttl_dns_cache=300)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
    )


class SharedTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """azure-core's transport over a session that it does not own; closing it leaves the session open.

    Proxies are those of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY) or of the system's settings, read
    once: the SDK's own way reads them, and ~/.netrc, anew for every request.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        from azure.core.pipeline.transport import AioHttpTransport  # noqa: PLC0415 - see client_session

        self._proxies = _proxies()
        self._inner = cast(
            "AsyncHttpTransport[HttpRequest, AsyncHttpResponse]",
            AioHttpTransport(
                session=session, session_owner=False, connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS
            ),
        )

    async def send(self, request: HttpRequest, **kwargs: Any) -> AsyncHttpResponse:
        kwargs.setdefault("proxy", self._proxy_for(request.url))
        try:
            return await self._inner.send(request, **kwargs)
        except (ServiceRequestError, ServiceResponseError) as error:
            why = proxies.failure(error, kwargs["proxy"], urlsplit(request.url).scheme)
            if why is None:
                raise
            raise ServiceRequestError(str(why), error=why) from why

    def _proxy_for(self, url: str) -> str | None:
        parts = urlsplit(url)
        proxy = self._proxies.get(parts.scheme)
        return None if proxy is None or proxy_bypass(parts.netloc) else proxy

    async def open(self) -> None:
        await self._inner.open()

    async def close(self) -> None:
        await self._inner.close()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._inner.close()


async def get_json(transport: AsyncHttpTransport[Any, Any], url: str) -> object:
    """GET a URL without signing in and decode its JSON, for `clouds.fetch_cloud`.

    Raises OSError when it cannot be reached or answers with an error, ValueError when the answer is no JSON.
    """
    try:
        response = cast("AsyncHttpResponse", await transport.send(HttpRequest("GET", url)))
        await response.read()
    except AzureError as error:
        raise OSError(connection_failure(error)) from error
    if response.status_code != 200:
        raise OSError(f"it answered HTTP {response.status_code}")
    return cast("object", json.loads(response.text()))


def connection_failure(error: BaseException) -> str:
    """Why a connection failed, in one short clause made from the innermost error that explains it."""
    for cause in _causes(error):
        if isinstance(cause, proxies.ProxyFailure):
            return str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({cause.verify_message}); if a private authority or a proxy signed "
                "it, name that authority's file in SSL_CERT_FILE or REQUESTS_CA_BUNDLE"
            )
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed ({cause.reason or _first_line(cause)})"
        if isinstance(cause, socket.gaierror):
            return f"its name does not resolve ({cause.strerror or _first_line(cause)})"
        if isinstance(cause, TimeoutError):
            return "it did not answer in time"
        if isinstance(cause, OSError) and cause.errno is not None:
            return os.strerror(cause.errno).lower()
    return _first_line(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error's causes, innermost first. aiohttp keeps the system's error in an attribute, too."""
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.append(found)
        attached: object = getattr(found, "certificate_error", None) or getattr(found, "os_error", None)
        found = attached if isinstance(attached, BaseException) else found.__cause__ or found.__context__
    yield from reversed(chain)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _proxies() -> dict[str, str]:
    proxies: dict[str, str] = {}
    for scheme in ("http", "https"):
        proxy = getproxies().get(scheme)
        if not proxy:
            continue
        proxies[scheme] = proxy if "://" in proxy else f"http://{proxy}"
        kind = urlsplit(proxies[scheme]).scheme
        if kind not in ("http", "https"):
            raise TlsError(f"{scheme.upper()}_PROXY names a {kind} proxy; only http and https proxies can be used")
    return proxies


def _load_defaults(context: ssl.SSLContext, environment: Mapping[str, str]) -> bool:
    """Load OpenSSL's defaults, or what SSL_CERT_FILE and SSL_CERT_DIR put in their place; False: there are none."""
    built_in = ssl.get_default_verify_paths()
    if environment.get("SSL_CERT_FILE"):
        _load_file(context, "SSL_CERT_FILE", Path(environment["SSL_CERT_FILE"]))
    elif Path(built_in.openssl_cafile).is_file():
        context.load_verify_locations(cafile=built_in.openssl_cafile)
    if environment.get("SSL_CERT_DIR"):
        _load_folders(context, "SSL_CERT_DIR", environment["SSL_CERT_DIR"])
        return True
    folder = Path(built_in.openssl_capath)
    has_folder = folder.is_dir() and any(folder.iterdir())
    if has_folder:
        context.load_verify_locations(capath=folder)
    if sys.platform == "win32":
        context.load_default_certs()  # the Windows certificate store
    return has_folder or bool(context.cert_store_stats()["x509_ca"]) or bool(environment.get("SSL_CERT_FILE"))


def _load(context: ssl.SSLContext, variable: str, value: str) -> None:
    path = Path(value)
    if path.is_dir():
        _load_folders(context, variable, value)
    else:
        _load_file(context, variable, path)


def _load_file(context: ssl.SSLContext, variable: str, path: Path) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise TlsError(f"{variable} names {path}, which is no PEM file of certificates; correct or unset it") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TlsError(f"{variable} names {path}, which cannot be read ({reason}); correct or unset it") from error


def _load_folders(context: ssl.SSLContext, variable: str, value: str) -> None:
    """Folders in OpenSSL's form (`openssl rehash`), separated as PATH is. One that is missing is no matter to it."""
    folders = [folder for folder in value.split(os.pathsep) if Path(folder).is_dir()]
    if not folders:
        raise TlsError(f"{variable} names {value}, where there is no folder; correct or unset it")
    for folder in folders:
        context.load_verify_locations(capath=folder)
