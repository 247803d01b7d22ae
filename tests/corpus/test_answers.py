"""Every kind of answer that was recorded has its shape and its header names, for a request of our own."""

import json
from typing import Any, Final

import pytest

from chatdouble.testing.server import RunningServer
from corpus.distilled import AnswerCase, HeaderCase, answers, headers
from corpus.shapes import chunks_in, of_answer, of_stream
from raw import ask

CASES: Final = [(case, model) for case in answers() if not case.unreproducible for model in case.models]
MATCHING: Final = [pytest.param(case, model, id=f"{case.name}: {model}") for case, model in CASES if not case.not_yet]
MARKED: Final = [pytest.param(case, model, id=f"{case.name}: {model}") for case, model in CASES if case.not_yet]
HEADERS: Final = headers()


def shape_made(case: AnswerCase, model: str, server: RunningServer) -> dict[str, Any]:
    """Send a case's request and return the shape of its answer."""
    sent = {"Content-Type": "application/json", "Authorization": "Bearer sk-right"}
    answer = ask(server.origin, "POST", "/v1/chat/completions", case.content(model), sent)
    assert answer.status == 200, answer.body
    if not case.streamed:
        return of_answer(json.loads(answer.body))
    text = answer.body.decode()
    assert text.endswith("data: [DONE]\n\n")
    return of_stream(chunks_in(text))


@pytest.mark.parametrize(("case", "model"), MATCHING)
def test_the_answer_has_the_recorded_shape(case: AnswerCase, model: str, strict: RunningServer) -> None:
    assert shape_made(case, model, strict) == case.shape


@pytest.mark.parametrize(("case", "model"), MARKED)
def test_an_answer_marked_not_yet_still_differs(case: AnswerCase, model: str, strict: RunningServer) -> None:
    assert shape_made(case, model, strict) != case.shape, f"{case.name!r} matches now: remove its not_yet"


@pytest.mark.parametrize("case", HEADERS, ids=[case.kind for case in HEADERS])
def test_the_headers_are_those_of_the_api_without_those_of_its_network(case: HeaderCase, strict: RunningServer) -> None:
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {case.key}"}
    answer = ask(strict.origin, "POST", "/v1/chat/completions", case.content(), sent)
    assert answer.status == int(case.kind.split()[0])
    assert [name for name in case.names if name not in answer.headers] == []
    assert [name for name in case.edge if name in answer.headers] == []
    there = [name for name in case.missing if name in answer.headers]
    assert there == [], f"the server sends {there} now: move them to names"


def test_each_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in answers()]
    assert len(set(names)) == len(names)


def test_a_repetition_counts_once_in_the_shape_of_a_stream() -> None:
    chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]}
    last: dict[str, Any] = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    assert of_stream([chunk, chunk, last])["deltas"] == ["content", "empty, end"]
