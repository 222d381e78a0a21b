"""A recorded world, and the few things that can be done to one. Every change is noted in its `edits`."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[2] / "fixtures"
PARTS: dict[str, Any] = json.loads((Path(__file__).parent / "recorded_parts.json").read_text(encoding="utf-8"))
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
HUB_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-0000000000bb"
KEPT_INHERITED = 4


class Composed:
    """A world made from a recorded one. Bodies are changed where they are; ids are lower-cased for look-up only."""

    def __init__(self, recorded: str, name: str, title: str) -> None:
        self.document: dict[str, Any] = json.loads((FIXTURES / recorded / "world.json").read_text(encoding="utf-8"))
        self.resources: dict[str, Any] = self.document["resources"]
        self.document["name"] = name
        self.document["title"] = title
        self.document["notes"] = f"{title}. Made from {recorded}, whose sources and edits it keeps."
        self._keep_few_inherited_assignments()

    def edit(self, what: str) -> None:
        """Note a change."""
        self.document["edits"].append({"in": "this world", "to": what, "why": self.document["title"]})

    def find(self, kind: str, name: str = "") -> Any:
        """The body of the one resource of that type (`Microsoft.Network/virtualNetworks`) and name."""
        found = [
            body
            for key, body in self.resources.items()
            if _type(key) == kind.lower() and (not name or key.endswith("/" + name.lower()))
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} resources of type {kind} {name}")
        return found[0]

    @property
    def cluster(self) -> Any:
        return self.find("Microsoft.ContainerService/managedClusters")

    @property
    def registry(self) -> Any:
        return self.find("Microsoft.ContainerRegistry/registries")

    def put(self, body: Any) -> Any:
        """Add a resource."""
        self.resources[body["id"].lower()] = body
        return body

    def drop(self, body: Any) -> None:
        """Remove a resource."""
        del self.resources[body["id"].lower()]

    def refuse(self, path: str, *, below: bool = False, status: int = 403, body: Any = None) -> None:
        """Refuse a read as Azure does."""
        entry: dict[str, Any] = {"path": path.lower(), "below": below, "status": status}
        if body is not None:
            entry["body"] = body
        self.document["refused"].append(entry)
        self.edit(f"{path} answers {status}")

    def part(self, name: str, resource_id: str, location: str = "westus2") -> Any:
        """A recorded body under another id, added to the world."""
        body = copy.deepcopy(PARTS[name]["body"])
        body["id"], body["name"] = resource_id, resource_id.rsplit("/", 1)[-1]
        if "location" in body:
            body["location"] = location
        self.document["source"][resource_id.lower()] = PARTS[name]["source"]
        self.edit(f"{resource_id}, from a recorded {name}")
        return self.put(body)

    def copy_of(self, body: Any, old: str, new: str) -> Any:
        """A copy of a body with one string replaced everywhere, added to the world."""
        made = json.loads(json.dumps(body).replace(old, new))
        self.edit(f"{made['id']}, copied from {body['id']}")
        return self.put(made)

    def replace_everywhere(self, old: str, new: str) -> None:
        """Replace a string in every body, id and setting."""
        self.document = json.loads(json.dumps(self.document).replace(old, new))
        self.resources = {key.lower(): body for key, body in self.document["resources"].items()}
        self.document["resources"] = self.resources
        self.edit(f"{old} is {new}")

    def pull_assignments(self) -> list[Any]:
        """The assignments of AcrPull on the registry."""
        registry = self.registry["id"].lower()
        return [
            body
            for key, body in self.resources.items()
            if "/roleassignments/" in key and body["properties"]["scope"].lower() == registry
        ]

    def _keep_few_inherited_assignments(self) -> None:
        inherited = [
            key
            for key, body in self.resources.items()
            if "/roleassignments/" in key and body not in self.pull_assignments()
        ]
        for key in inherited[KEPT_INHERITED:]:
            del self.resources[key]
        self.edit(f"{len(inherited) - KEPT_INHERITED} of {len(inherited)} inherited role assignments left out")

    def to_text(self) -> str:
        return json.dumps(self.document, indent=1, ensure_ascii=False) + "\n"


def _type(key: str) -> str:
    segments = key.strip("/").split("/")
    if "providers" not in segments:
        return ""
    start = len(segments) - 1 - segments[::-1].index("providers")
    return "/".join([segments[start + 1], *segments[start + 2 :: 2]])
