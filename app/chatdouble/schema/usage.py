"""Token counts as an answer reports them."""

from typing import NotRequired

from typing_extensions import TypedDict


class PromptTokensDetails(TypedDict):
    """Where the prompt's tokens came from (reference 3.1; the key order is the wire's)."""

    cached_tokens: NotRequired[int]
    cache_write_tokens: NotRequired[int]
    audio_tokens: NotRequired[int]
    text_tokens: NotRequired[int]
    image_tokens: NotRequired[int]


class CompletionTokensDetails(TypedDict):
    """What the completion's tokens were spent on (reference 3.1; the key order is the wire's)."""

    reasoning_tokens: NotRequired[int]
    audio_tokens: NotRequired[int]
    accepted_prediction_tokens: NotRequired[int]
    rejected_prediction_tokens: NotRequired[int]
    text_tokens: NotRequired[int]


class CompletionUsage(TypedDict):
    """The tokens of one request, all its choices together (reference 3.1)."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: NotRequired[PromptTokensDetails]
    completion_tokens_details: NotRequired[CompletionTokensDetails]
