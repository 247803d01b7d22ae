"""Loops of the event loop over very many things, between which others get their turns."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

_AT_ONCE: Final = 50
"""The things that are looked at in a few milliseconds, if each takes little."""


async def in_turns(things: Iterable[T], at_once: int = _AT_ONCE) -> AsyncIterator[T]:
    """Yield things; others get their turns after some of them."""
    for at, thing in enumerate(things, 1):
        yield thing
        if at % at_once == 0:
            await asyncio.sleep(0)
