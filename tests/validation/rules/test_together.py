"""Fields that need or exclude each other (rules#combinations)."""

from typing import Any

import pytest

from saying import TOOL, said


@pytest.mark.parametrize(
    ("field", "value", "needed"),
    [
        ("stream_options", {"include_usage": True}, "stream"),
        ("top_logprobs", 2, "logprobs"),
        ("metadata", {"k": "v"}, "store"),
    ],
)
def test_a_field_that_needs_another_is_refused_without_it(field: str, value: Any, needed: str) -> None:
    expected = (f"The '{field}' parameter is only allowed when '{needed}' is enabled.", field, None)
    assert said(**{field: value}) == expected
    assert said(**{field: value, needed: False}) == expected
    assert said(**{field: value, needed: True}) is None


def test_one_limit_of_tokens_is_enough() -> None:
    assert said(max_tokens=5, max_completion_tokens=5) == (
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        "max_tokens",
        "invalid_parameter_combination",
    )
    assert said(max_tokens=5, max_completion_tokens=None) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2),
        ("logprobs", True),
        ("presence_penalty", 0.5),
        ("frequency_penalty", 0.5),
        ("tools", [TOOL]),
        ("functions", [{"name": "f"}]),
        ("max_completion_tokens", 5),
    ],
)
def test_a_prediction_excludes_what_measures_or_multiplies_answers(field: str, value: Any) -> None:
    prediction = {"type": "content", "content": "pong"}
    answer = said(prediction=prediction, **{field: value})
    assert answer is not None
    assert answer[1:] == (field, "unsupported_parameter")
    assert said(prediction=prediction, n=1, logprobs=False, presence_penalty=-1) is None


def test_a_prediction_is_of_text() -> None:
    sound = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
    answer = said(model="gpt-audio", prediction={"type": "content", "content": "pong"}, **sound)
    assert answer is not None
    assert answer[1:] == ("modalities", "unsupported_parameter")
