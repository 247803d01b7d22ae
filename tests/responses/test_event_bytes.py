"""The bytes of streams of responses, which never change for the same seed: recordings depend on them."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import pytest

from calls import call
from chatdouble.backend import Call, Original
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.streaming.responses import events, text_cutter
from chatdouble.streaming.responses_codec import EventFramer, ResponsesCodec
from completions import token

Item = dict[str, Any]


def item(kind: str, **fields: Any) -> Item:
    """Return an item of the output."""
    return {"id": f"{kind}_1", "type": kind, "status": "completed", **fields}


def said(*parts: Item) -> Item:
    """Return a message of parts."""
    return item("message", content=[*parts], role="assistant")


def text(given: str, **fields: Any) -> Item:
    """Return a part with a text."""
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": given, **fields}


def cited(start: int, end: int) -> Item:
    """Return a citation of a part of a text."""
    page = {"title": "Sky \u2014 \xe9", "url": "https://example.com/a"}
    return {"type": "url_citation", "end_index": end, "start_index": start, **page}


ASCII: Final = "It was not what people think it was when they first came here. " * 20
EMOJI: Final = "🧑‍🚀🪐ꙮ and 👩‍👩‍👧‍👦 日本語のテキスト " * 12
ESCAPES: Final = '"quoted" \\back\\slash\\ \x00\x01\x1f\t\r\n\x7f\u2028 </script> {"delta":"a"},\n  "b",\n ' * 12
OUTPUTS: Final[dict[str, list[Item]]] = {
    "ascii": [said(text(ASCII))],
    "emoji": [said(text(EMOJI))],
    "escapes": [said(text(ESCAPES))],
    "empty": [said(text(""))],
    "nothing": [],
    "two parts": [said(text("As I said, "), {"type": "refusal", "refusal": 'I "cannot" — no.'})],
    "log probabilities": [said(text("Hi é", logprobs=[token("Hi"), token(" é")]))],
    "annotations": [said(text("The sky is blue, and 🪐 is far.", annotations=[cited(0, 10), cited(12, 30)]))],
    "calls": [
        item("function_call", arguments='{"city":"Zür\\"ich"}', call_id="call_1", name="get_weather"),
        item("function_call", arguments="", call_id="call_2", name="get_weather"),
        item("custom_tool_call", input="print('hello')\n", call_id="call_3", name="code"),
    ],
    "reasoning": [
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "**Considering** it — so."}]},
        {"id": "rs_2", "type": "reasoning", "content": [{"type": "reasoning_text", "text": ASCII}], "summary": []},
        said(text("Done.")),
    ],
    "hosted": [
        item("web_search_call", action={"type": "search", "queries": ["news"], "query": "news"}),
        item("code_interpreter_call", code="1 + 1\n" * 40, container_id="cntr_1", outputs=None),
        item("mcp_call", arguments='{"dice":2}', error=None, name="roll", output="7", server_label="dice"),
        item("apply_patch_call", operation={"type": "create_file", "diff": "+é\n", "path": "a"}, call_id="call_1"),
        item("shell_call", action={"commands": ["ls -l", "cat a"]}, call_id="call_2"),
    ],
    "foreign": [{**said(text("raw é")), "id": None}, {**said(text("raw")), "id": 'é "\x00"'}],
}
OPTIONS: Final[dict[str, Item]] = {"padded": {}, "bare": {"include_obfuscation": False}}
STATES: Final[dict[str, Item]] = {
    "background": {"background": True},
    "incomplete": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
    "failed": {"status": "failed", "error": {"code": "server_error", "message": "No."}},
}
DIGESTS: Final[dict[tuple[str, str, int], str]] = {
    ("ascii", "padded", 1): "d17c7a1340ce7644",
    ("ascii", "bare", 1): "d4137486aa261daa",
    ("emoji", "padded", 1): "719a64f1160cc5a7",
    ("emoji", "padded", 3): "f4c61d9d57ab87e3",
    ("emoji", "bare", 1): "77a223c04e95a3ab",
    ("emoji", "bare", 3): "15e4d946cfecda54",
    ("escapes", "padded", 1): "341730a19c73c395",
    ("escapes", "bare", 1): "faf894bfefb0b6aa",
    ("empty", "padded", 1): "a0e773e2e363fea9",
    ("empty", "bare", 1): "a0e773e2e363fea9",
    ("nothing", "padded", 1): "c07ac7be97c416e1",
    ("nothing", "bare", 1): "c07ac7be97c416e1",
    ("two parts", "padded", 1): "b4f2bf8e7e081d6e",
    ("two parts", "bare", 1): "fe79a7e9f583e92e",
    ("log probabilities", "padded", 1): "88935eb61084c889",
    ("log probabilities", "padded", 3): "afdf8b488f00765c",
    ("log probabilities", "bare", 1): "2d54cf26e47aa221",
    ("log probabilities", "bare", 3): "abb07e8d5f890a63",
    ("annotations", "padded", 1): "9019911bf600e703",
    ("annotations", "bare", 1): "46f03b9073f1d15d",
    ("calls", "padded", 1): "5970065bdea343de",
    ("calls", "padded", 3): "cbda9e10d4011376",
    ("calls", "bare", 1): "7d536a5ee1a916d8",
    ("calls", "bare", 3): "3c0835a80a53326a",
    ("reasoning", "padded", 1): "74c1307dc10a1795",
    ("reasoning", "padded", 3): "e837c0bb50bf13ae",
    ("reasoning", "bare", 1): "5d3578c26a448452",
    ("reasoning", "bare", 3): "3dc4495399853b5a",
    ("hosted", "padded", 1): "4fb592ef3bd25963",
    ("hosted", "bare", 1): "55bf8aad1945a4a8",
    ("foreign", "padded", 1): "c2c3d944e2705498",
    ("foreign", "bare", 1): "5532ba513857f680",
}
STATE_DIGESTS: Final[dict[str, str]] = {
    "background": "3bc7a8ee91e817a9",
    "incomplete": "6a9f8ab8e4565d7d",
    "failed": "2e182efe88ffee30",
}


def response(output: list[Item], **fields: Any) -> dict[str, Any]:
    """Return a response, as far as its stream needs it."""
    given = {"id": "resp_1", "object": "response", "status": "completed", "output": output}
    return {**given, "billing": {"payer": "developer"}, "instructions": "Be é.", "usage": {"total_tokens": 3}, **fields}


def asked(together: int = 1, **options: Any) -> Call[Any]:
    """Return a call for a stream with some tokens in each delta."""
    made = call(stream=True)
    made.original = Original("responses", {}, ResponsesRequest.model_validate({"stream_options": options}))
    made.delivery.chunk_tokens = together
    return made


def streamed(answer: Mapping[str, Any], together: int = 1, **options: Any) -> bytes:
    """Return a stream's bytes, which are the same whether its frames are made one by one or together."""
    codec = ResponsesCodec()
    frames = b"".join(codec.frames(answer, asked(together, **options)))
    assert b"".join(codec.writes(answer, asked(together, **options))) == frames
    return frames


