"""Loops over very many things, which give way."""

import asyncio
from collections import Counter
from collections.abc import Callable
from operator import neg
from typing import Any

import pytest

from chatdouble.core.in_turns import in_order, in_turns, turn


async def test_others_get_their_turns_during_a_long_loop() -> None:
    turns: list[int] = []

    async def other() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    assert [thing async for thing in in_turns(range(10_000))] == [*range(10_000)]
    task.cancel()
    assert len(turns) >= 100


async def test_of_a_hundred_loops_one_goes_on_at_a_time() -> None:
    passes = [0]
    seen: Counter[int] = Counter()

    async def count_passes() -> None:
        while True:
            passes[0] += 1
            await asyncio.sleep(0)

    async def loop() -> None:
        async for _ in in_turns(range(200)):
            seen[passes[0]] += 1

    counting = asyncio.create_task(count_passes())
    loops = [asyncio.create_task(loop()) for _ in range(100)]
    loops[50].cancel()
    await asyncio.wait(loops)
    counting.cancel()
    assert seen.total() == 99 * 200
    assert max(seen.values()) <= 200  # a hundred begin, two go on


async def test_who_gives_way_goes_on_after_those_who_did_before() -> None:
    order: list[int] = []

    async def go(number: int) -> None:
        await turn()
        order.append(number)

    await asyncio.gather(*map(go, range(100)))
    assert order == [*range(100)]


@pytest.mark.parametrize("key", [int, neg])
def test_many_things_are_sorted_some_at_a_time(monkeypatch: pytest.MonkeyPatch, key: Callable[[Any], Any]) -> None:
    steps: list[int] = []

    def counted(things: list[int], **given: Any) -> list[int]:
        steps.append(len(things))
        return sorted(things, **given)

    monkeypatch.setattr("chatdouble.core.in_turns.sorted", counted, raising=False)
    things = [number * 7919 % 30_011 for number in range(30_011)]
    assert [*in_order(things, key)] == sorted(things, key=key)
    assert sum(steps) == len(things)
    assert max(steps) <= 5_000
