"""Microsoft Entra ID, as far as an application signs in: discovery, and tokens for the one that it knows.

The tokens are read by nobody but the stand-in; they carry the claims that az and the SDK look at.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from .assertions import refusal
from .bearer import token_with
from .json_values import same
from .messages import AnswerError, json_response

if TYPE_CHECKING:
    from .json_values import JsonObject
    from .messages import Request, Response

_LIFETIME = 3600
_ALIASES = frozenset({"common", "organizations"})


def _guid() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class SignIn:
    """The one application that may sign in: its tenant, its id, its secret, and the object id its tokens name.

    `certificate` is the application's, as PEM; `federated` holds the tokens that its federated credential takes, and
    `expired_secret` is one that was its secret until it ended.
    """

    tenant_id: str
    client_id: str = field(default_factory=_guid)
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    object_id: str = field(default_factory=_guid)
    certificate: bytes | None = field(default=None, repr=False)
    federated: set[str] = field(default_factory=set[str], repr=False)
    expired_secret: str = field(default="", repr=False)

    def answer(self, request: Request) -> Response | None:
        """The answer to a request that belongs to Entra, or None when it belongs to somebody else."""
        segments = [segment for segment in request.path.split("/") if segment]
        try:
            match request.method, segments:
                case "GET", ["common", "discovery", "instance"]:
                    return self._instance(request)
                case "GET", [tenant, *_, ".well-known", "openid-configuration"]:
                    return self._configuration(request, tenant)
                case "POST", [tenant, "oauth2", "v2.0", "token"] | [tenant, "oauth2", "token"]:
                    return self._token(request, tenant, is_v1=len(segments) == 3)
                case _:
                    return None
        except AnswerError as error:
            return error.response

    def _instance(self, request: Request) -> Response:
        """Instance discovery: this host, and no other, is the authority it was asked about."""
        host = urlsplit(request.origin).netloc
        discovery = f"{request.origin}/{self.tenant_id}/v2.0/.well-known/openid-configuration"
        network: JsonObject = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        answer: JsonObject = {"tenant_discovery_endpoint": discovery, "api-version": "1.1", "metadata": [network]}
        return json_response(200, answer)

    def _check_tenant(self, tenant: str) -> None:
        if not same(tenant, self.tenant_id) and tenant.lower() not in _ALIASES:
            text = f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
            raise _error(400, "invalid_request", 90002, text)

    def _configuration(self, request: Request, tenant: str) -> Response:
        self._check_tenant(tenant)
        base = f"{request.origin}/{tenant}"
        answer: JsonObject = {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token", "token"],
            "issuer": f"{request.origin}/{self.tenant_id}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "tenant_region_scope": None,
            "cloud_instance_name": urlsplit(request.origin).netloc,
            "msgraph_host": urlsplit(request.origin).netloc,
        }
        return json_response(200, answer)

    def _token(self, request: Request, tenant: str, *, is_v1: bool) -> Response:
        self._check_tenant(tenant)
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            text = "The app requested an unsupported grant type; the stand-in signs in applications only."
            raise _error(400, "unsupported_grant_type", 70003, text)
        client = form.get("client_id", "")
        if not same(client, self.client_id):
            text = f"Application with identifier '{client}' was not found in the directory '{tenant}'."
            raise _error(400, "unauthorized_client", 700016, text)
        self._check_proof(form.get("client_secret", ""), form.get("client_assertion", ""))
        resource = form.get("resource") or form.get("scope", "").split(" ")[0].removesuffix("/.default")
        return json_response(200, self.issue(request.origin, resource, is_v1=is_v1))

    def _check_proof(self, secret: str, assertion: str) -> None:
        if assertion:
            refused = refusal(assertion, self.certificate, self.federated)
            if refused is not None:
                raise _error(401, "invalid_client", *refused)
        elif self.expired_secret and secret == self.expired_secret:
            text = (
                f"The provided client secret keys for app '{self.client_id}' are expired. Visit the Azure portal to "
                "create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate "
                "credentials for added security: https://aka.ms/certCreds."
            )
            raise _error(401, "invalid_client", 7000222, text)
        elif not secrets.compare_digest(secret.encode(), self.client_secret.encode()):
            raise _error(401, "invalid_client", 7000215, "Invalid client secret is provided.")

    def issue(self, origin: str, resource: str, *, is_v1: bool) -> JsonObject:
        """A token for a resource, in the answer that carries it."""
        now = int(time.time())
        claims: JsonObject = {
            "aud": resource,
            "iss": f"{origin}/{self.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + _LIFETIME,
            "appid": self.client_id,
            "appidacr": "1",
            "idtyp": "app",
            "oid": self.object_id,
            "sub": self.object_id,
            "tid": self.tenant_id,
            "uti": secrets.token_urlsafe(12),
            "ver": "1.0",
        }
        answer: JsonObject = {"token_type": "Bearer", "access_token": token_with(claims)}
        if is_v1:
            texts = {
                "expires_in": _LIFETIME,
                "ext_expires_in": _LIFETIME,
                "expires_on": now + _LIFETIME,
                "not_before": now,
            }
            return answer | {name: str(value) for name, value in texts.items()} | {"resource": resource}
        return answer | {"expires_in": _LIFETIME, "ext_expires_in": _LIFETIME}


def _error(status: int, code: str, number: int, text: str) -> AnswerError:
    """An error in Entra's form, which is neither ARM's nor Graph's."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace, correlation = _guid(), _guid()
    said = f"AADSTS{number}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {moment}"
    body: JsonObject = {
        "error": code,
        "error_description": said,
        "error_codes": [number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }
    return AnswerError(json_response(status, body))
