"""Scripted replies through the official client and as bytes: named errors, exact chunks, what other servers add."""

import json
from collections.abc import Callable
from typing import Any, Final

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat, control

Queue = Callable[..., Any]


@pytest.fixture
def queue(server: RunningServer, key: str) -> Queue:
    """Return a way to queue replies for this test's session."""
    return lambda *replies: control(server, key, "POST", "queue", [*replies])


def ask(client: OpenAI, **request: Any) -> Any:
    """Ask for a completion, or a stream."""
    asked: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], **request}
    create: Any = client.chat.completions.create
    return create(**asked)


NAMED: Final[dict[str, tuple[type[openai.APIStatusError], int, str | None, str | None, str | None, str]]] = {
    "insufficient_quota": (
        *(openai.RateLimitError, 429, "insufficient_quota", None, "insufficient_quota"),
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "rate_limit_exceeded": (
        *(openai.RateLimitError, 429, "requests", None, "rate_limit_exceeded"),
        "on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.",
    ),
    "tokens_per_minute": (
        *(openai.RateLimitError, 429, "tokens", None, "rate_limit_exceeded"),
        "on tokens per min (TPM): Limit 30000, Used 28000, Requested 12000. Please try again in 20s.",
    ),
    "context_length_exceeded": (
        *(openai.BadRequestError, 400, "invalid_request_error", "messages", "context_length_exceeded"),
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 128001 tokens.",
    ),
    "model_not_found": (
        *(openai.NotFoundError, 404, "invalid_request_error", None, "model_not_found"),
        "The model `gpt-4o` does not exist or you do not have access to it.",
    ),
    "invalid_api_key": (
        *(openai.AuthenticationError, 401, "invalid_request_error", None, "invalid_api_key"),
        "Incorrect API key provided: sk-test-****",
    ),
    "content_filter": (
        *(openai.BadRequestError, 400, None, "prompt", "content_filter"),
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    ),
    "server_error": (
        *(openai.InternalServerError, 500, "server_error", None, None),
        "The server had an error while processing your request. Sorry about that!",
    ),
    "overloaded": (
        *(openai.InternalServerError, 503, "service_unavailable_error", None, "server_is_overloaded"),
        "The engine is currently overloaded, please try again later",
    ),
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("stream", [False, True])
def test_a_named_error_is_the_apis_error(client: OpenAI, queue: Queue, name: str, *, stream: bool) -> None:
    queue({"error": name})
    raised, status, kind, param, code, message = NAMED[name]
    with pytest.raises(raised) as caught:
        ask(client, stream=stream)
    error = caught.value
    assert (error.status_code, error.type, error.param, error.code) == (status, kind, param, code)
    assert message in error.message


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ({"status": 429, "code": "insufficient_quota"}, "insufficient_quota"),
        ({"status": 429, "type": "tokens"}, "tokens_per_minute"),
        ({"status": 429}, "rate_limit_exceeded"),
        ({"code": "context_length_exceeded"}, "context_length_exceeded"),
        ({"code": "content_filter"}, "content_filter"),
        ({"type": "service_unavailable_error"}, "overloaded"),
        ({"code": "model_not_found"}, "model_not_found"),
        ({"status": 401}, "invalid_api_key"),
        ({"type": "insufficient_quota"}, "insufficient_quota"),
    ],
)
def test_a_code_or_a_type_brings_what_belongs_to_it(
    client: OpenAI, queue: Queue, error: dict[str, Any], name: str
) -> None:
    queue({"error": error})
    raised, status, kind, param, code, message = NAMED[name]
    with pytest.raises(raised) as caught:
        ask(client)
    found = caught.value
    assert (found.status_code, found.type, found.param, found.code) == (status, kind, param, code)
    assert message in found.message


def test_what_a_script_sets_replaces_the_named_errors_own(client: OpenAI, queue: Queue) -> None:
    queue(
        {"error": {"name": "overloaded", "status": 529, "message": "Later.", "retry_after": 2, "headers": {"x-a": "b"}}}
    )
    with pytest.raises(openai.InternalServerError, match=r"Later\.") as caught:
        ask(client)
    assert (caught.value.status_code, caught.value.code) == (529, "server_is_overloaded")
    assert caught.value.response.headers["retry-after"] == "2"


