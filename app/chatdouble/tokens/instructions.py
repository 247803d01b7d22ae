"""Tokens that the tools and the response format add to a request's instructions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_array, is_object
from chatdouble.schema.texts import parts_texts
from chatdouble.schema.toolbox import Toolbox
from chatdouble.tokens.overhead import named_function
from chatdouble.tokens.tokenizer import Tokenizer
from chatdouble.tokens.tools_as_text import comments, tools_text

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
    tools = tools_text(toolbox, titles=model.overhead.titles) if toolbox else ""
    form = format_text(body["response_format"]) if "response_format" in body else ""
    tokens = 0
    if tools:
        # The namespace begins after a blank line, where no token ends: its tokens are counted once for all requests.
        tokens += tokenizer.count(_TOOLS) + tokenizer.count(tools) + _choice_tokens(body, model, tokenizer)
    if form and tools:
        tokens += tokenizer.count(form + _GAP if model.overhead.instructs else _GAP + form)
    elif form:
        tokens += tokenizer.count(form)
    return tokens + _holding_tokens(messages, model, tokenizer) if tokens else 0


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


def _holding_tokens(messages: Sequence[Mapping[str, Any]], model: Model, tokenizer: Tokenizer) -> int:
    """Return what it costs to append sections to the system's text, beside the text, or to a message of their own."""
    if not messages or messages[0].get("role") not in ("system", "developer"):
        return _MESSAGE
    content = messages[0].get("content")
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
