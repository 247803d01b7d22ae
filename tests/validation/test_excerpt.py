"""Huge requests, whose first fault is reported without a look at the rest."""

import json
from typing import Any

import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker

HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}


def _refusal(body: dict[str, Any]) -> APIError:
    checker = Checker(Catalogue.load("any"), TOKENIZERS, "strict")
    with pytest.raises(APIError) as refused:
        checker.read(json.dumps({"model": "gpt-4o", "messages": [HELLO]} | body).encode())
    return refused.value


def test_the_first_of_many_messages_at_fault_is_reported() -> None:
    assert _refusal({"messages": [HELLO, *[{}] * 2000]}).param == "messages[1].role"


def test_a_fault_behind_many_messages_is_reported() -> None:
    assert _refusal({"messages": [HELLO] * 1000 + [{"role": "none"}]}).param == "messages[1000].role"


def test_a_shape_at_fault_comes_before_a_message_without_content() -> None:
    assert _refusal({"messages": [{"role": "user"}] * 500 + [{"role": "none"}]}).param == "messages[500].role"


def test_the_message_about_many_unknown_names_is_bounded() -> None:
    assert len(_refusal({f"unknown_{at}": 1 for at in range(100_000)}).message) < 17_000
