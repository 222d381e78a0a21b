"""The paths of Azure Resource Manager, taken apart: scope, namespace, types and names."""

from __future__ import annotations

from dataclasses import dataclass

MANAGEMENT_GROUPS = "/providers/microsoft.management/managementgroups/"


def key_of(resource_id: str) -> str:
    """The form ids are compared in: lower case, one leading slash, none at the end; "/" for the root scope."""
    return "/" + resource_id.strip("/").lower()


def provider_position(segments: tuple[str, ...]) -> int:
    """Where the last `providers` stands that opens a namespace, or -1.

    Only even positions count: an odd one holds a name, and a resource group may be called `providers`.
    """
    for position in range((len(segments) - 1) // 2 * 2, -1, -2):
        if segments[position] == "providers" and len(segments) > position + 1:
            return position
    return -1


@dataclass(frozen=True, slots=True)
class ArmPath:
    """A path below an ARM endpoint. `segments` keep the letters of the request; `lower` is what gets compared."""

    segments: tuple[str, ...]
    lower: tuple[str, ...]
    provider: int

    @classmethod
    def of(cls, path: str) -> ArmPath:
        segments = tuple(segment for segment in path.split("/") if segment)
        lower = tuple(segment.lower() for segment in segments)
        return cls(segments, lower, provider_position(lower))

    @property
    def text(self) -> str:
        """The path as it was asked for."""
        return "/" + "/".join(self.segments)

    @property
    def key(self) -> str:
        return "/" + "/".join(self.lower)

    @property
    def subscription(self) -> str:
        """The subscription's id as asked for, or ""."""
        return self.segments[1] if len(self.segments) > 1 and self.lower[0] == "subscriptions" else ""

    @property
    def group(self) -> str:
        """The resource group's name as asked for, or ""."""
        if len(self.segments) < 4 or not self.subscription or self.lower[2] != "resourcegroups":
            return ""
        return self.segments[3]

    @property
    def namespace(self) -> str:
        """The last provider namespace in lower case (`microsoft.network`), or ""."""
        return self.lower[self.provider + 1] if self.provider >= 0 else ""

    @property
    def rest(self) -> tuple[str, ...]:
        """What follows the last namespace, in lower case: types and names in turn."""
        return self.lower[self.provider + 2 :] if self.provider >= 0 else ()

    @property
    def is_collection(self) -> bool:
        """True for `…/virtualNetworks`, false for `…/virtualNetworks/name`."""
        return len(self.rest) % 2 == 1

    @property
    def name(self) -> str:
        return self.segments[-1] if self.segments else ""

    @property
    def scope(self) -> ArmPath:
        """What an extension resource (a role assignment) hangs on: everything before the last `providers`."""
        return ArmPath.of("/".join(self.segments[: self.provider]))

    @property
    def parent(self) -> ArmPath:
        """The resource that holds this one; empty types when it lies in a resource group or subscription itself."""
        cut = 1 if self.is_collection else 2
        return ArmPath.of("/".join(self.segments[:-cut]))

    @property
    def has_parent_resource(self) -> bool:
        return len(self.rest) > 2

    def type_name(self) -> str:
        """The full type in the request's letters: `Microsoft.Network/virtualNetworks/subnets`."""
        if self.provider < 0:
            return ""
        start = self.provider + 1
        return "/".join([self.segments[start], *self.segments[start + 1 :: 2]])


def type_of(key: str) -> str:
    """The full type of a lower-case id: `microsoft.network/virtualnetworks/subnets`; "" without a provider."""
    segments = tuple(key.strip("/").split("/"))
    position = provider_position(segments)
    if position < 0:
        return ""
    return "/".join([segments[position + 1], *segments[position + 2 :: 2]])


def ancestors(key: str) -> set[str]:
    """The scopes at and above a lower-case scope, root included; management groups are not among them.

    Which management group holds a subscription is not written in any id.
    """
    segments = key.strip("/").split("/")
    return {"/"} | {"/" + "/".join(segments[:length]) for length in range(2, len(segments) + 1, 2)}
