"""Token overhead: what tools and formats add to a request's instructions, and what a model writes around its answer."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_array, is_object
from chatdouble.schema.completion import ToolCall
from chatdouble.schema.texts import messages_of, parts_texts
from chatdouble.schema.tools import Toolbox
from chatdouble.tokens.replayed import RESULTS, called_in, parallel_text
from chatdouble.tokens.tokenizer import Tokenizer
from chatdouble.tokens.tools_as_text import comments, with_titles, without_titles

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
def framing(model: Model, calls: int, forced: bool, required: bool = False, reasons: bool = True) -> Framing:
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


_TOOLS: Final = "# Tools\n\n## functions\n\n"
_INSTRUCTIONS: Final = "# Instructions\n\n"
_GAP: Final = "\n\n"
_MESSAGE: Final = 4
_UNUSED: Final = 1

_UNWRITTEN: Final = frozenset({"additionalProperties", "required", "$schema"})
_NAMED_SCHEMAS: Final = frozenset({"properties", "$defs", "definitions"})


def instruction_tokens(
    body: Mapping[str, Any],
    toolbox: Toolbox | None,
    messages: Sequence[Mapping[str, Any]],
    model: Model,
    tokenizer: Tokenizer,
) -> int:
    """Count what the tools and the response format add to a prompt.

    Both are sections of text. They follow the text of a first system message; without one they are a message
    of their own.

    Args:
        body: The request as it was sent.
        toolbox: The request's tools; None: it has none.
        messages: The request's messages.
        model: The model asked.
        tokenizer: The model's tokenizer.
    """
    tools = toolbox.once(with_titles if model.overhead.titles else without_titles) if toolbox else ""
    form = format_text(body["response_format"]) if "response_format" in body else ""
    tokens = 0
    if tools:
        # The namespace begins after a blank line, where no token ends: its tokens are counted once for all requests.
        tokens += tokenizer.count(_TOOLS) + tokenizer.count(tools) + _choice_tokens(body, model, tokenizer)
    if form and tools:
        tokens += tokenizer.count(form + _GAP if model.overhead.instructs else _GAP + form)
    elif form:
        tokens += tokenizer.count(form)
    if not tokens:
        return 0
    has_system = bool(messages) and messages[0].get("role") in ("system", "developer")
    return tokens + (_appending_tokens(messages[0].get("content"), model, tokenizer) if has_system else _MESSAGE)


def format_text(form: Any) -> str:
    """Return the text that stands for a response format in the prompt, "" for one without a schema.

    The schema is compact JSON in the order it was sent, without `required`, `additionalProperties` and `$schema`.

    Args:
        form: The request's `response_format`.
    """
    held = as_object(as_object(form).get("json_schema"))
    if not held:
        return ""
    described = "".join(f"{line}\n" for line in comments(held.get("description")))
    schema = orjson.dumps(_written(held.get("schema"))).decode()
    return f"# Response Formats\n\n## {held.get('name')}\n\n{described}{schema}"


def _appending_tokens(content: Any, model: Model, tokenizer: Tokenizer) -> int:
    """Return what it costs to append sections to the system's content, beside its text."""
    text = content if isinstance(content, str) else "".join(parts_texts(content))
    heading = _INSTRUCTIONS if model.overhead.instructs else ""
    return tokenizer.count(f"{heading}{text}{_GAP}") - tokenizer.count(text)


def _choice_tokens(body: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> int:
    """Return what the tools cost beside their text, by which of them must be called."""
    overhead, choice = model.overhead, body.get("tool_choice")
    tokens = overhead.tools
    if overhead.named is None:
        return tokens
    name = named_function(body)
    if name is not None:
        return tokens + overhead.named + tokenizer.count(name)
    if choice == "required":
        return tokens + overhead.required
    return tokens + (_UNUSED if choice == "none" else 0)


def _written(schema: Any) -> Any:
    """Return a schema without the keywords that the prompt leaves out; properties of their names stay."""
    if is_array(schema):
        return [_written(inner) for inner in schema]
    if not is_object(schema):
        return schema
    return {
        key: {name: _written(held) for name, held in inner.items()}
        if key in _NAMED_SCHEMAS and is_object(inner)
        else _written(inner)
        for key, inner in schema.items()
        if key not in _UNWRITTEN
    }
