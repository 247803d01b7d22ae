"""Faults applied to the pieces of an answer, whether they are there already or still to come."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import reduce

from anyio import CancelScope, from_thread
from starlette.concurrency import iterate_in_threadpool

from chatdouble.backend.delivery import Fault, Head, Timed
from chatdouble.http.paced_response import Pieces

Disturb = Callable[[Iterator[Timed]], Iterator[Timed]]


def disturbed_head(head: Head, faults: Sequence[Fault]) -> Head:
    """Return what the faults make of a head."""
    return reduce(lambda so_far, fault: fault.on_head(so_far), faults, head)


def disturbed(pieces: Pieces, ways: Sequence[Disturb], elapsed: Callable[[], float]) -> Pieces:
    """Return what faults make of pieces, each way applied to what the one before it made.

    Faults are plain iterators. Over pieces that are still to come they run in a worker thread, which waits for
    the event loop to bring the next one; such a piece is due when it has come, which faults go by.

    Args:
        pieces: The pieces.
        ways: What the faults make of them.
        elapsed: Returns the seconds since the request came; called in the event loop.
    """
    if not ways:
        return pieces
    if isinstance(pieces, Iterator):
        return _chained(pieces, ways)
    return _in_a_thread(pieces, ways, elapsed)


@asynccontextmanager
async def closing(source: AsyncIterator[object]) -> AsyncGenerator[None]:
    """Close a source in the end, if it can be closed, whatever happens."""
    try:
        yield
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            with CancelScope(shield=True):
                await close()


def _chained(pieces: Iterator[Timed], ways: Sequence[Disturb]) -> Iterator[Timed]:
    return reduce(lambda so_far, way: way(so_far), ways, pieces)


async def _in_a_thread(
    pieces: AsyncGenerator[Timed], ways: Sequence[Disturb], elapsed: Callable[[], float]
) -> AsyncGenerator[Timed]:
    async with closing(pieces):
        async for piece in iterate_in_threadpool(_chained(_pulled(pieces, elapsed), ways)):
            yield piece


def _pulled(pieces: AsyncGenerator[Timed], elapsed: Callable[[], float]) -> Iterator[Timed]:
    async def following() -> Timed | None:
        async for due, piece in pieces:
            return max(due, elapsed()), piece
        return None

    while (piece := from_thread.run(following)) is not None:
        yield piece
