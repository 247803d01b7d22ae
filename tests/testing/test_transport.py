"""A server without a socket: the official clients, synchronous and asynchronous."""

import asyncio
from typing import Any

import httpx2
import pytest
from openai import APIConnectionError, AsyncOpenAI, BadRequestError, OpenAI

from chatdouble.settings import Settings
from chatdouble.testing import Double, transport

HELLO: Any = {"role": "user", "content": "Hello!"}
LONG: Any = {"role": "user", "content": "word " * 100}


def test_the_synchronous_client_gets_whole_answers_streams_and_errors() -> None:
    with transport() as served, httpx2.Client(transport=served) as http:
        client = OpenAI(api_key="sk-test", base_url="http://double/v1", http_client=http, max_retries=0)
        answer = client.chat.completions.create(model="gpt-5.4-mini", messages=[HELLO])
        assert answer.choices[0].message.content == "Hello!"
        stream = client.chat.completions.create(model="gpt-5.4-mini", messages=[HELLO], stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Hello!"
        with pytest.raises(BadRequestError, match="'temperature'"):
            client.chat.completions.create(model="gpt-5.4-mini", messages=[HELLO], temperature=9)


async def test_the_asynchronous_client_gets_streams_too() -> None:
    async with httpx2.AsyncClient(transport=transport(Settings(tokens_per_second=200))) as http:
        client = AsyncOpenAI(api_key="sk-test", base_url="http://double/v1", http_client=http)
        streams = [
            await client.chat.completions.create(model="gpt-5.4-mini", messages=[HELLO], stream=True) for _ in range(3)
        ]

        async def text(stream: object) -> str:
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])  # type: ignore[attr-defined]

        assert await asyncio.gather(*map(text, streams)) == ["Hello!"] * 3


def test_a_stream_can_be_left_and_the_session_controlled() -> None:
    with transport(Settings(tokens_per_second=20)) as served, httpx2.Client(transport=served) as http:
        client = OpenAI(api_key="sk-test", base_url="http://double/v1", http_client=http, max_retries=0)
        stream = client.chat.completions.create(model="gpt-5.4-mini", messages=[LONG], stream=True)
        next(iter(stream))
        stream.close()
        double = Double("http://double", "sk-test", http)
        assert [request.entry["ended"] for request in double.requests] == ["client left"]


def test_an_answer_that_a_fault_cuts_is_an_error_of_the_client() -> None:
    with transport() as served, httpx2.Client(transport=served) as http:
        client = OpenAI(api_key="sk-test", base_url="http://double/v1", http_client=http, max_retries=0)
        Double("http://double", "sk-test", http).fault("disconnect", after_chunks=1)
        stream = client.chat.completions.create(model="gpt-5.4-mini", messages=[HELLO], stream=True)
        with pytest.raises((APIConnectionError, httpx2.RemoteProtocolError)):
            list(stream)
