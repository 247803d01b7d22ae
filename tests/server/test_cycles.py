"""Requests over sockets, of which nothing is left once their connection has closed."""

import asyncio
import gc
import http.client
import json
from types import FrameType
from typing import Any, cast

import pytest

from chatdouble.backend import Call
from chatdouble.testing.server import RunningServer

HELLO: dict[str, Any] = {"role": "user", "content": "word " * 300}
CHAT, RESPONSES, INPUTS = "/v1/chat/completions", "/v1/responses", ["word"] * 300
TOPS: dict[str, Any] = {"n": 4, "logprobs": True, "top_logprobs": 20}
REQUESTS: dict[str, tuple[str, Any]] = {
    "an answer": (CHAT, {"messages": [HELLO]}),
    "a long answer": (CHAT, {"messages": [HELLO], **TOPS}),
    "a long stream": (CHAT, {"messages": [HELLO], "stream": True, **TOPS}),
    "a refusal by a thread": (CHAT, {"messages": [{}] * 100_000}),
    "an answer that is too long": (CHAT, {"messages": [HELLO], **TOPS, "n": 128}),
    "a response": (RESPONSES, {"input": [HELLO]}),
    "a response that is refused": (RESPONSES, {"input": [{}]}),
    "a response that continues none": (RESPONSES, {"input": "x", "previous_response_id": "resp_1"}),
    "embeddings": ("/v1/embeddings", {"model": "text-embedding-3-small", "input": INPUTS}),
    "embeddings that are refused": ("/v1/embeddings", {"model": "text-embedding-3-small", "input": [""]}),
    "moderations": ("/v1/moderations", {"model": "omni-moderation-latest", "input": INPUTS}),
    "a conversation that is refused": ("/v1/conversations", {"items": [{}]}),
    "replies that are refused": ("/_double/queue", [{"x": 1}]),
}


def _ask(server: RunningServer, path: str, body: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    given: Any = {"model": "gpt-4o", **cast("dict[str, Any]", body)} if isinstance(body, dict) else body
    headers = {"authorization": "Bearer sk-test-cycles", "content-type": "application/json"}
    connection.request("POST", path, json.dumps(given), headers)
    answer = connection.getresponse()
    assert answer.read()
    assert answer.status in (200, 400)
    connection.close()
    _drained(server)


def _drained(server: RunningServer) -> None:
    """Wait until the server's event loop has had a turn after the connection closed."""
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), server.loop).result()


@pytest.mark.parametrize(("path", "body"), REQUESTS.values(), ids=list(REQUESTS))
def test_a_request_leaves_no_cycle(server: RunningServer, path: str, body: Any) -> None:
    _ask(server, path, body)  # imports and caches are made first
    gc.freeze()  # only what is made from here on is searched
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        _ask(server, path, body)
        gc.collect()
        left: list[Any] = [one for one in gc.garbage if isinstance(one, Call) or _is_ours(one)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == []


def _is_ours(one: object) -> bool:
    return isinstance(one, FrameType) and "chatdouble" in one.f_code.co_filename
