"""The tokens of a request's prompt, as the API counts them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, is_array, is_object, objects_in
from chatdouble.core.media import DataUrlError, decode_data_url
from chatdouble.schema.texts import messages_of
from chatdouble.schema.toolbox import Toolbox, offers_tools, toolbox_of
from chatdouble.tokens.audio import heard_tokens
from chatdouble.tokens.images import image_tokens
from chatdouble.tokens.overhead import framing, is_old, named_function
from chatdouble.tokens.tokenizer import Tokenizer
from chatdouble.tokens.tools_as_text import tools_text

_MESSAGE: Final = 4
_NAME: Final = 1
_PRIMING: Final = 3
_REASONING_PRIMING: Final = 2
_REASONING_TURN: Final = 2
_REASONING_CALLS: Final = -3

_TOOLS: Final = 8
_OLD_TOOLS: Final = 9
_REASONING_TOOLS: Final = 89
_SYSTEM_HOLDS: Final = 4
_NAMED: Final = 4

_FORMAT: Final = 12
_UNWRITTEN: Final = frozenset({"additionalProperties", "required"})

_PAGE: Final = 220
_PAGES: Final = re.compile(rb"/Type\s*/Page\b")


@dataclass(slots=True)
class PromptCount:
    """A prompt's tokens, by what they stand for.

    Attributes:
        text: Tokens of text, files, tools, schemas and what frames them.
        image: Tokens of images.
        audio: Tokens of sound.
        tools: The tools that were counted, for who needs them again; None: there are none.
    """

    text: int = 0
    image: int = 0
    audio: int = 0
    tools: Toolbox | None = None

    @property
    def total(self) -> int:
        """All tokens, `usage.prompt_tokens`."""
        return self.text + self.image + self.audio


def prompt_tokens(body: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> PromptCount:
    """Count the tokens of a request's prompt.

    A message costs 3 tokens, one for its role, its text and, if it has one, its name and one more; the
    answer's beginning costs 3. Reasoning families: 2, and 2 more for each earlier answer. These are exact
    for plain text (tokens#messages); calls, tools and schemas come near, see the functions that count them.

    Args:
        body: The request as it was sent.
        model: The model asked.
        tokenizer: The model's tokenizer.
    """
    count = PromptCount(_REASONING_PRIMING if model.efforts else _PRIMING)
    messages = messages_of(body)
    for message in messages:
        content = message.get("content")
        count.text += _MESSAGE
        if isinstance(content, str):
            count.text += tokenizer.count(content)
        elif content:
            _add_parts(objects_in(content), count, model, tokenizer)
        if isinstance(name := message.get("name"), str):
            count.text += _NAME + tokenizer.count(name)
        if message.get("role") == "assistant":
            count.text += _turn_tokens(message, model, tokenizer)
    if offers_tools(body):
        count.tools = toolbox_of(body)
        count.text += _tools_tokens(count.tools, body, messages, model, tokenizer)
    if "response_format" in body:
        count.text += _format_tokens(body["response_format"], messages, tokenizer)
    return count


def part_tokens(part: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> PromptCount:
    """Count the tokens of one content part."""
    count = PromptCount()
    _add_parts([part], count, model, tokenizer)
    return count


def _add_parts(parts: Iterable[Mapping[str, Any]], count: PromptCount, model: Model, tokenizer: Tokenizer) -> None:
    for part in parts:
        add = _PARTS.get(str(part.get("type")))
        if add is not None:
            add(part, count, model, tokenizer)


def _add_text(part: Mapping[str, Any], count: PromptCount, _: Model, tokenizer: Tokenizer) -> None:
    text = part.get("text", part.get("refusal"))
    count.text += tokenizer.count(text) if isinstance(text, str) else 0


def _add_image(part: Mapping[str, Any], count: PromptCount, model: Model, _: Tokenizer) -> None:
    count.image += image_tokens(part.get("image_url"), model)


def _add_sound(part: Mapping[str, Any], count: PromptCount, _: Model, __: Tokenizer) -> None:
    count.audio += heard_tokens(part.get("input_audio"))


def _add_file(part: Mapping[str, Any], count: PromptCount, _: Model, __: Tokenizer) -> None:
    """Count a file: 220 tokens a page, as recorded for a PDF of one (tokens#files)."""
    url = as_object(part.get("file")).get("file_data")
    try:
        pages = len(_PAGES.findall(decode_data_url(url)[1])) if isinstance(url, str) else 1
    except DataUrlError:
        pages = 1
    count.text += _PAGE * max(pages, 1)


_PARTS: Final[Mapping[str, Callable[[Mapping[str, Any], PromptCount, Model, Tokenizer], None]]] = {
    "text": _add_text,
    "refusal": _add_text,
    "image_url": _add_image,
    "input_audio": _add_sound,
    "file": _add_file,
}


def _turn_tokens(message: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> int:
    """Count what an earlier answer costs beside its text: its calls cost what they cost when made."""
    calls = objects_in(message.get("tool_calls"))
    held = [call.get("function") or call.get("custom") for call in calls]
    written = objects_in([*held, message.get("function_call")])
    turn = _REASONING_TURN if model.efforts else 0
    if not written:
        return turn
    frame = framing(model, len(written), forced=False)
    words = sum(tokenizer.count(str(said.get(key) or "")) for said in written for key in ("name", "arguments", "input"))
    around = frame.calls + frame.call * len(written) + (_REASONING_CALLS if model.efforts else 0)
    return turn + around + words


def _tools_tokens(
    toolbox: Toolbox, body: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], model: Model, tokenizer: Tokenizer
) -> int:
    """Count the tools, as near as is known (tokens#tools).

    The namespace's text, 8 tokens around it (9 on gpt-4, 89 on reasoning families), 4 less where a system
    message holds it, and 4 and its name for the one that must be called.
    """
    tools = tools_text(toolbox, titles=not is_old(model))
    if not tools:
        return 0
    text = tokenizer.count(tools)
    if model.efforts:
        return text + _REASONING_TOOLS
    name = named_function(body)
    return (
        text
        + (_OLD_TOOLS if is_old(model) else _TOOLS)
        - (_SYSTEM_HOLDS if _has_system(messages) else 0)
        + (_NAMED + tokenizer.count(name) if name else 0)
    )


def _format_tokens(form: Any, messages: Sequence[Mapping[str, Any]], tokenizer: Tokenizer) -> int:
    """Count a JSON schema, as near as is known (tokens#json-schemas).

    Its text without `required` and `additionalProperties`, its description, its name twice, and 12 tokens
    around it, 4 less where a system message holds it.
    """
    held = as_object(as_object(form).get("json_schema"))
    if not held:
        return 0
    schema = orjson.dumps(_written(held.get("schema"))).decode()
    name, description = str(held.get("name") or ""), str(held.get("description") or "")
    words = tokenizer.count(schema) + tokenizer.count(description) + 2 * tokenizer.count(name)
    return words + _FORMAT - (_SYSTEM_HOLDS if _has_system(messages) else 0)


def _has_system(messages: Sequence[Mapping[str, Any]]) -> bool:
    return bool(messages) and messages[0].get("role") in {"system", "developer"}


def _written(schema: Any) -> Any:
    """Return a schema without the keywords that the prompt leaves out; properties of their names stay."""
    if is_array(schema):
        return [_written(inner) for inner in schema]
    if not is_object(schema):
        return schema
    return {
        key: {name: _written(held) for name, held in inner.items()}
        if key in {"properties", "$defs"} and is_object(inner)
        else _written(inner)
        for key, inner in schema.items()
        if key not in _UNWRITTEN
    }
