"""Hosts: the names that people gave are masked, what Azure and everybody's registries are called stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .spans import Span

if TYPE_CHECKING:
    from .names import Names
    from .tokens import Tokens

_HOST = re.compile(r"(?<![\w.@%-])(?P<lead>\*\.|\.)?(?P<name>[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)++)(?!\(|[\w@])")
_LONGEST = 253
# Azure's suffixes, and the kind of what is in front of them; regions, `data`, `privatelink` and `hcp` stay.
_SUFFIXES: dict[str, str] = {
    "azurecr.io": "registry",
    "azurecr.cn": "registry",
    "azurecr.us": "registry",
    "blob.core.windows.net": "storage",
    "blob.core.chinacloudapi.cn": "storage",
    "blob.core.usgovcloudapi.net": "storage",
    "vault.azure.net": "vault",
    "vault.azure.cn": "vault",
    "vault.usgovcloudapi.net": "vault",
    **dict.fromkeys(
        (
            *("azmk8s.io", "cx.prod.service.azk8s.cn", "cx.aks.containerservice.azure.us", "cloudapp.azure.com"),
            *("core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "azurewebsites.net"),
            *("servicebus.windows.net", "internal.cloudapp.net", "azure-api.net", "onmicrosoft.com", "azurefd.net"),
        ),
        "host",
    ),
}
_KEPT = (
    *(
        "microsoft.com",
        "microsoftonline.com",
        "microsoftonline.us",
        "chinacloudapi.cn",
        "usgovcloudapi.net",
        "azure.com",
    ),
    *(
        "azure.us",
        "azure.cn",
        "azure.net",
        "windows.net",
        "windowsazure.com",
        "windowsazure.us",
        "aka.ms",
        "github.com",
    ),
    *("github.io", "docker.io", "docker.com", "quay.io", "ghcr.io", "gcr.io", "k8s.io", "pkg.dev", "kubernetes.io"),
    *(
        "azurecr.io",
        "azurecr.cn",
        "azurecr.us",
        "azmk8s.io",
        "data.mcr.microsoft.com",
        "public.ecr.aws",
        "microsoft.us",
    ),
)
_FIXED_LABELS = frozenset(
    {"data", "privatelink", "hcp", "prod", "service", "geo", "www", "management", "login", "region"}
)
_REGION = re.compile(
    r"(?:(?:north|south|east|west|central)*(?:us|eu|europe|asia|india|africa|uk|france|germany|japan|korea|china|brazil|"
    r"australia|canada|norway|sweden|switzerland|poland|italy|spain|israel|uae|qatar|mexico|newzealand|austria|chile|"
    r"usgov|usdod|jioindia|indonesia|malaysia|belgium|denmark|taiwan)(?:north|south|east|west|central|gov|dod)*"
    r"(?:virginia|texas|arizona|iowa)?\d?(?:euap|stage)?)"
)
_TOP_WORDS = """
ai app at au be biz br ca ch cloud cn co com corp de dev dk edu es eu example fi fr gov home ie in info internal
intranet invalid io it jp lab lan local mil ms net nl no org pl private se tech test uk us
"""
_TOP = frozenset(_TOP_WORDS.split())


class Hosts:
    """Finds hosts in a text. `learn` has to see every text first: which domains hold others is known only then."""

    def __init__(self, tokens: Tokens, names: Names) -> None:
        self._tokens = tokens
        self._names = names
        self._domains: set[str] = set()

    def learn(self, text: str) -> None:
        """Take note of domains (`.corp.example`, `*.corp.example`) and of the registries whose hosts a text names."""
        for match in _hosts(text):
            labels = match["name"].lower().split(".")
            suffix = _suffix(labels)
            if suffix is None and match["lead"] and labels[-1] in _TOP and not is_kept_host(labels):
                self._domains.add(match["name"].lower())
            elif suffix and _SUFFIXES[suffix] == "registry":
                for label in filter(_is_given, _own(labels, suffix)):
                    self._names.learn(label, "registry")

    def find(self, text: str) -> list[Span]:
        """Where hosts stand that people named."""
        return [span for match in _hosts(text) for span in self._spans(match)]

    def _spans(self, match: re.Match[str]) -> list[Span]:
        labels = match["name"].lower().split(".")
        if self._tokens.is_token(match["name"]):
            return []
        suffix = _suffix(labels)
        if suffix is not None:
            return self._labels(match, _own(labels, suffix), _SUFFIXES[suffix])
        if labels[-1] not in _TOP or is_kept_host(labels) or self._tokens.is_token(labels[0]):
            return []
        return [Span(match.start("name"), match.end("name"), self._token(match["name"].lower()))]

    def _labels(self, match: re.Match[str], own: list[str], kind: str) -> list[Span]:
        found: list[Span] = []
        at = match.start("name")
        for label in own:
            if _is_given(label) and not self._tokens.is_token(label):
                token = self._names.exactly(label) or self._tokens.of(label, kind)
                found.append(Span(at, at + len(label), token))
            at += len(label) + 1
        return found

    def _token(self, host: str) -> str:
        known = self._tokens.get(host)
        if known is not None:
            return known
        parts = host.split(".")
        above = next(
            (".".join(parts[n:]) for n in range(1, len(parts) - 1) if ".".join(parts[n:]) in self._domains), None
        )
        kind = "domain" if host in self._domains else "host"
        token = self._tokens.new(kind) if above is None else f"{self._tokens.new(kind)}.{self._token(above)}"
        self._tokens.put(host, token, kind)
        return token


def _hosts(text: str) -> list[re.Match[str]]:
    """Longer ones are no hosts (RFC 1035, 2.3.4), and whatever they are, they must not hold up the rest."""
    found = _HOST.finditer(text) if "." in text else ()
    return [match for match in found if match.end("name") - match.start("name") <= _LONGEST]


def _is_given(label: str) -> bool:
    """Whether somebody chose this label: it is no region, and no word of Azure's."""
    return label not in _FIXED_LABELS and not _REGION.fullmatch(label)


def _suffix(labels: list[str]) -> str | None:
    """The longest of Azure's suffixes that these labels end in."""
    ends = (".".join(labels[n:]) for n in range(len(labels)))
    return next((end for end in ends if end in _SUFFIXES), None)


def _own(labels: list[str], suffix: str) -> list[str]:
    """The labels in front of a suffix."""
    return labels[: len(labels) - suffix.count(".") - 1]


def is_kept_host(labels: list[str]) -> bool:
    """Whether a host is one of Azure's or of a registry that is everybody's; labels in lower case."""
    return any(".".join(labels[n:]) in _KEPT for n in range(len(labels)))