def test_the_fault_error_takes_codes_too(client: OpenAI, queue: Queue) -> None:
    queue({"fault": {"name": "error", "status": 429, "code": "insufficient_quota"}})
    with pytest.raises(openai.RateLimitError, match="You exceeded your current quota") as caught:
        ask(client)
    assert caught.value.type == "insufficient_quota"


def test_azures_content_filter_error_has_the_results(server: RunningServer, key: str, queue: Queue) -> None:
    queue({"error": "content_filter"})
    error = chat(server.origin, key).error
    assert [*error] == ["message", "type", "param", "code", "status", "innererror"]
    assert error["innererror"]["code"] == "ResponsibleAIPolicyViolation"
    assert error["innererror"]["content_filter_result"]["violence"] == {"filtered": True, "severity": "medium"}


EXACT: Final[list[Any]] = [
    {"choices": None},
    {"choices": [None]},
    {"choices": "x"},
    {"id": "", "object": "", "created": 0, "model": "", "choices": [{"index": 0, "finish_reason": None}]},
    {"choices": [{"delta": {"content": "Hi"}}]},
]


def test_chunks_are_sent_exactly_as_written(server: RunningServer, key: str, queue: Queue) -> None:
    queue({"chunks": EXACT})
    answer = chat(server.origin, key, stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = answer.body.decode().split("\n\n")
    assert frames[-2:] == ["data: [DONE]", ""]
    assert [json.loads(frame.removeprefix("data: ")) for frame in frames[:-2]] == EXACT
    (entry,) = control(server, key, "GET", "requests")["data"]
    assert entry["response"]["choices"][0]["message"]["content"] == "Hi"


def test_exact_chunks_become_a_completion_for_who_asks_for_no_stream(client: OpenAI, queue: Queue) -> None:
    queue({"chunks": EXACT})
    answer = ask(client)
    assert (answer.object, answer.choices[0].message.content) == ("chat.completion", "Hi")


def test_chunks_are_completed_on_request(client: OpenAI, queue: Queue) -> None:
    queue({"complete": True, "chunks": [{"choices": [{}]}, {"choices": [{"delta": {"content": "Hi"}}]}]})
    first, second = ask(client, stream=True)
    assert first.id.startswith("chatcmpl-")
    assert (first.choices[0].delta.content, second.choices[0].delta.content) == (None, "Hi")
    assert second.obfuscation


def test_texts_between_exact_chunks_are_whole_chunks(client: OpenAI, queue: Queue) -> None:
    queue({"chunks": ["One", {"choices": []}, " two"]})
    chunks = [*ask(client, stream=True)]
    assert [chunk.choices[0].delta.content for chunk in chunks if chunk.choices] == ["One", " two"]
    assert (chunks[0].object, chunks[1].object) == ("chat.completion.chunk", None)


def test_faults_and_times_apply_to_exact_chunks(client: OpenAI, queue: Queue) -> None:
    piece = {"chunk": {"choices": [{"delta": {"content": "Hi"}}]}, "at": 0.01}
    queue({"chunks": [piece, piece, piece], "fault": "disconnect", "after_chunks": 2})
    heard: list[str | None] = []
    with pytest.raises(openai.APIConnectionError):
        heard.extend(chunk.choices[0].delta.content for chunk in ask(client, stream=True))
    assert heard in ([], ["Hi", "Hi"])


def test_reasoning_comes_before_the_text_in_pieces(client: OpenAI, queue: Queue) -> None:
    reply = {"text": "It is four.", "reasoning_content": "Two and two, so {{ user }}."}
    queue(reply, reply)
    whole = ask(client)
    assert (whole.choices[0].message.content, whole.choices[0].message.reasoning_content) == (
        "It is four.",
        "Two and two, so Hello.",
    )
    assert whole.usage.completion_tokens_details.reasoning_tokens == 7
    deltas = [chunk.choices[0].delta for chunk in ask(client, stream=True)]
    reasoning = [delta.model_extra["reasoning_content"] for delta in deltas if delta.model_extra]
    texts = [delta.content for delta in deltas if delta.content]
    assert ("".join(reasoning), "".join(texts)) == ("Two and two, so Hello.", "It is four.")
    assert len(reasoning) > 3
    assert [bool(delta.model_extra) for delta in deltas[1:]] == [True] * len(reasoning) + [False] * (len(texts) + 1)


def test_azure_sends_the_results_of_its_filters(client: OpenAI, queue: Queue) -> None:
    queue({"text": "Hi!", "azure": True}, {"text": "Hi!", "azure": True})
    whole = ask(client).model_dump()
    prompt = whole["prompt_filter_results"]
    assert [*prompt[0]["content_filter_results"]] == ["hate", "jailbreak", "self_harm", "sexual", "violence"]
    safe = {"filtered": False, "severity": "safe"}
    assert whole["choices"][0]["content_filter_results"] == dict.fromkeys(
        ("hate", "self_harm", "sexual", "violence"), safe
    )
    first, *others = [chunk.model_dump() for chunk in ask(client, stream=True)]
    assert (first["choices"], first["id"], first["model"], first["prompt_filter_results"]) == ([], "", "", prompt)
    results = [chunk["choices"][0]["content_filter_results"] for chunk in others]
    assert (results[0], results[-1]) == ({}, {})
    assert all(result["hate"] == safe for result in results[1:-1])
    assert "".join(chunk["choices"][0]["delta"]["content"] or "" for chunk in others) == "Hi!"


def test_azure_names_what_its_filter_found(client: OpenAI, queue: Queue) -> None:
    reply = {"text": "Well, ", "finish_reason": "content_filter", "azure": True}
    queue(reply, reply)
    found = {"filtered": True, "severity": "medium"}
    assert ask(client).choices[0].content_filter_results["violence"] == found
    *_, last = ask(client, stream=True)
    assert last.choices[0].finish_reason == "content_filter"
    assert last.choices[0].content_filter_results["violence"] == found


def test_a_refusal_may_follow_a_partial_text(client: OpenAI, queue: Queue) -> None:
    reply = {"text": "Sure, first", "refusal": "I can't help with that."}
    queue(reply, reply, {"refusal": "I can't help with that."})
    whole = ask(client)
    assert (whole.choices[0].message.content, whole.choices[0].message.refusal) == (reply["text"], reply["refusal"])
    deltas = [chunk.choices[0].delta for chunk in ask(client, stream=True)]
    assert "".join(delta.content or "" for delta in deltas) == reply["text"]
    assert "".join(delta.refusal or "" for delta in deltas) == reply["refusal"]
    assert whole.usage.completion_tokens == ask(client).usage.completion_tokens + 3


@pytest.mark.parametrize("reply", [{"upstream": True}, [{"text": "a"}, {"upstream": True}]])
def test_a_reply_of_an_upstream_that_is_not_there_is_not_queued(server: RunningServer, key: str, reply: Any) -> None:
    refused = control(server, key, "POST", "queue", reply)["error"]
    assert refused["code"] == "invalid_reply"
    assert refused["message"].endswith(
        ".upstream: there is no upstream; start the server with --upstream URL, or with --recordings of one"
    )
    assert control(server, key, "POST", "queue", "a") == {"waiting": 1}


def test_a_reply_that_cannot_be_answered_uses_up_no_other_reply(
    serve: Serve, client_of: Callable[[RunningServer], OpenAI], key: str
) -> None:
    with serve(backend="echo", upstream="http://127.0.0.1:9") as served:
        replies = [{"upstream": True}, {"text": "a", "headers": {"x-a": "{{ user }} ä"}}, "Next."]
        control(served, key, "POST", "queue", replies)
        client = client_of(served).with_options(max_retries=2)
        for words in ("mode: replay needs --recordings", "headers have ASCII only"):
            with pytest.raises(openai.InternalServerError, match=words) as caught:
                ask(client)
            assert caught.value.code == "script_error"
        assert ask(client).choices[0].message.content == "Next."
