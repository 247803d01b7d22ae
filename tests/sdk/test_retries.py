"""Retries and timeouts of the official Python client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.schema.chunk import Chunk
from chatdouble.settings import Settings
from chatdouble.testing.server import running

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]


class Failing:
    """A backend that raises each of its errors once and then answers; keeps the retry counts it received."""

    def __init__(self, *errors: APIError) -> None:
        self.errors = list(errors)
        self.seen: list[str] = []

    async def reply(self, call: Call) -> Reply:
        """Raise the next error, or answer."""
        self.seen.append(call.headers["x-stainless-retry-count"])
        if self.errors:
            raise self.errors.pop(0)
        return await compose(call, [Draft(content="Hello")])


class Silent:
    """A backend that never answers."""

    async def reply(self, call: Call) -> Reply:
        """Wait forever."""
        await asyncio.Event().wait()
        raise AssertionError(call.id)


class Breaking:
    """A backend whose stream fails after its first chunk."""

    async def reply(self, call: Call) -> Reply:
        """Stream one chunk and an error."""
        return self._chunks(call)

    async def _chunks(self, call: Call) -> AsyncIterator[Chunk]:
        yield {
            "id": f"chatcmpl-{call.id}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "gpt-4o",
            "choices": [
                {
                    "index": 0,
                    "delta": {"role": "assistant", "content": "Hel"},
                    "logprobs": None,
                    "finish_reason": None,
                }
            ],
        }
        raise APIError("The server had an error.", status=500, type="server_error")


def failure(status: int, **headers: str) -> APIError:
    """Return an error that is retried at once."""
    soon = {"retry-after-ms": "1"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return APIError("No.", status=status, type="server_error").with_headers(soon)


def ask(backend: Backend, **options: Any) -> str | None:
    """Send one request to a server with this backend, through a client with these options."""
    with (
        running(Settings(shutdown_timeout=0), backend) as served,
        OpenAI(base_url=served.base_url, api_key="sk-retry", **options) as client,
    ):
        completion = client.chat.completions.create(model="gpt-4o", messages=HELLO)
    return completion.choices[0].message.content


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_temporary_errors_are_retried(status: int) -> None:
    backend = Failing(failure(status), failure(status))
    assert ask(backend) == "Hello"
    assert backend.seen == ["0", "1", "2"]


def test_after_two_retries_the_caller_gets_the_error() -> None:
    backend = Failing(*(failure(429) for _ in range(3)))
    with pytest.raises(openai.RateLimitError) as caught:
        ask(backend)
    assert backend.seen == ["0", "1", "2"]
    assert caught.value.request_id is not None


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
    ],
)
def test_permanent_errors_are_not_retried(status: int, exception: type[openai.APIStatusError]) -> None:
    backend = Failing(failure(status))
    with pytest.raises(exception):
        ask(backend)
    assert backend.seen == ["0"]


def test_the_servers_retry_header_takes_precedence() -> None:
    backend = Failing(failure(503, x_should_retry="false"))
    with pytest.raises(openai.InternalServerError):
        ask(backend)
    assert backend.seen == ["0"]


def test_an_impatient_client_times_out() -> None:
    with pytest.raises(openai.APITimeoutError):
        ask(Silent(), timeout=0.2, max_retries=0)


def test_an_error_in_the_middle_of_a_stream_reaches_the_caller() -> None:
    with (
        running(backend=Breaking()) as served,
        OpenAI(base_url=served.base_url, api_key="sk-retry") as client,
    ):
        stream = client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)
        assert next(stream).choices[0].delta.content == "Hel"
        with pytest.raises(openai.APIError, match="The server had an error"):
            next(stream)


def test_an_unreachable_server_is_a_connection_error() -> None:
    with (
        OpenAI(base_url="http://127.0.0.1:9/v1", api_key="sk-retry", max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.models.list()
