"""The journal of what official clients send: headers, bodies of refused requests, and requests in flight."""

import threading
from typing import Any, Final

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, control

ASKED: Final[Any] = [{"role": "user", "content": "Hello!"}]


def test_the_headers_are_kept_and_the_key_is_hidden(server: RunningServer, client: OpenAI, key: str) -> None:
    client.chat.completions.create(model="gpt-4o", messages=ASKED, extra_headers={"X-Trace": "abc"})
    (entry,) = control(server, key, "GET", "requests")["data"]
    headers = entry["headers"]
    assert (headers["x-trace"], headers["x-stainless-lang"], headers["authorization"]) == ("abc", "python", "[secret]")
    assert headers["content-type"] == "application/json"


def test_the_body_of_a_refused_request_is_kept(server: RunningServer, client: OpenAI, key: str) -> None:
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=ASKED, temperature=3)
    with pytest.raises(openai.PermissionDeniedError):
        client.embeddings.create(model="gpt-4o", input="Hello", encoding_format="float")
    with pytest.raises(openai.NotFoundError):
        client.post("/nowhere", body={"to": "nobody"}, cast_to=object)
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=[], extra_headers={"Content-Type": "text/plain"})
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.update("chatcmpl-none", metadata={"a": "b" * 513})
    kept = control(server, key, "GET", "requests")["data"]
    assert [entry["request"] for entry in kept] == [
        {"model": "gpt-4o", "messages": ASKED, "temperature": 3},
        {"model": "gpt-4o", "input": "Hello", "encoding_format": "float"},
        {"to": "nobody"},
        {"model": "gpt-4o", "messages": []},
        {"metadata": {"a": "b" * 513}},
    ]
    assert {entry["ended"] for entry in kept} == {"refused"}


def test_a_request_is_in_the_journal_while_it_runs(serve: Serve) -> None:
    with (
        serve(ttft=600, shutdown_timeout=0) as served,
        OpenAI(base_url=served.base_url, api_key="sk-runs", max_retries=0) as client,
    ):
        given_up = threading.Event()

        def give_up() -> None:
            with pytest.raises(openai.APIConnectionError):
                client.chat.completions.create(model="gpt-4o", messages=ASKED)
            given_up.set()

        asking = threading.Thread(target=give_up)
        asking.start()
        while not (data := control(served, "sk-runs", "GET", "requests")["data"]):
            pass
        (entry,) = data
        assert (entry["status"], entry["ended"], entry["response"]) == (0, "in flight", None)
        assert (entry["path"], entry["headers"]["x-stainless-lang"]) == ("/v1/chat/completions", "python")
        assert not given_up.is_set()
    asking.join()


def test_a_refusal_before_the_body_does_not_ask_for_it(server: RunningServer, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Expect": "100-continue", "Content-Length": "9"}
    assert ask(server.origin, "POST", "/v1/nowhere", headers=headers).status == 404
    (entry,) = control(server, key, "GET", "requests")["data"]
    assert entry["request"] is None
