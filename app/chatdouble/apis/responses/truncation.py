"""Truncation: what is left of a conversation that is longer than the model's context (responses#context)."""

from collections.abc import Callable, Mapping
from typing import Any

Body = dict[str, Any]


def shortened(body: Body, excess: int, count: Callable[[Mapping[str, Any]], int]) -> Body:
    """Return a request in the terms of chat completions without its oldest messages, those of instructions excepted.

    The last message stays, and results of tools go with their calls.

    Args:
        body: The request.
        excess: The tokens that are too many.
        count: Counts the tokens of a request.
    """
    messages: list[Body] = body["messages"]
    kept = _instructions(messages)
    start = kept
    framing = count({"model": body["model"], "messages": []})
    while start < len(messages) - 1 and (excess > 0 or messages[start]["role"] == "tool"):
        excess -= count({"model": body["model"], "messages": [messages[start]]}) - framing
        start += 1
    return {**body, "messages": [*messages[:kept], *messages[start:]]}


def _instructions(messages: list[Body]) -> int:
    """Return how many messages at the beginning are of the developer or the system."""
    roles = [message["role"] in {"developer", "system"} for message in messages]
    return roles.index(False) if False in roles else 0
