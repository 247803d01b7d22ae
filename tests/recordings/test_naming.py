"""Recordings are called after what was asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.to_yaml import name_of, request_digest


def asked(content: Any, model: Any = "gpt-4o") -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": content}],
    }


NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "words": (asked("What's the weather in Paris?"), "gpt-4o-what-s-the-weather-in-paris"),
    "accents": (asked("Où est l'été?"), "gpt-4o-ou-est-l-ete"),
    "long": (asked("word " * 50, "gpt-4.1"), "gpt-4.1-word-word-word-word-word-word-word-word-word-wor"),
    "parts": (asked([{"type": "text", "text": "Look!"}, {"type": "image_url"}]), "gpt-4o-look"),
    "another script": (asked("你好"), "gpt-4o"),
    "no text": ({"model": "m", "messages": []}, "m"),
    "nothing that fits": ({"model": 5, "messages": 7}, "5"),
    "paths": (asked("../../etc/passwd", "a/../b"), "a-..-b-etc-passwd"),
}


@pytest.mark.parametrize(("request_body", "words"), NAMES.values(), ids=NAMES)
def test_a_name_has_the_model_the_last_text_and_a_request_digest(request_body: Any, words: str) -> None:
    assert name_of(request_body) == f"{words}-{request_digest(request_body)}"


def test_a_request_without_any_words_has_a_request_digest() -> None:
    assert name_of({}) == request_digest({})


@given(st.text(), st.text())
def test_a_name_is_safe_for_every_file_system(content: str, model: str) -> None:
    name = name_of(asked(content, model))
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert not name.startswith((".", "-"))
    assert len(name) < 120


def test_request_digests_tell_requests_apart_but_not_the_order_of_their_keys() -> None:
    assert request_digest({"a": 1, "b": 2}) == request_digest({"b": 2, "a": 1})
    assert request_digest({"a": 1}) != request_digest({"a": 2})
