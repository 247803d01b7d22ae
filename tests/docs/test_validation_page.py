"""The figures, header and rules of docs/validation.md are the server's."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.http.headers import WARNING
from chatdouble.testing.server import RunningServer
from chatdouble.validation.faults import Stage
from chatdouble.validation.rules.listing import listing
from corpora import CHAT, error_cases, exchanges, full_corpora
from raw import chat
from test_corpus_over_http import EXCEPTIONS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "validation.md").read_text()
SAID: Final = "Hi"


@full_corpora
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_the_figures_are_those_of_the_corpora(name: str) -> None:
    asked = sum(case.request is not None and case.path == CHAT for case in error_cases(name))
    right = asked - len(EXCEPTIONS[name])
    assert f"| {asked} | {right} ({right / asked:.1%}) |".replace("%", " %") in PAGE


@full_corpora
def test_the_answered_requests_are_counted() -> None:
    both = [*exchanges(), *exchanges("exchanges-2.jsonl")]
    answered = sum(one["status"] == 200 and one["method"] == "POST" for one in both)
    assert f"| {answered} | {answered} answered |" in PAGE


def test_the_rules_are_listed_with_their_evidence_as_they_stand_in_the_table() -> None:
    listed = PAGE.partition("<!-- made by python -m chatdouble.validation.rules.listing -->\n")[2]
    assert listed.partition("\n\n")[0] == listing()


def test_the_stages_are_those_of_the_checks() -> None:
    stages = re.findall(r"^\| (\w+) \| [^|]+\? \|$", PAGE, re.MULTILINE)
    assert stages == ["model", *(stage.name.lower() for stage in Stage)]


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
