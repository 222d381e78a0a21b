"""Reads that are shared, run side by side, and know how long the chain is that they hang on."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from aksacr.azure.dataflow import Once, Table, chain, lengthen, together


class Reads:
    """Reads that are answered when the test says so. `made` are the keys that were asked for, in order."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

    async def __call__(self, key: str) -> str:
        self.made.append(key)
        await self._gate(key).wait()
        lengthen()
        return key.upper()

    def answer(self, *keys: str) -> None:
        for key in keys:
            self._gate(key).set()

    def _gate(self, key: str) -> asyncio.Event:
        return self._gates.setdefault(key, asyncio.Event())


async def read(*after: Once[Any]) -> str:
    """One read that needs others first."""
    await together(*(one() for one in after))
    lengthen()
    return "read"


def once(*after: Once[Any]) -> Once[str]:
    return Once(lambda: read(*after))


def complaints() -> list[dict[str, Any]]:
    """What asyncio will have to say, for example that a task's exception was never retrieved."""
    found: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    return found


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()


# --- Once, Table ---------------------------------------------------------------------------------------------


async def test_many_ask_and_it_is_read_once() -> None:
    reads = Reads()
    shared = Once(lambda: reads("cluster"))
    asked = [asyncio.create_task(shared()) for _ in range(20)]
    await settle()
    reads.answer("cluster")
    assert await asyncio.gather(*asked) == ["CLUSTER"] * 20
    assert await shared() == "CLUSTER"
    assert reads.made == ["cluster"]


async def test_nothing_is_read_before_somebody_asks() -> None:
    reads = Reads()
    Once(lambda: reads("cluster"))
    await settle()
    assert reads.made == []


async def test_a_failure_is_everybodys_and_is_not_tried_again() -> None:
    tries: list[int] = []

    async def refuse() -> None:
        tries.append(1)
        await asyncio.sleep(0)
        raise PermissionError("no")

    shared = Once(refuse)
    answers = await asyncio.gather(shared(), shared(), return_exceptions=True)
    assert [type(answer) for answer in answers] == [PermissionError, PermissionError]
    with pytest.raises(PermissionError, match="no"):
        await shared()
    assert len(tries) == 1


async def test_who_stops_waiting_does_not_take_the_answer_from_the_others() -> None:
    reads = Reads()
    shared = Once(lambda: reads("registry"))
    first, second = asyncio.create_task(shared()), asyncio.create_task(shared())
    await settle()
    first.cancel()
    await settle()
    reads.answer("registry")
    assert await second == "REGISTRY"
    assert first.cancelled()
    assert reads.made == ["registry"]


async def test_a_table_reads_each_key_once() -> None:
    reads = Reads()
    table = Table(reads)
    reads.answer("a", "b")
    assert await together(table("a"), table("b"), table("a")) == ["A", "B", "A"]
    assert await table("b") == "B"
    assert sorted(reads.made) == ["a", "b"]
    assert table.values() == {"a": "A", "b": "B"}


async def test_a_table_tells_of_answers_not_of_questions() -> None:
    reads = Reads()
    table = Table(reads)
    open_question = asyncio.create_task(table("late"))
    reads.answer("early")
    await table("early")
    assert table.values() == {"early": "EARLY"}
    reads.answer("late")
    await open_question
    assert table.values() == {"early": "EARLY", "late": "LATE"}


# --- together ------------------------------------------------------------------------------------------------


async def test_together_starts_all_before_one_is_answered() -> None:
    reads = Reads()
    waiting = asyncio.create_task(together(reads("a"), reads("b"), reads("c")))
    await settle()
    assert reads.made == ["a", "b", "c"]
    reads.answer("c", "b", "a")
    assert await waiting == ["A", "B", "C"]


async def test_the_first_exception_is_raised_as_it_is_and_ends_the_others() -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("endless")
            raise

    async def refuse(after: int, error: Exception) -> None:
        for _ in range(after):
            await asyncio.sleep(0)
        raise error

    with pytest.raises(LookupError, match="first"):
        await together(endless(), refuse(9, ValueError("later")), refuse(1, LookupError("first")))
    assert ended == ["endless"]


async def test_of_two_that_fail_at_once_one_is_raised() -> None:
    async def refuse(word: str) -> None:
        raise LookupError(word)

    with pytest.raises(LookupError, match="one"):
        await together(refuse("one"), refuse("two"))


async def test_nothing_together_is_nothing() -> None:
    assert await together() == []


async def test_a_failure_that_nobody_waits_for_any_more_makes_no_noise() -> None:
    heard = complaints()
    gate = asyncio.Event()

    async def fail_late() -> None:
        await gate.wait()
        raise ValueError("late")

    async def fail() -> None:
        raise LookupError("first")

    late = Once(fail_late)
    with pytest.raises(LookupError):
        await together(late(), fail())
    gate.set()
    await settle()
    del late
    await settle()
    assert heard == []


async def test_the_noise_would_be_heard() -> None:
    """The test above can fail: without `Once`, asyncio does complain."""
    heard = complaints()

    async def fail() -> None:
        raise ValueError("unheard")

    task = asyncio.create_task(fail())
    await settle()
    del task
    await settle()
    assert [str(context["message"]) for context in heard] == ["Task exception was never retrieved"]


# --- the chain -----------------------------------------------------------------------------------------------


async def test_reads_one_after_the_other_add_up() -> None:
    cluster = once()
    machines = once(cluster)
    await once(machines)()
    assert chain() == 3


async def test_reads_side_by_side_count_as_one() -> None:
    await together(once()(), once()(), once()())
    assert chain() == 1


async def test_a_diamond_is_as_long_as_its_longer_side() -> None:
    top = once()
    short = once(top)
    long = once(once(top))
    await once(short, long)()
    assert chain() == 4


async def test_who_asks_late_has_waited_as_long_as_the_read_took_from_the_start() -> None:
    deep = once(once(once()))
    await deep()
    lengths: list[int] = []

    async def latecomer() -> None:
        await deep()
        lengths.append(chain())

    await asyncio.create_task(latecomer())
    assert lengths == [3]


async def test_a_short_read_does_not_shorten_the_chain_of_who_waits_for_it() -> None:
    short = once()
    await once(once(short))()
    assert chain() == 3
    await short()
    assert chain() == 3


async def test_a_read_shared_by_two_paths_is_counted_once() -> None:
    shared = once()
    await together(once(shared)(), once(shared)(), shared())
    assert chain() == 2


async def test_what_came_before_is_part_of_the_chain() -> None:
    lengthen(2)
    await together(once(once())(), once()())
    assert chain() == 4
