"""What is recorded of an exchange is all of it but its secrets."""

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.cleaning import Cleaner, Configuration
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.recordings.redaction import REDACTED

KEY = "sk-abcDEF0123456789abcDEF0123456789"
STREAM: Headers = (("content-type", "text/event-stream"),)
WHOLE: Headers = (("content-type", "application/json"),)


def cleaned(*pieces: bytes, headers: Headers = WHOLE, known: tuple[str, ...] = (), **said: Any) -> Recording:
    exchange = Recording({"messages": []}, 200, headers, tuple(Piece(0.5, piece) for piece in pieces))
    return Cleaner(Configuration(**said)).recording(exchange, known)


@given(st.binary())
def test_bodies_without_secrets_are_the_same_bytes(body: bytes) -> None:
    assert cleaned(body).body == body


@given(st.lists(st.sampled_from([b"data: {}\n\n", b"data: [DONE]\n\n", b"\xff", b": x\r\n\r\n", b"event: y\n", b"\n"])))
def test_streams_without_secrets_are_the_same_bytes(pieces: list[bytes]) -> None:
    assert cleaned(*pieces, headers=STREAM).body == b"".join(pieces)


FORMS: dict[str, Callable[[Any], str]] = {
    "indented by 2": lambda value: json.dumps(value, indent=2, ensure_ascii=False) + "\n",
    "indented by 2 without a last line end": lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    "indented by 4": lambda value: json.dumps(value, indent=4, ensure_ascii=False) + "\n",
    "compact": lambda value: orjson.dumps(value).decode(),
    "as Python writes it": json.dumps,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_body_with_a_secret_keeps_its_form(form: str) -> None:
    write = FORMS[form]
    value = {"error": {"message": f"é {KEY}", "param": None}, "n": [1, 0.5]}
    hidden = {"error": {"message": f"é {REDACTED}", "param": None}, "n": [1, 0.5]}
    assert cleaned(write(value).encode()).body.decode() == write(hidden)


def test_escapes_hide_nothing() -> None:
    body = b'{"message": "\\u0073k-abcDEF0123456789abc\\u0044EF0123456789"}'
    assert orjson.loads(cleaned(body).body) == {"message": REDACTED}


@pytest.mark.parametrize(
    "body", [f"plain {KEY}\xff\n".encode("latin-1"), f"plain é {KEY}\n".encode(), b"{" + KEY.encode()]
)
def test_secrets_in_what_is_no_json_are_hidden(body: bytes) -> None:
    assert cleaned(body).body == body.replace(KEY.encode(), REDACTED.encode())


@pytest.mark.parametrize("ends", [b"\n\n", b"\r\n\r\n"])
@pytest.mark.parametrize("before", [b"data: ", b"data:", b"event: x\ndata: "])
def test_secrets_split_over_frames_of_any_kind_are_hidden(before: bytes, ends: bytes) -> None:
    def frame(content: str) -> bytes:
        return before + orjson.dumps({"choices": [{"index": 0, "delta": {"content": content}}]}) + ends

    given = frame(f"a {KEY[:9]}") + frame(KEY[9:20]) + frame(f"{KEY[20:]} b")
    found = cleaned(given[:30], given[30:], headers=STREAM).body
    assert found == frame(f"a {REDACTED}") + frame("") + frame(" b")


def test_secrets_beside_a_frames_data_are_hidden() -> None:
    given = f"id: {KEY}\ndata: {{}}\nretry: {KEY}\n\n: {KEY}\n\n".encode()
    assert cleaned(given, headers=STREAM).body == given.replace(KEY.encode(), REDACTED.encode())


def test_what_headers_tell_is_hidden_in_bodies_too() -> None:
    headers: Headers = (
        *WHOLE,
        ("openai-organization", "acme-inc-42"),
        ("openai-project", "proj-of-mine"),
        ("set-cookie", "__cf_bm=cookie-value; Path=/"),
        ("x-request-id", "req_1"),
        ("x-ratelimit-limit-tokens", "30000000"),
        ("cf-ray", "abc"),
        ("date", "today"),
        ("x-special", f"it is {KEY}"),
    )
    body = b"acme-inc-42 proj-of-mine cookie-value my-own-azure-key 30000000"
    cleaner = Cleaner(Configuration(headers=("X-Special",)))
    found = cleaner.recording(Recording({}, 200, headers, (Piece(0, body),)), ("my-own-azure-key",))
    assert found.body.decode() == f"{REDACTED} {REDACTED} {REDACTED} {REDACTED} 30000000"
    assert dict(found.headers) == {
        "content-type": "application/json",
        "openai-organization": REDACTED,
        "openai-project": REDACTED,
        "x-request-id": "req_1",
        "x-ratelimit-limit-tokens": "30000000",
        "x-special": f"it is {REDACTED}",
    }


def test_requests_lose_secrets_and_what_does_not_count() -> None:
    cleaner = Cleaner(Configuration(ignore=("user",), normalise=("dates",), secrets=(r"CUST-\d+",), emails=True))
    body = {"messages": [{"content": f"{KEY} my-known-one CUST-1 a@b.org 2026-11-22"}], "user": "x", "model": "m"}
    assert cleaner.request(body, ["my-known-one"]) == {
        "model": "m",
        "messages": [{"content": f"{REDACTED} {REDACTED} {REDACTED} {REDACTED} <date>"}],
    }


def test_a_whole_body_is_one_piece_that_came_with_its_last() -> None:
    exchange = Recording({}, 200, WHOLE, (Piece(0.1, b"{"), Piece(0.7, b"}")))
    assert Cleaner(Configuration()).recording(exchange).pieces == (Piece(0.7, b"{}"),)
    assert cleaned().pieces == (Piece(0.0, b""),)
