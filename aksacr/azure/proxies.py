"""What a proxy on the way to Azure did, in words that name its setting and its address, and never its password."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


class ProxyFailure(Exception):  # noqa: N818 - it stands in a chain of causes, and is no error of its own
    """Why a request did not get past the proxy: one clause."""


def failure(error: BaseException, proxy: str | None, scheme: str) -> ProxyFailure | None:
    """What the proxy did, when it is to blame for a request's failure; None when it is not, or there is none."""
    if proxy is None:
        return None
    import aiohttp  # noqa: PLC0415 - loaded by the transport anyway

    for cause in _chain(error):
        if isinstance(cause, aiohttp.ClientHttpProxyError):
            return ProxyFailure(f"{_words(proxy, scheme)} refused it: HTTP {cause.status}{_advice(cause.status)}")
        if isinstance(cause, aiohttp.ClientProxyConnectionError):
            reason = os.strerror(cause.os_error.errno).lower() if cause.os_error.errno else "its name does not resolve"
            return ProxyFailure(f"{_words(proxy, scheme)} does not answer ({reason}); correct it, or unset it")
        if isinstance(cause, TimeoutError):
            return ProxyFailure(f"it did not answer in time, by {_words(proxy, scheme)}")
    return None


def _words(proxy: str, scheme: str) -> str:
    """`the proxy http://proxy:3128 (HTTPS_PROXY)`."""
    parts = urlsplit(proxy)
    address = f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")
    variables = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")
    setting = next((name for name in variables if os.environ.get(name)), "the system's settings")
    return f"the proxy {address} ({setting})"


def _advice(status: int) -> str:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return "; it asks for a user and a password (http://user:password@host:port)"
    return "; ask who runs it to let Azure's hosts through, or name them in NO_PROXY"


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    seen: list[BaseException] = []
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        found = found.__cause__ or found.__context__
