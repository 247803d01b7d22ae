"""Recordings lose their secrets and nothing else; a folder's configuration adds secrets of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.cleaning import Cleaner, Configuration, configuration_of
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.recordings.secret_kinds import REDACTED

KEY = "sk-abcDEF0123456789abcDEF0123456789"
STREAM: Headers = (("content-type", "text/event-stream"),)
WHOLE: Headers = (("content-type", "application/json"),)


def cleaned(*pieces: bytes, headers: Headers = WHOLE, known: tuple[str, ...] = (), **options: Any) -> Recording:
    recording = Recording({"messages": []}, 200, headers, tuple(Piece(0.5, piece) for piece in pieces))
    return Cleaner(Configuration(**options)).recording(recording, known)


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
def test_a_body_with_a_secret_keeps_its_json_style(form: str) -> None:
    write = FORMS[form]
    value = {"error": {"message": f"é {KEY}", "param": None}, "n": [1, 0.5]}
    hidden = {"error": {"message": f"é {REDACTED}", "param": None}, "n": [1, 0.5]}
    assert cleaned(write(value).encode()).body.decode() == write(hidden)


def test_an_escaped_secret_is_redacted() -> None:
    body = b'{"message": "\\u0073k-abcDEF0123456789abc\\u0044EF0123456789"}'
    assert orjson.loads(cleaned(body).body) == {"message": REDACTED}


@pytest.mark.parametrize(
    "body", [f"plain {KEY}\xff\n".encode("latin-1"), f"plain é {KEY}\n".encode(), b"{" + KEY.encode()]
)
def test_secrets_in_bodies_that_are_not_json_are_redacted(body: bytes) -> None:
    assert cleaned(body).body == body.replace(KEY.encode(), REDACTED.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_secrets_in_bodies_in_other_encodings_are_redacted(encoding: str) -> None:
    body = f'{{"message": "{KEY} \u00e9"'
    assert cleaned(body.encode(encoding)).body.decode(encoding) == body.replace(KEY, REDACTED)


@pytest.mark.parametrize("ends", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@pytest.mark.parametrize("before", [b"data: ", b"data:", b"event: x\ndata: "])
def test_secrets_split_over_frames_in_any_style_are_redacted(before: bytes, ends: bytes) -> None:
    def frame(content: str) -> bytes:
        return before + orjson.dumps({"choices": [{"index": 0, "delta": {"content": content}}]}) + ends

    given = frame(f"a {KEY[:9]}") + frame(KEY[9:20]) + frame(f"{KEY[20:]} b")
    found = cleaned(given[:30], given[30:], headers=STREAM).body
    assert found == frame(f"a {REDACTED}") + frame("") + frame(" b")


def test_secrets_split_over_the_data_lines_of_one_frame_are_redacted() -> None:
    given = b'data: {"a":\r\ndata: "%b"}\r\nid: 1\r\n\r\n' % KEY.encode()
    assert cleaned(given, headers=STREAM).body == b'data: {"a":"%b"}\r\nid: 1\r\n\r\n' % REDACTED.encode()


def test_secrets_in_other_fields_and_comments_are_redacted() -> None:
    given = f"id: {KEY}\ndata: {{}}\nretry: {KEY}\n\n: {KEY}\n\n".encode()
    assert cleaned(given, headers=STREAM).body == given.replace(KEY.encode(), REDACTED.encode())


def test_the_secrets_in_headers_are_redacted_in_bodies() -> None:
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


def test_requests_lose_secrets_and_ignored_parts() -> None:
    cleaner = Cleaner(Configuration(ignore=("user",), normalise=("dates",), secrets=(r"CUST-\d+",), emails=True))
    body = {"messages": [{"content": f"{KEY} my-known-one CUST-1 a@b.org 2026-11-22"}], "user": "x", "model": "m"}
    assert cleaner.request(body, ["my-known-one"]) == {
        "model": "m",
        "messages": [{"content": f"{REDACTED} {REDACTED} {REDACTED} {REDACTED} <date>"}],
    }


def test_a_whole_body_becomes_one_piece_with_the_time_of_its_last() -> None:
    recording = Recording({}, 200, WHOLE, (Piece(0.1, b"{"), Piece(0.7, b"}")))
    assert Cleaner(Configuration()).recording(recording).pieces == (Piece(0.7, b"{}"),)
    assert cleaned().pieces == (Piece(0.0, b""),)


GIVEN = r"""
ignore = ["seed", "metadata.run_id", "messages[*].name"]
normalise = ["dates", "uuids", 'run-\d+']
secrets = ['CUST-\d{6}']
emails = true
headers = ["X-Special"]
"""


def test_a_folder_without_a_configuration_has_the_defaults(tmp_path: Path) -> None:
    assert configuration_of(tmp_path) == configuration_of(tmp_path / "missing") == Configuration()


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text(GIVEN)
    made = configuration_of(tmp_path)
    assert made.ignore == ("seed", "metadata.run_id", "messages[*].name")
    assert made.normalise == ("dates", "uuids", r"run-\d+")
    assert made.headers == ("x-special",)
    assert made.scrubber().text("a@b.org CUST-123456") == "[secret] [secret]"


WRONG = {
    "ignore = [": "recordings.toml: cannot be read: ",
    "ignored = []": "recordings.toml: ignored: Extra inputs are not permitted",
    'secrets = ["("]': "recordings.toml: secrets.0: not a regular expression: missing",
    'normalise = ["("]': "recordings.toml: normalise.0: not a regular expression",
    'ignore = ["a["]': "recordings.toml: ignore.0: 'a\\[' is not a JSONPath",
    "emails = 5": "recordings.toml: emails: ",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=WRONG)
def test_a_mistake_is_reported_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "recordings.toml").write_text(text)
    with pytest.raises(ValueError, match=message):
        configuration_of(tmp_path)


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").mkdir()
    with pytest.raises(ValueError, match="cannot be read"):
        configuration_of(tmp_path)
