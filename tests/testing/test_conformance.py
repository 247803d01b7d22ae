"""Conformance tests pass answers in the API's shape and name the problems of others."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.schema.chunk import Chunk
from chatdouble.testing.conformance import REQUESTS, problems
from chatdouble_backends.echo import Echo


class Shout:
    """The backend of docs/adding-a-backend.md."""

    async def reply(self, call: Call) -> Reply:
        """Answer with the last message in capitals."""
        return await compose(call, [Draft(content=str(call.body["messages"][-1]["content"]).upper())])


class OverQuota:
    """Refuses every request."""

    async def reply(self, _call: Call) -> Reply:
        """Refuse."""
        raise APIError("You exceeded your current quota.", status=429, type="insufficient_quota")


class Wrong:
    """Answers with an object that is not a completion."""

    async def reply(self, _call: Call) -> Reply:
        """Answer."""
        return cast("Reply", {"id": 1, "choices": []})


class Endless:
    """Streams a choice that never finishes."""

    async def reply(self, _call: Call) -> Reply:
        """Answer."""
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[Chunk]:
        piece: Any = {"index": 0, "delta": {"content": "x"}, "finish_reason": None}
        for number in range(2):
            yield {
                "id": f"chatcmpl-{number}",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "x",
                "choices": [piece],
            }


@pytest.mark.parametrize("backend", [Echo(), Shout(), OverQuota()])
@pytest.mark.parametrize("request_", REQUESTS)
def test_answers_in_the_shape_of_the_apis_pass(backend: Backend, request_: str) -> None:
    assert problems(backend, request_) == []


def test_the_problems_of_an_invalid_completion_are_named() -> None:
    found = problems(Wrong(), "whole")
    assert "the completion: id: Input should be a valid string" in found
    assert "1 choices were requested, but the indices are []" in found


def test_the_problems_of_an_invalid_stream_are_named() -> None:
    assert problems(Endless(), "stream with usage") == [
        "each choice must finish once; finished: []",
        "the chunks have more than one id",
        "usage must be in the stream if and only if the request asks for it",
    ]
