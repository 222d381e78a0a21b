"""Keeps what Azure answered, so that a run can be judged again elsewhere: a world (see `docs/worlds.md`).

Secrets are not kept, nor who made or changed something, nor the name that a refusal calls its caller by. The same
resource read with two API versions is one body, because each version shows properties that the other leaves out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, unquote, urlsplit

from aksacr.facts import ResourceId, Seen, same
from aksacr.redaction.people import names_a_person, without_people
from aksacr.redaction.secrets import names_a_secret, without_secrets

from .registries import API_WITH_SUBNET_RULES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aksacr.check import JsonValue
    from aksacr.facts import Facts

    JsonObject = dict[str, JsonValue]

# Bodies hold no secret where Azure does as documented; these keys are dropped all the same, with those that may hold
# what somebody typed there (custom data, extension settings) or who typed it.
_DROPPED = frozenset(
    {
        *("osprofile", "extensionprofile", "userdata", "customdata", "protectedsettings", "secrets", "linuxprofile"),
        *(
            "windowsprofile",
            "config",
            "protectedsettingsfromkeyvault",
            "trustedca",
            "systemdata",
            "password",
            "adminpassword",
            "secret",
            "secrettext",
            "keydata",
        ),
    }
)
_ZONES = "microsoft.network/privatednszones"
_TAGS_OF_AKS = ("aks-managed-", "poolname", "karpenter.sh")
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/\s]*@")
_ASSIGNED_TO = re.compile(r"assignedTo\('([^']+)'\)", re.IGNORECASE)


class Recording:
    """The answers of one run. `note` is called for every answer; `world` gives the file."""

    def __init__(self) -> None:
        self._resources: dict[str, JsonObject] = {}
        self._graph: dict[str, dict[str, JsonObject]] = {"applications": {}, "servicePrincipals": {}}
        self._member_of: dict[str, set[str]] = {}
        self._refused: dict[str, JsonObject] = {}

    def note(self, url: str, status: int, headers: Mapping[str, str], body: str) -> None:
        """Keep one answer: a body, a list, or a refusal. A 404 leaves no trace: the resource is not in the world."""
        parts = urlsplit(url)
        path = unquote(parts.path).rstrip("/")
        query = parse_qs(parts.query)
        where, wanted = _refusal_key(path, query)
        key = f"{where}?{wanted}"
        if status < 400:
            self._refused.pop(key, None)
            self._note_body(path, query, _object(body))
        elif status != 404 or "subscriptionnotfound" in body.lower():
            kept: JsonObject = {"path": where, "query": cast("JsonValue", wanted), "below": False, "status": status}
            content = _object(body)
            if content:
                kept["body"] = _scrubbed(content)
            if "retry-after" in headers:
                kept["headers"] = {"retry-after": headers["retry-after"]}
            self._refused[key] = kept

    def _note_body(self, path: str, query: dict[str, list[str]], body: JsonObject) -> None:
        value = body.get("value")
        items = (
            [cast("JsonObject", item) for item in value if isinstance(item, dict)]
            if isinstance(value, list)
            else [body]
        )
        if path.lower().startswith("/v1.0/"):
            self._note_graph(path, items)
            return
        member = _ASSIGNED_TO.search(" ".join(query.get("$filter", [])))
        for item in items:
            self._note_resource(item)
            if member:
                self._note_member(member.group(1).lower(), item)

    def _note_resource(self, item: JsonObject) -> None:
        name = item.get("id")
        if isinstance(name, str) and name.startswith("/"):
            key = name.lower().rstrip("/")
            self._resources[key] = _merged(self._resources.get(key, {}), cast("JsonObject", _scrubbed(item)))

    def _note_member(self, principal: str, assignment: JsonObject) -> None:
        properties = assignment.get("properties")
        holder = properties.get("principalId") if isinstance(properties, dict) else None
        if isinstance(holder, str) and not same(holder, principal):
            self._member_of.setdefault(principal, set()).add(holder.lower())

    def _note_graph(self, path: str, items: list[JsonObject]) -> None:
        for collection, kept in self._graph.items():
            if path.lower().startswith(f"/v1.0/{collection.lower()}"):
                kept.update({str(item["id"]): cast("JsonObject", _scrubbed(item)) for item in items if "id" in item})

    def world(self, facts: Facts, now: datetime) -> bytes:
        """The world that this run saw, as a file.

        Registries and clusters other than the target's are left out, and so are private DNS zones and records that
        answer for none of the registry's names.
        """
        resources = {
            key: _nameless(body) if _is_only_searched(ResourceId(key), facts) else body
            for key, body in sorted(self._resources.items())
            if _belongs(ResourceId(key), facts)
        }
        document: JsonObject = {
            "format": "aksacr-world",
            "version": 1,
            "name": f"{facts.cluster.name} and {facts.registry.name}",
            "now": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cloud": {
                "name": facts.cloud.name,
                "registrySuffix": facts.cloud.registry_suffix,
                "storageSuffix": facts.cloud.storage_suffix,
            },
            "target": {"cluster": facts.cluster.id.text, "registry": facts.registry.id.text, "image": facts.image},
            "resources": cast("JsonValue", resources),
            "graph": {name: cast("JsonValue", list(kept.values())) for name, kept in self._graph.items()},
            "memberOf": {principal: cast("JsonValue", sorted(groups)) for principal, groups in self._member_of.items()},
            "refused": cast("JsonValue", list(self._refused.values())),
        }
        return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _refusal_key(path: str, query: dict[str, list[str]]) -> tuple[str, dict[str, str]]:
    """What tells one refused read from another: its path, a filter, and the older of two API versions of a registry."""
    if path.lower().startswith("/v1.0/"):
        return "graph/" + "/".join(path.split("/")[2:]).lower(), {}
    wanted = {"$filter": query["$filter"][0]} if "$filter" in query else {}
    if query.get("api-version") == [API_WITH_SUBNET_RULES]:
        wanted["api-version"] = API_WITH_SUBNET_RULES
    return path.lower(), wanted


def _belongs(resource: ResourceId, facts: Facts) -> bool:
    """Whether a resource is part of the picture: other people's registries, clusters, zones and hosts are not."""
    targets = (facts.cluster.id, facts.registry.id)
    if resource.type in {"microsoft.containerregistry/registries", "microsoft.containerservice/managedclusters"}:
        return resource in targets
    if resource.type.startswith(_ZONES):
        return _answers_for(resource, facts)
    if not resource.type:
        is_of_target = any(target.is_at_or_below(resource) for target in targets)
        return is_of_target or _is_only_searched(resource, facts)
    return True


