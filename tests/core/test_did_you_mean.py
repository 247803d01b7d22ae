"""What somebody may have meant (errors#unknown)."""

import pytest

from chatdouble.core.did_you_mean import did_you_mean
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
    assert did_you_mean(name, FIELDS) == meant


def test_what_was_given_as_well_was_not_meant() -> None:
    assert did_you_mean("messagess", FIELDS) == ["messages"]
    assert did_you_mean("messagess", FIELDS, given=["messages"]) == []
