"""Judging a file instead of Azure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .output import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from aksacr.azure.gather import Gathered

    from .target import Named

_LARGEST = 512 * 1024 * 1024


def read_snapshot(path: Path, named: Named) -> Gathered:
    """The facts in a snapshot, for which Azure is not asked.

    Raises `UsageError`, `WorldError` and `TargetError`, each one line naming the place in the file.
    """
    import asyncio  # noqa: PLC0415 - 0.02 s that `--help` need not pay

    from aksacr.azure import gather  # noqa: PLC0415 - azure-core is only imported by commands that need it
    from aksacr.azure.target import TargetError  # noqa: PLC0415
    from aksacr.standin.transport import WorldTransport  # noqa: PLC0415
    from aksacr.standin.world import World  # noqa: PLC0415

    world = World.parse(_bytes(path), str(path))
    cluster, registry = gather.ids_of(world)
    for option, value, kept in (
        ("-g", named.resource_group, cluster.resource_group),
        ("-n", named.cluster, cluster.name),
        ("--acr", named.registry, registry.name),
    ):
        if not kept:
            raise UsageError(
                f"{path}: target names no {'registry' if option == '--acr' else 'cluster'}, so there is nothing to "
                "judge"
            )
        if (
            value
            and value.lower() not in {kept.lower(), registry.key if option == "--acr" else kept.lower()}
            and not (option == "--acr" and value.lower().split(".", 1)[0] == kept.lower())
        ):
            raise UsageError(f'{path} is a snapshot of "{kept}", not of "{value}" ({option})')
    try:
        gathered = asyncio.run(gather.from_world(world, WorldTransport(world), image=named.image))
    except TargetError as error:
        raise TargetError(f"{path}: {error}") from error
    return replace(gathered, requests=0)  # what the file answered was not asked of Azure


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than any snapshot ({path.stat().st_size} bytes)")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} could not be read: {error.strerror or error}") from error
