"""Secrets in places where nobody looks for them: no page and no answer of control has them."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from chatdouble.core.json import is_array, is_object, values_in
from chatdouble.testing.server import RunningServer
from raw import ask, control, post

SECRET: Final = "sk-proj-" + "aB3xYz9Qw7Lm5Tn2" * 3
PART: Final = SECRET[10:22]


def shown(server: RunningServer, key: str) -> list[Any]:
    """Return all that control shows of a session's requests."""
    kept = control(server, key, "GET", "requests")["data"]
    whole = [control(server, key, "GET", f"requests/{entry['id']}") for entry in kept]
    assert kept
    return [kept, whole, control(server, key, "GET", "session")]


def tokens_in(value: Any) -> Iterator[str]:
    """Yield the tokens of log probabilities one after the other, as text and as bytes."""
    if is_object(value) and "token" in value:
        yield value["token"]
    elif is_object(value) or is_array(value):
        for inner in values_in(value):
            yield from tokens_in(inner)


@pytest.mark.parametrize("stream", [False, True])
def test_the_tokens_of_an_answer_spell_no_secret(server: RunningServer, key: str, stream: bool) -> None:
    given = {"logprobs": True, "messages": [{"role": "user", "content": f"It is {SECRET}."}], "stream": stream}
    assert PART in "".join(
        tokens_in(json.loads(post(server.origin, {"model": "gpt-4o", **given, "stream": False}).body))
    )
    post(server.origin, {"model": "gpt-4o", **given}, key)
    found = [*tokens_in(shown(server, key))]
    assert found
    assert PART not in "".join(found)
    assert shown(server, key)[:2] == shown(server, key)[:2]  # looked at a second time, it is not taken for clean


def test_the_tokens_of_a_response_spell_no_secret(server: RunningServer, key: str) -> None:
    asked = {"model": "gpt-4o", "input": f"It is {SECRET}.", "include": ["message.output_text.logprobs"]}
    post(server.origin, asked, key, "/v1/responses")
    post(server.origin, {**asked, "stream": True}, key, "/v1/responses")
    found = [*tokens_in(shown(server, key))]
    assert found
    assert PART not in "".join(found)


@pytest.mark.parametrize("before", ["\n", "\x1b[32m"])
def test_the_output_of_a_tool_that_is_json_shows_no_secret(server: RunningServer, key: str, before: str) -> None:
    called = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c", "content": json.dumps({"printed": f"KEY={before}{SECRET}"})},
    ]
    post(server.origin, {"model": "gpt-4o", "messages": messages}, key)
    assert PART not in json.dumps(shown(server, key))


@pytest.mark.parametrize("stream", [False, True])
def test_a_secret_that_is_split_over_parts_is_not_shown(server: RunningServer, key: str, stream: bool) -> None:
    for path, kind, name in (("chat/completions", "text", "messages"), ("responses", "input_text", "input")):
        parts = [{"type": kind, "text": text} for text in (f"It is {SECRET[:15]}", SECRET[15:40], SECRET[40:])]
        asked = {"model": "gpt-4o", name: [{"role": "user", "content": parts}], "stream": stream}
        assert post(server.origin, asked, key, f"/v1/{path}").status == 200
    found = json.dumps([entry["request"] for entry in shown(server, key)[0]])
    assert found.count("[secret]") == 2
    assert [piece for piece in (SECRET[10:15], SECRET[15:40], SECRET[40:]) if piece in found] == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8"])
@pytest.mark.parametrize("end", ['"}', ""])
def test_a_body_that_no_route_takes_shows_no_secret(server: RunningServer, key: str, encoding: str, end: str) -> None:
    body = f'{{"messages": "{SECRET}{end}'.encode(encoding)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    assert ask(server.origin, "POST", "/v1/chat/completions", body, headers).status == 400
    found = json.dumps(shown(server, key))
    assert "messages" in found
    assert PART not in found.replace("\\u0000", "")


def test_a_model_that_is_named_like_a_secret_is_not_shown(server: RunningServer, key: str) -> None:
    post(server.origin, {"model": SECRET, "messages": [{"role": "user", "content": "Hi"}]}, key)
    assert PART not in json.dumps(shown(server, key))


@pytest.mark.parametrize("name", ["X-Authorization", "X-Password", "X-Forwarded-JWT", "Db-Credentials"])
def test_a_header_with_the_name_of_a_secret_hides_its_value_everywhere(
    server: RunningServer, key: str, name: str
) -> None:
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "It is my-own-word-of-8."}]})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", name: "my-own-word-of-8"}
    ask(server.origin, "POST", "/v1/chat/completions", body.encode(), headers)
    assert "my-own-word-of-8" not in json.dumps(shown(server, key))
