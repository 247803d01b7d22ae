"""Replies that are sent verbatim: bodies and chunks."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import yaml

from calls import call
from chatdouble.backend import Call, Relay, Reply
from chatdouble.schema.chunk import Chunk
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables
from scripting import echoing


async def reply_to(asked: Call, written: str) -> Reply:
    spec = ReplySpec.model_validate(yaml.safe_load(written))
    return await Answering(
        spec, TemplateVariables(RequestView(asked), {}, 0, "rule"), echoing, lambda: "s.yaml:7"
    ).answer()


async def bytes_of(found: Reply) -> bytes:
    assert isinstance(found, Relay)
    return b"".join([piece async for piece in found.body])


async def chunks_of(found: Reply) -> list[Chunk]:
    assert isinstance(found, AsyncIterator)
    pieces: Any = found
    return [chunk async for chunk in pieces]


@pytest.mark.parametrize(
    ("written", "content", "content_type"),
    [
        ("'plain {{ user }}'", b"plain Hello", b"text/plain; charset=utf-8"),
        ("{json: {a: '{{ user }}'}}", b'{"a":"Hello"}', b"application/json"),
        ("{base64: AAE=}", b"\x00\x01", b"application/octet-stream"),
        ("{}", b"", b"text/plain; charset=utf-8"),
        ("{text: x, headers: {Content-Type: text/html}}", b"x", b"text/html"),
    ],
)
async def test_a_body_is_sent_verbatim(written: str, content: bytes, content_type: bytes) -> None:
    found = await reply_to(call(), f"{{body: {written}}}")
    assert isinstance(found, Relay)
    assert (found.status, dict(found.headers)[b"content-type"]) == (200, content_type)
    assert await bytes_of(found) == content


async def test_every_kind_of_answer_may_have_headers() -> None:
    asked = call()
    await reply_to(asked, "{text: a, headers: {X-A: '{{ user }}'}}")
    assert asked.delivery.headers == {"x-a": "Hello"}
    body = await reply_to(call(), "{body: {text: a, status: 202}, headers: {x-a: b}}")
    assert isinstance(body, Relay)
    assert (body.status, dict(body.headers)[b"x-a"]) == (202, b"b")


async def test_chunks_that_are_texts_get_a_first_and_a_last_chunk() -> None:
    chunks = await chunks_of(await reply_to(call(), "{chunks: ['a {{ user }}', '']}"))
    assert [piece["choices"][0]["delta"].get("content") for piece in chunks] == ["", "a Hello", "", None]
    assert chunks[0]["choices"][0]["delta"].get("role") == "assistant"
    assert [piece["choices"][0].get("finish_reason") for piece in chunks] == [None, None, None, "stop"]
    assert len({piece["id"] for piece in chunks}) == 1


async def test_chunks_get_missing_keys_and_no_further_chunks() -> None:
    written = "{chunks: [{id: x, choices: [{index: 1, delta: {content: a}, extra: 1}], usage: null, more: 2}, b]}"
    first, second = await chunks_of(await reply_to(call(), written))
    assert [*first] == [
        *("id", "object", "created", "model", "service_tier", "system_fingerprint", "choices", "usage", "more"),
    ]
    assert first["id"] == "x"
    assert first["choices"] == [
        {"index": 1, "delta": {"content": "a"}, "logprobs": None, "finish_reason": None, "extra": 1}
    ]
    assert second["choices"][0]["delta"] == {"content": "b"}


async def test_chunks_may_have_times() -> None:
    asked = call(model="gpt-5")
    chunks = await chunks_of(
        await reply_to(asked, "{chunks: [{choices: []}, {text: a, at: 0.5}, b, {text: c, at: 2}]}")
    )
    pace = asked.delivery.wanted_pace
    assert pace is not None
    assert pace.offsets == (0.0, 0.5, 0.5, 2.0)
    assert "logprobs" not in chunks[1]["choices"][0]
    assert chunks[1].get("system_fingerprint") is None


async def test_raw_frames_are_sent_verbatim_between_chunks() -> None:
    found = await reply_to(call(), '{chunks: [{raw: ": {{ user }}\\n\\n"}, {choices: [], id: x}, {raw: "data: [DO"}]}')
    assert isinstance(found, Relay)
    assert found.headers == [(b"content-type", b"text/event-stream; charset=utf-8")]
    comment, frame, end = (await bytes_of(found)).split(b"\n\n")
    assert (comment, end) == (b": Hello", b"data: [DO")
    assert orjson.loads(frame.removeprefix(b"data: "))["id"] == "x"
