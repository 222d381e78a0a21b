"""Resource ids in a text, segment by segment: what each segment names."""

from __future__ import annotations

import re
from typing import NamedTuple

from .guids import GUID

_WORD = r"[^\s\"'<>|?#,;`\\{}\[\]()]"
# A name may hold parentheses that close; one that does not is of the sentence around.
_ID = re.compile(rf"(?<!\w)/?(?:subscriptions/|providers/microsoft\.)(?:{_WORD}|\({_WORD}*+\))*+", re.IGNORECASE)
_TOKEN = re.compile(r"subscription-\d+", re.IGNORECASE)
_TRAILING = ".:/"

# The kind of a token by the last word of the resource's type.
KIND_OF_TYPE: dict[str, str] = {
    "a": "record",
    "aaaa": "record",
    "agentpools": "pool",
    "applicationsecuritygroups": "asg",
    "azurefirewalls": "firewall",
    "defaultsecurityrules": "rule",
    "denyassignments": "deny-assignment",
    "firewallpolicies": "firewall-policy",
    "frontendipconfigurations": "frontend",
    "ipgroups": "ip-group",
    "keys": "key",
    "loadbalancers": "load-balancer",
    "managedclusters": "cluster",
    "managementgroups": "management-group",
    "natgateways": "nat-gateway",
    "networkinterfaces": "nic",
    "networksecuritygroups": "nsg",
    "privateendpointconnections": "connection",
    "privateendpoints": "endpoint",
    "publicipaddresses": "public-ip",
    "publicipprefixes": "ip-prefix",
    "registries": "registry",
    "replications": "replica",
    "roleassignments": "role-assignment",
    "roledefinitions": "role",
    "routes": "route",
    "routetables": "route-table",
    "rulecollectiongroups": "collection-group",
    "secrets": "secret",
    "securityrules": "rule",
    "serviceendpointpolicies": "endpoint-policy",
    "storageaccounts": "storage",
    "subnets": "subnet",
    "userassignedidentities": "managed-identity",
    "vaults": "vault",
    "virtualmachines": "machine",
    "virtualmachinescalesets": "scale-set",
    "virtualnetworklinks": "link",
    "virtualnetworkpeerings": "peering",
    "virtualnetworks": "vnet",
}
_ZONES = frozenset({"privatednszones", "dnszones"})


class Segment(NamedTuple):
    """A segment of a resource id that somebody named; `kind` is None for a DNS name, which has rules of its own."""

    start: int
    end: int
    value: str
    kind: str | None


def segments_in(text: str) -> list[Segment]:
    """The named segments of every resource id in a text."""
    if "ubscriptions/" not in text and "/providers/" not in text and "ubscriptions/" not in text.lower():
        return []
    return [segment for match in _ID.finditer(text) for segment in _segments(match)]


def _segments(match: re.Match[str]) -> list[Segment]:
    words = match[0].rstrip(_TRAILING)
    at = match.start() + (1 if words.startswith("/") else 0)
    parts = words.removeprefix("/").split("/")
    if parts[0].lower() == "subscriptions" and not _is_id(parts):
        return []
    found: list[Segment] = []
    in_provider = False
    position = 0
    while position < len(parts):
        word, value = parts[position], parts[position + 1] if position + 1 < len(parts) else ""
        start = at + len(word) + 1
        if word.lower() == "providers":
            in_provider = True
        elif value:
            found.append(Segment(start, start + len(value), value, _kind(word.lower(), value, in_provider=in_provider)))
        at = start + len(value) + 1
        position += 2
    return found


def _is_id(parts: list[str]) -> bool:
    """Whether this is an id, and not an action (`…/subscriptions/read`)."""
    return len(parts) > 1 and (
        GUID.fullmatch(parts[1]) is not None
        or _TOKEN.fullmatch(parts[1]) is not None
        or (len(parts) > 2 and parts[2].lower() in {"resourcegroups", "providers"})
    )


def _kind(word: str, value: str, *, in_provider: bool) -> str | None:
    if not in_provider and word == "subscriptions":
        return "subscription"
    if not in_provider and word == "resourcegroups":
        return group_kind(value)
    is_dns = word in _ZONES or ("." in value and word in {"a", "aaaa"})
    return None if is_dns else KIND_OF_TYPE.get(word, "resource")


def group_kind(name: str) -> str:
    """The kind of a resource group: AKS names those of the nodes `MC_…`."""
    return "node-resource-group" if name.lower().startswith("mc_") else "resource-group"
