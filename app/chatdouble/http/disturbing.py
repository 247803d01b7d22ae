"""Faults applied to the pieces of an answer."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import reduce

from chatdouble.backend.delivery import Fault, Head, Timed
from chatdouble.http.paced_response import Pieces

Disturb = Callable[[Iterator[Timed]], Iterator[Timed]]


def disturbed_head(head: Head, faults: Sequence[Fault]) -> Head:
    """Return a head with the faults applied to it, in order."""
    return reduce(lambda so_far, fault: fault.on_head(so_far), faults, head)


def disturbed(pieces: Pieces, steps: Sequence[Disturb], elapsed: Callable[[], float]) -> Pieces:
    """Return pieces with faults applied to them, each to the result of the one before it.

    Faults are plain iterators. If the pieces are still to come, the faults run in a worker thread, which waits for
    the event loop to bring the next piece. Such a piece is due when it arrives, so that faults can count seconds.

    Args:
        pieces: The pieces.
        steps: The `on_frames` or `on_body` of each fault.
        elapsed: Returns the seconds since the request arrived; called in the event loop.
    """
    if not steps:
        return pieces
    if isinstance(pieces, Iterator):
        return _chained(pieces, steps)
    return _in_a_thread(pieces, steps, elapsed)


@asynccontextmanager
async def closing(source: AsyncIterator[object]) -> AsyncGenerator[None]:
    """Close a source on leaving, if it can be closed, even while a cancellation is under way."""
    from anyio import CancelScope  # noqa: PLC0415 - for answers that come in pieces

    try:
        yield
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            with CancelScope(shield=True):
                await close()


def _chained(pieces: Iterator[Timed], steps: Sequence[Disturb]) -> Iterator[Timed]:
    return reduce(lambda so_far, step: step(so_far), steps, pieces)


async def _in_a_thread(
    pieces: AsyncGenerator[Timed], steps: Sequence[Disturb], elapsed: Callable[[], float]
) -> AsyncGenerator[Timed]:
    from starlette.concurrency import iterate_in_threadpool  # noqa: PLC0415 - for faults in answers still to come

    async with closing(pieces):
        async for piece in iterate_in_threadpool(_chained(_pulled(pieces, elapsed), steps)):
            yield piece


def _pulled(pieces: AsyncGenerator[Timed], elapsed: Callable[[], float]) -> Iterator[Timed]:
    """Return pieces of the event loop in a worker thread."""
    from anyio import from_thread  # noqa: PLC0415 - as above

    async def following() -> Timed | None:
        async for due, piece in pieces:
            return max(due, elapsed()), piece
        return None

    while (piece := from_thread.run(following)) is not None:
        yield piece
