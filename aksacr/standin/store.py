"""The resources of a world: by id in any letter case, by collection, and with sub-resources inside their parents.

Azure keeps some sub-resources inside the parent's body (the subnets of a virtual network) and answers for them under
their own ids, too. Here such a sub-resource lives in one place, the parent's list, so that both answers always agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .json_values import as_objects, as_text, properties
from .paths import key_of, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_values import JsonObject, JsonValue

_EMBEDDED = {
    "microsoft.network/virtualnetworks": ("subnets", "virtualNetworkPeerings"),
    "microsoft.network/networksecuritygroups": ("securityRules", "defaultSecurityRules"),
    "microsoft.network/routetables": ("routes",),
    "microsoft.network/loadbalancers": ("frontendIPConfigurations", "backendAddressPools", "outboundRules", "probes"),
    "microsoft.network/networkinterfaces": ("ipConfigurations",),
    "microsoft.containerregistry/registries": ("privateEndpointConnections",),
}
LIST_OF_CHILDREN = {f"{parent}/{member.lower()}": member for parent, members in _EMBEDDED.items() for member in members}
"""The member of the parent's properties that holds a sub-resource, by the sub-resource's lower-case type."""


@dataclass(slots=True)
class _Index:
    """What is looked up by more than one id; thrown away by a write and built again by the next read."""

    collections: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    types: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])


@dataclass(frozen=True, slots=True)
class _Holder:
    """The list of sub-resources inside a parent: `member` of its properties."""

    inside: JsonObject
    member: str

    def children(self) -> list[JsonObject]:
        return as_objects(self.inside.get(self.member))

    def child(self, name: str) -> JsonObject | None:
        return next((child for child in self.children() if name_of(child) == name), None)

    def place(self, name: str, body: JsonObject) -> None:
        """Put `body` where the sub-resource of that lower-case name stands, or at the end."""
        kept: list[JsonValue] = [body if name_of(child) == name else child for child in self.children()]
        if not any(child is body for child in kept):
            kept.append(body)
        self.inside[self.member] = kept

    def drop(self, name: str) -> None:
        kept: list[JsonValue] = [child for child in self.children() if name_of(child) != name]
        self.inside[self.member] = kept


class Store:
    """Resources by lower-case id. It owns the bodies it is given, and changes them."""

    def __init__(self, resources: dict[str, JsonObject]) -> None:
        self._resources = resources
        self._index: _Index | None = None
        self.version = 0
        self._subscriptions: dict[str, str] = {}
        self._groups: dict[tuple[str, str], str] = {}
        for key, body in resources.items():
            self._learn_names(key, as_text(body.get("id")))
        for key in [key for key in resources if type_of(key) in LIST_OF_CHILDREN]:
            self._fold(key)

    @property
    def resources(self) -> Mapping[str, JsonObject]:
        """Every resource that stands by itself, by lower-case id."""
        return self._resources

    def _learn_names(self, key: str, written: str) -> None:
        """Remember the subscription and the resource group of an id; they stay when their last resource goes."""
        segments = key.split("/")
        letters = written.split("/") if written.lower().rstrip("/") == key else segments
        if len(segments) > 2 and segments[1] == "subscriptions":
            self._subscriptions.setdefault(segments[2], letters[2])
        if len(segments) > 4 and segments[3] == "resourcegroups":
            place = (segments[2], segments[4])
            if self._groups.get(place, "").isupper():  # lists of scale sets shout the group's name
                del self._groups[place]
            self._groups.setdefault(place, letters[4])

    def learn(self, resource_id: str) -> None:
        """Let the subscription and the resource group of an id exist, though nothing in the world lies in them."""
        self._learn_names(key_of(resource_id), resource_id)

    def _fold(self, key: str) -> None:
        """Move an entry of its own into its parent; it wins over the copy that the parent holds."""
        holder = self._holder(key)
        if holder is None:
            return
        body, name = self._resources.pop(key), key.rsplit("/", 1)[1]
        copy = holder.child(name) or {}
        holder.place(name, {**copy, **body, "properties": {**properties(copy), **properties(body)}})

    def _holder(self, key: str) -> _Holder | None:
        """The list in the parent where the sub-resource `key` lives, or None when it stands by itself."""
        member = LIST_OF_CHILDREN.get(type_of(key))
        parent = self._resources.get(key.rsplit("/", 2)[0]) if member else None
        if member is None or parent is None:
            return None
        inside = parent.setdefault("properties", {})
        return _Holder(inside, member) if isinstance(inside, dict) else None

    def subscriptions(self) -> list[str]:
        """The ids of every subscription that an id names, in its own letters."""
        return list(self._subscriptions.values())

    def has_subscription(self, subscription: str) -> bool:
        return subscription.lower() in self._subscriptions

    def groups(self, subscription: str) -> list[str]:
        """The names of the resource groups of a subscription, in their own letters."""
        wanted = subscription.lower()
        return [name for (holder, _), name in self._groups.items() if holder == wanted]

    def group_name(self, subscription: str, group: str) -> str | None:
        """The resource group's name in its own letters, or None when there is none."""
        return self._groups.get((subscription.lower(), group.lower()))

    def get(self, key: str) -> JsonObject | None:
        """The body at a lower-case id, or None."""
        body = self._resources.get(key)
        if body is not None:
            return body
        holder = self._holder(key)
        name = key.rsplit("/", 1)[1]
        return holder.child(name) if holder else None

    def _indexed(self) -> _Index:
        if self._index is None:
            self._index = _Index()
            for key in self._resources:
                self._index.collections.setdefault(key.rsplit("/", 1)[0], []).append(key)
                segments = key.split("/", 3)
                subscription = segments[2] if len(segments) > 2 and segments[1] == "subscriptions" else ""
                self._index.types.setdefault((subscription, type_of(key)), []).append(key)
        return self._index

    def children(self, collection: str) -> list[JsonObject]:
        """The resources directly in a collection, given as a lower-case path that ends with a type."""
        found = [self._resources[key] for key in self._indexed().collections.get(collection, [])]
        parent_key, _, type_name = collection.rpartition("/")
        parent = self._resources.get(parent_key)
        member = LIST_OF_CHILDREN.get(f"{type_of(parent_key)}/{type_name}") if parent is not None else None
        if parent is None or member is None:
            return found
        return found + as_objects(properties(parent).get(member))

    def of_type(self, subscription: str, type_name: str) -> list[JsonObject]:
        """Every resource of a lower-case type in a subscription ("" for scopes above subscriptions)."""
        keys = self._indexed().types.get((subscription.lower(), type_name), [])
        return [self._resources[key] for key in keys]

    def everywhere(self, type_name: str) -> list[JsonObject]:
        """Every resource of a lower-case type, whatever it lies in."""
        index = self._indexed()
        return [self._resources[key] for (_, kind), keys in index.types.items() if kind == type_name for key in keys]

    def below(self, prefix: str) -> list[tuple[str, JsonObject]]:
        """Every resource whose lower-case id begins with `prefix` and goes on."""
        start = prefix.rstrip("/") + "/"
        return [(key, body) for key, body in self._resources.items() if key.startswith(start)]

    def put(self, key: str, body: JsonObject) -> None:
        """Create or replace the resource at a lower-case id."""
        self._changed()
        holder = self._holder(key)
        if holder is not None:
            holder.place(key.rsplit("/", 1)[1], body)
            return
        self._resources[key] = body
        self._learn_names(key, as_text(body.get("id")))

    def remove(self, key: str) -> None:
        """Delete the resource at a lower-case id, and everything below it."""
        self._changed()
        holder = self._holder(key)
        if holder is not None:
            holder.drop(key.rsplit("/", 1)[1])
        for gone in [key, *(found for found, _ in self.below(key))]:
            self._resources.pop(gone, None)

    def _changed(self) -> None:
        self._index = None
        self.version += 1


def name_of(body: JsonObject) -> str:
    """The lower-case name of an embedded sub-resource: the end of its id, which lists carry more often than a name."""
    return (as_text(body.get("id")).rsplit("/", 1)[-1] or as_text(body.get("name"))).lower()
