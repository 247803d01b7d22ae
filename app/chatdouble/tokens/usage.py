"""The tokens of a request, as its answer reports them (answers#usage)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object
from chatdouble.schema.completion import CompletionTokensDetails, CompletionUsage, PromptTokensDetails
from chatdouble.schema.texts import text_of
from chatdouble.tokens.prompt import PromptCount
from chatdouble.tokens.tokenizer import Tokenizer

STEP: Final = 64
"""Reasoning is counted in steps of so many tokens (tokens#answers)."""

EFFORT_STEPS: Final = {"none": 0, "minimal": 0, "low": 1, "medium": 2, "high": 8, "xhigh": 16, "max": 32}
"""Reasoning steps by effort; fixed, so that tests can rely on it."""


@dataclass(slots=True)
class Spent:
    """Token counts of all choices together.

    Attributes:
        cached: Prompt tokens that were seen before.
        cache_written: Prompt tokens that were not, and are kept now.
        accepted: Tokens of the prediction that are in the output.
        rejected: Tokens of the prediction that are not.
        audio: Tokens of speech.
    """

    cached: int = 0
    cache_written: int = 0
    accepted: int = 0
    rejected: int = 0
    audio: int = 0


def reasoning_tokens(model: Model, effort: str | None) -> int:
    """Return how many tokens a model reasons before it answers, if nothing cuts it short.

    Args:
        model: The model.
        effort: The effort that the request asks for; None: the model's default.
    """
    if not model.efforts:
        return 0
    effort = effort or model.default_effort or "none"
    return STEP * EFFORT_STEPS.get(effort, 0)


def usage_of(model: Model, prompt: PromptCount, said: int, reasoning: int, spent: Spent) -> CompletionUsage:
    """Return the usage of a request: one object for all its choices (answers#usage).

    Args:
        model: The model, whose family decides how much detail there is.
        prompt: The prompt's tokens.
        said: The tokens of all choices, reasoning included.
        reasoning: The tokens of their reasoning.
        spent: What they cost besides.
    """
    total, completion = prompt.total, said + spent.rejected
    read: PromptTokensDetails = {"cached_tokens": spent.cached}
    if model.has_cache_write_tokens:
        read["cache_write_tokens"] = spent.cache_written
    read["audio_tokens"] = prompt.audio
    written: CompletionTokensDetails = {
        "reasoning_tokens": reasoning,
        "audio_tokens": spent.audio,
        "accepted_prediction_tokens": spent.accepted,
        "rejected_prediction_tokens": spent.rejected,
    }
    if model.usage_details == "audio":
        read["text_tokens"], read["image_tokens"] = prompt.text, prompt.image
        written["text_tokens"] = completion - spent.audio - reasoning
    return {
        "prompt_tokens": total,
        "completion_tokens": completion,
        "total_tokens": total + completion,
        "prompt_tokens_details": read,
        "completion_tokens_details": written,
    }


def tokens_of(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the tokens of an answer's input and output, whatever its API calls them; None: it has no usage."""
    usage: Mapping[str, int] | None = answer.get("usage")
    if usage is None:
        return None
    if "input_tokens" in usage:
        return usage["input_tokens"], usage["output_tokens"]
    return usage["prompt_tokens"], usage.get("completion_tokens", 0)


def shared(one: Iterable[object], other: Iterable[object]) -> int:
    """Return how many of the first items are the same."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def accepted_and_rejected(body: Mapping[str, Any], output: str, tokenizer: Tokenizer) -> tuple[int, int]:
    """Return how many tokens of the request's prediction are in the output, in order, and how many not.

    Args:
        body: The request as it was sent.
        output: What was answered.
        tokenizer: The model's tokenizer.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 - for requests with a prediction

    text = text_of(as_object(body.get("prediction")).get("content"))
    predicted, said = tokenizer.encode(text), tokenizer.encode(output)
    begun = shared(predicted, said)
    ended = shared(reversed(predicted[begun:]), reversed(said[begun:]))
    middle = SequenceMatcher(None, predicted[begun : len(predicted) - ended], said[begun : len(said) - ended])
    accepted = begun + ended + sum(block.size for block in middle.get_matching_blocks())
    return accepted, len(predicted) - accepted
