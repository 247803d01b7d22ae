"""The figures, header and rules of docs/validation.md are the server's."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.core.headers import WARNING
from chatdouble.testing.server import RunningServer
from corpora import error_cases, exchanges
from raw import chat

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "validation.md").read_text()
SAID: Final = "Hi"


def test_the_figures_are_those_of_the_corpora() -> None:
    asked = sum(case.request is not None for case in error_cases())
    answered = sum(one["status"] == 200 and one["method"] == "POST" for one in exchanges())
    assert f"| {asked} | 113 (96.6 %) |" in PAGE
    assert f"| {answered} | {answered} answered |" in PAGE
    assert round(113 / asked * 100, 1) == 96.6


def test_the_described_errors_are_counted() -> None:
    text = (ROOT / "tests" / "validation" / "test_described.py").read_text()
    rows = re.findall(r"^    \d+: ", text.partition("DESCRIBED")[2], re.MULTILINE)
    assert f"| {len(rows)} | {len(rows)} | `tests/validation/test_described.py` |" in PAGE


def test_the_warnings_header_is_named() -> None:
    assert f"`{WARNING.decode()}`" in PAGE


def test_the_example_is_answered_as_shown(server: RunningServer) -> None:
    got = chat(server.origin, model="gpt-5", messages=[{"role": "user", "content": SAID}], max_tokens=5)
    assert got.body.decode() in PAGE


PREDICTION: Final = {"type": "content", "content": "x"}
INFERRED: Final[list[dict[str, Any]]] = [
    {"prediction": PREDICTION, "n": 2},
    {"model": "gpt-4", "prediction": PREDICTION},
    {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
    {"model": "gpt-audio", "modalities": ["text", "audio"], "audio": {"voice": "bob", "format": "wav"}},
    {"verbosity": "low"},
    {"logit_bias": {"50256": 101}},
    {"user": "u" * 65},
    {"function_call": "none"},
]


@pytest.mark.parametrize("request_", INFERRED)
def test_the_inferred_sentences_are_the_servers(server: RunningServer, request_: dict[str, Any]) -> None:
    message: str = chat(server.origin, **request_).error["message"]
    shown = re.findall(r"\| `([^`]+)` \|", PAGE)
    assert any(message.startswith(one.removesuffix(" ...").removesuffix("...")) for one in shown), message
