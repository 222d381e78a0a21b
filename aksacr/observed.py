"""A pull error that was seen, held against what the checks can explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .check import JsonValue

# These say that something failed, and not what: no check can be held against them.
_SAY_NOTHING = frozenset({"unknown", "not-a-pull-error", "backoff-only"})

NO_FIT = 2
# What a check says that explains every symptom: a cluster that is stopped pulls nothing, whatever was seen before.
ANY = "any"
_TOO_MANY_REQUESTS = 429

_WHERE_TO_LOOK = {
    "resolve": "look {name} up on the node with the resolver of its /etc/resolv.conf",
    "connect": "try `curl -v https://{name}/v2/` on the node; what cuts it off lies between node and registry",
    "admit": "compare the time of the error with changes of the registry's rules, and CallerIpAddress in its "
    "ContainerRegistryLoginEvents with them",
    "authenticate": "look at the pod's imagePullSecrets, which go before the node's identity, and at the credential "
    "provider's lines in the kubelet's log",
    "manifest": "look whether repository, tag and platform exist in the registry",
    "layers": "try the host that the error names on the node; layers come from another one than the manifest",
    "unpack": "look at the node's disk and at containerd's log",
    "kubelet": "look at the pod: its image name, pull policy and pull secrets",
}
_THROTTLED = "rate-limited-429"
_DOCKER_HUB = "docker.io"
# Docker Hub's own words for its limit on pulls: docs.docker.com/docker-hub/usage/pulls.
_HUBS_WORDS = ("docker.com/", "pull rate limit")


@dataclass(frozen=True, slots=True)
class Observed:
    """A pull error as `explain` reads it.

    `registry` is the host that its image names, None where it names none; `host` the one that was asked or looked up,
    None where the text names none or hides it.
    """

    symptom: str
    stage: str
    alternatives: tuple[str, ...]
    registry: str | None
    host: str | None = None

    def fit(self, explains: Iterable[str]) -> int:
        """How well a check that explains these symptoms fits: 0 exactly, 1 by another reading, else `NO_FIT`."""
        able = frozenset(explains)
        if self.symptom in able:
            return 0
        return 1 if ANY in able or able & frozenset(self.alternatives) else NO_FIT

    def where_to_look(self, login_server: str) -> str:
        """What to look at on the node when nothing in Azure explains the error; empty where no step is known."""
        if self.symptom == _THROTTLED:
            return (
                f"a 429 is the limit of {self.host or 'the host that was asked'}: spread the pulls, sign in there if "
                f"they were anonymous, or keep a copy of the image in {login_server}"
            )
        name = self.host or login_server if self.stage == "resolve" else login_server
        return _WHERE_TO_LOOK.get(self.stage, "").format(name=name)


def observed_in(entries: Sequence[Mapping[str, JsonValue]]) -> tuple[Observed, ...]:
    """The errors of a report's `observed` (entries as `explain` writes them) that name a trouble, each once."""
    found = [
        Observed(
            _word(entry, "symptom"),
            _word(entry, "stage"),
            _words(entry, "alternatives"),
            _registry(entry),
            _host(entry) or None,
        )
        for entry in entries
    ]
    return tuple(item for item in dict.fromkeys(found) if item.symptom and item.symptom not in _SAY_NOTHING)


def saying_nothing(entries: Sequence[Mapping[str, JsonValue]]) -> tuple[str, ...]:
    """The symptoms of the errors that do not say why a pull failed (cut, a back-off, no pull error), each once."""
    found = [_word(entry, "symptom") for entry in entries]
    return tuple(dict.fromkeys(symptom for symptom in found if symptom in _SAY_NOTHING))


def images(entries: Sequence[Mapping[str, JsonValue]]) -> tuple[str, ...]:
    """The images that these errors name, each once; none whose name was masked before it was pasted."""
    found = [_word(entry, "image") for entry in entries]
    return tuple(dict.fromkeys(image for image in found if image and not any(mark in image for mark in "*<>")))


def quoted_clients(entries: Sequence[Mapping[str, JsonValue]]) -> tuple[str, ...]:
    """The public addresses that the registry's firewall quotes in these errors (`client with IP '…'`)."""
    found = [
        _word(entry, "address")
        for entry in entries
        if entry.get("symptom") == "forbidden-firewall" and entry.get("addressKind") == "public"
    ]
    return tuple(dict.fromkeys(address for address in found if address))


def throttling_hosts(entries: Sequence[Mapping[str, JsonValue]]) -> tuple[str, ...]:
    """The hosts that refused requests with 429 in these errors; "" where an error names none."""
    found = [
        _host(entry)
        for entry in entries
        if entry.get("symptom") == _THROTTLED or entry.get("httpStatus") == _TOO_MANY_REQUESTS
    ]
    return tuple(dict.fromkeys(found))


def _host(entry: Mapping[str, JsonValue]) -> str:
    """The host that an error is about; "" where it names none, or one that was masked before it was pasted."""
    if _of_docker_hub(entry):  # also where a registry's cache hands on what Docker Hub answered it
        return _DOCKER_HUB
    if named := _word(entry, "host"):
        return _unmasked_host(named)
    first, slash, _ = _word(entry, "image").partition("/")
    has_host = slash and ("." in first or ":" in first or any(mark in first for mark in "*<>"))
    if has_host:
        return _registry(entry) or ""
    # A node asks docker.io for an image without a host.
    return _DOCKER_HUB if _word(entry, "image") else ""


def _unmasked_host(text: str) -> str:
    host = text.lower().rpartition(":")[0] if text.rpartition(":")[2].isdigit() else text.lower()
    return host if host.replace(".", "").replace("-", "").isalnum() else ""


def _of_docker_hub(entry: Mapping[str, JsonValue]) -> bool:
    text = _word(entry, "text").lower()
    return entry.get("symptom") == _THROTTLED and any(words in text for words in _HUBS_WORDS)


def _registry(entry: Mapping[str, JsonValue]) -> str | None:
    host, separator, _ = _word(entry, "image").partition("/")
    named = separator and "." in host and host.replace(".", "").replace("-", "").isalnum()
    return host.lower() if named else None


def _word(entry: Mapping[str, JsonValue], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _words(entry: Mapping[str, JsonValue], key: str) -> tuple[str, ...]:
    value = entry.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
