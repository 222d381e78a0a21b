"""Why signing in failed, in one line: who tried, what Entra (or the network) said, and what to do. Never a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

from .tls import connection_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .sign_in_ways import Way

_SECRET_VARIABLES = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_PASSWORD",
    "SYSTEM_ACCESSTOKEN",
    "IDENTITY_HEADER",
    "MSI_SECRET",
)
_TOKEN = re.compile(r"\beyJ[\w-]{8,}(\.[\w-]*){0,4}")
_ENTRA_CODE = re.compile(r"(AADSTS\d+):\s*(.+)", re.DOTALL)
# Entra follows its sentences with ids and a moment, on one line or several.
_AFTER_THE_WORDS = re.compile(r"\s*(Trace ID|Correlation ID|Timestamp):.*|[\r\n].*", re.DOTALL)
_EMPTY_WORDS = re.compile(r"^\w+Credential authentication unavailable[.,]\s*")
_LONGEST = 300

# learn.microsoft.com/entra/identity-platform/reference-error-codes
_ADVICE = {
    "AADSTS7000215": "set AZURE_CLIENT_SECRET to the value of a valid secret (not to the secret's id)",
    "AADSTS7000222": "make a new client secret, and set AZURE_CLIENT_SECRET to it",
    "AADSTS7000112": "enable the application, or use another one",
    "AADSTS700016": "check the client id, the tenant and the cloud (--cloud)",
    "AADSTS90002": "check the tenant id and the cloud (--cloud)",
    "AADSTS900023": "check the tenant id",
    "AADSTS700027": "register this certificate with the application",
    "AADSTS700024": "the federated token is over or the clock is wrong: start the job again",
    "AADSTS70021": "add a federated credential with this issuer and subject to the application",
    "AADSTS700213": "add a federated credential with this issuer and subject to the application",
}


class SignInError(Exception):
    """Signing in failed: one line that says what was tried, why it did not work, and what to do."""


def explanation(way: Way, authority: str, error: BaseException, environment: Mapping[str, str]) -> str:
    """Say in one line why this way gave no token, with what to do; secrets of the environment are masked."""
    refused = _ENTRA_CODE.search(_message(error))
    if refused is not None:
        advice = _ADVICE.get(refused[1], way.advice)
        text = f"{way.who} was refused: {refused[1]}: {_first_sentence(refused[2])}" + (f"; {advice}" if advice else "")
    else:
        text = f"{way.who}{_failure(authority, error)}"
    return scrubbed(text, environment)


def scrubbed(text: str, environment: Mapping[str, str]) -> str:
    """The text on one line, without the secrets that the environment holds and without anything like a token."""
    for variable in _SECRET_VARIABLES:
        secret = environment.get(variable, "").strip()
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    return " ".join(_TOKEN.sub("***", text).split())


def reason_of(error: BaseException) -> str:
    """The first sentence of what the error says, without the label that az puts before it."""
    message = _EMPTY_WORDS.sub("", _message(error).strip())
    labelled = [line for line in message.splitlines() if line.startswith("ERROR: ")]
    text = labelled[0].removeprefix("ERROR: ") if labelled else message
    return _first_sentence(text) or type(error).__name__


def _failure(authority: str, error: BaseException) -> str:
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return f" could not sign in at {authority}: {connection_failure(error)}"
    if isinstance(error, TimeoutError):
        return f" could not sign in at {authority}: it did not answer in time"
    if isinstance(error, OSError) and error.filename:
        return f": {error.filename} cannot be read ({error.strerror or type(error).__name__})"
    if isinstance(error, HttpResponseError) and error.status_code not in (None, 200):
        return f" could not sign in at {authority}: HTTP {error.status_code}: {reason_of(error)}"
    if isinstance(error, HttpResponseError | ValueError):
        return f": {reason_of(error)}"
    return f" could not sign in at {authority}: the answer has an unknown form ({type(error).__name__})"


def _message(error: BaseException) -> str:
    return error.message if isinstance(error, HttpResponseError) else str(error)


def _first_sentence(text: str) -> str:
    words = _AFTER_THE_WORDS.sub("", text.strip())
    return re.split(r"(?<=[.!?])\s", words, maxsplit=1)[0].rstrip(".")[:_LONGEST]
