"""Errors for prompts and answers that exceed the context window (errors#context-length)."""

from collections.abc import Mapping
from typing import Any

import pytest

from chatdouble.core.errors import APIError
from chatdouble.validation import context
from saying import CATALOGUE

OLD = CATALOGUE.find("gpt-3.5-turbo")
NEW = CATALOGUE.find("gpt-5")


def _said(model: str, body: dict[str, Any], messages: int, tools: int = 0) -> str:
    """Return the answer to a request of so many tokens."""

    def count(counted: Mapping[str, Any]) -> int:
        return messages + (tools if "tools" in counted else 0)

    with pytest.raises(APIError) as refused:
        context.check(body, CATALOGUE.find(model), size=4 * (messages + tools), count=count)
    assert (refused.value.param, refused.value.code) == ("messages", "context_length_exceeded")
    return refused.value.message


TOOLS: dict[str, Any] = {"tools": [{}]}
LIMIT = "This model's maximum context length is 16385 tokens. However, "


@pytest.mark.parametrize(
    ("body", "tools", "rest"),
    [
        ({}, 0, "your messages resulted in 24886 tokens. Please reduce the length of the messages."),
        (
            {"max_tokens": 100},
            0,
            (
                "you requested 24986 tokens (24886 in the messages, 100 in the completion). "
                "Please reduce the length of the messages or completion."
            ),
        ),
        (
            TOOLS,
            30,
            (
                "your messages resulted in 24916 tokens (24886 in the messages, 30 in the functions). "
                "Please reduce the length of the messages or functions."
            ),
        ),
        (
            {**TOOLS, "max_completion_tokens": 9},
            30,
            (
                "you requested 24925 tokens (24886 in the messages, 30 in the functions, 9 in the completion). "
                "Please reduce the length of the messages, functions, or completion."
            ),
        ),
    ],
)
def test_what_is_too_long_is_counted_out(body: dict[str, Any], tools: int, rest: str) -> None:
    assert _said("gpt-3.5-turbo", body, 24886, tools) == LIMIT + rest


def test_what_just_fits_is_taken() -> None:
    context.check({"max_tokens": 385}, OLD, size=99_999, count=lambda _: 16_000)
    assert "you requested 16386 tokens" in _said("gpt-3.5-turbo", {"max_tokens": 386}, 16_000)


def test_newer_models_limit_what_they_read() -> None:
    assert _said("gpt-5", {"max_completion_tokens": 9}, 300_000) == (
        "Input tokens exceed the configured limit of 272000 tokens. "
        "Your messages resulted in 300000 tokens. Please reduce the length of the messages."
    )
    context.check({"max_completion_tokens": 128_000}, NEW, size=999_999, count=lambda _: 272_000)


def test_a_request_too_small_to_overflow_is_not_counted() -> None:
    def count(_: Mapping[str, Any]) -> int:
        raise AssertionError

    context.check({"max_tokens": 385}, OLD, size=16000, count=count)
    with pytest.raises(AssertionError):
        context.check({"max_tokens": 386}, OLD, size=16000, count=count)
    context.check({}, NEW, size=272_000, count=count)
