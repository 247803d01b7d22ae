"""Due times and positions of pieces that stop at a gate."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from calls import NOW, call
from chatdouble.backend import Abort, Call, Stop, Timed
from chatdouble.core.errors import APIError
from chatdouble.http.gating import gated
from chatdouble.state.gates import Gate

FRAMES = (b'data: {"a":1}\n\n', b": a comment\n\n", b'data: {"a":2}\n\n', b"data: [DONE]\n\n")


def stopping(
    chunks: int | None, *, stream: bool = True, pieces: tuple[bytes, ...] = FRAMES, timeout: float = 60
) -> Any:
    """Return a call that stops at a gate, the gate, and its pieces, which are a second apart."""
    one, gate = call(), Gate()
    one.delivery.gates += (Stop("g", gate, chunks, timeout, lambda: NOW),)
    given: Iterator[Timed] = ((float(at), piece) for at, piece in enumerate(pieces))
    return one, gate, gated(one, given, stream=stream)


async def taken(pieces: AsyncGenerator[Timed], gate: Gate) -> list[Timed]:
    """Return the pieces that come before the stop."""
    before: list[Timed] = []
    while True:
        following = asyncio.ensure_future(anext(pieces))
        arrived = asyncio.ensure_future(gate.until(lambda now: now.waiting > 0, 60))
        await asyncio.wait({following, arrived}, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()
        if gate.waiting:
            gate.release()
            before.append(await following)
            return before
        before.append(await following)


@pytest.mark.parametrize(("chunks", "before"), [(0, 0), (1, 2), (2, 3), (None, 3), (9, 3)])
async def test_what_is_behind_the_gate_is_late_by_what_was_waited(chunks: int | None, before: int) -> None:
    one, gate, pieces = stopping(chunks)
    *early, first_behind = await taken(pieces, gate)
    rest = [first_behind, *[piece async for piece in pieces]]
    assert [*early] == [(float(at), FRAMES[at]) for at in range(before)]
    late = rest[0][0] - before
    assert late == pytest.approx(one.notes.gates[0]["milliseconds"] / 1000, abs=0.001)
    assert rest == [(float(at) + late, FRAMES[at]) for at in range(before, len(FRAMES))]


@pytest.mark.parametrize("size", [1, 5, 7, 200])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_a_stream_stops_before_its_done_however_it_is_cut(size: int, end: bytes) -> None:
    whole = b"".join(FRAMES).replace(b"\n", end)
    cut = tuple(whole[at : at + size] for at in range(0, len(whole), size))
    _, gate, pieces = stopping(None, pieces=cut)
    *early, _ = await taken(pieces, gate)
    received = b"".join(piece for _, piece in early if isinstance(piece, bytes))
    assert b"[DONE]" not in received
    assert received == whole[: len(received)]
    await pieces.aclose()


async def test_a_whole_answer_stops_once_before_everything() -> None:
    _, gate, pieces = stopping(5, stream=False, pieces=(b"{", b"}"))
    (first,) = await taken(pieces, gate)
    assert [first[1], *[piece async for _, piece in pieces]] == [b"{", b"}"]


async def test_a_cut_waits_at_the_gate_too() -> None:
    one, gate = call(), Gate()
    one.delivery.gates += (Stop("g", gate, 5, 60, lambda: NOW),)
    given: Iterator[Timed] = iter([(0.0, FRAMES[0]), (0.0, Abort.HANGUP)])
    pieces: Any = gated(one, given, stream=True)
    *early, (_, cut) = await taken(pieces, gate)
    assert (early, cut) == ([(0.0, FRAMES[0])], Abort.HANGUP)


async def test_an_error_of_the_source_goes_through_and_leaves_the_gate_ahead() -> None:
    one, gate = call(), Gate()
    stop = Stop("g", gate, 0, 60, lambda: NOW)
    one.delivery.gates += (stop,)

    async def failing() -> AsyncGenerator[Timed]:
        raise APIError("no upstream", status=502)
        yield 0.0, b""

    pieces: Any = gated(one, failing(), stream=True)
    with pytest.raises(APIError, match="no upstream"):
        await anext(pieces)
    assert one.delivery.gates == (stop,)


async def test_a_client_that_leaves_between_two_released_chunks_has_left_at_the_gate() -> None:
    one, gate, pieces = stopping(0)
    following = asyncio.ensure_future(anext(pieces))
    await asyncio.sleep(0)
    gate.release(chunks=1)
    await following
    await pieces.aclose()
    assert [held.client_left for held in gate.held] == [True]
    assert noted(one) == ["client left"]


def noted(one: Call) -> list[str]:
    """Return how the waits of a call ended."""
    return [gate["outcome"] for gate in one.notes.gates]
