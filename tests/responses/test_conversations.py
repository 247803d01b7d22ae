"""Conversations and their items: pages, refusals, and what is left of those that are too long."""

import re
from typing import Any, Final

import openai
import pytest
from openai import OpenAI

from conftest import Serve
from raw import post

RESPONSES: Final = "/v1/responses"
CHAT: Final = "/v1/chat/completions"
NAMES: Final = ["One", "Two", "Three", "Four", "Five"]
ROLES: Final = "'assistant', 'system', 'developer', and 'user'"


def said(*texts: str) -> list[Any]:
    """Return messages of the user."""
    return [{"role": "user", "content": text} for text in texts]


def test_pages_begin_after_an_item_in_either_order(client: OpenAI) -> None:
    talk = client.conversations.create(items=said(*NAMES))
    pages: dict[str, list[str]] = {}
    for order in ("asc", "desc"):
        found: list[str] = []
        page: Any = client.conversations.items.list(talk.id, order=order, limit=2)
        while True:
            assert (page.first_id, page.last_id) == (page.data[0].id, page.data[-1].id)
            found += [item.content[0].text for item in page.data]
            if not page.has_more:
                break
            page = client.conversations.items.list(talk.id, order=order, limit=2, after=page.last_id)
        pages[order] = found
    assert pages == {"asc": NAMES, "desc": NAMES[::-1]}


def test_a_page_may_ask_for_parts_that_answers_do_not_have(client: OpenAI) -> None:
    talk = client.conversations.create(items=said("One"))
    page = client.conversations.items.list(talk.id, include=["message.output_text.logprobs"])
    assert len(page.data) == 1
    assert client.conversations.items.list(talk.id, after="msg_unknown").data == []


@pytest.mark.parametrize(
    ("items", "message", "param"),
    [
        ([{"role": "x", "content": "a"}], f"Invalid value: 'x'. Supported values are: {ROLES}.", "items[0]"),
        (
            [7],
            "Invalid type for 'items[0]': expected an input item, but got an integer instead.",
            "items[0]",
        ),
        ([{"role": "user"}], "Missing required parameter: 'items[0].content'.", "items[0].content"),
        (
            [{"type": "message", "id": "x", "role": "user", "content": "a"}],
            "Invalid 'items[0].id': 'x'. Expected an ID that begins with 'msg'.",
            "items[0].id",
        ),
        (
            said("a") * 21,
            (
                "Invalid 'items': array too long. Expected an array with maximum length 20, but got an array with "
                "length 21 instead."
            ),
            "items",
        ),
        ("a", "Invalid type for 'items': expected an array of input items, but got a string instead.", "items"),
    ],
)
def test_wrong_items_are_refused_when_a_conversation_is_made_and_extended(
    client: OpenAI, items: Any, message: str, param: str
) -> None:
    talk = client.conversations.create()
    asks = (
        lambda: client.conversations.create(items=items),
        lambda: client.conversations.items.create(talk.id, items=items),
    )
    for ask in asks:
        with pytest.raises(openai.BadRequestError, match=re.escape(message)) as caught:
            ask()
        assert caught.value.param == param
    assert client.conversations.items.list(talk.id).data == []


def test_an_item_is_in_a_conversation_once(client: OpenAI) -> None:
    talk = client.conversations.create(items=said("One"))
    held: Any = client.conversations.items.list(talk.id).data[0]
    with pytest.raises(openai.BadRequestError, match=f"Duplicate item found with id {held.id}"):
        client.conversations.items.create(talk.id, items=[held.to_dict()])
    assert client.responses.create(model="gpt-4o", input="And?", conversation=talk.id).output_text == "And?"


def test_the_id_of_something_else_is_no_conversations(client: OpenAI) -> None:
    for given in ("resp_1", {"id": "resp_1"}):
        with pytest.raises(openai.BadRequestError, match="Expected an ID that begins with 'conv'") as caught:
            client.responses.create(model="gpt-4o", input="x", conversation=given)  # type: ignore[arg-type] # either form
        assert caught.value.param == "conversation"


def test_a_conversation_that_is_too_long_loses_its_oldest_messages_if_its_request_says_so(client: OpenAI) -> None:
    long = "word " * 5000
    talk: Any = [
        {"role": "user", "content": long},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": long},
        {"role": "user", "content": "And now?"},
    ]
    with pytest.raises(openai.BadRequestError, match="exceeds the context window"):
        client.responses.create(model="gpt-4", input=talk)
    made = client.responses.create(model="gpt-4", input=talk, instructions="Be brief.", truncation="auto")
    assert made.usage is not None
    assert 5000 < made.usage.input_tokens < 8192
    assert made.output_text
    with pytest.raises(openai.BadRequestError, match="exceeds the context window"):
        client.responses.create(model="gpt-4", input=long * 2, truncation="auto")


def test_ids_of_one_conversation_or_response_share_their_digits(client: OpenAI) -> None:
    talk = client.conversations.create(items=said("One"))
    added: Any = client.conversations.items.create(talk.id, items=said("Two"))
    held = [item.id for item in client.conversations.items.list(talk.id)]
    assert {one[-16:] for one in (talk.id, added.first_id, *held)} == {talk.id[-16:]}
    assert re.fullmatch(r"msg_[0-9a-f]{12}819[0-9a-f]{33}", added.first_id)
    made = client.responses.create(model="gpt-4o", input="One")
    asked = [item.id for item in client.responses.input_items.list(made.id)]
    assert [one[4:20] for one in asked] == [made.id[5:21]]


def test_a_refusal_has_the_headers_of_this_api(serve: Serve) -> None:
    with serve(api_keys=["sk-right"]) as served:
        denied = {path: post(served.origin, {}, "sk-wrong", path) for path in (RESPONSES, "/v1/moderations", CHAT)}
        refused = post(served.origin, {"model": "gpt-4o", "input": []}, "sk-right", RESPONSES)
    for path, answer in denied.items():
        assert (answer.headers.get("www-authenticate") == 'Bearer realm="OpenAI API"') == (path != CHAT)
        assert ("openai-version" in answer.headers) == (path != CHAT)
        assert answer.body.startswith(b'{\n    "' if path == CHAT else b'{\n  "')
    assert refused.status == 400
    assert not [name for name in refused.headers if name.startswith("x-ratelimit")]
