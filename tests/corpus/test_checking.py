"""The check of the distilled corpus against the recorded one: it passes, and it notices what differs."""

from typing import Any

import pytest

from corpora import full_corpora
from corpus.checking import coverage, problems, recorded, wrong_shapes
from corpus.contract import ROOTS, facts
from corpus.distilled import errors
from corpus.normal import message, parameter, same

RECORDED = {"message": "Invalid 'n': got 200.", "type": "invalid_request_error", "param": "n", "code": "<unknown>"}
DISTILLED = {"message": "Invalid 'n': got 130.", "type": "invalid_request_error", "param": "n", "code": None}


@full_corpora
def test_the_distilled_corpus_is_what_was_recorded() -> None:
    assert [*problems()] == []


@full_corpora
def test_a_row_that_is_in_no_case_or_in_two_is_noticed() -> None:
    rows = [("errors", number) for number in range(len(recorded("errors")))]
    assert [*coverage(["errors"], rows[1:])] == ["errors 0: in no case"]
    assert [*coverage(["errors"], [*rows, rows[0]])] == ["errors 0: in 2 cases"]
    assert [*coverage(["errors"], [*rows, ("errors", 9999)])] == ["errors 9999: no such row"]


@full_corpora
def test_a_shape_that_differs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def keys_alone(answer: dict[str, Any]) -> dict[str, Any]:
        return {"answer": [*answer]}

    monkeypatch.setattr("corpus.checking.of_answer", keys_alone)
    assert any("has another shape" in line for line in wrong_shapes())


def test_errors_compare_without_numbers_and_without_what_nobody_states() -> None:
    assert same(DISTILLED, RECORDED)
    assert not same(DISTILLED, RECORDED | {"message": "Invalid 'top_p': got 200."})
    assert not same(DISTILLED, RECORDED | {"code": "integer_above_max_value"})
    assert not same(DISTILLED, RECORDED | {"param": "top_p"})


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Missing required parameter: 'messages[3].tool_calls[0].id'.", "'messages[N].tool_calls[N].id'."),
        ("Invalid schema for function 'bake': In context=('properties', 'a'), no.", "'V': In context=(...), no."),
        ("Incorrect API key provided: sk - a***b. You can find it.", "provided: KEY. You can find it."),
        ("Invalid type for 'metadata.grain': expected a string.", "'metadata.k': expected a string."),
    ],
)
def test_what_belongs_to_one_request_is_replaced(text: str, normal: str) -> None:
    assert message(text).endswith(normal)
    assert parameter("metadata.grain.2") == "metadata.k"


def test_the_facts_of_a_contract_have_no_prose() -> None:
    wanted = {"type": "object", "properties": {"description": {"type": "string"}}, "required": ["description"]}
    prose = {"description": "Words.", "example": 1, "x-group": "chat", "title": "A title"}
    names = ["Inner", *ROOTS]
    official = {"paths": {}, "components": {"schemas": dict.fromkeys(names, wanted | prose)}}
    official["components"]["schemas"]["Model"] = {"$ref": "#/components/schemas/Inner"}
    made = facts(official)["schemas"]
    assert made["Inner"] == wanted
    assert set(made) == set(names)


def test_the_cases_come_from_both_corpora_of_errors() -> None:
    assert {name for case in errors() for name in case.rows} == {"errors", "errors-2"}
