"""The judgement of answers: an envelope, or what the route promises; and no failure of the server's own."""

import json
from typing import Any

from chatdouble.core.head import is_event_stream
from chatdouble.core.json import is_object
from chatdouble.core.sse import DONE, read_frames
from raw import Answer

ENVELOPE = {"message", "type", "param", "code"}
AZURES = {"code", "message"}
"""The keys of the errors of Azure's gateway."""
LAST_EVENTS = {f"response.{end}" for end in ("completed", "incomplete", "failed")}
ASKED_FOR = frozenset({"script_error", "upstream_error"})
"""Codes of statuses of 500 and more that a script or an upstream is the cause of."""
PAGES = ("text/html", "text/plain", "text/css", "application/javascript", "text/javascript", "image/", "font/")
"""Content types of documentation and metrics."""


def complaint(answer: Answer | None, *, overridden: bool) -> str | None:
    """Return what is wrong with an answer; None if nothing is.

    Args:
        answer: The answer; None: the connection ended without one.
        overridden: Whether queued replies or faults change the session's answers.
    """
    if overridden:
        return None
    if answer is None:
        return "no answer"
    kind = answer.headers.get("content-type", "")
    if "x-request-id" not in answer.headers and answer.status >= 400:
        return "a refusal without an id"
    if not answer.body:
        return None
    if is_event_stream(kind):
        return _of_stream(answer.body)
    if kind.startswith(PAGES):
        return None if answer.status < 400 else "a refusal that is no JSON"
    return _of_json(answer.status, kind, answer.body)


def _of_json(status: int, kind: str, body: bytes) -> str | None:
    if not kind.startswith("application/json"):
        return f"the content type {kind!r}"
    try:
        value: Any = json.loads(body)
    except ValueError as wrong:
        return f"no JSON: {wrong}"
    if status < 400:
        return None
    return _of_envelope(status, value)


def _of_envelope(status: int, value: Any) -> str | None:
    error = value.get("error") if is_object(value) else None
    if is_object(error) and error.keys() == AZURES and status in {401, 404}:
        return None
    if not is_object(error) or not error.keys() >= ENVELOPE or not isinstance(error["message"], str):
        return "no envelope"
    if status >= 500 and error["code"] not in ASKED_FOR:
        return f"a {status}"
    return None


def _of_stream(body: bytes) -> str | None:
    frames = [frame.data for frame in read_frames(body)]
    if not frames or not (frames[-1] == DONE or _ends_a_response(frames[-1])):
        return "a stream without an end"
    values = [json.loads(data) for data in frames if data not in (None, DONE)]
    return None if all(map(is_object, values)) else "a frame that is no object"


def _ends_a_response(data: bytes | None) -> bool:
    """Tell whether an event is the last one of a response."""
    value: Any = json.loads(data or b"{}")
    return is_object(value) and value.get("type") in LAST_EVENTS
