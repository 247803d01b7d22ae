"""Check that a prompt and its answer fit into the model's context window."""

from collections.abc import Callable, Mapping
from typing import Any

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.validation.wording import messages

Count = Callable[[Mapping[str, Any]], int]


def check(body: Mapping[str, Any], model: Model, asked: int, count: Count) -> None:
    """Refuse what does not fit (errors#context-length).

    Args:
        body: The request.
        model: Its model.
        asked: The most tokens that it asks for.
        count: Counts the tokens of a request's prompt.

    Raises:
        APIError: `context_length_exceeded`.
    """
    total = count(body)
    if model.input_limit is not None:
        if total > model.input_limit:
            raise exceeded(model, total)
    elif total + asked > model.context_window:
        raise _over_window(body, model.context_window, asked, (total, count))


def _over_window(body: Mapping[str, Any], window: int, asked: int, counted: tuple[int, Count]) -> APIError:
    total, count = counted
    tools = body.get("tools") or body.get("functions")
    bare = {key: value for key, value in body.items() if key not in {"tools", "functions"}}
    in_messages = count(bare) if tools else total
    spent = [f"{in_messages} in the messages"]
    causes = ["messages"]
    if tools:
        spent.append(f"{total - in_messages} in the functions")
        causes.append("functions")
    if asked:
        spent.append(f"{asked} in the completion")
        causes.append("completion")
    did = "you requested" if asked else "your messages resulted in"
    detail = f" ({', '.join(spent)})" if len(spent) > 1 else ""
    return messages.over_window(window, f"{did} {total + asked} tokens{detail}", causes)


def exceeded(model: Model, total: int) -> APIError:
    """Return the error of messages that do not fit into a model's context (errors#context-length)."""
    if model.input_limit is None:
        return messages.over_context(model.context_window, total)
    return messages.over_input_limit(model.input_limit, total)
