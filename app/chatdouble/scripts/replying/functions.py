"""Replies that functions of the test's process make."""

from pathlib import Path
from traceback import extract_tb

from chatdouble.backend import Call
from chatdouble.core.json import is_object
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.templates import literal
from chatdouble.scripts.reading.mistakes import mistake_lines


class FunctionFailedError(Exception):
    """A function that made no reply; the message says which and why."""


async def reply_of_function(name: str, call: Call) -> ReplySpec:
    """Return the reply that a function makes for a call. Its texts are no templates: they may quote the request.

    Args:
        name: The name under which the test's process has added the function.
        call: The call.

    Raises:
        FunctionFailedError: There is no such function, it raised an error, or what it returned is no reply.
    """
    function = call.services.functions.get(name)
    if function is None:
        raise FunctionFailedError(f"there is no function {name!r} in the server's process")
    try:
        given = await function(call)
    except Exception as failed:
        raise FunctionFailedError(f"{name} raised {type(failed).__name__}{_place(failed)}: {failed}") from failed
    mistakes = [*mistake_lines(ReplySpec, given, "reply")]
    if not mistakes and is_object(given) and "function" in given:
        mistakes = ["reply.function: a function cannot leave its reply to another one"]
    if mistakes:
        raise FunctionFailedError("\n".join([f"{name} did not return a reply:", *mistakes]))
    return ReplySpec.model_validate(literal(given))


def _place(failed: Exception) -> str:
    """Return where an error was raised."""
    frames = extract_tb(failed.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