def digest(data: bytes) -> str:
    """Return the digest of some bytes."""
    return blake2b(data, digest_size=8).hexdigest()


@pytest.mark.parametrize(("output", "options", "together"), DIGESTS)
def test_the_stream_of_an_output_has_the_same_bytes_as_in_earlier_releases(
    output: str, options: str, together: int
) -> None:
    stream = streamed(response(OUTPUTS[output]), together, **OPTIONS[options])
    assert digest(stream) == DIGESTS[output, options, together]


@pytest.mark.parametrize("state", STATE_DIGESTS)
def test_the_stream_of_any_other_state_has_the_same_bytes_as_in_earlier_releases(state: str) -> None:
    assert digest(streamed(response(OUTPUTS["ascii"], **STATES[state]))) == STATE_DIGESTS[state]


@pytest.mark.parametrize("after", [-1, 0, 3, 4, 130, 131, 132, 259, 260, 289, 10_000])
def test_a_replay_leaves_out_the_events_up_to_a_number(after: int) -> None:
    answer = response([said(text(ASCII))])
    every = [*EventFramer(asked()).frames(events(answer, text_cutter(asked())))]
    left = EventFramer(asked(), after).blocks(events(answer, text_cutter(asked())))
    assert b"".join(left) == b"".join(every[after + 1 :])


def test_a_long_answer_is_written_in_steps_with_the_same_bytes() -> None:
    answer = response([said(text(" a" * 2000, logprobs=[token(" a")] * 2000))])
    long = asked()
    long.delivery.is_long = True
    written = EventFramer(long).blocks(events(answer, text_cutter(long)))
    pieces = [*written]
    assert b"".join(pieces) == streamed(answer)
    assert max(map(len, pieces)) < 8000
