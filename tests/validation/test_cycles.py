"""Refused bodies, which nothing keeps once their error is gone."""

import gc
import json
from types import FrameType
from typing import Any

import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker, Mode

HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}
STRICT_TOOL = {"type": "function", "function": {"name": "f", "strict": True, "parameters": {"type": "object"}}}
REFUSED: dict[str, dict[str, Any]] = {
    "no messages": {"messages": []},
    "a message without a role": {"messages": [{}]},
    "many messages without a role": {"messages": [{}] * 500},
    "too many messages": {"messages": [HELLO] * 9000},
    "many parts without a type": {"messages": [{"role": "user", "content": [{}] * 30_000}]},
    "many unknown fields": {f"unknown_{at}": 1 for at in range(9000)},
    "a message without content": {"messages": [{"role": "user"}]},
    "a field of a wrong type": {"temperature": "hot"},
    "a field out of its bounds": {"temperature": 3},
    "an unknown field": {"nothing": 1},
    "a rule": {"top_logprobs": 2},
    "a schema": {"tools": [STRICT_TOOL]},
    "too long a prompt": {"model": "gpt-4", "messages": [HELLO | {"content": "word " * 20_000}]},
    "another endpoint's model": {"model": "text-embedding-3-small"},
}


def _refuse(checker: Checker, raw: bytes) -> None:
    try:
        checker.read(raw)
    except APIError:
        return
    raise AssertionError("it was not refused")


@pytest.mark.parametrize("refused", REFUSED.values(), ids=list(REFUSED))
def test_a_refusal_leaves_no_cycle(refused: dict[str, Any]) -> None:
    checker = Checker(Catalogue.load("any"), TOKENIZERS, "strict")
    _assert_no_cycle(checker, json.dumps({"model": "gpt-4o", "messages": [HELLO]} | refused).encode())


@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
@pytest.mark.parametrize("raw", [b"{", b'{"model": "gpt-4o", "messages": 5}', b'{"messages": []}'])
def test_a_body_that_no_mode_reads_leaves_no_cycle(mode: Mode, raw: bytes) -> None:
    _assert_no_cycle(Checker(Catalogue.load("any"), TOKENIZERS, mode), raw)


def _assert_no_cycle(checker: Checker, raw: bytes) -> None:
    _refuse(checker, raw)  # imports and caches are made first
    gc.freeze()  # only what is made from here on is searched
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        _refuse(checker, raw)
        gc.collect()
        garbage: list[Any] = gc.garbage
        of_interest: tuple[type[Any], ...] = (APIError, dict, list, FrameType)
        kinds = [kind.__name__ for kind in map(type, garbage) if issubclass(kind, of_interest)]
        assert kinds == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
