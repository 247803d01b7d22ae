"""The tokens that a request costs less at /responses than at /chat/completions."""

from collections.abc import Mapping
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object
from chatdouble.tokens.usage import PromptCount

_INSTRUCTING: Final = frozenset({"system", "developer"})
# By whether the conversation begins with a message of the system or the developer (responses#usage).
_TOOLS: Final = {True: 2, False: 6}
_TOOLS_OF_REASONING: Final = {True: 81, False: 82}
_SCHEMA: Final = {True: 2, False: 6}
_SCHEMA_OF_REASONING: Final = {True: 4, False: 4}
_ONE_LESS: Final = "gpt-4-0613"


def save_tokens(prompt: PromptCount, body: Mapping[str, Any], model: Model) -> None:
    """Take from a prompt's count what tools, schemas and gpt-4 cost less here, as recorded usage shows.

    Args:
        prompt: The count of the same chat completion.
        body: The request in the terms of chat completions.
        model: Its model.
    """
    messages: list[Mapping[str, Any]] = body.get("messages") or []
    saved = int(model.snapshot == _ONE_LESS)
    if any(message.get("tool_calls") for message in messages):
        saved -= 1  # earlier calls cost one more
    if body.get("tools") or body.get("response_format"):
        saved += _saved_by_form(body, model, begins=bool(messages) and messages[0].get("role") in _INSTRUCTING)
    if saved:
        prompt.text = max(prompt.text - saved, 0)


def _saved_by_form(body: Mapping[str, Any], model: Model, *, begins: bool) -> int:
    """Return what functions or a schema cost less, given whether the conversation begins with instructions."""
    reasons = model.overhead.instructs
    if any(tool.get("type") == "function" for tool in body.get("tools") or ()):
        return (_TOOLS_OF_REASONING if reasons and model.overhead.tools > 0 else _TOOLS)[begins]
    if as_object(body.get("response_format")).get("type") == "json_schema":
        return (_SCHEMA_OF_REASONING if reasons else _SCHEMA)[begins]
    return 0
