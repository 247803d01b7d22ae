"""Large items that short requests continue, refer to or list: the thread that serves does not work on them."""

import json
from typing import Any

import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from raw import ask
from steps import written_steps
from threads import by_pool

LONG = "one two three " * 30_000
STEP = 600_000
"""The bytes that one step may write; the texts are longer."""


def message(text: str = LONG) -> Any:
    """Return a message of the user."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def sent(server: RunningServer, key: str, path: str, body: bytes) -> Any:
    """Return the answer to a body, which no client writes."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return json.loads(ask(server.origin, "POST", f"/v1/{path}", body, headers).body)


def test_a_short_request_that_continues_a_large_response_is_read_by_another_thread(
    monkeypatch: pytest.MonkeyPatch, client: OpenAI
) -> None:
    first = client.responses.create(model="gpt-4.1", input=[message()], max_output_tokens=16)
    reading = by_pool(monkeypatch, "chatdouble.apis.responses.state.chat_body")
    further = client.responses.create(model="gpt-4.1", input="Go on", previous_response_id=first.id)
    client.responses.create(model="gpt-4.1", input="Go on", previous_response_id=further.id)
    client.responses.create(model="gpt-4.1", input="Short")
    assert reading == [True, True, False]


def test_a_short_request_that_refers_to_a_large_item_is_read_by_another_thread(
    monkeypatch: pytest.MonkeyPatch, client: OpenAI
) -> None:
    first = client.responses.create(model="gpt-4.1", input=[message()], max_output_tokens=16)
    item = client.responses.input_items.list(first.id).data[0]
    reading = by_pool(monkeypatch, "chatdouble.apis.responses.state.chat_body")
    reference: Any = {"type": "item_reference", "id": item.id}
    client.responses.create(model="gpt-4.1", input=[reference])
    assert reading == [True]


def test_a_large_conversation_is_kept_continued_and_listed_in_steps(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, client: OpenAI, key: str
) -> None:
    more = json.dumps({"items": [message(), message()]}).encode()  # before the steps are counted
    made = client.conversations.create(items=[message()])
    steps = written_steps(monkeypatch)
    reading = by_pool(monkeypatch, "chatdouble.apis.responses.state.chat_body")
    assert sent(server, key, f"conversations/{made.id}/items", more)["object"] == "list"
    client.responses.create(model="gpt-4.1", input="Go on", conversation=made.id)
    client.conversations.update(made.id, metadata={"a": "b"})
    items = client.conversations.items.list(made.id, limit=100, order="asc").data
    client.conversations.items.delete(items[0].id or "", conversation_id=made.id)
    assert [item.type for item in items] == ["message"] * 5
    assert max(steps) < STEP
    assert reading == [True]


def test_a_large_input_is_measured_in_steps(monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str) -> None:
    picture: Any = {
        "type": "input_image",
        "detail": "low",
        "image_url": "data:image/png;base64," + "iVBORw0K" * 100_000,
    }
    body = {"model": "gpt-4.1", "input": [{"role": "user", "content": [picture, picture]}]}
    asked = json.dumps(body).encode()
    measured = by_pool(monkeypatch, "chatdouble.apis.responses.state.size_in_steps")
    steps = written_steps(monkeypatch)
    assert sent(server, key, "responses", asked)["object"] == "response"
    assert max(steps) < STEP
    assert measured
    assert all(measured)
