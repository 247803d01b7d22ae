"""Queries and small bodies that are wrong are refused in the API's words."""

import pytest

from chatdouble.testing.server import RunningServer
from raw import ask

HEADERS = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "body", "said", "param"),
    [
        ("GET", "?limit=x", None, "Invalid type for 'limit': expected an integer, but got a string instead.", "limit"),
        ("GET", "?limit=-1", None, "Invalid 'limit': integer below minimum value. Expected a value >= 0,", "limit"),
        ("GET", "?limit=101", None, "Invalid 'limit': integer above maximum value. Expected a value <= 100,", "limit"),
        ("GET", "?order=up", None, "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", "order"),
        ("POST", "/chatcmpl-1", b"{", "We could not parse the JSON body of your request.", None),
        ("GET", f"?limit={'9' * 5000}", None, "Invalid type for 'limit': expected an integer, but got a", "limit"),
        ("POST", "/chatcmpl-1", b'{"metadata": "\xff"}', "We could not parse the JSON body of your request.", None),
        ("POST", "/chatcmpl-1", b"[" * 100_000, "We could not parse the JSON body of your request.", None),
        ("POST", "/chatcmpl-1", b"", "We could not parse the JSON body of your request.", None),
        ("POST", "/chatcmpl-1", b"{}", "Missing required parameter: 'metadata'.", "metadata"),
        ("POST", "/chatcmpl-1", b'{"metadata": {}, "x": 1}', "Unknown parameter: 'x'.", "x"),
        ("POST", "/chatcmpl-1", b'{"metadata": 1}', "Invalid type for 'metadata': expected an object, but", "metadata"),
        (
            "POST",
            "/chatcmpl-1",
            b'{"metadata": {"a": 1}}',
            "Invalid type for 'metadata.a': expected a string,",
            "metadata.a",
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_envelope(
    server: RunningServer, method: str, path: str, body: bytes | None, said: str, param: str | None
) -> None:
    answer = ask(server.origin, method, f"/v1/chat/completions{path}", body, HEADERS)
    assert answer.status == 400
    assert answer.error["message"].startswith(said)
    assert (answer.error["type"], answer.error["param"]) == ("invalid_request_error", param)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("queue", b"", "The body is empty; this takes JSON."),
        ("queue", b"Hello", "The body is not JSON: "),
        ("script", b"", "The body is empty; this takes JSON."),
        ("rules", b"[]", "the body: must be an object"),
        ("rules", b'{"rule": {"reply": "Hi."}, "positon": "first"}', "positon: unknown key; did you mean 'position'?"),
        ("requests/wait", b"[]", "the body: must be an object"),
        ("requests/wait", b'{"cont": 2}', "cont: unknown key; did you mean 'count'?"),
    ],
)
def test_a_body_that_the_control_cannot_read_is_refused_in_its_own_words(
    server: RunningServer, path: str, body: bytes, said: str
) -> None:
    answer = ask(server.origin, "POST", f"/_double/{path}", body, HEADERS)
    assert answer.status == 400
    assert answer.error["message"].startswith(said)
