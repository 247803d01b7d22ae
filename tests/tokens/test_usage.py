"""Usage says what a request cost, in as much detail as the model's family gives."""

from typing import Any

import pytest

from calls import call
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.core.json import as_object
from chatdouble.schema.completion import CompletionUsage
from corpora import full_corpora
from recorded_exchanges import exchanges


async def usage(draft: Draft | str = "Hello there", **request: Any) -> CompletionUsage:
    said = Draft(content=draft) if isinstance(draft, str) else draft
    made = await compose(call(**request), [said])
    assert "usage" in made
    return made["usage"]


async def test_the_total_is_the_sum() -> None:
    made = await usage()
    assert made["total_tokens"] == made["prompt_tokens"] + made["completion_tokens"]


@pytest.mark.parametrize(
    ("model", "prompt", "completion"),
    [
        (
            "gpt-4o",
            ["cached_tokens", "audio_tokens"],
            ["reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"],
        ),
        (
            "gpt-4o-audio-preview",
            ["cached_tokens", "audio_tokens", "text_tokens", "image_tokens"],
            [
                "reasoning_tokens",
                "audio_tokens",
                "accepted_prediction_tokens",
                "rejected_prediction_tokens",
                "text_tokens",
            ],
        ),
        (
            "gpt-4o-search-preview",
            ["cached_tokens", "audio_tokens"],
            ["reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"],
        ),
        (
            "gpt-5.6-sol",
            ["cached_tokens", "cache_write_tokens", "audio_tokens"],
            ["reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"],
        ),
    ],
)
async def test_the_details_are_those_of_the_family(model: str, prompt: list[str], completion: list[str]) -> None:
    made = await usage(model=model)
    assert list(made.get("prompt_tokens_details", {})) == prompt
    assert list(made.get("completion_tokens_details", {})) == completion


@pytest.mark.parametrize(
    ("effort", "tokens"), [("none", 0), ("minimal", 0), ("low", 64), ("medium", 128), ("high", 512)]
)
async def test_reasoning_costs_what_its_effort_says(effort: str, tokens: int) -> None:
    made = await usage(model="gpt-5", reasoning_effort=effort)
    assert made.get("completion_tokens_details", {}).get("reasoning_tokens") == tokens
    assert made["completion_tokens"] == tokens + 2 + 9


async def test_a_model_that_does_not_reason_spends_nothing_on_it() -> None:
    assert (await usage()).get("completion_tokens_details", {}).get("reasoning_tokens") == 0


async def test_reasoning_that_a_draft_says_is_kept() -> None:
    made = await usage(Draft(content="Hello", reasoning_tokens=320), model="gpt-5")
    assert made.get("completion_tokens_details", {}).get("reasoning_tokens") == 320


async def test_a_prediction_is_compared_with_what_was_said() -> None:
    predicted = {"type": "content", "content": "one two three four"}
    made = await usage("one two five four", prediction=predicted)
    details = made.get("completion_tokens_details", {})
    assert details.get("accepted_prediction_tokens") == 3
    assert details.get("rejected_prediction_tokens") == 1
    assert made["completion_tokens"] == 4 + 1


async def test_a_prediction_in_parts_that_comes_true_is_accepted_whole() -> None:
    predicted = {"type": "content", "content": [{"type": "text", "text": "one two"}]}
    details = (await usage("one two", prediction=predicted)).get("completion_tokens_details", {})
    assert details.get("accepted_prediction_tokens") == 2
    assert details.get("rejected_prediction_tokens") == 0


@full_corpora
async def test_recorded_completions_are_counted() -> None:
    """Texts cost their tokens, calls their recorded framing; a few real answers cost a token more."""
    misses: list[int] = []
    for row in exchanges():
        theirs, body = row["response_body"]["choices"], row["response_body"]
        message, asked = theirs[0]["message"], row["request_body"]
        if len(theirs) > 1 or theirs[0]["finish_reason"] == "length" or asked["model"] == "gpt-4-vision-preview":
            continue
        details = as_object(body["usage"].get("completion_tokens_details"))
        said = Draft(
            content=message["content"],
            refusal=message.get("refusal"),
            tool_calls=message.get("tool_calls") or [],
            function_call=message.get("function_call"),
            reasoning_tokens=details.get("reasoning_tokens", 0),
        )
        misses.append((await usage(said, **asked))["completion_tokens"] - body["usage"]["completion_tokens"])
    assert sum(miss == 0 for miss in misses) >= 0.9 * len(misses)
    assert sum(abs(miss) <= 3 for miss in misses) >= 0.95 * len(misses)
