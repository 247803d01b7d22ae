"""Unforeseen failures: an envelope with an id on every route, one line in the log, the traceback at debug."""

import json
import logging

import pytest

from chatdouble.backend import Call, Reply
from chatdouble.server.metrics import Metrics
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from raw import ask, chat

HEADERS = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
SERVER_ERROR = {
    "message": "The server had an error while processing your request. Sorry about that!",
    "type": "server_error",
    "param": None,
    "code": None,
}


class Broken:
    """A backend with a mistake."""

    async def reply(self, call: Call) -> Reply:
        """Make the mistake."""
        raise LookupError(f"no answer to {call.path}")


def broken(*_args: object) -> None:
    """Make a mistake."""
    raise LookupError("not foreseen")


def test_a_mistake_of_a_backend_is_the_apis_server_error(caplog: pytest.LogCaptureFixture) -> None:
    with running(Settings(), Broken()) as served, caplog.at_level(logging.INFO):
        answer = chat(served.origin)
    assert (answer.status, answer.error) == (500, SERVER_ERROR)
    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage() == (
        "POST /v1/chat/completions failed: LookupError: no answer to /v1/chat/completions "
        f"({answer.headers['x-request-id']})"
    )
    assert all(record.exc_info is None for record in caplog.records)


def test_the_traceback_is_there_at_level_debug(caplog: pytest.LogCaptureFixture) -> None:
    with running(Settings(), Broken()) as served, caplog.at_level(logging.DEBUG, "chatdouble"):
        chat(served.origin)
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.DEBUG]


ROUTES = {
    "a stored completion": ("GET", "/v1/chat/completions/chatcmpl-1", "chatdouble.apis.stored_completions.Stored.get"),
    "the control": ("GET", "/_double/requests", "chatdouble.server.control.control.Control.requests"),
    "a probe": ("GET", "/metrics", "chatdouble.server.metrics._Collected.collect"),
}


@pytest.mark.parametrize(("method", "path", "part"), ROUTES.values(), ids=ROUTES)
def test_a_mistake_of_any_route_is_json_and_has_an_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, method: str, path: str, part: str
) -> None:
    with running() as served, caplog.at_level(logging.INFO):
        monkeypatch.setattr(part, broken)
        answer = ask(served.origin, method, path, None, HEADERS)
        monkeypatch.undo()
        assert chat(served.origin).status == 200
    assert (answer.status, answer.error) == (500, SERVER_ERROR)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/health"), ("DELETE", "/metrics"), ("OPTIONS", "/docs"), ("GET", "/static-offline-docs/nothing.js")],
)
def test_a_refusal_of_a_route_without_a_key_is_an_envelope_too(server: RunningServer, method: str, path: str) -> None:
    answer = ask(server.origin, method, path)
    assert answer.status in (404, 405)
    assert answer.error["type"] == "invalid_request_error"
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_mistake_while_a_call_is_noted_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with running() as served, caplog.at_level(logging.INFO):
        monkeypatch.setattr(Metrics, "count", broken)
        answers = [chat(served.origin) for _ in range(2)]
        monkeypatch.undo()
    assert [answer.status for answer in answers] == [200, 200]
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


@pytest.mark.parametrize("levels", [150, 199, 200, 300, 900, 3000, 100_000])
def test_a_body_of_any_depth_is_in_the_journal_as_json_or_as_text(server: RunningServer, key: str, levels: int) -> None:
    body = b'{"model": "gpt-4o", "messages": %b%b}' % (b"[" * levels, b"]" * levels)
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    assert ask(server.origin, "POST", "/v1/chat/completions", body, headers).status == 400
    journal = json.loads(ask(server.origin, "GET", "/_double/requests", None, headers).body)
    shown = journal["data"][0]["request"]
    assert shown == (json.loads(body) if levels < 200 else body.decode())


@pytest.mark.parametrize("levels", [600, 900])
def test_a_control_body_that_is_nested_too_deeply_is_refused(server: RunningServer, key: str, levels: int) -> None:
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    for method, path in (("POST", "queue"), ("PUT", "faults"), ("PUT", "pace"), ("PUT", "limits")):
        answer = ask(server.origin, method, f"/_double/{path}", b"[" * levels + b"]" * levels, headers)
        assert answer.status == 400
        assert answer.error["message"] == (
            "The body is nested too deeply: send at most 200 levels of objects and arrays."
        )


def test_lone_surrogates_in_metadata_are_stored_and_returned(server: RunningServer, key: str) -> None:
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    made = json.loads(chat(server.origin, key, store=True, metadata={"a": "b"}).body)
    path = f"/v1/chat/completions/{made['id']}"
    changed = ask(server.origin, "POST", path, rb'{"metadata": {"\ud800": "\udc00"}}', headers)
    one = ask(server.origin, "GET", path, None, headers)
    page = ask(server.origin, "GET", "/v1/chat/completions", None, headers)
    assert [changed.status, one.status, page.status] == [200, 200, 200]
    assert json.loads(one.body)["metadata"] == {"\ud800": "\udc00"}
    assert json.loads(page.body)["data"][0]["metadata"] == {"\ud800": "\udc00"}
