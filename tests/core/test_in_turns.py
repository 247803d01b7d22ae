"""Loops over very many things, which give way."""

import asyncio

from chatdouble.core.in_turns import in_turns


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
