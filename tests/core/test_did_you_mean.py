"""Suggestions for misspelled names (errors#unknown)."""

import pytest

from chatdouble.core.did_you_mean import api_suggestions, did_you_mean
from chatdouble.schema.request import ChatCompletionRequest

FIELDS = tuple(ChatCompletionRequest.model_fields)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("temperatur", ["temperature"]),
        ("max_token", ["max_tokens"]),
        ("response_formt", ["response_format"]),
        ("top_k", ["top_p"]),
        ("stor", ["stop", "store"]),
        ("text", []),
        ("reasoning", []),
        ("thinking", []),
    ],
)
def test_only_near_misses_have_a_suggestion(name: str, meant: list[str]) -> None:
    assert api_suggestions(name, FIELDS) == meant


def test_a_name_that_is_already_given_is_not_suggested() -> None:
    assert api_suggestions("messagess", FIELDS) == ["messages"]
    assert api_suggestions("messagess", FIELDS, given=["messages"]) == []


def test_our_own_messages_suggest_the_most_similar_name() -> None:
    assert did_you_mean("reasoning", FIELDS) == "reasoning_effort"
    assert did_you_mean("thinking", FIELDS) is None
