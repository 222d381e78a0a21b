"""Signing in as an Azure Pipelines service connection with workload identity federation.

What azure-identity's AzurePipelinesCredential does, on azure-identity's ClientAssertionCredential: that class fetches
the job's OIDC token with a blocking request of its own, which would stand still all other requests and know neither
our certificates nor our connections, and it cannot be given an asynchronous transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from azure.core import AsyncPipelineClient
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

from .sign_in_errors import SignInError
from .tls import connection_failure

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions

_OIDC_API_VERSION = "7.1"


class ServiceConnectionCredential:
    """Exchanges a fresh OIDC token of the job for each Entra token: an OIDC token lives about ten minutes."""

    def __init__(
        self,
        *,
        tenant_id: str,
        client_id: str,
        service_connection_id: str,
        system_access_token: str,
        oidc_request_uri: str,
        **entra: Any,
    ) -> None:
        """`entra` are options of ClientAssertionCredential, the transport and the retries among them.

        Raises SignInError when the request URI is not https: the job's access token goes there.
        """
        from azure.identity.aio import ClientAssertionCredential  # noqa: PLC0415 - heavy, and rarely this one

        if not oidc_request_uri.lower().startswith("https://"):
            raise SignInError("SYSTEM_OIDCREQUESTURI is no https URL; the job's access token is not sent there")
        address = oidc_request_uri.rstrip("/")
        self._url = f"{address}?api-version={_OIDC_API_VERSION}&serviceConnectionId={service_connection_id}"
        self._connection = service_connection_id
        self._system_access_token = system_access_token
        self._client = AsyncPipelineClient[HttpRequest, AsyncHttpResponse](
            base_url="", policies=[AsyncRetryPolicy(**entra)], transport=entra["transport"]
        )
        self._assertion = ""
        self._inner = ClientAssertionCredential(tenant_id, client_id, lambda: self._assertion, **entra)

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Fetch the job's OIDC token and exchange it. Raises SignInError, and what ClientAssertionCredential raises."""
        self._assertion = await self._oidc_token()
        return await self._inner.get_token_info(*scopes, options=options)

    async def close(self) -> None:
        await self._inner.close()

    async def _oidc_token(self) -> str:
        request = HttpRequest(
            "POST",
            self._url,
            headers={
                "Authorization": f"Bearer {self._system_access_token}",
                "Content-Type": "application/json",
                # Without it Azure DevOps answers a token it does not like with the page of a sign-in form.
                "X-TFS-FedAuthRedirect": "Suppress",
            },
        )
        try:
            response = await self._client.send_request(request, retry_on_methods=["POST"])
            await response.read()
        except AzureError as error:
            raise SignInError(self._failed(connection_failure(error))) from error
        try:
            body = cast("object", response.json()) if response.status_code == 200 else None
        except ValueError:
            body = None
        token = cast("dict[str, object]", body).get("oidcToken") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise SignInError(self._failed(f"HTTP {response.status_code} without an oidcToken"))
        return token

    def _failed(self, reason: str) -> str:
        return (
            f"Azure Pipelines gave no OIDC token for service connection {self._connection} ({reason}); check that "
            "SYSTEM_ACCESSTOKEN is $(System.AccessToken) of this job, and that the pipeline may use the connection"
        )
