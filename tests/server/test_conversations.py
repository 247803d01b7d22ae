"""Conversations: which requests of a session belong together, and what each adds."""

from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.server.conversations import Conversations
from chatdouble.server.entry import Entry
from chatdouble.testing.server import RunningServer
from raw import control

CHAT = "/v1/chat/completions"


def entry(ordinal: int, messages: object, **changes: Any) -> Entry:
    """Return an entry of a chat completion that was answered."""
    made: Any = {
        "id": f"req_{ordinal}",
        "ordinal": ordinal,
        "at": float(ordinal),
        "milliseconds": 1.0,
        "session": "mine",
        "method": "POST",
        "path": CHAT,
        "headers": {},
        "request": {"messages": messages},
        "status": 200,
        "ended": "completed",
        "response": None,
    }
    made |= changes
    entry: Entry = made
    return entry


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def places(entries: list[Entry]) -> list[tuple[str | None, int | None]]:
    Conversations().place(entries)
    return [(one.get("conversation"), one.get("adds")) for one in entries]


def test_an_agent_loop_is_one_conversation_and_each_request_shows_what_it_added(
    server: RunningServer, client: OpenAI, key: str
) -> None:
    control(
        server, key, "POST", "queue", [{"tool_calls": [{"f": {"x": 1}}]}, {"tool_calls": [{"f": {"x": 2}}]}, "Done."]
    )
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    messages: list[Any] = [{"role": "system", "content": "Be brief."}, user("Work.")]
    while True:
        message = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools).choices[0].message
        messages.append(message.to_dict())
        if not message.tool_calls:
            break
        messages += [{"role": "tool", "tool_call_id": call.id, "content": "ok"} for call in message.tool_calls]
    entries = control(server, key, "GET", "requests")["data"]
    assert [(one["conversation"], one["adds"]) for one in entries] == [("conv-1", 0), ("conv-1", 2), ("conv-1", 4)]


def test_two_agents_with_one_prompt_are_told_apart_by_their_tool_calls(
    server: RunningServer, client: OpenAI, key: str
) -> None:
    replies: list[Any] = [{"tool_calls": [{"f": {}}]}, {"tool_calls": [{"f": {}}]}, "A", "B"]
    control(server, key, "POST", "queue", replies)
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]

    def ask(messages: list[Any]) -> Any:
        return client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools).choices[0].message

    first, second = ask([user("Work.")]), ask([user("Work.")])
    for message in (second, first):
        result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "ok"}
        ask([user("Work."), message.to_dict(), result])
    entries = control(server, key, "GET", "requests")["data"]
    assert [one["conversation"] for one in entries] == ["conv-1", "conv-2", "conv-2", "conv-1"]
    assert [one["adds"] for one in entries] == [0, 0, 1, 1]


def test_a_retry_of_the_sdk_adds_what_the_failed_request_added(server: RunningServer, client: OpenAI, key: str) -> None:
    control(server, key, "POST", "queue", ["Hi.", {"error": {"status": 500}}, "Fine."])
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])
    more: Any = [user("Hi"), {"role": "assistant", "content": "Hi."}, user("More")]
    client.with_options(max_retries=1).chat.completions.create(model="gpt-4o", messages=more)
    entries = control(server, key, "GET", "requests")["data"]
    assert [(one["status"], one["conversation"], one["adds"]) for one in entries] == [
        (200, "conv-1", 0),
        (500, "conv-1", 1),
        (200, "conv-1", 1),
    ]


def test_a_request_of_the_same_messages_continues_one_that_failed_and_no_other() -> None:
    hello = [user("Hello")]
    assert places([entry(1, hello), entry(2, hello)]) == [("conv-1", 0), ("conv-2", 0)]
    assert places([entry(1, hello, status=429), entry(2, hello)]) == [("conv-1", 0), ("conv-1", 0)]
    running = entry(1, hello, status=0, ended="in flight")
    assert places([entry(2, hello), running]) == [("conv-2", 0), ("conv-1", 0)]
    late = entry(1, hello, status=500, milliseconds=5000.0)
    assert places([entry(2, hello), late]) == [("conv-2", 0), ("conv-1", 0)]


def test_a_fork_stays_in_its_conversation_and_adds_from_where_it_leaves() -> None:
    start = [user("One"), {"role": "assistant", "content": "1"}]
    entries = [entry(1, start[:1]), entry(2, [*start, user("Two")]), entry(3, [*start, user("Zwei")])]
    assert places(entries) == [("conv-1", 0), ("conv-1", 1), ("conv-1", 1)]


def test_answers_tell_conversations_of_the_same_messages_apart() -> None:
    hello = [user("Hello")]
    entries = [
        entry(1, hello, response=said("A")),
        entry(2, hello, response=said("B")),
        entry(3, [*hello, {"role": "assistant", "content": "A"}, user("?")]),
        entry(4, [*hello, {"role": "assistant", "content": [{"type": "text", "text": "B"}]}, user("?")]),
        entry(5, [*hello, {"role": "assistant", "content": "Neither"}, user("?")]),
    ]
    assert [place for place, _ in places(entries)] == ["conv-1", "conv-2", "conv-1", "conv-2", "conv-2"]


def test_a_conversation_keeps_its_name_when_its_first_request_is_dropped_but_not_after_a_reset() -> None:
    conversations = Conversations()
    first, second = entry(1, [user("One")]), entry(2, [user("One"), user("Two")])
    conversations.place([first, second])
    conversations.place([second])
    assert second.get("conversation") == "conv-1"
    third = entry(3, [user("One"), user("Two"), user("Three")])
    conversations.place([second, third])
    assert third.get("conversation") == "conv-1"
    anew = entry(2, [user("Other")])
    conversations.place([anew])
    assert anew.get("conversation") == "conv-2"


@pytest.mark.parametrize("given", [None, "text", {}, {"messages": 1}, {"messages": []}, {"messages": ["x"]}])
def test_a_request_without_messages_is_in_no_conversation(given: object) -> None:
    assert places([entry(1, None, request=given)]) == [(None, None)]


def test_the_responses_api_has_items_and_previous_responses() -> None:
    path = "/v1/responses"
    item = {"role": "user", "content": "Hello"}
    entries = [
        entry(1, None, path=path, request={"input": "Hello"}, response={"id": "resp_1"}),
        entry(2, None, path=path, request={"input": [item, {"type": "message"}, item]}),
        entry(3, None, path=path, request={"input": "More", "previous_response_id": "resp_1"}),
        entry(4, [item]),
        entry(5, None, path="/v1/embeddings", request={"input": "Hello"}),
    ]
    assert places(entries) == [("conv-1", 0), ("conv-1", 1), ("conv-1", 0), ("conv-4", 0), (None, None)]


def test_a_client_that_is_refused_and_corrects_itself_is_in_one_conversation(
    server: RunningServer, client: OpenAI, key: str
) -> None:
    asked: Any = [user("Hello")]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=asked, temperature=3)
    client.chat.completions.create(model="gpt-4o", messages=asked)
    entries = control(server, key, "GET", "requests")["data"]
    assert [(one["status"], one["conversation"]) for one in entries] == [(400, "conv-1"), (200, "conv-1")]
