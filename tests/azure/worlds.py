"""The fixtures' worlds, changed as a test needs them, collected by the real SDK, and judged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

from aksacr.azure.collect import Collection
from aksacr.azure.gather import ids_of
from aksacr.azure.recording import Recording
from aksacr.azure.target import Finder, Target
from aksacr.catalogue import every_check
from aksacr.facts import Seen
from aksacr.runner import run
from aksacr.scenarios import every_scenario
from aksacr.standin.loading import WorldFile
from aksacr.standin.world import World

from .answering import session_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.facts import Facts
    from aksacr.standin.messages import Request, Response

SCENARIOS = {scenario.name: scenario for scenario in every_scenario()}
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class ListeningWorld(World):
    """A world that keeps what it was asked."""

    def __init__(self, file: WorldFile) -> None:
        super().__init__(file)
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return super().answer(request)


@dataclass(frozen=True)
class Verdicts:
    """What the checks said: status, message and pools by code."""

    statuses: dict[str, str]
    messages: dict[str, str] = field(compare=False)
    node_pools: dict[str, tuple[str, ...]]


def document(name: str) -> dict[str, Any]:
    """The file of a fixture's world, to change."""
    return json.loads((SCENARIOS[name].folder / "world.json").read_bytes())


def world_of(content: dict[str, Any]) -> ListeningWorld:
    return ListeningWorld(WorldFile.parse(json.dumps(content).encode(), str(content.get("name"))))


def world(name: str) -> ListeningWorld:
    return world_of(document(name))


@dataclass(frozen=True)
class Run:
    """One run on a fixture as it is: what was asked, the facts, the file that `collect` saves."""

    asked: tuple[Request, ...]
    facts: Facts
    saved: bytes


_RUNS: dict[str, Run] = {}


async def run_on(name: str) -> Run:
    """The run on a fixture, made once for all tests."""
    if name not in _RUNS:
        azure, recording = world(name), Recording()
        facts = await collected(azure, recording)
        _RUNS[name] = Run(tuple(azure.asked), facts, recording.world(facts, azure.now))
    return _RUNS[name]


async def collected(azure: World, recording: Recording | None = None) -> Facts:
    """The facts of a world's target."""
    session = session_with(azure, recording)
    cluster, registry = ids_of(azure)
    target = Target(cluster.resource_group, cluster.name, registry.text, cluster.subscription_id)
    return await Collection(session, Finder(session, target)).facts(azure.now, azure.target.image)


def judged(facts: Facts) -> Verdicts:
    verdicts = {item.check.code: item.verdict for item in run(facts, every_check())}
    return Verdicts(
        {code: str(verdict.status) for code, verdict in verdicts.items()},
        {code: verdict.message for code, verdict in verdicts.items()},
        {code: verdict.node_pools for code, verdict in verdicts.items()},
    )


def unordered(facts: Facts) -> dict[str, object]:
    """Facts to compare where the order of Azure's lists does not matter."""
    return {item.name: _sorted(getattr(facts, item.name)) for item in fields(facts) if item.init}


def _sorted(value: object) -> object:
    if isinstance(value, Seen):
        seen = cast("Seen[object]", value).value
        return sorted(cast("tuple[object, ...]", seen), key=repr) if isinstance(seen, tuple) else seen
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in cast("dict[object, object]", value).items()}
    return value


def resources(content: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The bodies whose type ends in `kind`: `resources(content, "virtualnetworks")`."""
    found = [body for key, body in content["resources"].items() if key.split("/")[-2] == kind.lower()]
    assert found, f"{content['name']} has no {kind}"
    return found


def folded(content: dict[str, Any], fold: Callable[[str], str], *, only_ids: bool) -> dict[str, Any]:
    """A world with the letters of its ids, or of every text in it, in another case."""
    return {
        **content,
        "resources": {key.lower(): _changed(body, fold, ids=only_ids) for key, body in content["resources"].items()},
        "graph": _changed(content["graph"], fold, ids=only_ids),
        "memberOf": _changed(content["memberOf"], fold, ids=True),
        "target": _changed(content["target"], fold, ids=True),
    }


def _changed(value: object, fold: Callable[[str], str], *, ids: bool) -> object:
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {fold(key) if _is_id(key) else key: _changed(item, fold, ids=ids) for key, item in items}
    if isinstance(value, list):
        return [_changed(item, fold, ids=ids) for item in cast("list[object]", value)]
    return fold(value) if isinstance(value, str) and (not ids or _is_id(value)) else value


def _is_id(text: str) -> bool:
    return text.startswith("/") or _GUID.fullmatch(text) is not None