def _is_only_searched(resource: ResourceId, facts: Facts) -> bool:
    """Whether it is a subscription that zones were looked for in, and nothing more: a later run counts it, too."""
    search = facts.zone_search
    is_searched = isinstance(search, Seen) and resource.subscription_id.lower() in search.value.subscriptions
    return is_searched and resource == ResourceId(f"/subscriptions/{resource.subscription_id}")


def _nameless(subscription: JsonObject) -> JsonObject:
    """The body of somebody's subscription without what it is called."""
    return {key: subscription[key] for key in ("id", "subscriptionId", "tenantId", "state") if key in subscription}


def _answers_for(resource: ResourceId, facts: Facts) -> bool:
    """Whether a zone, its link or its record can answer for a name of the registry (wildcards and the apex can)."""
    is_zone = resource.type == _ZONES
    zone = resource if is_zone else resource.parent
    suffix = facts.cloud.registry_suffix.lower()
    if not f".{zone.name.lower()}".endswith(f".{suffix}"):
        return False
    host = resource.name.lower().split(".", 1)[0]
    mine = {facts.registry.name.lower(), facts.registry.login_server.split(".", 1)[0].lower()}
    return resource.type != f"{_ZONES}/a" or host in {*mine, "*", "@"}


def _object(body: str) -> JsonObject:
    try:
        found: object = json.loads(body)
    except ValueError:
        return {}
    return cast("JsonObject", found) if isinstance(found, dict) else {}


def _scrubbed(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        kept = {key: _tags(item) if key.lower() == "tags" else item for key, item in value.items()}
        return {key: _scrubbed(item) for key, item in kept.items() if not _is_dropped(key, item)}
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, str):
        return without_people(without_secrets(_CREDENTIALS_IN_URL.sub("", value)))
    return value


def _is_dropped(key: str, value: JsonValue) -> bool:
    """Whether a key holds what is secret or somebody's own business, by its name."""
    if key.lower() in _DROPPED:
        return True
    return isinstance(value, str) and (names_a_secret(key) or names_a_person(key))


def _tags(value: JsonValue) -> JsonValue:
    """The tags that AKS and node auto-provisioning write; people type anything into theirs."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if key.lower().startswith(_TAGS_OF_AKS)}


def _merged(old: JsonObject, new: JsonObject) -> JsonObject:
    """`new` over `old`, object by object: what one API version leaves out stays as the other showed it."""
    joined = dict(old)
    for key, value in new.items():
        before = joined.get(key)
        joined[key] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return joined
