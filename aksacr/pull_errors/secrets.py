"""Takes secrets out of what is shown again: signatures of storage links, bearer and refresh tokens, passwords, keys."""

from __future__ import annotations

import re

from .patterns import lazily

_HIDDEN = "REDACTED"
_SECRETS = (
    lazily(r"([?&]sig=)[^&\s\"'<>]{1,512}", re.IGNORECASE),
    lazily(r"(\b(?:bearer|basic)\s{1,4})(?=\S{0,200}\d)[A-Za-z0-9._~+/=-]{12,8192}", re.IGNORECASE),
    lazily(r"()\beyJ[A-Za-z0-9_-]{8,8192}(?:\.[A-Za-z0-9_-]{0,8192}){0,2}"),
    lazily(
        r"((?:password|passwd|client[_-]?secret|docker-password|refresh[_-]?token|access[_-]?token|account[_-]?key|\bauth)"
        r"[\"']?\s{0,2}[=:]\s{0,2}[\"']?)(?!token\b|REDACTED)[^\s\"',;&}]{3,8192}",
        re.IGNORECASE,
    ),
    lazily(r"(--(?:docker-)?password[ =])[^\s\"']{1,512}"),
)
_MARKS = ("sig=", "earer", "asic ", "eyJ", "ass", "ecret", "oken", "auth", "key")


def without_secrets(text: str) -> str:
    """The text with the values of secrets replaced by REDACTED."""
    lower = text if any(mark in text for mark in _MARKS) else None
    if lower is None:
        return text
    for pattern in _SECRETS:
        text = pattern().sub(_hide, text)
    return text


def _hide(match: re.Match[str]) -> str:
    return f"{match[1]}{_HIDDEN}"
