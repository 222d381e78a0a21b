"""Signing in with what the environment offers, and saying plainly why it did not work.

azure-identity does the signing in; what is decided here is which of its credentials, and that a credential which
is configured but refused ends the run: falling through to another identity would judge with other eyes than the
user's. DefaultAzureCredential does not do that, takes an empty variable for a set one, and knows no Azure Pipelines.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken

from .sign_in_errors import SignInError, explanation, reason_of, scrubbed
from .sign_in_ways import Setting, TokenSource, Way, ways

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
    from azure.core.pipeline.transport import AsyncHttpTransport

    from aksacr.clouds import Cloud

__all__ = ["Credential", "SignInError", "from_environment"]

_PROBE_SECONDS = 1.0
_REFRESH_BEFORE = 300  # seconds: azure-identity's own margin before a token ends


class _NotAvailableError(Exception):
    """There is nothing to sign in with in this way; the next one may try."""


class Credential:
    """An asynchronous token credential for azure-core: one sign-in, one token per audience, however many ask.

    Every failure is a SignInError, and is repeated without asking again: a run does not live long enough for
    a refused secret to become valid. Closing it leaves the shared transport's session open.
    """

    def __init__(self, ways: Sequence[Way], unconfigured: Sequence[str], setting: Setting) -> None:
        self._ways = tuple(ways)
        self._unconfigured = tuple(unconfigured)
        self._setting = setting
        self._chosen: Way | None = None
        self._sources: dict[Way, TokenSource] = {}
        self._tokens: dict[object, AccessTokenInfo] = {}
        self._failures: dict[object, str] = {}
        self._locks: dict[object, asyncio.Lock] = {}

    def __repr__(self) -> str:
        return f"<Credential: {self.describe()}>"

    def describe(self) -> str:
        """Name the identity that is used, or (before the first token) that will be tried first. Holds no secret."""
        if self._chosen is not None:
            return self._chosen.who
        return self._ways[0].who if self._ways else "no credential"

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **_: Any,
    ) -> AccessToken:
        """Get a token for these scopes. Raises SignInError."""
        options: TokenRequestOptions = {"enable_cae": enable_cae}
        if claims:
            options["claims"] = claims
        if tenant_id:
            options["tenant_id"] = tenant_id
        token = await self.get_token_info(*scopes, options=options)
        return AccessToken(token.token, token.expires_on)

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Get a token for these scopes. Raises SignInError."""
        wanted: TokenRequestOptions = options or {}
        key = (scopes, wanted.get("tenant_id"), wanted.get("enable_cae", False))
        async with self._locks.setdefault(key, asyncio.Lock()):
            token = self._tokens.get(key)
            # Claims are a challenge to the token that we have: only a new one can meet it.
            if token is not None and not wanted.get("claims") and time.time() < token.expires_on - _REFRESH_BEFORE:
                return token
            if key in self._failures:
                raise SignInError(self._failures[key])
            try:
                self._tokens[key] = await self._sign_in(scopes, wanted)
            except SignInError as error:
                self._failures[key] = str(error)
                raise
            return self._tokens[key]

    async def close(self) -> None:
        """Release what the sign-in holds. The session of the shared transport stays open."""
        for source in self._sources.values():
            await source.close()
        self._sources.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()

    async def _sign_in(self, scopes: tuple[str, ...], options: TokenRequestOptions) -> AccessTokenInfo:
        reasons = [] if self._chosen is not None else list(self._unconfigured)
        for way in self._ways if self._chosen is None else (self._chosen,):
            try:
                token = await self._ask(way, scopes, options)
            except _NotAvailableError as error:
                reasons.append(f"{way.who}: {error}")
                continue
            self._chosen = way
            return token
        advice = "Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        if self._setting.is_restricted:
            advice = "Set what is missing, or unset AZURE_TOKEN_CREDENTIALS"
        raise SignInError(f"not signed in to {self._setting.cloud.name} ({'; '.join(reasons)}). {advice}")

    async def _ask(self, way: Way, scopes: tuple[str, ...], options: TokenRequestOptions) -> AccessTokenInfo:
        if way.probe is not None and way is not self._chosen and not await _answers(way.probe):
            raise _NotAvailableError(f"nothing answers at {way.probe}")
        if way not in self._sources:
            self._sources[way] = self._opened(way)
        try:
            async with asyncio.timeout(way.seconds):
                return await self._sources[way].get_token_info(*scopes, options=options)
        except SignInError as error:
            raise SignInError(scrubbed(str(error), self._setting.environment)) from None
        except Exception as error:  # noqa: BLE001 - azure-identity raises many kinds: TypeError for an HTML page
            # Not "from error": an HttpResponseError prints the answer's body, which may hold a token.
            raise self._judged(way, error) from None

    def _opened(self, way: Way) -> TokenSource:
        """Make azure-identity's credential: here it reads certificates, and rejects ids that cannot be ids."""
        try:
            return way.open()
        except Exception as error:  # noqa: BLE001 - cryptography adds TypeError and its own kinds
            reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else reason_of(error)
            raise SignInError(scrubbed(f"{way.who} cannot be used: {reason}", self._setting.environment)) from None

    def _judged(self, way: Way, error: Exception) -> Exception:
        """Tell "there is nothing to sign in with", which lets the next way try, from a refusal, which is final."""
        from azure.identity import CredentialUnavailableError  # noqa: PLC0415 - imported by then, or soon

        environment = self._setting.environment
        is_absent = isinstance(error, CredentialUnavailableError) or (way.probe and isinstance(error, TimeoutError))
        if is_absent and not way.is_configured:
            reason = "it did not answer in time" if isinstance(error, TimeoutError) else reason_of(error)
            return _NotAvailableError(scrubbed(reason, environment))
        return SignInError(explanation(way, self._setting.cloud.authority, error, environment))


def from_environment(
    environment: Mapping[str, str],
    cloud: Cloud,
    *,
    transport: AsyncHttpTransport[Any, Any],
    subscription_tenant: str | None = None,
    az_subscription: str | None = None,
    az_cloud: Cloud | None = None,
) -> Credential:
    """Make the credential that the environment offers in this cloud. Nothing is asked before the first token.

    transport: shared with the clients and not closed here. az_subscription: an id that az knows, whose account
    `az login` is to use; else subscription_tenant: the tenant to ask az for. az_cloud: the cloud that az works in.
    The environment must be the process's own: azure-identity's managed identity, and az, read that.
    Raises SignInError when AZURE_TOKEN_CREDENTIALS has a value that is not known.
    """
    # It logs each failure as a warning, with the body of the answer; what failed is said once, by us.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL + 1)
    setting = Setting(environment, cloud, transport)
    found, reasons = ways(setting, tenant=subscription_tenant, az_subscription=az_subscription, az_cloud=az_cloud)
    return Credential(found, reasons, setting)


async def _answers(address: str) -> bool:
    """Whether anything accepts connections at a URL's host and port, found out within a second."""
    try:
        parts = urlsplit(address)
        if not parts.hostname:
            return False
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    except (OSError, ValueError):
        return False
    writer.close()
    return True
