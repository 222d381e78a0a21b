"""Azure's error answers, in the shapes and words that were recorded from it.

ARM wraps `{"error": {…}}`; AKS and Azure private DNS answer `{"code", "message"}` at the top; Graph adds an
`innerError`; Entra has a form of its own (`entra.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from .messages import AnswerError, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .bearer import Caller
    from .json_values import JsonObject
    from .messages import Response
    from .paths import ArmPath

_GATEWAY = {"x-ms-failure-cause": "gateway"}
_GUIDANCE = "For more details please go to https://aka.ms/ARMResourceNotFoundFix"


def arm_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error of Azure Resource Manager or of a provider that follows its form."""
    return json_response(status, {"error": {"code": code, "message": message}}, {**_GATEWAY, **(headers or {})})


def missing_api_version() -> AnswerError:
    text = "The api-version query parameter (?api-version=) is required for all requests."
    return AnswerError(arm_error(400, "MissingApiVersionParameter", text))


def invalid_api_version(version: str) -> AnswerError:
    text = f"The api-version '{version}' is invalid. The supported versions are dates such as '2022-09-01'."
    return AnswerError(arm_error(400, "InvalidApiVersionParameter", text))


def invalid_body(problem: str) -> AnswerError:
    text = f"The request content was invalid and could not be deserialized: '{problem}'."
    return AnswerError(arm_error(400, "InvalidRequestContent", text))


def invalid_filter(expression: str) -> AnswerError:
    return AnswerError(arm_error(400, "InvalidFilterInQueryString", f"The filter '{expression}' is not supported."))


def bad_request(code: str, message: str) -> AnswerError:
    return AnswerError(arm_error(400, code, message))


def no_token(origin: str) -> Response:
    """401 of a request without a usable bearer token."""
    said = 'error="invalid_token", error_description="The access token is invalid."'
    challenge = {"www-authenticate": f'Bearer authorization_uri="{origin}/", {said}'}
    return arm_error(401, "InvalidAuthenticationToken", "The access token is invalid.", challenge)


def method_not_allowed(method: str) -> AnswerError:
    text = f"The requested resource does not support http method '{method}'."
    return AnswerError(arm_error(405, "MethodNotAllowed", text))


def authorization_failed(caller: Caller, action: str, scope: str) -> Response:
    """403 in ARM's sentence, which names the client, the action and the scope."""
    text = (
        f"The client '{caller.client_id}' with object id '{caller.object_id}' does not have authorization to perform "
        f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        f"refresh your credentials."
    )
    return arm_error(403, "AuthorizationFailed", text)


def subscription_not_found(subscription: str) -> AnswerError:
    text = f"The subscription '{subscription}' could not be found."
    return AnswerError(arm_error(404, "SubscriptionNotFound", text))


def group_not_found(group: str) -> AnswerError:
    return AnswerError(arm_error(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found."))


def parent_not_found(path: ArmPath, verb: str) -> AnswerError:
    """404 of a sub-resource or its list when the resource above it is not there."""
    kind = path.type_name().split("/", 1)[-1]
    text = f"Failed to perform '{verb}' on resource(s) of type '{kind}', because the parent resource"
    return AnswerError(arm_error(404, "ParentResourceNotFound", f"{text} '{path.parent.text}' could not be found."))


def resource_not_found(path: ArmPath) -> AnswerError:
    """404 of a resource whose group, and whose parent, exist; each provider has its own words for sub-resources."""
    kind = "/".join((path.namespace, *path.rest[::2]))
    if kind == "microsoft.containerservice/managedclusters/agentpools":
        return AnswerError(_agent_pool_not_found(path))
    if kind == "microsoft.network/privatednszones/virtualnetworklinks" or not path.has_parent_resource:
        shown = "/".join(path.segments[path.provider + 1 :])
        place = f" under resource group '{path.group}'" if path.group else ""
        text = f"The Resource '{shown}'{place} was not found. {_GUIDANCE}"
        return AnswerError(arm_error(404, "ResourceNotFound", text))
    if kind.startswith("microsoft.network/privatednszones/"):
        text = f"The resource record '{path.name}' does not exist in resource group '{path.group}' of subscription"
        return AnswerError(json_response(404, {"code": "NotFound", "message": f"{text} '{path.subscription}'."}))
    body: JsonObject = {"code": "NotFound", "message": f"Resource {path.text} not found.", "details": []}
    return AnswerError(json_response(404, {"error": body}))


def _agent_pool_not_found(path: ArmPath) -> Response:
    said = "rpc error: code = NotFound desc = Agent Pool not found"
    where = f"subscription: {path.subscription}, resourceGroup: {path.group}, resourceName: {path.segments[-3]}"
    body: JsonObject = {
        "code": "NotFound",
        "details": [{"code": "Unspecified", "message": said}],
        "message": f"Could not find the agentpool: {path.name} in {where}.",
        "subcode": "GetAgentPool_NotFound_HCPServerError",
    }
    return json_response(404, body)


def role_assignment_not_found(name: str) -> AnswerError:
    text = f"The role assignment '{name}' is not found."
    return AnswerError(arm_error(404, "RoleAssignmentNotFound", text))


def role_definition_not_found(name: str) -> AnswerError:
    text = f"The specified role definition with ID '{name.replace('-', '')}' does not exist."
    return AnswerError(arm_error(404, "RoleDefinitionDoesNotExist", text))


def conflict(code: str, message: str) -> AnswerError:
    return AnswerError(arm_error(409, code, message))


def unknown_path(path: ArmPath) -> AnswerError:
    """404 of a path that names no resource of any provider."""
    return AnswerError(arm_error(404, "NotFound", f"No resource or list is found at '{path.text}'."))


def precondition_failed(etag: str) -> AnswerError:
    """412 of a create-only write (`If-None-Match: *`) to something that is there."""
    text = f"The condition '*' in the If-None-Match header was not satisfied. The current was '{etag}'."
    return AnswerError(json_response(412, {"code": "PreconditionFailed", "message": text}))


def graph_error(status: int, code: str, message: str) -> AnswerError:
    """An error of Microsoft Graph."""
    request_id = str(uuid4())
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    inner: JsonObject = {"date": moment, "request-id": request_id, "client-request-id": request_id}
    body: JsonObject = {"error": {"code": code, "message": message, "innerError": inner}}
    return AnswerError(json_response(status, body, {"request-id": request_id}))


def graph_not_found(name: str) -> AnswerError:
    text = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return graph_error(404, "Request_ResourceNotFound", text)


def graph_denied() -> AnswerError:
    return graph_error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


_WITHOUT_BODY = {
    404: ("ResourceNotFound", f"The Resource was not found. {_GUIDANCE}"),
    409: ("Conflict", "The request conflicts with another one."),
    429: ("SubscriptionRequestsThrottled", "Number of requests exceeded the limit. Please try again later."),
    500: ("InternalServerError", "Encountered internal server error."),
    502: ("BadGatewayConnection", "The network connectivity issue encountered; cannot fulfill the request."),
    503: ("ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
    504: ("GatewayTimeout", "The gateway did not receive a response within the specified time period."),
}


def of_status(status: int, origin: str) -> Response:
    """The usual answer of a status for which nothing better is known (403 has `authorization_failed`)."""
    if status == 401:
        return no_token(origin)
    code, message = _WITHOUT_BODY.get(status, ("RequestFailed", f"The request failed with status {status}."))
    return arm_error(status, code, message)
