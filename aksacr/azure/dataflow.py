"""Reads that run as soon as their inputs are known, each once, with the length of the chain they hang on.

The run is bound by round trips, so what counts is the longest chain of reads that wait for each other.
`chain()` counts it while the run goes on: a read is one longer than the longest of the reads it waited for.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

K = TypeVar("K")
T = TypeVar("T")

_chain: ContextVar[int] = ContextVar("chain", default=0)


def chain() -> int:
    """How many reads the caller has waited for, one after the other."""
    return _chain.get()


def lengthen(reads: int = 1) -> None:
    """Note that the caller has waited for `reads` more."""
    _chain.set(_chain.get() + reads)


async def _with_chain(work: Awaitable[T]) -> tuple[T, int]:
    return await work, _chain.get()


async def together(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run several at once and wait for all; the first exception ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_with_chain(work)) for work in works]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    results = [task.result() for task in tasks]
    _chain.set(max([_chain.get(), *(length for _, length in results)]))
    return [value for value, _ in results]


def retrieve(task: asyncio.Task[Any]) -> None:
    """Take note of an exception that nobody waits for any more, so that asyncio does not print it."""
    if not task.cancelled():
        task.exception()


class Once(Generic[T]):
    """A read that is started by the first who awaits it and shared by all others."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._task: asyncio.Task[tuple[T, int]] | None = None

    async def __call__(self) -> T:
        if self._task is None:
            self._task = asyncio.create_task(_with_chain(self._work()))
            self._task.add_done_callback(retrieve)
        value, length = await asyncio.shield(self._task)
        _chain.set(max(_chain.get(), length))
        return value


class Table(Generic[K, T]):
    """Reads by key, each made once, however many ask for it."""

    def __init__(self, read: Callable[[K], Coroutine[Any, Any, T]]) -> None:
        self._read = read
        self._reads: dict[K, Once[T]] = {}
        self._values: dict[K, T] = {}

    async def __call__(self, key: K) -> T:
        if key not in self._reads:
            self._reads[key] = Once(lambda: self._read(key))
        self._values[key] = await self._reads[key]()
        return self._values[key]

    def values(self) -> dict[K, T]:
        """What has been read so far."""
        return dict(self._values)
