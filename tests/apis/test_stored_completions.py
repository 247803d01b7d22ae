"""Stored completions through the official client: kept on request, listed, changed, forgotten, each session its own."""

import json
from collections.abc import Callable

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask
from steps import written_steps


def _stored(client: OpenAI, text: str, **metadata: str) -> str:
    return client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": text}], store=True, metadata=metadata
    ).id


def test_only_what_asks_for_it_is_stored(client: OpenAI) -> None:
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "not kept"}])
    kept = _stored(client, "kept")
    assert [one.id for one in client.chat.completions.list()] == [kept]
    assert client.chat.completions.retrieve(kept).choices[0].message.content == "kept"


def test_a_streamed_answer_is_stored_too(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "streamed"}], store=True, stream=True
    )
    kept = {chunk.id for chunk in stream}
    assert {one.id for one in client.chat.completions.list()} == kept


def test_a_list_is_paged_in_both_orders(client: OpenAI) -> None:
    kept = [_stored(client, str(number)) for number in range(5)]
    assert [one.id for one in client.chat.completions.list(limit=2)] == kept
    assert [one.id for one in client.chat.completions.list(limit=2, order="desc")] == kept[::-1]
    page = client.chat.completions.list(limit=2, after=kept[0])
    assert [one.id for one in page.data] == kept[1:3]
    assert page.has_more


def test_a_list_is_filtered_by_model_and_metadata(client: OpenAI) -> None:
    red, blue = _stored(client, "x", color="red", size="s"), _stored(client, "y", color="blue", size="s")
    assert [one.id for one in client.chat.completions.list(metadata={"color": "red"})] == [red]
    assert [one.id for one in client.chat.completions.list(metadata={"size": "s"})] == [red, blue]
    assert [one.id for one in client.chat.completions.list(metadata={"color": "red", "size": "l"})] == []
    assert [one.id for one in client.chat.completions.list(model="gpt-4o")] == [red, blue]
    assert [one.id for one in client.chat.completions.list(model="gpt-4o-2024-08-06")] == [red, blue]
    assert [one.id for one in client.chat.completions.list(model="gpt-4o-mini")] == []


def test_an_empty_page_has_string_ids(server: RunningServer, key: str) -> None:
    answer = ask(server.origin, "GET", "/v1/chat/completions", headers={"Authorization": f"Bearer {key}"})
    assert json.loads(answer.body) == {"object": "list", "data": [], "first_id": "", "last_id": "", "has_more": False}


def test_metadata_is_replaced(client: OpenAI) -> None:
    kept = _stored(client, "x", a="1", b="2")
    assert client.chat.completions.update(kept, metadata={"c": "3"}).metadata == {"c": "3"}
    assert client.chat.completions.retrieve(kept).metadata == {"c": "3"}
    assert client.chat.completions.update(kept, metadata=None).metadata == {}


def test_metadata_has_the_same_limits_as_in_a_request(client: OpenAI) -> None:
    kept = _stored(client, "x")
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.update(kept, metadata={"k" * 65: "v"})
    assert refused.value.code == "property_name_above_max_length"


def test_messages_keep_their_roles(client: OpenAI) -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "text", "text": "there"}]},
        ],
        store=True,
    )
    listed = [one.to_dict() for one in client.chat.completions.messages.list(completion.id)]
    assert [(one["role"], one["content"]) for one in listed] == [("system", "Be brief."), ("user", "Hello\nthere")]
    assert [one["id"] for one in listed] == [f"{completion.id}-0", f"{completion.id}-1"]
    assert listed[0]["content_parts"] is None
    assert listed[1]["content_parts"] == [{"type": "text", "text": "Hello"}, {"type": "text", "text": "there"}]


def test_a_deleted_completion_is_gone(client: OpenAI) -> None:
    kept = _stored(client, "x")
    assert client.chat.completions.delete(kept).deleted
    for gone in (
        client.chat.completions.retrieve,
        client.chat.completions.delete,
        client.chat.completions.messages.list,
    ):
        with pytest.raises(openai.NotFoundError):
            gone(kept)


def test_sessions_do_not_see_each_others(server: RunningServer, client: OpenAI) -> None:
    kept = _stored(client, "mine")
    other = OpenAI(base_url=server.base_url, api_key="sk-somebody-else", max_retries=0)
    with pytest.raises(openai.NotFoundError):
        other.chat.completions.retrieve(kept)


def test_with_validation_off_any_id_is_answered(serve: Serve, client_of: Callable[[RunningServer], OpenAI]) -> None:
    with serve(validation="off") as served, client_of(served) as client:
        assert client.chat.completions.retrieve("completion_id").id == "completion_id"
        assert client.chat.completions.update("completion_id", metadata={"foo": "string"}).metadata == {"foo": "string"}
        assert list(client.chat.completions.messages.list("completion_id")) == []
        assert client.chat.completions.delete("completion_id").deleted
        assert client.models.retrieve("any:id").id == "any:id"
        assert client.models.delete("ft:gpt-4o-mini:acemeco:suffix:abc123").deleted


def test_a_fine_tuned_model_can_be_deleted_and_another_cannot(client: OpenAI) -> None:
    assert client.models.delete("ft:gpt-4o-mini:acemeco:suffix:abc123").id == "ft:gpt-4o-mini:acemeco:suffix:abc123"
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete("gpt-4o")
    with pytest.raises(openai.NotFoundError):
        client.models.delete("nope")


def test_a_large_completion_is_kept_listed_and_updated_in_steps(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, client: OpenAI, key: str
) -> None:
    asked = [{"role": "user", "content": "one two three " * 60_000}]
    body = json.dumps({"model": "gpt-4.1", "messages": asked, "store": True, "max_tokens": 4}).encode()
    steps = written_steps(monkeypatch)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    made = json.loads(ask(server.origin, "POST", "/v1/chat/completions", body, headers).body)["id"]
    assert client.chat.completions.update(made, metadata={"a": "b"}).id == made
    assert [one.id for one in client.chat.completions.list(metadata={"a": "b"}).data] == [made]
    assert len(client.chat.completions.messages.list(made).data) == 1
    assert max(steps) < 600_000
