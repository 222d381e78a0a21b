"""Where a pull stopped: at its symptom's home, or where the text itself shows that it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrases import words
from .vocabulary import SYMPTOMS

if TYPE_CHECKING:
    from .attempts import Attempt
    from .model import Stage

_FOLLOWS_THE_TEXT = words(
    "timeout-private-ip timeout-public-ip timeout-headers connection-refused connection-reset connection-eof "
    "network-unreachable proxy-error tls-handshake-timeout tls-unknown-authority tls-hostname tls-cert-expired "
    "tls-http-mismatch context-deadline rate-limited-429 server-error-5xx bad-request-400"
)


def stage_of(symptom: str, attempt: Attempt) -> Stage:
    """Where the pull stopped: the symptom's home, unless the text itself shows another phase."""
    home = SYMPTOMS[symptom].stage
    if symptom not in _FOLLOWS_THE_TEXT:
        return home
    said, url = attempt.said, attempt.url
    asks_manifest = url is not None and "/manifests/" in url.path
    if said.has("failed to extract"):
        return "unpack"
    if not asks_manifest and (said.has("failed to copy") or said.has("image configuration") or attempt.asks_storage):
        return "layers"
    if said.has("anonymous token") or said.has("oauth token") or said.has("token exchange") or (url and url.is_token):
        return "authenticate"
    if (
        symptom == "context-deadline"
        and url is None
        and not said.has("failed to do request")
        and not said.has("failed to resolve")
    ):
        return "none"
    return home
