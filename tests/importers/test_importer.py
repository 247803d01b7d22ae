"""Files of other tools, imported and served."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

from answered import COMPLETION, REQUEST, stream, text_chunks
from chatdouble.core.json import as_object
from chatdouble.importers.importer import KINDS, SkippedPart, WrittenFile, import_files
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.recordings import Recordings
from conftest import Serve
from parts import portion
from raw import post

KEY = "sk-planted-0123456789abcdef"
URL = "https://api.openai.com/v1/chat/completions"


def interaction(request: dict[str, Any], body: str, content_type: str = "application/json", status: int = 200) -> Any:
    return {
        "request": {
            "method": "POST",
            "uri": URL,
            "headers": {"authorization": [f"Bearer {KEY}"], "cookie": ["session=planted-cookie-0123"]},
            "body": json.dumps(request),
        },
        "response": {
            "status": {"code": status, "message": "OK"},
            "headers": {"content-type": [content_type], "set-cookie": ["__cf_bm=planted-cookie-4567; path=/"]},
            "body": {"string": body},
        },
    }


def write(path: Path, *interactions: Any) -> Path:
    path.write_text(yaml.safe_dump({"version": 1, "interactions": [*interactions]}))
    return path


def imported(kind: str, into: Path, *paths: Path) -> tuple[list[WrittenFile], list[str]]:
    """Return the files that an import wrote, and its messages about skipped parts."""
    found = [*import_files(KINDS[kind], paths, into)]
    written = [one for one in found if isinstance(one, WrittenFile)]
    return written, [str(one) for one in found if isinstance(one, SkippedPart)]


def test_a_cassette_answers_the_official_client(serve: Serve, tmp_path: Path) -> None:
    chunks = stream(text_chunks("Hel", "lo"))
    cassette = write(
        tmp_path / "cassette.yaml",
        interaction(REQUEST, json.dumps(COMPLETION)),
        interaction({**REQUEST, "stream": True}, chunks.body.decode(), "text/event-stream"),
    )
    written, skipped = imported("vcr", tmp_path / "into", cassette)
    assert ([one.rules for one in written], skipped) == ([1, 1], [])
    with serve(scripts=(tmp_path / "into",)) as served, OpenAI(base_url=served.base_url, api_key="sk-a") as client:
        hello: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello!"}]
        assert client.chat.completions.create(model="gpt-4o", messages=hello).id == COMPLETION["id"]
        streamed = client.chat.completions.create(model="gpt-4o", messages=hello, stream=True)
        assert [chunk.choices[0].delta.content for chunk in streamed] == ["", "Hel", "lo", None]


def test_no_secret_of_a_cassette_is_written(tmp_path: Path) -> None:
    request = {**REQUEST, "user": f"me {KEY}"}
    answer = json.dumps(COMPLETION).replace("Hello there.", f"Your key is {KEY}")
    imported("vcr", tmp_path / "into", write(tmp_path / "cassette.yaml", interaction(request, answer)))
    written = "".join(file.read_text() for file in (tmp_path / "into").iterdir())
    assert "[secret]" in written
    assert "planted" not in written


def test_no_secret_of_fixtures_is_written(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps({"fixtures": [{"match": {}, "response": {"content": f"It is {KEY}"}}]}))
    imported("aimock", tmp_path / "into", tmp_path / "f.json")
    assert KEY not in (tmp_path / "into" / "f.yaml").read_text()


def answers(serve: Serve, folder: Path, count: int) -> list[tuple[int, bytes]]:
    """Return the answers to the same request, asked a number of times in one session."""
    with serve(recordings=folder) as served:
        return [(one.status, one.body) for one in (post(served.origin, REQUEST) for _ in range(count))]


def test_the_answers_to_the_same_request_are_replayed_in_order(serve: Serve, tmp_path: Path) -> None:
    bodies = [json.dumps(COMPLETION), json.dumps(COMPLETION), "{}"]
    cassette = write(tmp_path / "cassette.yaml", *(interaction(REQUEST, body) for body in bodies))
    written, skipped = imported("vcr", tmp_path / "into", cassette)
    assert ([one.rules for one in written], skipped) == ([1], [])
    assert answers(serve, tmp_path / "into", 4) == [(200, body.encode()) for body in [*bodies, "{}"]]


def test_an_error_and_the_answer_to_the_retry_stay_in_order(serve: Serve, tmp_path: Path) -> None:
    cassette = write(
        tmp_path / "cassette.yaml",
        interaction(REQUEST, "{}", status=500),
        interaction(REQUEST, json.dumps(COMPLETION)),
    )
    _, skipped = imported("vcr", tmp_path / "into", cassette)
    assert skipped == []
    (file,) = (tmp_path / "into").iterdir()
    assert "status: 200" in file.read_text()
    assert [status for status, _ in answers(serve, tmp_path / "into", 2)] == [500, 200]


@pytest.mark.parametrize(
    ("second", "expected", "rules"),
    [("a", "ab", [1, 0]), ("ab", "ab", [1, 0]), ("abc", "abc", [1, 0]), ("c", "abc", [1, 0]), ("ba", "abba", [1, 0])],
)
def test_a_second_cassette_adds_what_the_first_does_not_begin_with(
    serve: Serve, tmp_path: Path, second: str, expected: str, rules: list[int]
) -> None:
    cassettes = [
        write(tmp_path / f"{number}.yaml", *(interaction(REQUEST, body) for body in bodies))
        for number, bodies in enumerate(("ab", second))
    ]
    written, skipped = imported("vcr", tmp_path / "into", *cassettes)
    assert ([one.rules for one in written], skipped) == (rules, [])
    assert [body.decode() for _, body in answers(serve, tmp_path / "into", len(expected))] == [*expected]


def test_an_import_overwrites_an_earlier_recording(tmp_path: Path) -> None:
    Recordings(tmp_path / "into").save(Recording(REQUEST, 200, (), (Piece(0.0, b"{}"),)))
    imported("vcr", tmp_path / "into", write(tmp_path / "c.yaml", interaction(REQUEST, json.dumps(COMPLETION))))
    (file,) = (tmp_path / "into").iterdir()
    assert COMPLETION["id"] in file.read_text()


def test_files_with_the_same_name_become_separate_scripts(tmp_path: Path) -> None:
    fixtures = json.dumps({"fixtures": [{"match": {}, "response": {"content": "Hi"}}]})
    for folder in ("a", "b"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "chat.json").write_text(fixtures)
    (tmp_path / "in" / "notes.txt").write_text("ignored")
    written, skipped = imported("aimock", tmp_path / "into", tmp_path / "in")
    assert [one.path.name for one in written] == ["chat.yaml", "chat-2.yaml"]
    assert skipped == []


def test_an_import_overwrites_only_scripts_of_earlier_imports(tmp_path: Path) -> None:
    (tmp_path / "chat.json").write_text(json.dumps({"fixtures": [{"match": {}, "response": {"content": "Hi"}}]}))
    for _ in range(2):
        assert imported("aimock", tmp_path / "into", tmp_path / "chat.json")[1] == []
    own = tmp_path / "into" / "chat.yaml"
    own.write_text("- reply: by hand")
    written, (skipped,) = imported("aimock", tmp_path / "into", tmp_path / "chat.json")
    assert (written, own.read_text()) == ([], "- reply: by hand")
    assert skipped == f"{tmp_path / 'chat.json'}: {own} exists and was not written by an import"


def test_an_invalid_rule_is_skipped_with_its_place(tmp_path: Path) -> None:
    fixtures = [{"match": {}, "response": {"content": "Hi", "finishReason": "tired"}}]
    (tmp_path / "f.json").write_text(json.dumps({"fixtures": fixtures}))
    written, (skipped,) = imported("aimock", tmp_path / "into", tmp_path / "f.json")
    assert written == []
    assert skipped.startswith(f"{tmp_path / 'f.json'}: fixture 1: not a valid rule: reply.finish_reason: must be")


def test_missing_and_unreadable_files_are_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.json").write_text("{")
    _, skipped = imported(
        "aimock", tmp_path / "into", tmp_path / "no.json", tmp_path / "empty", tmp_path / "broken.json"
    )
    assert skipped[0] == f"{tmp_path / 'no.json'}: cannot be read: No such file or directory"
    assert skipped[1] == f"{tmp_path / 'empty'}: no files (*.json) in this folder"
    assert skipped[2].startswith(f"{tmp_path / 'broken.json'}: not JSON")


WORDS = [
    "interactions",
    "request",
    "response",
    "body",
    "string",
    "headers",
    "status",
    "code",
    "uri",
    "method",
    "log",
    "entries",
    "content",
    "text",
    "fixtures",
    "match",
    "userMessage",
    "sequenceIndex",
    "turnIndex",
    "toolCalls",
    "blocks",
    "error",
    "latency",
    "streamingProfile",
    "ttft",
    "chaos",
    "dropRate",
    "behaviors",
    "type",
    "kind",
    "seconds",
    "times",
    "stream_fault",
    "fail",
    "reply",
    "tool_calls",
    "error_rates",
    "latency_ms",
    "limits",
    "server",
    "postData",
]
LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 600) | st.floats(allow_nan=False) | st.sampled_from(["POST", URL, "x"])
)
KEYS = st.sampled_from(WORDS)
ANYTHING = st.recursive(
    LEAVES | KEYS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30
)
TOPS = {"vcr": "interactions", "har": "log", "aimock": "fixtures", "llmock": "behaviors"}


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=portion(150))
@given(value=ANYTHING, inside=ANYTHING)
def test_no_content_of_a_file_stops_an_import(tmp_path: Path, kind: str, value: Any, inside: Any) -> None:
    entries: list[Any] = [{"request": inside, "response": inside, "match": inside, **as_object(inside)}]
    top: Any = {"entries": entries} if kind == "har" else entries
    contents: tuple[Any, ...] = (value, {TOPS[kind]: top}, {"chaos": inside, "server": inside})
    for content in contents:
        (tmp_path / "f.json").write_text(json.dumps(content))
        assert [*import_files(KINDS[kind], [tmp_path / "f.json"], tmp_path / "into")]
