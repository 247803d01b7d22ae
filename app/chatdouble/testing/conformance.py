"""Conformance tests for backends: checks that answers have the shape of the API's."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from chatdouble.backend import Backend
from chatdouble.core.errors import ErrorResponse
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running

HELLO: Final = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}

REQUESTS: Final[Mapping[str, dict[str, Any]]] = {
    "whole": HELLO,
    "stream": {**HELLO, "stream": True},
    "stream with usage": {**HELLO, "stream": True, "stream_options": {"include_usage": True}},
    "two choices": {**HELLO, "n": 2},
    "two choices in a stream": {**HELLO, "n": 2, "stream": True},
    "a reasoning model": {**HELLO, "model": "gpt-5"},
}
"""Requests for the backend by name; parametrise a test with the names."""

_OK: Final = 200


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes

    def events(self) -> list[str]:
        return [line.removeprefix("data: ") for line in self.body.decode().split("\n\n") if line]


def problems(backend: Backend, request: str) -> list[str]:
    """Send a request to a backend behind a real server and return the problems of its answer, one sentence each.

    An error in the API's envelope is a valid answer.

    Args:
        backend: The backend to check.
        request: A name in `REQUESTS`.
    """
    body = REQUESTS[request]
    with running(Settings(log_level="error"), backend) as server:
        answer = _post(server, body)
    check = _error if answer.status != _OK else _stream if body.get("stream") else _completion
    return [*check(answer, body)]


def _post(server: RunningServer, request: Mapping[str, Any]) -> _Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        headers = {"Authorization": "Bearer sk-conformance", "Content-Type": "application/json"}
        connection.request("POST", "/v1/chat/completions", json.dumps(request), headers)
        response = connection.getresponse()
        return _Answer(response.status, response.read())
    finally:
        connection.close()


def _error(answer: _Answer, _request: Mapping[str, Any]) -> Iterator[str]:
    yield from _mismatches(TypeAdapter(ErrorResponse), json.loads(answer.body), "the error")


def _completion(answer: _Answer, request: Mapping[str, Any]) -> Iterator[str]:
    completion = json.loads(answer.body)
    yield from _mismatches(TypeAdapter(Completion), completion, "the completion")
    yield from _choices({choice.get("index") for choice in completion.get("choices", ())}, request)


def _stream(answer: _Answer, request: Mapping[str, Any]) -> Iterator[str]:
    *frames, done = answer.events()
    if done != "[DONE]":
        yield "the stream does not end with [DONE]"
        return
    chunks: list[dict[str, Any]] = [json.loads(frame) for frame in frames]
    for number, chunk in enumerate(chunks):
        yield from _mismatches(TypeAdapter(Chunk), chunk, f"chunk {number}")
    choices = [choice for chunk in chunks for choice in chunk.get("choices", ())]
    yield from _choices({choice.get("index") for choice in choices}, request)
    finished = [choice.get("index") for choice in choices if choice.get("finish_reason")]
    if len(finished) != len(set(finished)) or set(finished) != set(range(request.get("n", 1))):
        yield f"each choice must finish once; finished: {finished}"
    if len({chunk.get("id") for chunk in chunks}) > 1:
        yield "the chunks have more than one id"
    wants_usage = request.get("stream_options", {}).get("include_usage", False)
    if wants_usage != any(chunk.get("usage") for chunk in chunks):
        yield "usage must be in the stream if and only if the request asks for it"


def _choices(indices: set[Any], request: Mapping[str, Any]) -> Iterator[str]:
    if indices != set(range(request.get("n", 1))):
        yield f"{request.get('n', 1)} choices were requested, but the indices are {sorted(indices, key=str)}"


def _mismatches(shape: TypeAdapter[Any], value: object, name: str) -> Iterator[str]:
    try:
        shape.validate_python(value, strict=True)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            yield f"{name}: {'.'.join(map(str, error['loc']))}: {error['msg']}"
