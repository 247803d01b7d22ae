"""Token counts as an answer reports them."""

from typing import NotRequired

from typing_extensions import TypedDict


class PromptTokensDetails(TypedDict):
    """Where the prompt's tokens came from (reference 3.1; the key order is the wire's).

    Audio models add `text_tokens` and `image_tokens`, gpt-5.6 and later `cache_write_tokens`, and search
    models have `cached_tokens` only (wire-observations 3).

    Attributes:
        cached_tokens: Tokens read from the prompt cache.
        cache_write_tokens: Tokens written to the prompt cache.
        audio_tokens: Tokens of sound.
        text_tokens: Tokens of text.
        image_tokens: Tokens of images.
    """

    cached_tokens: NotRequired[int]
    cache_write_tokens: NotRequired[int]
    audio_tokens: NotRequired[int]
    text_tokens: NotRequired[int]
    image_tokens: NotRequired[int]


class CompletionTokensDetails(TypedDict):
    """What the completion's tokens were spent on (reference 3.1; the key order is the wire's).

    Attributes:
        reasoning_tokens: Tokens of reasoning, which are not shown.
        audio_tokens: Tokens of spoken output.
        accepted_prediction_tokens: Tokens of the request's prediction that came true.
        rejected_prediction_tokens: Tokens of the prediction that did not, and are billed all the same.
        text_tokens: Tokens of text; audio models only.
    """

    reasoning_tokens: NotRequired[int]
    audio_tokens: NotRequired[int]
    accepted_prediction_tokens: NotRequired[int]
    rejected_prediction_tokens: NotRequired[int]
    text_tokens: NotRequired[int]


class CompletionUsage(TypedDict):
    """The tokens of one request, all its choices together (reference 3.1).

    Attributes:
        prompt_tokens: Tokens read.
        completion_tokens: Tokens written, reasoning included.
        total_tokens: Both together.
        prompt_tokens_details: The parts of the prompt's tokens; missing before 2024-10.
        completion_tokens_details: The parts of the completion's tokens; missing before 2024-09.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: NotRequired[PromptTokensDetails]
    completion_tokens_details: NotRequired[CompletionTokensDetails]
