"""Every kind of error that was recorded comes out over a socket, in the API's words, for a request of our own."""

import json
from typing import Final

import pytest

from chatdouble.testing.server import RunningServer
from corpus.distilled import FIELDS, ErrorCase, errors
from corpus.normal import numbers
from raw import Answer, ask

CASES: Final = errors()
SENT: Final = [case for case in CASES if not case.unreproducible]


def name_of(case: ErrorCase) -> str:
    """Return what a test's id calls a case."""
    return case.name


def answer_to(case: ErrorCase, server: RunningServer) -> Answer:
    """Send a case's request."""
    headers = {"Content-Type": "application/json"}
    if case.key is not None:
        headers["Authorization"] = f"Bearer {case.key}"
    return ask(server.origin, case.method, case.path, case.content(), headers)


def matches(case: ErrorCase, answer: Answer) -> bool:
    """Compare status and error; fields that no source states are not compared."""
    error = json.loads(answer.body).get("error")
    if answer.status != case.status or error is None:
        return False
    wanted = dict(case.error)
    if case.counted:
        wanted["message"], error["message"] = numbers(wanted["message"]), numbers(error["message"])
    return {field: error[field] for field in wanted} == wanted


@pytest.mark.parametrize("case", SENT, ids=name_of)
def test_the_error_is_the_one_that_the_api_gave_unless_the_case_is_marked(
    case: ErrorCase, strict: RunningServer
) -> None:
    answer = answer_to(case, strict)
    assert matches(case, answer) == (not case.not_yet), (case, answer)
    assert list(answer.error) == list(FIELDS)


def test_a_difference_in_any_field_is_noticed(strict: RunningServer) -> None:
    case = SENT[0]
    answer = answer_to(case, strict)
    for field in FIELDS:
        changed = json.dumps({"error": answer.error | {field: "something else"}}).encode()
        assert not matches(case, answer._replace(body=changed)), field
    assert not matches(case, answer._replace(status=418))


def test_each_case_has_a_name_of_its_own_and_the_rows_it_comes_from() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert [case.name for case in CASES if not case.rows] == []


def test_what_no_request_brings_about_has_no_request() -> None:
    kept = [case for case in CASES if case.unreproducible]
    assert kept
    assert [case.name for case in kept if case.request or case.body or case.not_yet] == []
