"""Conversations of plain texts: nothing is let pass in them that a closer look would find."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS, model
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.data import built_in
from chatdouble.core.errors import APIError
from chatdouble.validation import checking
from chatdouble.validation.checking import Checker, is_plain
from chatdouble.validation.rules.messages import MOST
from corpora import error_cases, exchanges, full_corpora

CHECKER: Final = Checker(Catalogue.load("any"), TOKENIZERS, "strict")
ROLES: Final = ("user", "system", "developer", "assistant")
MESSAGE: Final = st.fixed_dictionaries({"role": st.sampled_from(ROLES), "content": st.text(max_size=9)})
OPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"response_format": {"type": "json_object"}},
    {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
    {"temperature": 0.5, "stop": None, "user": None},
    {"reasoning_effort": "low", "verbosity": "high"},
    {"max_tokens": 10, "max_completion_tokens": 10},
)


def verdict(body: dict[str, Any]) -> Any:
    """Return the error's envelope, or that the request is accepted and whether it is plain."""
    try:
        return CHECKER.read(json.dumps(body).encode()).plain
    except APIError as error:
        return error.envelope()


def never(*_: Any) -> bool:
    """Return False for every conversation."""
    return False


def closely(body: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the same for a request that is not known to be plain."""
    with monkeypatch.context() as patched:
        patched.setattr(checking, "is_plain", never)
        return verdict(body)


@given(
    messages=st.lists(MESSAGE, min_size=1, max_size=4),
    name=st.sampled_from([*built_in(), "nobody-knows"]),
    options=st.sampled_from(OPTIONS),
)
def test_of_plain_texts_the_same_is_said_as_after_a_closer_look(
    messages: list[dict[str, Any]], name: str, options: dict[str, Any]
) -> None:
    body = {"model": name, "messages": messages, **options}
    said = verdict(body)
    with pytest.MonkeyPatch.context() as patched:
        close = closely(body, patched)
    assert (said, close) == (True, False) or said == close


@full_corpora
def test_of_every_recorded_request_the_same_is_said_as_after_a_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [case.request for case in error_cases() if case.request]
    asked += [row["request_body"] for row in exchanges() if isinstance(row["request_body"], dict)]
    told = [(verdict(body), closely(body, monkeypatch)) for body in asked]
    assert [(said, close) for said, close in told if (said, close) != (True, False) and said != close] == []
    assert (True, False) in told


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
        [{"role": "user", "content": "a", "name": "Ann"}],
        [{"role": "assistant", "content": None, "tool_calls": []}],
        [{"role": "assistant", "content": None}],
        [{"role": "tool", "content": "a", "tool_call_id": "b"}],
        [{"role": "function", "content": "a"}],
        [{"role": "user"}],
        [{"role": "user", "content": "a" * 1_048_577}],
        [{"role": "user", "content": "a"}] * 2049,
    ],
)
def test_more_than_texts_is_looked_at_closely(messages: list[dict[str, Any]]) -> None:
    longest = model("gpt-4o").longest_text
    assert not is_plain(messages, MOST, longest)
    assert is_plain([{"role": "user", "content": "a"}] * 2048, MOST, longest)
