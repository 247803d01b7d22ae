"""Timed actions happen in order, and let other tasks run."""

import asyncio
from itertools import pairwise

import pytest

from chatdouble.server.uvicorn_protocol.events import Ticker


async def test_things_happen_when_they_are_due_in_the_order_of_their_times() -> None:
    loop = asyncio.get_running_loop()
    ticker, happened, now = Ticker(loop), list[tuple[str, bool]](), loop.time()

    def happen(name: str, time: float) -> None:
        happened.append((name, loop.time() >= time - 0.001))

    for name, time in (("c", now + 0.03), ("a", now + 0.01), ("b", now + 0.01)):
        ticker.at(time, happen, name, time)
    await asyncio.sleep(0.05)
    assert happened == [("a", True), ("b", True), ("c", True)]


async def test_what_was_called_off_does_not_happen() -> None:
    loop = asyncio.get_running_loop()
    ticker, happened = Ticker(loop), list[str]()
    first = ticker.at(loop.time(), happened.append, "first")
    ticker.at(loop.time(), happened.append, "second")
    first.cancel()
    await asyncio.sleep(0.01)
    assert happened == ["second"]


async def test_of_much_that_is_due_a_part_happens_in_each_turn() -> None:
    loop = asyncio.get_running_loop()
    ticker, happened = Ticker(loop), list[int]()
    for number in range(200):
        ticker.at(loop.time(), happened.append, number)
    between: list[int] = []
    while len(happened) < 200:
        await asyncio.sleep(0)
        between.append(len(happened))
    assert happened == [*range(200)]
    assert max(after - before for before, after in pairwise(between)) <= 32


async def test_what_happens_may_come_again() -> None:
    loop = asyncio.get_running_loop()
    ticker, happened = Ticker(loop), list[float]()

    def again() -> None:
        happened.append(loop.time())
        if len(happened) < 3:
            ticker.at(happened[-1] + 0.005, again)

    ticker.at(loop.time(), again)
    await asyncio.sleep(0.05)
    assert len(happened) == 3


async def test_something_that_fails_stops_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    ticker, happened = Ticker(loop), list[str]()
    ticker.at(loop.time(), happened.remove, "nothing")
    ticker.at(loop.time(), happened.append, "after")
    await asyncio.sleep(0.01)
    assert happened == ["after"]
    assert "ValueError" in caplog.text
