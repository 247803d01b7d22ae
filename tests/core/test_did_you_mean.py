"""Suggestions for misspelled names (errors#unknown)."""

import pytest

from chatdouble.core.did_you_mean import OWN_CUTOFF, did_you_mean
from chatdouble.schema.request import ChatCompletionRequest

FIELDS = tuple(ChatCompletionRequest.model_fields)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("temperatur", "temperature"),
        ("max_token", "max_tokens"),
        ("response_formt", "response_format"),
        ("top_k", None),
        ("text", None),
        ("reasoning", None),
        ("thinking", None),
    ],
)
def test_only_near_misses_have_a_suggestion(name: str, meant: str | None) -> None:
    assert did_you_mean(name, FIELDS) == meant


def test_a_name_that_is_already_given_is_not_suggested() -> None:
    assert did_you_mean("messagess", FIELDS) == "messages"
    assert did_you_mean("messagess", FIELDS, given=["messages"]) is None


def test_a_lower_cutoff_suggests_less_similar_names() -> None:
    assert did_you_mean("reasoning", FIELDS, cutoff=OWN_CUTOFF) == "reasoning_effort"
    assert did_you_mean("thinking", FIELDS, cutoff=OWN_CUTOFF) is None
