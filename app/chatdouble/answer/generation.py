"""Generated contents, which other requests do not wait for."""

import sys
from asyncio import to_thread
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Final, TypeVar

from chatdouble.backend import Call
from chatdouble.backend.call import LARGE
from chatdouble.core.errors import APIError
from chatdouble.json_schema.steps import FEW, TOTAL, OutOfStepsError, Steps

__all__ = ["Steps", "generate"]

T = TypeVar("T")

_GENERATOR: Final = "chatdouble.answer.structured"
"""The module with the generator, which takes long to import: a thread does that."""

_NEAREST: Final = (
    "No value was found that is valid under the schema in `{param}`: the answer has the nearest one. "
    "Correct the schema, or script the reply."
)


async def generate(call: Call, make: Callable[[Steps], T], param: str) -> T:
    """Return what a function makes: at once if it takes few steps, else by a thread while others are answered.

    Args:
        call: The call to answer.
        make: Makes the content within a budget: always the same one.
        param: The field that the content depends on, for the error.

    Raises:
        APIError: It takes more steps than one request may.
    """
    is_first = _GENERATOR not in sys.modules
    if is_first:
        await to_thread(import_module, _GENERATOR)
    # The first content has more imported on its way, which takes long as well.
    at_once = not is_first and len(call.raw) <= LARGE
    for here in (True, False) if at_once else (False,):
        steps = Steps()
        with suppress(OutOfStepsError), steps.at_most(FEW if here else TOTAL):
            made = make(steps) if here else await call.in_thread(make, steps)
            break
    else:
        raise _too_costly(param)
    if steps.gave_up:
        raise _too_costly(param)
    if steps.is_nearest:
        call.notes.warn(_NEAREST.format(param=param))
    return made


def _too_costly(param: str) -> APIError:
    # The API has no such error: its model writes token by token, and its own limits stop it.
    return APIError(
        "No output that the schema or grammar allows was found within this server's limit of work. "
        "Make it smaller or less recursive, or script the reply.",
        param=param,
    )
