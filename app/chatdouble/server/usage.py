"""The tokens of an answer, whatever its API calls them."""

from collections.abc import Mapping
from typing import Any


def tokens_of(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the tokens of an answer's input and output; None: it has no usage."""
    usage: Mapping[str, int] | None = answer.get("usage")
    if usage is None:
        return None
    if "input_tokens" in usage:
        return usage["input_tokens"], usage["output_tokens"]
    return usage["prompt_tokens"], usage.get("completion_tokens", 0)
