"""Bodies to the byte."""

import json

import pytest

from chatdouble.apis.chat import ChatCodec
from chatdouble.core.errors import APIError, error_body
from completions import said


def test_an_answer_is_indented_by_two_in_utf8_with_a_final_newline() -> None:
    body = ChatCodec().body(said("é/<"))
    assert body.startswith(b'{\n  "id": "chatcmpl-0SWqf0123456789abcdefghijklmno",\n  "object": "chat.completion",\n')
    assert '        "content": "é/<",\n        "refusal": null,\n        "annotations": []\n      },\n'.encode() in body
    assert body.endswith(b'  "system_fingerprint": "fp_0123456789"\n}\n')
    assert json.loads(body) == said("é/<")


def test_what_utf8_cannot_hold_is_escaped() -> None:
    body = ChatCodec().body(said("\ud800"))
    assert b'"content": "\\ud800"' in body
    assert json.loads(body) == said("\ud800")


def test_an_error_from_behind_the_edge_is_indented_by_two_without_a_newline() -> None:
    error = APIError("Unknown parameter: 'é'.", param="é", code="unknown_parameter")
    assert error_body(error) == (
        (
            '{\n  "error": {\n    "message": "Unknown parameter: \'é\'.",\n    "type": "invalid_request_error",\n'
            '    "param": "é",\n    "code": "unknown_parameter"\n  }\n}'
        ).encode(),
        b"application/json",
    )


@pytest.mark.parametrize(
    ("status", "code"), [(401, "invalid_api_key"), (404, "model_not_found"), (429, "rate_limit_exceeded"), (429, None)]
)
def test_an_error_from_the_edge_is_indented_by_four_with_a_newline(status: int, code: str | None) -> None:
    body, content_type = error_body(APIError("No é", status=status, code=code))
    assert body.startswith('{\n    "error": {\n        "message": "No é",\n'.encode())
    assert body.endswith(b"\n    }\n}\n")
    assert content_type == b"application/json; charset=utf-8"


def test_a_model_that_does_not_chat_is_refused_from_behind_the_edge() -> None:
    assert error_body(APIError("This is not a chat model", status=404, param="model"))[1] == b"application/json"


@pytest.mark.parametrize("status", [400, 401])
def test_an_error_with_half_a_character_can_be_sent(status: int) -> None:
    assert json.loads(error_body(APIError("\ud800", status=status))[0])["error"]["message"] in ("\ud800", "?")
