"""Errors for prompts and answers that exceed the context window (errors#context-length)."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chatdouble.core.errors import APIError
from chatdouble.validation import context
from chatdouble.validation.checking import Checker
from saying import CATALOGUE, CHECKER

OLD = CATALOGUE.find("gpt-3.5-turbo")
NEW = CATALOGUE.find("gpt-5")
LIMITS = ("max_tokens", "max_completion_tokens")


def _said(model: str, body: dict[str, Any], messages: int, tools: int = 0) -> str:
    """Return the answer to a request of so many tokens."""

    def count(counted: Mapping[str, Any]) -> int:
        return messages + (tools if "tools" in counted else 0)

    with pytest.raises(APIError) as refused:
        context.check(
            body, CATALOGUE.find(model), body.get("max_tokens") or body.get("max_completion_tokens") or 0, count
        )
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
    context.check({"max_tokens": 385}, OLD, 385, lambda _: 16_000)
    assert "you requested 16386 tokens" in _said("gpt-3.5-turbo", {"max_tokens": 386}, 16_000)


def test_newer_models_limit_what_they_read() -> None:
    assert _said("gpt-5", {"max_completion_tokens": 9}, 300_000) == (
        "Input tokens exceed the configured limit of 272000 tokens. "
        "Your messages resulted in 300000 tokens. Please reduce the length of the messages."
    )
    context.check({"max_completion_tokens": 128_000}, NEW, 128_000, lambda _: 272_000)


def _read(size: int, **fields: Any) -> None:
    """Read a request of so many bytes."""
    body = {"messages": [{"role": "user", "content": ""}], **fields}
    content = "a" * (size - len(json.dumps(body)))
    CHECKER.read(json.dumps({**body, "messages": [{"role": "user", "content": content}]}).encode())


def test_a_request_too_small_to_overflow_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(*_: Any) -> int:
        raise AssertionError

    monkeypatch.setattr(Checker, "_count", count)
    _read(16_000, model="gpt-3.5-turbo", max_tokens=385)
    with pytest.raises(AssertionError):
        _read(16_000, model="gpt-3.5-turbo", max_tokens=386)
    _read(272_000, model="gpt-5")
    with pytest.raises(AssertionError):
        _read(272_001, model="gpt-5")
