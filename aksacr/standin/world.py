"""A world: one Azure at one moment, out of one JSON file, that answers requests (the format: `docs/worlds.md`)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import arm, cloud_metadata, graph, views
from .authorization import Authorization
from .json_values import as_object, as_text, properties
from .loading import WorldFile
from .paths import type_of
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_values import JsonObject
    from .loading import Cloud, Refused, Target
    from .messages import Request, Response

_ANY_TENANT = "00000000-0000-0000-0000-0000000000aa"


class World:
    """One Azure. `answer` is synchronous and touches nothing outside; a write changes what later reads see.

    `page_size` is the length of list pages (None: everything at once).
    """

    def __init__(self, file: WorldFile) -> None:
        """Raises WorldError for a part of the file that cannot be used. The file's bodies belong to the world now."""
        self._document = file.document
        self.name: str = file.name()
        self.cloud: Cloud = file.cloud()
        self.target: Target = file.target()
        self.graph: Mapping[str, list[JsonObject]] = file.graph()
        self.page_size: int | None = None
        self._now = file.now()
        self._member_of = file.member_of()
        self._refused: list[Refused] = file.refused()
        self.store = Store(file.resources())
        for known in (self.target.cluster, self.target.registry, *(refused.path for refused in self._refused)):
            self.store.learn(known)
        self._authorization: tuple[int, Authorization] | None = None
        self.tenant_id: str = self._tenant()

    @classmethod
    def parse(cls, data: bytes, place: str) -> World:
        """The world in a file's bytes; `place` is how messages call the file.

        Raises WorldError: one line that names the file, the place in it, and what to do.
        """
        return cls(WorldFile.parse(data, place))

    def to_bytes(self) -> bytes:
        """The world as a file, with what was written to it; `parse` reads it back."""
        document: JsonObject = {**self._document, "resources": dict(self.store.resources)}
        return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()

    @property
    def now(self) -> datetime:
        """The moment that checks judge at: the file's, or the present one when it names none."""
        return self._now or datetime.now(UTC)

    def moment(self) -> str:
        """`now` as Azure writes times into bodies."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")

    @property
    def resources(self) -> Mapping[str, JsonObject]:
        """The resources by lower-case id; sub-resources that a body embeds are in that body."""
        return self.store.resources

    @property
    def authorization(self) -> Authorization:
        """Assignments and definitions as they are now."""
        if self._authorization is None or self._authorization[0] != self.store.version:
            self._authorization = (self.store.version, Authorization(self.store, self._member_of))
        return self._authorization[1]

    def subscription(self, subscription: str) -> JsonObject:
        """The body of a subscription that exists."""
        return views.subscription_body(self.store, subscription, self.tenant_id)

    def refused(self, path: str, query: Mapping[str, str]) -> Refused | None:
        """The entry that refuses a read of a lower-case path with this query, or None."""
        return next((refused for refused in self._refused if refused.covers(path, query)), None)

    def answer(self, request: Request) -> Response:
        """What Azure (ARM, its metadata, Graph) would answer; an error answer, never an exception."""
        path = request.path.rstrip("/").lower()
        if path == "/metadata/endpoints":
            return cloud_metadata.answer(self.cloud, self.tenant_id, request)
        if path.startswith("/v1.0/"):
            return graph.answer(self, request)
        return arm.answer(self, request)

    def _tenant(self) -> str:
        """The tenant of this Azure: as a subscription, an identity or an application says, else a made-up one."""
        bodies = sorted(self.resources.items(), key=lambda item: not _is_subscription(item[0]))
        for _, body in bodies:
            for holder in (body, as_object(body.get("identity")), properties(body)):
                found = as_text(holder.get("tenantId"))
                if found:
                    return found
        return self._home_of_applications() or _ANY_TENANT

    def _home_of_applications(self) -> str:
        """The tenant that owns an application object of this directory: application objects live only at home."""
        owned = {as_text(body.get("appId")).lower() for body in self.graph.get("applications", [])}
        for principal in self.graph.get("servicePrincipals", []):
            if as_text(principal.get("appId")).lower() in owned:
                return as_text(principal.get("appOwnerOrganizationId"))
        return ""


def _is_subscription(key: str) -> bool:
    return key.startswith("/subscriptions/") and key.count("/") == 2 and not type_of(key)
