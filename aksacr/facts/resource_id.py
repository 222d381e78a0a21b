"""Azure resource ids, compared as Azure compares them: by segment, without regard to case."""

from __future__ import annotations

import functools


@functools.total_ordering
class ResourceId:
    """One ARM resource id or scope.

    `text` keeps the letters Azure sent (for messages and commands); equality, hashing and order go by the
    lower-cased id, because Azure answers one and the same id in several cases (`resourcegroups`,
    upper-cased resource groups in scale-set lists, lower-cased prefix ids in effectiveOutboundIPs).
    """

    __slots__ = ("key", "text")

    def __init__(self, text: str) -> None:
        self.text = "/" + text.strip().strip("/")
        self.key = self.text.lower()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceId) and self.key == other.key

    def __lt__(self, other: ResourceId) -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"ResourceId({self.text!r})"

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.text.strip("/").split("/")) if self.text != "/" else ()

    def _after(self, word: str) -> str:
        segments = self.segments
        for position in range(0, len(segments) - 1, 2):
            if segments[position].lower() == word:
                return segments[position + 1]
        return ""

    @property
    def subscription_id(self) -> str:
        """The subscription's GUID, or "" (scopes above a subscription)."""
        return self._after("subscriptions")

    @property
    def resource_group(self) -> str:
        """The resource group's name, or ""."""
        return self._after("resourcegroups")

    @property
    def name(self) -> str:
        """The last segment, or "" for the root scope."""
        return self.segments[-1] if self.segments else ""

    @property
    def type(self) -> str:
        """The full resource type in lower case: `microsoft.network/virtualnetworks/subnets`; "" without a provider."""
        segments = [segment.lower() for segment in self.segments]
        if "providers" not in segments:
            return ""
        start = len(segments) - 1 - segments[::-1].index("providers")
        if len(segments) <= start + 1:
            return ""
        return "/".join([segments[start + 1], *segments[start + 2 :: 2]])

    @property
    def parent(self) -> ResourceId:
        """The id with its last type/name pair removed: a subnet's virtual network, a link's zone."""
        return ResourceId("/".join(self.segments[:-2]))

    def is_at_or_below(self, scope: ResourceId) -> bool:
        """True when `scope` is this id or one of its ancestors, segment by segment (`vnet1` is not above `vnet10`)."""
        mine = [segment.lower() for segment in self.segments]
        theirs = [segment.lower() for segment in scope.segments]
        return mine[: len(theirs)] == theirs


def same(left: str, right: str) -> bool:
    """True when two names, GUIDs or enum values are the same to Azure (letter case never counts)."""
    return left.lower() == right.lower()
