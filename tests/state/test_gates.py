"""Gates as they are: who waits, what is let go, and by which thread."""

import asyncio
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from chatdouble.state.gates import Bell, Gate, Gates


async def test_another_thread_lets_an_answer_go_on() -> None:
    gate = Gate()
    held = gate.enter("req_1", 1.0)
    waiting = asyncio.create_task(held.passage(60))
    await asyncio.sleep(0)
    await asyncio.to_thread(gate.release)
    await waiting
    assert (held.going, gate.held, gate.released) == ("released", [], 1)


@pytest.mark.parametrize(
    "let_go", [Gate.release, lambda gate: gate.release(chunks=1), lambda gate: gate.abort("reset"), Gate.open]
)
async def test_few_of_very_many_answers_go_on_between_two_turns_of_others(let_go: Callable[[Gate], Any]) -> None:
    gate = Gate()
    waiting = [asyncio.create_task(gate.enter(f"req_{at}", 1.0).passage(60)) for at in range(100)]
    await asyncio.sleep(0)
    let_go(gate)
    gone = [0]
    while gone[-1] < len(waiting):
        await asyncio.sleep(0)
        gone.append(sum(one.done() for one in waiting))
    assert max(after - before for before, after in pairwise(gone)) <= 20


async def test_what_was_allowed_before_the_wait_is_not_lost() -> None:
    gate = Gate()
    held = gate.enter("req_1", 1.0)
    assert gate.release(chunks=2) == 1
    await held.passage(0)
    await held.passage(0)
    assert held.going is None
    await held.passage(0)
    assert held.going == "timed out"


async def test_an_arrival_in_another_thread_ends_a_wait_for_it() -> None:
    gate = Gate()
    waiting = asyncio.create_task(gate.until(lambda now: now.waiting == 2, 60))
    await asyncio.sleep(0)
    for name in ("req_1", "req_2"):
        thread = threading.Thread(target=gate.enter, args=(name, 1.0))
        thread.start()
        thread.join()
    assert await waiting is True


async def test_a_wait_for_what_does_not_come_ends_in_time_or_with_the_gate() -> None:
    gate = Gate()
    assert await gate.until(lambda now: now.waiting > 0, 0) is False
    waiting = asyncio.create_task(gate.until(lambda now: now.waiting > 0, 60))
    await asyncio.sleep(0)
    gate.open()
    assert await waiting is False


async def test_the_newest_of_those_who_left_are_kept() -> None:
    gate = Gate()
    for number in range(150):
        gate.lose(gate.enter(f"req_{number}", number))
    still = gate.enter("req_still", 150)
    assert [gate.left, gate.waiting] == [100, 1]
    assert gate.held[0].request == "req_50"
    assert gate.abort("reset") == 1
    assert (still.going, still.how) == ("aborted", "reset")


async def test_nothing_stops_at_an_open_gate() -> None:
    gate = Gate()
    gate.open()
    held = gate.enter("req_1", 1.0)
    await held.passage(60)
    assert (held.going, gate.held) == ("opened", [])


async def test_a_loop_that_is_gone_is_not_woken() -> None:
    async def hang_up() -> Bell:
        return Bell()

    bell = await asyncio.to_thread(lambda: asyncio.run(hang_up()))
    bell.ring()


async def test_gates_of_a_session_are_removed_together() -> None:
    gates = Gates()
    for session, name in (("a", "g"), ("a", "h"), ("b", "g")):
        gates.add(session, name)
    held = [gate.enter("req", 1.0) for gate in map(gates.find, "aab", "ghg") if gate is not None]
    gates.remove_all("a")
    assert [one.going for one in held] == ["opened", "opened", None]
    assert gates.find("a", "g") is None
    gates.open()
    assert held[2].going == "opened"
    gates.add("b", "g")
    again = gates.find("b", "g")
    assert again is not None
    assert again.is_open
    gates.remove_all(None)
    assert gates.find("b", "g") is None


async def test_the_gates_of_the_session_that_was_idle_longest_go_first() -> None:
    gates = Gates(sessions=2)
    gates.add("a", "g")
    gates.add("b", "g")
    idle = gates.find("b", "g")
    assert gates.find("a", "g") is not None
    assert idle is not None
    held = idle.enter("req", 1.0)
    gates.add("c", "g")
    assert [gates.find(name, "g") is not None for name in "abc"] == [True, False, True]
    assert held.going == "opened"
