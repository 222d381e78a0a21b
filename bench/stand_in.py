"""The embedded Azure in a process of its own, so that it shares no interpreter lock with the run that is measured.

`python bench/stand_in.py WORLD.json SECONDS` prints one JSON line with its address and the environment that leads to
it. Each line on stdin is answered with the exchanges since the last one, as one JSON line; the end of stdin ends it.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from aksacr.standin.server import StandIn
from aksacr.standin.world import World


def main(path: str, seconds: str) -> None:
    world = World.parse(Path(path).read_bytes(), path)
    with StandIn(world, float(seconds)) as azure:
        target = {"cluster": world.target.cluster, "registry": world.target.registry}
        _say({"url": azure.url, "environment": azure.environment(), "target": target})
        for _ in sys.stdin:
            _say([dataclasses.asdict(exchange) for exchange in azure.requests])
            azure.requests.clear()


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
