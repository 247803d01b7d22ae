"""Work for large requests, which a thread does while others are answered."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeVar

from anyio import to_thread
from typing_extensions import ParamSpec

from chatdouble.backend.call import Call

LARGE: Final = 256 * 1024
"""The size in bytes from which work on a request takes longer than a thread costs."""

_MANY: Final = 300
"""The number of items in a conversation from which a request is large, however short it is itself."""

P = ParamSpec("P")
T = TypeVar("T")


def is_large(call: Call[Any]) -> bool:
    """Tell whether the work on a request may keep others waiting."""
    return len(call.raw) > LARGE or (call.original is not None and len(call.original.items) > _MANY)


async def apart(call: Call[Any], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns: at once, or if the request is large from a thread.

    Python lets threads take turns, so others are answered meanwhile. The function must not touch what they share.

    Args:
        call: The call.
        function: The function.
        args: Its arguments.
        kwargs: Its keyword arguments.
    """
    if not is_large(call):
        return function(*args, **kwargs)
    return await in_thread(call, function, *args, **kwargs)


def in_thread(call: Call[Any], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
    """Have one of the few threads for long work call a function; see `apart`."""
    return to_thread.run_sync(partial(function, *args, **kwargs), limiter=call.services.workers)
