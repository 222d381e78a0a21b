"""Worlds to ask, and a short way to ask them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias, cast

from azure.core.credentials import AccessToken

from aksacr.standin import Request, World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

FIXTURES = Path(__file__).parents[2] / "fixtures"
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/Shop"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/shopacr"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/shop"
TENANT = "22222222-2222-2222-2222-222222222222"
VERSION = "2025-11-01"


def recorded_bytes(name: str) -> bytes:
    return (FIXTURES / name / "world.json").read_bytes()


def recorded(name: str) -> World:
    return World.parse(recorded_bytes(name), f"{name}/world.json")


def world_of(resources: Mapping[str, object] | list[dict[str, object]], **parts: object) -> World:
    """A world of these bodies; a list is keyed by the bodies' ids."""
    if isinstance(resources, list):
        resources = {str(body["id"]).lower(): body for body in resources}
    document = {"format": "aksacr-world", "version": 1, "now": "2026-11-22T10:00:00Z", "resources": resources, **parts}
    return World.parse(json.dumps(document).encode(), "test.json")


def resource(resource_id: str, properties: object = None, **members: object) -> dict[str, object]:
    segments = resource_id.split("/")
    kind = "/".join([segments[-3], segments[-2]]) if len(segments) > 8 else segments[-2]
    return {"id": resource_id, "name": segments[-1], "type": kind, "properties": properties or {}, **members}


@dataclass(frozen=True)
class Answer:
    """An answer with its body read."""

    status: int
    headers: Mapping[str, str]
    json: Json

    def __getitem__(self, path: str) -> Json:
        """The member at a path of names and positions: `value.0.name`."""
        found: Json = self.json
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, list) else cast("dict[str, Json]", found)[step]
        return found

    def objects(self, path: str = "value") -> list[dict[str, Json]]:
        found = self[path]
        assert isinstance(found, list)
        return [item for item in found if isinstance(item, dict)]

    def names(self, path: str = "value") -> list[str]:
        return [str(item["name"]) for item in self.objects(path)]

    def text(self, path: str) -> str:
        found = self[path]
        assert isinstance(found, str)
        return found


def ask(
    world: World,
    path: str,
    method: str = "GET",
    *,
    body: Json = None,
    headers: Mapping[str, str] | None = None,
    token: str | None = "any",  # noqa: S107 - not one to anything
) -> Answer:
    """Ask a world for a path; an api-version is added when the path names none and is no Graph path."""
    if "api-version" not in path and not path.startswith("/v1.0/"):
        path += f"{'&' if '?' in path else '?'}api-version={VERSION}"
    sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
    url = path if path.startswith("https://") else f"https://management.azure.com{path}"
    content = b"" if body is None else json.dumps(body).encode()
    response = world.answer(Request.of(method, url, sent, content))
    read = cast("Json", json.loads(response.body)) if response.body else None
    return Answer(response.status, response.headers, read)


class AnyToken:
    """A credential that always has a token."""

    async def get_token(self, *scopes: str, **kwargs: object) -> AccessToken:  # noqa: ARG002 - the SDK's protocol
        return AccessToken("header.payload.signature", 2**31)

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing to close."""
