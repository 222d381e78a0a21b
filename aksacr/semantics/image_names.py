"""Which host an image is asked of, by the name that is in the pod.

Rules (distribution/reference, which containerd and the kubelet follow): what stands before the first slash is a host
when it holds a dot, a colon or a capital letter, or is `localhost`; a name without a host is asked of docker.io.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aksacr.facts import same
from aksacr.misspelling import one_slip_apart

from .registry_hosts import is_data_endpoint

if TYPE_CHECKING:
    from aksacr.facts import Facts

Slip = Literal[
    "",
    "no host",
    "privatelink",
    "data endpoint",
    "regional",
    "no label",
    "cloud",
    "typo",
    "near name",
    "other registry",
]
_SUFFIXES = ("azurecr.io", "azurecr.cn", "azurecr.us", "azurecr.de")
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image's name in two parts; `host` is "" where none stands there, and has no port."""

    host: str
    path: str


def split_image(text: str) -> ImageName:
    """The host that an image's name begins with, and the rest of it."""
    first, slash, rest = text.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return ImageName(first.partition(":")[0].lower(), rest)
    return ImageName("", text)


def is_elsewhere(facts: Facts) -> bool:
    """Whether the image is asked of another registry, so that no repository of this one is meant."""
    return slip_of(facts, split_image((facts.image or "").removeprefix("https://"))) == "other registry"


def slip_of(facts: Facts, image: ImageName) -> Slip:
    """How the host of an image misses the registry's login server; "" where it is that, or none is named."""
    registry = facts.registry
    login = registry.login_server
    name, _, suffix = login.partition(".")
    if not image.host:
        return "no host" if same(image.path.partition("/")[0], registry.name) and "/" in image.path else ""
    if same(image.host, login):
        return ""
    label, _, domain = image.host.partition(".")
    if is_data_endpoint(registry, image.host):
        return "data endpoint"
    if same(image.host.replace(".", ""), login.replace(".", "")):
        return "typo"
    if label not in {name.lower(), registry.name.lower()}:
        near = domain == suffix.lower() and any(_is_near(label, mine) for mine in (name, registry.name))
        return "near name" if near else "other registry"
    if domain == f"privatelink.{suffix}":
        return "privatelink"
    if domain.endswith(f".geo.{suffix}"):
        return "regional"
    if domain == suffix:
        return "no label"
    if domain in _SUFFIXES:
        return "cloud"
    return "typo" if difflib.SequenceMatcher(None, domain, suffix).ratio() >= _NEAR else "other registry"


def _is_near(label: str, name: str) -> bool:
    """Whether a label is the name but for one slip. Another digit makes a sibling's name: shop1 and shop2."""
    mine = name.lower()
    siblings = len(label) == len(mine) and all(a == b or (a + b).isdecimal() for a, b in zip(label, mine, strict=True))
    return one_slip_apart(label, mine) and not siblings
