"""From a record to its attempts: a kubelet tries every credential it has and prints the failures as one list."""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from .patterns import lazily
from .phrases import Said
from .references import is_storage_host

_URL = lazily(r"https?:\s?//\s?((?:[^\s\"'<>`]|<[\w.-]{0,64}>){1,4000})")
_QUOTED = lazily(r"\"([^\"\s]{1,400})\"")
_STATUS_BEHIND = lazily(r":([1-5]\d\d)$")
_NEXT_ATTEMPT = lazily(
    r",\s{0,4}(?=rpc error|rpc 錯誤|rpc 错误|failed to pull and unpack image|failed to pull image"
    r"|Error response from daemon|無法提取和解壓縮|无法提取和解压缩|failed to resolve reference)"
)
_EVENT_HEAD = lazily(
    r"(?<=\S)\s{1,80}(?=Failed to pull image [\"'`]?)|(?<=\S)\s{1,80}(?=Back-off pulling image [\"'`])"
)
_AUTHORITY = lazily(
    r"(?:[^/?#@\s]{1,200}@)?(\[[0-9a-fA-F:.]{2,45}\](?::\d{1,5})?|[^/?#:,\s]{1,253}(?::[\d*]{1,5}(?=[/?#:,]|$))?)"
)
_BEFORE_A_REQUEST = lazily(
    r"(?:\b(?:get|head|post|put|patch|to|url|code|at|from|endpoint)|前端|要求)[\s:=\"'`(]{0,4}$", re.IGNORECASE
)
_DOCUMENTS = lazily(
    r"^(?:aka\.ms|(?:www|docs|hub)\.docker\.com|docs\.[\w.-]+|learn\.microsoft\.com|go\.microsoft\.com|github\.com|kubernetes\.io)(?:[/:]|$)"
)


class Url(msgspec.Struct, frozen=True):
    """A URL in an attempt. `requested`: the text says that it was asked for, rather than where to read more."""

    host: str
    path: str
    requested: bool

    @property
    def is_token(self) -> bool:
        """Whether a token was asked for."""
        path = self.path.lower()
        return "/oauth2/" in path or "/token?" in path or path.endswith("/token")

    @property
    def is_layer(self) -> bool:
        """Whether the path is that of a layer or of an image's configuration."""
        return "/blobs/" in self.path


class Attempt:
    """One try to pull, as the text tells it. `record` is the whole it stands in."""

    def __init__(self, text: str, record: str, *, wrapped: bool) -> None:
        self.text = text
        self.record = record
        self.wrapped = wrapped

    @cached_property
    def urls(self) -> list[Url]:
        """The URLs, those of documentation left out."""
        found = [_url(match, self.text) for match in _URL().finditer(self.text)]
        return [url for url in found if url is not None]

    @cached_property
    def url(self) -> Url | None:
        """The request that failed: the last one asked for, since a redirect or a token request follows the first."""
        requested = [url for url in self.urls if url.requested]
        return (requested or self.urls or [None])[-1]

    @cached_property
    def asks_storage(self) -> bool:
        """Whether the request that failed went to where layers are stored, or asked for a layer by its path."""
        return self.url is not None and (is_storage_host(self.url.host) or self.url.is_layer)

    @cached_property
    def said(self) -> Said:
        """The words in lower case. Names of images and URLs are masked, so that a tag `403` or `eof` says nothing."""
        masked = _QUOTED().sub(_mask, _URL().sub(_mask_url, self.text))
        return Said(" ".join(masked.lower().split()), wrapped=self.wrapped)


def events_of(text: str) -> list[str]:
    """The events that ended up in one record because nothing stood between them."""
    if text.count("ull") < 2:
        return [text]
    return [part for part in _EVENT_HEAD().split(text) if part]


def attempts_of(event: str, *, wrapped: bool) -> list[Attempt]:
    """The attempts of one event, in their order; the first holds what stands before the list."""
    parts = _NEXT_ATTEMPT().split(event) if "," in event else [event]
    return [Attempt(part, event, wrapped=wrapped) for part in parts]


def _url(match: re.Match[str], text: str) -> Url | None:
    rest = match[1].rstrip(".,;)]}")
    if _DOCUMENTS().match(rest.lower()):
        return None
    authority = _AUTHORITY().match(rest)
    if authority is None:
        return None
    before = text[max(0, match.start() - 24) : match.start()]
    return Url(authority[1], rest[authority.end() :], _BEFORE_A_REQUEST().search(before) is not None)


def _mask_url(match: re.Match[str]) -> str:
    # Some messages put the status right behind the URL: "…?ns=registry:503 Service Unavailable".
    status = _STATUS_BEHIND().search(match[1])
    return f"url: {status[1]} " if status and "/" in match[1] else "url "


def _mask(match: re.Match[str]) -> str:
    return '"ref"' if "/" in match[1] or ":" in match[1] else match[0]
