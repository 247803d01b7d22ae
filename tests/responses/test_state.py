"""Stored responses and conversations through the official client."""

from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from chatdouble.core.sse import read_frames


def texts_of(items: Any) -> list[str]:
    """Return the texts of the messages on all pages of a list."""
    return [item.content[0].text for item in items]


def test_a_response_is_stored_unless_its_request_says_otherwise(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    assert client.responses.retrieve(made.id) == made
    unstored = client.responses.create(model="gpt-4o", input="Hello", store=False)
    with pytest.raises(openai.NotFoundError, match=f"Response with id '{unstored.id}' not found."):
        client.responses.retrieve(unstored.id)


def test_a_streamed_response_is_stored_as_well(client: OpenAI) -> None:
    events: list[Any] = [*client.responses.create(model="gpt-4o", input="Hello", stream=True)]
    assert client.responses.retrieve(events[-1].response.id).output_text == "Hello"


def test_a_deleted_response_is_gone_and_cannot_be_continued(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError) as raised:
        client.responses.retrieve(made.id)
    assert (raised.value.param, raised.value.code) == (None, None)
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-4o", input="And?", previous_response_id=made.id)
    assert (refused.value.param, refused.value.code) == ("previous_response_id", "previous_response_not_found")
    assert str(refused.value.body).count(f"Previous response with id '{made.id}' not found.") == 1
    its_item: Any = [{"type": "item_reference", "id": made.output[0].id}]
    with pytest.raises(openai.NotFoundError, match=f"Item with id '{made.output[0].id}' not found"):
        client.responses.create(model="gpt-4o", input=its_item)


def test_responses_of_another_key_are_unknown(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    with pytest.raises(openai.NotFoundError):
        client.with_options(api_key="sk-someone-else").responses.retrieve(made.id)


def test_input_items_are_listed_newest_first_with_ids(client: OpenAI) -> None:
    made = client.responses.create(
        model="gpt-4o", input=[{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}]
    )
    page: Any = client.responses.input_items.list(made.id, limit=1)
    assert page.has_more
    assert page.data[0].content[0].text == "Two"
    assert page.data[0].id.startswith("msg_")
    texts = texts_of(client.responses.input_items.list(made.id, order="asc", limit=1))
    assert texts == ["One", "Two"]


def test_an_item_can_be_referred_to(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    items: Any = [{"type": "item_reference", "id": made.output[0].id}, {"role": "user", "content": "And?"}]
    assert client.responses.create(model="gpt-4o", input=items).output_text == "And?"
    unknown: Any = [{"type": "item_reference", "id": "msg_unknown"}]
    with pytest.raises(openai.NotFoundError, match="Item with id 'msg_unknown' not found"):
        client.responses.create(model="gpt-4o", input=unknown)


def test_a_response_in_the_background_is_queued_and_then_complete(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello", background=True)
    assert (made.status, made.output, made.usage) == ("queued", [], None)
    later = client.responses.retrieve(made.id)
    assert (later.status, later.output_text) == ("completed", "Hello")
    assert client.responses.cancel(made.id).status == "completed"


def test_a_response_in_the_background_can_be_cancelled(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello", background=True)
    assert client.responses.cancel(made.id).status == "cancelled"
    assert client.responses.retrieve(made.id).output == []


def test_a_stream_is_replayed_after_an_event(client: OpenAI) -> None:
    events = [*client.responses.create(model="gpt-4o", input="One two", stream=True, background=True)]
    assert [event.type for event in events[:3]] == ["response.created", "response.queued", "response.in_progress"]
    first: Any = events[0]
    again = [*client.responses.retrieve(first.response.id, stream=True, starting_after=4)]
    assert [event.sequence_number for event in again] == [event.sequence_number for event in events[5:]]
    assert [event.type for event in again] == [event.type for event in events[5:]]


def test_input_tokens_are_counted_as_they_would_be_charged(client: OpenAI) -> None:
    counted = client.responses.input_tokens.count(model="gpt-4o-mini", input="What is 1 + 1?")
    assert counted.input_tokens == 15
    charged = client.responses.create(model="gpt-4o-mini", input="What is 1 + 1?").usage
    assert charged is not None
    assert charged.input_tokens == 15


def test_a_conversation_is_compacted_to_the_users_messages(client: OpenAI) -> None:
    short = client.responses.compact(model="gpt-4o", input=[{"role": "user", "content": "Hello"}])
    assert [item.type for item in short.output] == ["message", "compaction"]
    given: Any = [{"role": "user", "content": "Hello"}, short.output[1], {"role": "user", "content": "And?"}]
    assert client.responses.create(model="gpt-4o", input=given).output_text == "And?"


def test_a_conversation_keeps_what_was_said(client: OpenAI) -> None:
    talk = client.conversations.create(metadata={"topic": "test"}, items=[{"role": "user", "content": "One"}])
    answer = client.responses.create(model="gpt-4o", input="Two", conversation=talk.id)
    assert answer.conversation is not None
    assert answer.conversation.id == talk.id
    texts = texts_of(client.conversations.items.list(talk.id, order="asc"))
    assert texts == ["One", "Two", "Two"]
    later = client.responses.create(model="gpt-4o", input="Three", conversation=talk.id)
    assert later.usage is not None
    assert answer.usage is not None
    assert later.usage.input_tokens > answer.usage.input_tokens


def test_conversations_are_updated_and_deleted(client: OpenAI) -> None:
    talk = client.conversations.create()
    assert client.conversations.update(talk.id, metadata={"a": "b"}).metadata == {"a": "b"}
    assert client.conversations.retrieve(talk.id).metadata == {"a": "b"}
    assert client.conversations.delete(talk.id).deleted
    with pytest.raises(openai.NotFoundError, match=f"Conversation with id '{talk.id}' not found."):
        client.conversations.retrieve(talk.id)
    with pytest.raises(openai.NotFoundError, match="Conversation with id"):
        client.responses.create(model="gpt-4o", input="Hi", conversation=talk.id)


def test_items_of_a_conversation_are_added_found_and_deleted(client: OpenAI) -> None:
    talk = client.conversations.create()
    added = client.conversations.items.create(talk.id, items=[{"role": "user", "content": "One"}])
    item: Any = added.data[0]
    assert client.conversations.items.retrieve(item.id, conversation_id=talk.id) == item
    client.conversations.items.delete(item.id, conversation_id=talk.id)
    assert client.conversations.items.list(talk.id).data == []
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.retrieve(item.id, conversation_id=talk.id)


def test_a_replayed_stream_is_an_event_stream(client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello")
    url, headers = f"{client.base_url}responses/{made.id}?stream=true", {"authorization": f"Bearer {client.api_key}"}
    answer = httpx2.get(url, headers=headers)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert len(read_frames(answer.content)) > 5
