"""Loops over very many things, between which others get their turns."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from heapq import merge
from typing import Any, Final, TypeVar

T = TypeVar("T")

_AT_ONCE: Final = 50
"""The things that are looked at in a few milliseconds, if each takes little."""
_SORTED: Final = 5_000
"""The things that are sorted in a few milliseconds."""


async def in_turns(things: Iterable[T], at_once: int = _AT_ONCE) -> AsyncIterator[T]:
    """Yield things in the event loop; others get their turns after some of them."""
    for at, thing in enumerate(things, 1):
        yield thing
        if at % at_once == 0:
            await asyncio.sleep(0)


def in_order(things: Sequence[T], key: Callable[[T], Any]) -> Iterator[T]:
    """Yield things sorted; meant for a thread, as Python sorts a list in one step.

    Args:
        things: The things.
        key: Returns what a thing is sorted by.
    """
    some = (things[at : at + _SORTED] for at in range(0, len(things), _SORTED))
    return merge(*(sorted(part, key=key) for part in some), key=key)
