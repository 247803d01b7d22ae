"""The tokens an answer costs beside its words: what a model writes around text and calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_object

_OLD: Final = frozenset({"gpt-4-0613", "gpt-4-0314"})


@dataclass(frozen=True, slots=True)
class Framing:
    """Tokens written around an answer's words, as recorded usage shows (tokens#answers).

    Attributes:
        text: Around a text or a refusal.
        calls: Before the first call.
        call: For each call, beside its name and arguments.
        names: Whether the calls' names are written, too; a forced call's name is not.
    """

    text: int
    calls: int
    call: int
    names: bool


_REASONING: Final = Framing(text=9, calls=-5, call=21, names=True)
_ONE_CALL: Final = Framing(text=0, calls=7, call=0, names=True)
_PARALLEL_CALLS: Final = Framing(text=0, calls=12, call=8, names=True)
_FORCED: Final = Framing(text=0, calls=0, call=0, names=False)


def framing(model: Model, calls: int, *, forced: bool) -> Framing:
    """Return the framing of an answer.

    Reasoning families write 9 tokens around a text, 16 around the first call and 21 around each further
    one; the others 7 around a single call, 12 and 8 a call around several, and nothing but the arguments
    for a call that was named by the request (tokens#answers).

    Args:
        model: The model that answers.
        calls: How many calls the answer makes.
        forced: Whether the request named the function to call.
    """
    if model.efforts:
        return _REASONING
    if forced:
        return _FORCED
    return _PARALLEL_CALLS if calls > 1 else _ONE_CALL


def is_old(model: Model) -> bool:
    """Say whether a model is of the first gpt-4, whose manners differ in places (answers#finish-reasons)."""
    return model.snapshot in _OLD


def named_function(body: Mapping[str, Any]) -> str | None:
    """Return the one function or custom tool that a request says must be called, or None."""
    choice = as_object(body.get("tool_choice"))
    held = choice.get("function") or choice.get("custom") or body.get("function_call")
    return str(held.get("name")) if is_object(held) else None


def ends_calls_with_stop(call: Call) -> bool:
    """Say whether an answer that calls ends with `stop` rather than `tool_calls` or `function_call`.

    So it does when the request named the function, save on reasoning models; and on the first gpt-4 also
    when it required a call (answers#finish-reasons).
    """
    if call.model.efforts:
        return False
    if named_function(call.body) is not None:
        return True
    return call.body.get("tool_choice") == "required" and is_old(call.model)
