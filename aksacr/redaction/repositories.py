"""Repositories that a text names: in a link to a registry, in a token's scope, in an image reference."""

from __future__ import annotations

import re

from .hosts import is_kept_host
from .spans import Span

_PATH = r"(?P<path>[a-z0-9]++(?:[._/-]{1,3}[a-z0-9]++){0,40}+)"
_AT_REGISTRY = re.compile(rf"azurecr\.(?:io|cn|us)(?::\d{{1,5}})?/(?:v2/)?(?!v2/){_PATH}(?![A-Za-z0-9/])")
_A_ZONE = re.compile(
    r"(?i)(?:privatelink\.|dnszones/[\w.-]{1,200})\Z"
)  # the id of a private DNS zone goes on with `/`, too
_IN_SCOPE = re.compile(rf"repository:{_PATH}:")
_QUOTED = re.compile(r"'(?P<path>[^'\s]{1,256}+)'")
_API = re.compile(r"/(?:manifests|blobs|tags|referrers)(?:/.*)?\Z", re.DOTALL)
_AZURES = frozenset({"azurecr.io", "azurecr.cn", "azurecr.us"})
_NO_REPOSITORY = frozenset({"v2", "oauth2", "oauth2/token", "oauth2/exchange"})


def repositories_in(text: str) -> list[Span]:
    """Where a text names repositories of registries; the token of a span is the repository itself."""
    matches = [
        match
        for match in (_AT_REGISTRY.finditer(text) if "azurecr." in text else ())
        if not _A_ZONE.search(text, max(0, match.start() - 240), match.start())
    ]
    if "repository:" in text:
        matches += _IN_SCOPE.finditer(text)
    if "repositories:name" in text:  # a role's condition
        matches += _in_condition(text)
    found = [(match.start("path"), _API.sub("", match["path"]).rstrip("/*")) for match in matches]
    return [Span(start, start + len(name), name) for start, name in found if name and name not in _NO_REPOSITORY]


def has_host(reference: str) -> bool:
    """Whether an image reference begins with a host, as container runtimes tell it."""
    host, slash, _ = reference.partition("/")
    return bool(slash) and ("." in host or ":" in host or host == "localhost")


def _in_condition(text: str) -> list[re.Match[str]]:
    after = text.index("repositories:name")
    return [match for match in _QUOTED.finditer(text, after) if "Microsoft." not in match["path"]]


def repository_of(image: str) -> str | None:
    """The repository in an image reference; None where it is one of a registry that is everybody's.

    Of a registry that is not Azure's, the host is a part of it: nothing else of the reference tells a name from a word.
    """
    name = image.partition("@")[0]
    if has_host(name):
        host, _, rest = name.partition("/")
        labels = host.lower().partition(":")[0].split(".")
        if ".".join(labels[-2:]) in _AZURES:
            name = rest
        elif is_kept_host(labels):
            return None
    head, _, tail = name.rpartition("/")
    tail = tail.partition(":")[0]
    return (f"{head}/{tail}" if head else tail) or None
