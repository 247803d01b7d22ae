"""The tokens of a request, as its answer reports them (reference 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chatdouble.answer.limits import Said
from chatdouble.answer.prompt import PromptCount
from chatdouble.backend import Call
from chatdouble.catalogue.model import Model
from chatdouble.schema.usage import CompletionTokensDetails, CompletionUsage, PromptTokensDetails

STEP: Final = 64
"""Reasoning is counted in steps of so many tokens (exchanges.jsonl)."""

EFFORT_STEPS: Final = {"none": 0, "minimal": 0, "low": 1, "medium": 2, "high": 8, "xhigh": 16, "max": 32}
"""How many steps a double reasons, by effort; a fixed rule, so that tests can count on it."""


@dataclass(slots=True)
class Spent:
    """What all choices together cost, beside what they say.

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


def reasoning_tokens(call: Call) -> int:
    """Return how many tokens the model reasons before it answers, if nothing cuts it short."""
    if not call.model.efforts:
        return 0
    effort = call.request.reasoning_effort or call.model.default_effort or "none"
    return STEP * EFFORT_STEPS.get(effort, 0)


def usage_of(model: Model, prompt: PromptCount, choices: Sequence[Said], spent: Spent) -> CompletionUsage:
    """Return the usage of a request: one object for all its choices (reference 4).

    Args:
        model: The model, whose family decides how much detail there is.
        prompt: The prompt's tokens.
        choices: What the choices say.
        spent: What they cost besides.
    """
    total, completion, reasoning = prompt.total, spent.rejected, 0
    for said in choices:
        completion += said.tokens
        reasoning += said.reasoning
    return {
        "prompt_tokens": total,
        "completion_tokens": completion,
        "total_tokens": total + completion,
        "prompt_tokens_details": _prompt_details(model, prompt, spent),
        "completion_tokens_details": _completion_details(model, completion, reasoning, spent),
    }


def _prompt_details(model: Model, prompt: PromptCount, spent: Spent) -> PromptTokensDetails:
    details: PromptTokensDetails = {"cached_tokens": spent.cached}
    if model.has_cache_write_tokens:
        details["cache_write_tokens"] = spent.cache_written
    details["audio_tokens"] = prompt.audio
    if model.usage_details == "audio":
        details["text_tokens"] = prompt.text
        details["image_tokens"] = prompt.image
    return details


def _completion_details(model: Model, completion: int, reasoning: int, spent: Spent) -> CompletionTokensDetails:
    details: CompletionTokensDetails = {"reasoning_tokens": reasoning}
    details["audio_tokens"] = spent.audio
    details["accepted_prediction_tokens"] = spent.accepted
    details["rejected_prediction_tokens"] = spent.rejected
    if model.usage_details == "audio":
        details["text_tokens"] = completion - spent.audio - reasoning
    return details
