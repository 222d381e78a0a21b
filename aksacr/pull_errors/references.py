"""Image references and registry hosts, by the grammar of the OCI distribution reference (distribution/reference).

Names that a person masked before pasting (`***.azurecr.io/app:1`, `<registry>.azurecr.io/app`) are read as well: they
are reported as they stand.
"""

from __future__ import annotations

import re

import msgspec

from aksacr.misspelling import one_slip_apart

from .patterns import lazily

# The alternatives of each repetition begin with different characters and give nothing back, so matching is linear.
_MASK = r"<[A-Za-z0-9_.-]{1,64}>"
_HOST_LABEL = lazily(rf"(?:[A-Za-z0-9*]|{_MASK})(?:[A-Za-z0-9*]|{_MASK}|-++(?=[A-Za-z0-9*<]))*+")
_PATH_PART = lazily(rf"[a-z0-9]++(?:(?:\.|__?|-++)[a-z0-9]++)*+|\*{{1,32}}|{_MASK}")
_TAG = lazily(r"[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,127}|<[A-Za-z0-9_.-]{1,64}>")
_DIGEST = lazily(r"[A-Za-z][A-Za-z0-9]*+(?:[-_+.][A-Za-z][A-Za-z0-9]*+)*+:[0-9a-fA-F]{32,128}")
_PORT = lazily(r"\d{1,5}|\*{1,5}")
_ACR_HOST = lazily(r"\.azurecr\.(?:io|cn|us|de)$|\.azurecr\.sovcloud-azure\.(?:fr|de)$", re.IGNORECASE)
_ACR_SUFFIXES = ("azurecr.io", "azurecr.cn", "azurecr.us", "azurecr.de")
_STORAGE_HOST = lazily(
    r"\.blob\.(?:core\.|storage\.)|\.data\.azurecr\.|\.data\.mcr\.|\.azureedge\.net|\.azurefd\.net|\.cdn\.mscr\.io"
    r"|cloudfront\.net|cloudflare\.docker\.com|\.cloudflarestorage\.com|^storage\.googleapis\.com|\.amazonaws\.com"
    r"|^cdn[0-9]*\.quay\.io|pkg-containers\.githubusercontent\.com",
    re.IGNORECASE,
)
_MAX_REFERENCE = 512


class Reference(msgspec.Struct, frozen=True):
    """An image reference in its parts; `text` is what was printed. `host` is None for Docker Hub's short names."""

    text: str
    host: str | None
    repository: str
    tag: str | None
    digest: str | None

    @property
    def repository_and_tag(self) -> str:
        """`repository:tag` or `repository@digest`, as `--image` takes it."""
        if self.digest:
            return f"{self.repository}@{self.digest}"
        return f"{self.repository}:{self.tag}" if self.tag else self.repository


def parse_reference(text: str) -> Reference | None:
    """The reference that `text` is, or None when it is not one."""
    if not text or len(text) > _MAX_REFERENCE:
        return None
    rest, at, digest = text.partition("@")
    if at and not _DIGEST().fullmatch(digest):
        return None
    slash = rest.rfind("/")
    colon = rest.find(":", slash + 1)
    tag = None if colon < 0 else rest[colon + 1 :]
    name = rest if colon < 0 else rest[:colon]
    if tag is not None and not _TAG().fullmatch(tag):
        return None
    host, path = _split_host(name)
    if host is not None and not is_host(host):
        return None
    if not path or not all(_PATH_PART().fullmatch(part) for part in path.split("/")):
        return None
    return Reference(text, host, path, tag, digest or None)


def host_named_in(image: str) -> str | None:
    """The registry host at the beginning of an image name, even where the rest of it is no valid reference."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") and is_host(first) else None


def is_host(text: str) -> bool:
    """Whether this is a host, with or without a port, masked labels included."""
    host, _, port = text.rpartition(":") if ":" in text and not text.endswith("]") else (text, "", "")
    if port and not _PORT().fullmatch(port):
        return False
    if host.startswith("["):
        return host.endswith("]") and re.fullmatch(r"[0-9a-fA-F:.]{2,45}", host[1:-1]) is not None
    return len(host) <= 253 and all(_HOST_LABEL().fullmatch(label) for label in host.split("."))


def is_acr_host(host: str | None) -> bool:
    """Whether a host carries the suffix of an Azure Container Registry, in any cloud."""
    return host is not None and _ACR_HOST().search(_without_port(host)) is not None


def misses_acr_suffix(host: str | None) -> bool:
    """Whether a host ends in what one slip makes of an Azure Container Registry's suffix (`azureacr.io`)."""
    labels = _without_port(host).lower().split(".") if host is not None else []
    if len(labels) < 3 or is_acr_host(host):
        return False
    return any(one_slip_apart(".".join(labels[-2:]), suffix) for suffix in _ACR_SUFFIXES)


def is_storage_host(host: str | None) -> bool:
    """Whether a host is where layers are stored: blob storage, a registry's data endpoint, a content network."""
    return host is not None and _STORAGE_HOST().search(_without_port(host)) is not None


def registry_name(host: str | None) -> str | None:
    """The name that `az acr` takes for a login server or data endpoint, or None where a mask hides it."""
    if host is None or not is_acr_host(host):
        return None
    name = host.partition(".")[0]
    # A domain-name label is no part of the name: contoso-a1b2c3d4 is the registry contoso.
    name = name.partition("-")[0]
    return name if re.fullmatch(r"[A-Za-z0-9]{5,50}", name) else None


def _split_host(name: str) -> tuple[str | None, str]:
    first, slash, rest = name.partition("/")
    looks_like_host = "." in first or ":" in first or first == "localhost" or "*" in first or "<" in first
    if slash and (looks_like_host or first != first.lower()):
        return first, rest
    return None, name


def _without_port(host: str) -> str:
    return host.rpartition(":")[0] if re.search(r":\d{1,5}$", host) else host
