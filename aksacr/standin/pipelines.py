"""Azure Pipelines, as far as a service connection with workload identity federation signs in.

A job exchanges its own access token for an OIDC token that names the connection; Entra takes that for a secret.
(Distributedtask/Oidctoken/Create of Azure DevOps' REST API, version 7.1.)
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from .bearer import token_with
from .json_values import same
from .messages import Response, json_response

if TYPE_CHECKING:
    from .entra import SignIn
    from .json_values import JsonObject
    from .messages import Request

_LIFETIME = 600
_PATH = "/project/_apis/distributedtask/hubs/build/plans/plan/jobs/job/oidctoken"


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """A running job: its access token, and the one service connection that it may use."""

    sign_in: SignIn
    service_connection_id: str = field(default_factory=lambda: str(uuid4()))
    access_token: str = field(default_factory=lambda: secrets.token_urlsafe(40), repr=False)

    def oidc_address(self, origin: str) -> str:
        """What Azure DevOps names `System.OidcRequestUri`."""
        return origin + _PATH

    def answer(self, request: Request) -> Response | None:
        """The answer to a request for an OIDC token, or None when it is another."""
        if request.path.rstrip("/") != _PATH:
            return None
        if request.method != "POST" or request.query.get("api-version") != "7.1":
            return json_response(400, {"message": "The requested REST API version is not supported."})
        if request.headers.get("authorization") != f"Bearer {self.access_token}":
            return self._refused(request)
        connection = request.query.get("serviceconnectionid", "")
        if not same(connection, self.service_connection_id):
            text = f"No service connection found with identifier {connection}."
            return json_response(404, {"message": text, "typeKey": "ServiceEndpointNotFoundException"})
        token = self._issued(request.origin)
        self.sign_in.federated.add(token)
        return json_response(200, {"oidcToken": token})

    def _refused(self, request: Request) -> Response:
        """Azure DevOps leads a browser to its sign-in page, unless it is asked not to."""
        if request.headers.get("x-tfs-fedauthredirect", "").lower() == "suppress":
            return json_response(401, {"message": "TF400813: The user is not authorized to access this resource."})
        return Response(302, {"location": f"{request.origin}/_signin"})

    def _issued(self, origin: str) -> str:
        now = int(time.time())
        claims: JsonObject = {
            "iss": f"{origin}/{self.sign_in.tenant_id}/v2.0",
            "sub": f"sc://organisation/project/{self.service_connection_id}",
            "aud": "api://AzureADTokenExchange",
            "jti": str(uuid4()),
            "nbf": now,
            "exp": now + _LIFETIME,
        }
        return token_with(claims)
