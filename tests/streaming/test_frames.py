"""The bytes of frames, and their padding."""

import json
import re
from typing import Any, cast

import pytest
from hypothesis import given

from calls import call
from chatdouble.core.errors import APIError
from chatdouble.core.sse import DONE_FRAME
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.streaming.frames import Framer, failure
from chatdouble.streaming.slice import slices
from completions import completions, said

PLAIN = {"include_obfuscation": False}


def framed(answer: Completion, **request: Any) -> list[bytes]:
    asked = call(stream=True, **request)
    return list(Framer(asked).frames(slices(answer, asked)))


def test_a_stream_is_compact_json_and_done_to_the_byte() -> None:
    head = (
        'data: {"id":"chatcmpl-0SWqf0123456789abcdefghijklmno","object":"chat.completion.chunk",'
        '"created":1753000000,"model":"gpt-4o-2024-08-06","service_tier":"default",'
        '"system_fingerprint":"fp_0123456789","choices":['
    )
    usage = (
        '{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,'
        '"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},'
        '"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,'
        '"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'
    )
    opening = (
        '{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}'
    )
    expected = (
        f'{head}{opening}],"usage":null}}\n\n'
        f'{head}{{"index":0,"delta":{{"content":"é"}},"logprobs":null,"finish_reason":null}}],"usage":null}}\n\n'
        f'{head}{{"index":0,"delta":{{}},"logprobs":null,"finish_reason":"stop"}}],"usage":null}}\n\n'
        f'{head}],"usage":{usage}}}\n\n'
        "data: [DONE]\n\n"
    )
    sent = framed(said("é"), stream_options={"include_usage": True, "include_obfuscation": False})
    assert b"".join(sent).decode() == expected


@given(completions())
def test_padding_brings_every_chunk_to_one_modulo_sixteen(answer: Completion) -> None:
    *chunks, done = framed(answer, stream_options={"include_usage": True})
    assert done == DONE_FRAME
    for frame in chunks:
        text = frame.decode().removeprefix("data: ").removesuffix("\n\n")
        assert len(text) % 16 == 1
        *_, (last, padding) = json.loads(text).items()
        assert last == "obfuscation"
        assert re.fullmatch(r"[0-9A-Za-z]{0,15}", padding)


def test_padding_is_the_same_for_the_same_call_and_varies_within_a_stream() -> None:
    first, again = framed(said("one two three four")), framed(said("one two three four"))
    assert first == again
    paddings = {json.loads(frame[6:])["obfuscation"][:3] for frame in first[:-1]}
    assert len(paddings) > 3


def test_padding_can_be_declined() -> None:
    assert all(b"obfuscation" not in frame for frame in framed(said("Hi"), stream_options=PLAIN))


def test_padding_from_elsewhere_is_replaced_and_unknown_keys_are_kept() -> None:
    chunk = cast("Chunk", {"id": "1", "obfuscation": "???", "choices": [], "provider": {"a": 1}})
    padded = json.loads(Framer(call(stream=True)).frame(chunk)[6:])
    assert list(padded) == ["id", "choices", "provider", "obfuscation"]
    assert padded["obfuscation"] != "???"
    plain = Framer(call(stream=True, stream_options=PLAIN)).frame(chunk)
    assert plain == b'data: {"id":"1","choices":[],"provider":{"a":1}}\n\n'


@pytest.mark.parametrize("request_", [{}, {"stream_options": {}}, {"stream_options": {"include_usage": True}}])
def test_chunks_are_padded_unless_the_request_declines(request_: dict[str, Any]) -> None:
    asked = call(stream=True, **request_)
    assert b"obfuscation" in Framer(asked).frame(cast("Chunk", {"choices": []}))


def test_values_that_utf8_cannot_encode_are_escaped() -> None:
    chunk = cast("Chunk", {"id": "\ud800", "created": 2**70, "choices": []})
    frame = Framer(call(stream=True, stream_options=PLAIN)).frame(chunk)
    assert frame == b'data: {"id":"\\ud800","created":1180591620717411303424,"choices":[]}\n\n'


def test_a_failed_stream_ends_with_the_error_and_done() -> None:
    asked = call(stream=True)
    last = next(iter(slices(said("Hi"), asked)))
    error = APIError("The model produced invalid content.", status=500, type="model_error")
    assert list(failure(error, last, Framer(asked), asked)) == [
        (
            b'data: {"error":{"message":"The model produced invalid content.","type":"model_error",'
            b'"param":null,"code":null}}\n\n'
        ),
        DONE_FRAME,
    ]


def test_a_failed_stream_has_a_usage_of_zeros() -> None:
    asked = call(stream=True, stream_options={"include_usage": True})
    last = next(iter(slices(said("Hi"), asked)))
    _, usage, done = failure(APIError("x", status=500), last, Framer(asked), asked)
    chunk = json.loads(usage[6:])
    assert list(chunk)[-3:] == ["choices", "usage", "obfuscation"]
    assert (chunk["id"], chunk["choices"], chunk["usage"]["total_tokens"]) == (last["id"], [], 0)
    assert done == DONE_FRAME
