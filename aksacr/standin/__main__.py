"""`python -m aksacr.standin WORLD.json`: a stand-in Azure to point az, the SDK or aksacr at."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from pathlib import Path

from .loading import WorldError
from .server import StandIn
from .world import World


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted or terminated; returns the exit status: 0 then, 2 when there is nothing to serve."""
    parser = argparse.ArgumentParser(prog="python -m aksacr.standin", description="Serve a world as an Azure.")
    parser.add_argument("world", type=Path, metavar="WORLD.json", help="a world (a fixture, or what collect saved)")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (a free one)")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="added to every answer")
    options = parser.parse_args(arguments)
    path: Path = options.world
    try:
        world = World.parse(path.read_bytes(), str(path))
        with StandIn(world, options.delay, port=options.port) as azure, contextlib.suppress(KeyboardInterrupt):
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            _announce(azure)
            threading.Event().wait()
    except WorldError as error:
        return _refuse(str(error))
    except (OSError, OverflowError) as error:
        return _refuse(f"{path}: cannot be served ({error}); name a file that can be read, and a port that is free")
    return 0


def _announce(azure: StandIn) -> None:
    """Write the address, and the variables in the form a shell takes; the secret opens nothing but this server."""
    sys.stdout.write(f"url {azure.url}\nca-bundle {azure.ca_bundle}\n")
    for name, value in azure.environment().items():
        sys.stdout.write(f"export {name}={value}\n")
    sys.stdout.write("serving until interrupted\n")
    sys.stdout.flush()


def _refuse(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
