"""Reports for a failing test: its conversation, and the problems of its verdict."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest

from chatdouble.core.json import as_object, objects_in
from chatdouble.pytest.recordings import TAPE
from chatdouble.pytest.servers import marked
from chatdouble.testing.asked import Request
from chatdouble.testing.double import Double
from chatdouble.verdict.reports.text import block, text
from chatdouble.verdict.verdict import Problem

FATAL: Final = (
    "unmatched_request",
    "turn_mismatch",
    "turn_not_reached",
    "unused_reply",
    "unused_rule",
    "refused",
    "endpoint_not_doubled",
    "script_error",
    "gate_timed_out",
)
"""The kinds of problems that fail a test."""

_LONGEST: Final = 300
"""The letters of a message that are shown."""

_MANY: Final = 20
"""The requests that are shown."""

_USUAL: Final = ("completed", "refused")
"""Ends of requests that their status tells."""


def failures(double: Double, test: pytest.Item) -> str:
    """Return the problems that fail a test, or the drift of its recordings, as text; empty: there are none."""
    allow = [*test.config.getini("chatdouble_allow"), *marked(test).get("allow", ())]
    problems = [one for one in double.verdict(allow=allow).problems if one["kind"] in FATAL]
    tape = test.stash.get(TAPE, None)
    unused = tape.unused() if tape is not None else []
    found = ["\n".join(block([_of_test(one)])) for one in (*problems, *unused)]
    drift = tape.drift() if tape is not None and not found else ""
    return "\n\n".join([*found, *([drift] if drift else [])])


def _of_test(problem: Problem) -> Problem:
    """Return a problem without its session, which is the test."""
    return {**problem, "session": ""}


def conversation(double: Double) -> str:
    """Return who said what in a session, and what answered."""
    requests = [*double.requests]
    lines = [line for request in requests[-_MANY:] for line in _request(request)]
    left_out = [f"({len(requests) - _MANY} earlier requests)"] if len(requests) > _MANY else []
    return "\n".join([*left_out, *lines]) or "no requests"


def verdict(double: Double) -> str:
    """Return the verdict on a session, which is that of the test."""
    found = double.verdict()
    return text({**found.whole, "problems": [*map(_of_test, found.problems)]})


def _request(request: Request) -> Iterator[str]:
    by = f" by {request.rule}" if request.rule else ""
    ended = "" if request.entry["ended"] in _USUAL else f", {request.entry['ended']}"
    yield f"{request.entry['ordinal']}. {request.model or request.entry['path']}: {request.status}{by}{ended}"
    for message in request.messages[int(request.entry.get("adds") or 0) :]:
        yield f"   {message.get('role') or message.get('type')}: {_content(message)}"
    answer = request.response
    if "error" in answer:
        yield f"   error: {_short(str(as_object(answer['error']).get('message')))}"
    for choice in objects_in(answer.get("choices")):
        yield f"   -> {_content(as_object(choice.get('message')))}"
    for item in objects_in(answer.get("output")):
        yield f"   -> {_content(item)}"


def _content(message: Any) -> str:
    """Return a message's text, its refusal, and its calls in one line."""
    parts: list[str] = []
    for key in ("content", "refusal", "output"):
        value = message.get(key)
        if value:
            parts.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    parts += _calls(objects_in(message.get("tool_calls")) or [message])
    return _short(" ".join(parts)) or "(empty)"


def _calls(calls: Sequence[Any]) -> list[str]:
    """Return tool calls as `name(arguments)`."""
    inner = [call.get("function") or call.get("custom") or call for call in calls]
    return [f"{one['name']}({one.get('arguments', one.get('input', ''))})" for one in inner if "name" in one]


def _short(given: str) -> str:
    line = " ".join(given.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
