"""The bytes of streams, which never change for the same seed: recordings depend on them."""

from hashlib import blake2b
from typing import Any, Final

import pytest

from calls import call
from chatdouble.schema.completion import Completion
from chatdouble.streaming.frames import Framer
from chatdouble.streaming.slice import slices
from chatdouble.streaming.slow_frames import frames_of
from completions import choice, completion, function_call, message, said, token

TEXTS: Final = {
    "ascii": "It was not what people think it was when they first came here. " * 20,
    "scripts": "Straßenbahn: 日本語のテキスト, русский текст, हिन्दी — ﷽ " * 8,
    "emoji": "🧑‍🚀🪐ꙮ and 👩‍👩‍👧‍👦 " * 12,
    "escapes": '"quoted" \\back\\slash\\ \x00\x01\x1f\t\r\n\x7f\u2028 </script> ' * 12,
    "json": '{"delta":{"content":"a"},"b":[1,\n  "c",\n  "d"]}\n\n' * 8,
    "runs": "x" * 700 + " " * 90 + "\n" * 40,
    "empty": "",
}
ASKED: Final[dict[str, dict[str, Any]]] = {
    "padded": {},
    "padded, usage": {"stream_options": {"include_usage": True}},
    "bare": {"stream_options": {"include_obfuscation": False}},
    "bare, usage": {"stream_options": {"include_usage": True, "include_obfuscation": False}},
}
TEXT_DIGESTS: Final[dict[tuple[str, str, int], str]] = {
    ("ascii", "padded", 1): "9ee7e9d9cd34905d",
    ("ascii", "padded", 3): "4f588fb1bf6b3e78",
    ("ascii", "padded, usage", 1): "1017d3b942311795",
    ("ascii", "bare", 1): "8509c441a4879f61",
    ("ascii", "bare", 3): "0a109b5f20a0aea6",
    ("ascii", "bare, usage", 1): "359f1da0eaf18863",
    ("scripts", "padded", 1): "0fe41c1a17f9aab5",
    ("scripts", "padded", 3): "0c116321e10c6344",
    ("scripts", "padded, usage", 1): "3aea8b139385d21b",
    ("scripts", "bare", 1): "f5f12e0cf87aad1c",
    ("scripts", "bare", 3): "86525ee0dac82b80",
    ("scripts", "bare, usage", 1): "ea288848fcacc4cb",
    ("emoji", "padded", 1): "3bfabe77709c95f7",
    ("emoji", "padded", 3): "7fd27bd5632dc1ee",
    ("emoji", "padded, usage", 1): "ad48567f70ffe453",
    ("escapes", "padded", 1): "d0eb5782f7d37f15",
    ("escapes", "padded", 3): "afd7b1d96bd01497",
    ("escapes", "padded, usage", 1): "40e5e9db1055e3c3",
    ("escapes", "bare", 1): "0d8b6b53dcdd56f3",
    ("escapes", "bare", 3): "b39c0f85a4d40ef6",
    ("escapes", "bare, usage", 1): "bfd2a7346d3fd08d",
    ("json", "padded", 1): "928261df8246ee58",
    ("json", "padded", 3): "969f90c50a405e55",
    ("json", "padded, usage", 1): "d3f95fb05cee4d5c",
    ("runs", "padded", 1): "fa81a410b8c40056",
    ("runs", "padded", 3): "56900ca376c7d09a",
    ("runs", "padded, usage", 1): "bec7e48787fcbed2",
    ("empty", "padded", 1): "dbf89ab80e175ef9",
    ("empty", "padded, usage", 1): "db3e25901d4f2ec8",
}
OTHERS: Final = {
    "two calls": completion(
        choice(message(tool_calls=[function_call("get", '{"a": "é"}'), function_call("set", "{}", 1)]), "tool_calls")
    ),
    "text and a call": completion(choice(message("Well, ", tool_calls=[function_call("get", '{"a":1}')]))),
    "two choices": completion(choice(message("One is enough.")), choice(message("So are two: ✌️"), index=1)),
    "log probabilities": completion(
        choice(message("Hi é"), logprobs={"content": [token("Hi"), token(" é")], "refusal": None})
    ),
    "refusal": completion(choice(message(refusal="I'm sorry, I can't."))),
    "sound": completion(
        choice(message(audio={"id": "audio_1", "data": "QUJD" * 3000, "expires_at": 1, "transcript": "As I said."}))
    ),
}
OTHER_DIGESTS: Final = {
    "two calls": "5e1740bfdd26fa6c",
    "text and a call": "ecec7bc8cfe20621",
    "two choices": "942a8494873be91e",
    "log probabilities": "a134cfd6698cf48a",
    "refusal": "0d4436259debb7d8",
    "sound": "0c2b3a9999cf3c46",
}


def streamed(answer: Completion, together: int = 1, **options: Any) -> list[list[bytes]]:
    """Return the frames of a stream, made of the whole answer and of its slices."""
    asked = call(stream=True, **options)
    asked.delivery.chunk_tokens = together
    return [list(frames_of(answer, asked)), list(Framer(asked).frames(slices(answer, asked)))]


def digest(frames: list[bytes]) -> str:
    """Return the digest of a stream's bytes."""
    return blake2b(b"".join(frames), digest_size=8).hexdigest()


@pytest.mark.parametrize(("text", "asked", "together"), TEXT_DIGESTS)
def test_the_stream_of_a_text_has_the_same_bytes_as_in_earlier_releases(text: str, asked: str, together: int) -> None:
    whole, sliced = streamed(said(TEXTS[text]), together, **ASKED[asked])
    assert whole == sliced
    assert digest(whole) == TEXT_DIGESTS[text, asked, together]


@pytest.mark.parametrize("name", OTHERS)
def test_the_stream_of_any_other_answer_has_the_same_bytes_as_in_earlier_releases(name: str) -> None:
    whole, sliced = streamed(OTHERS[name])
    assert whole == sliced
    assert digest(whole) == OTHER_DIGESTS[name]
