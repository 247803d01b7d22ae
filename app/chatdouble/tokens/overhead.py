"""Token overhead of an answer: what a model writes around text and calls."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_object
from chatdouble.schema.completion import ToolCall
from chatdouble.schema.texts import messages_of
from chatdouble.tokens.replayed import RESULTS, called_in, parallel_text
from chatdouble.tokens.tokenizer import Tokenizer

_OLD: Final = frozenset({"gpt-4-0613", "gpt-4-0314"})


class Framing(NamedTuple):
    """Tokens written around an answer's words, as recorded usage shows (tokens#accuracy, tokens#answers).

    Attributes:
        text: Around a text.
        refusal: Around a refusal.
        calls: Before the first call.
        call: For each call, beside its name and arguments.
        names: Whether the calls' names are written, too; a forced call's name is not.
    """

    text: int
    refusal: int
    calls: int
    call: int
    names: bool


_REFUSED: Final = 1
_AFTER_TEXT: Final = 3
_UNCALLED: Final = 1
_TAG: Final = 2
_PARALLEL: Final = 3


@lru_cache(maxsize=1024)
def framing(model: Model, calls: int, *, forced: bool, required: bool = False, reasons: bool = True) -> Framing:
    """Return the framing of an answer.

    A family's overhead says what stands around a text and around a call. Several calls are written as one call
    of `multi_tool_use.parallel`; what its arguments have more than theirs is `parallel_tokens`. A call that was
    named by the request is its arguments alone, save on models that reason.

    Args:
        model: The model that answers.
        calls: How many calls the answer makes.
        forced: Whether the request named the function to call.
        required: Whether it required any call; what the prompt says of that need not be written.
        reasons: Whether the model reasons before it answers.
    """
    overhead = model.overhead
    spared = 0 if reasons else overhead.thought
    text, call = overhead.answer - spared, overhead.answer_call - spared - (overhead.required if required else 0)
    if overhead.instructs:
        refusal, forced = text, False
    else:
        refusal = text + _REFUSED
    if calls > 1:
        return Framing(text, refusal, calls=call + _PARALLEL, call=0, names=False)
    return Framing(text, refusal, calls=0 if forced else call, call=0, names=not forced)


def text_tokens(body: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> int:
    """Return the tokens written before a text because of the request's parameters.

    One token where the model could have called instead, and the name of the schema that the text follows; models
    that do not reason and have no tools find the name in the prompt.

    Args:
        body: The request.
        model: The model that answers.
        tokenizer: The model's tokenizer.
    """
    could_call = bool(body.get("tools") or body.get("functions")) and body.get("tool_choice") != "none"
    instructs = model.overhead.instructs
    tagged = "response_format" in body and (could_call or instructs)
    return (tag_tokens(body, tokenizer) if tagged else 0) + (_UNCALLED if could_call and not instructs else 0)


def tag_tokens(body: Mapping[str, Any], tokenizer: Tokenizer) -> int:
    """Return the tokens of the schema name that tags an answer; 0 without a schema."""
    name = as_object(as_object(body.get("response_format")).get("json_schema")).get("name")
    return _TAG + tokenizer.count(str(name)) if name else 0


def after_text(framed: Framing) -> Framing:
    """Return the overhead of calls after a text."""
    return framed._replace(calls=framed.calls + _AFTER_TEXT)


def parallel_tokens(calls: Sequence[ToolCall], tokenizer: Tokenizer) -> int:
    """Return the overhead of the one call that wraps parallel calls, in tokens."""
    words = sum(
        tokenizer.count(call["function"]["arguments"] if call["type"] == "function" else call["custom"]["input"])
        for call in calls
    )
    return tokenizer.count(parallel_text(called_in(calls))) - words


def begins_thinking(body: Mapping[str, Any], model: Model, reasoning: int) -> bool:
    """Return True if the model starts to reason, even if it stops at once.

    Args:
        body: The request.
        model: The model that answers.
        reasoning: How many tokens it reasons.
    """
    if reasoning or not model.overhead.thought:
        return True
    messages = messages_of(body)
    return model.overhead.thinks_first and not (messages and messages[-1].get("role") in RESULTS)


def is_old(model: Model) -> bool:
    """Return True for the first gpt-4, which differs in places (answers#finish-reasons)."""
    return model.snapshot in _OLD


def named_function(body: Mapping[str, Any]) -> str | None:
    """Return the one function or custom tool that a request forces, or None."""
    choice = as_object(body.get("tool_choice"))
    held = choice.get("function") or choice.get("custom") or body.get("function_call")
    return str(held.get("name")) if is_object(held) else None


def ends_calls_with_stop(body: Mapping[str, Any], model: Model) -> bool:
    """Return True if an answer with calls ends with `stop`, not `tool_calls` or `function_call`.

    So it does when the request named the function, save on reasoning models; and on the first gpt-4 also
    when it required a call (answers#finish-reasons).
    """
    if model.efforts:
        return False
    if named_function(body) is not None:
        return True
    return body.get("tool_choice") == "required" and is_old(model)
