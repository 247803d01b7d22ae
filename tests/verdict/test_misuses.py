"""Misuses of the API that leave a suite green: each brings its one problem, through the official client."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from openai import APIStatusError, OpenAI

from chatdouble.testing.server import RunningServer
from raw import control

CURRENT = "gpt-5.4-mini"
OLDER = "gpt-4o-mini"
WEATHER: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def ask(client: OpenAI, text: str = "Hello!", model: str = CURRENT, **more: Any) -> Any:
    """Ask as an application does that swallows every error of the API."""
    completions: Any = client.chat.completions
    with suppress(APIStatusError):
        return completions.create(model=model, messages=more.pop("messages", [user(text)]), **more)


def deprecated_limit(client: OpenAI) -> None:
    ask(client, model=OLDER, max_tokens=5)


def deprecated_functions(client: OpenAI) -> None:
    ask(client, model=OLDER, functions=[WEATHER["function"]])


def deprecated_user(client: OpenAI) -> None:
    ask(client, user="someone@example.org")


def retired_model(client: OpenAI) -> None:
    ask(client, model="gpt-4-0314")


def misspelt_model(client: OpenAI) -> None:
    ask(client, model="gpt4o-mini")


def result_never_sent(client: OpenAI) -> None:
    ask(client, "Weather in Paris?", tools=[WEATHER])


def too_hot(client: OpenAI) -> None:
    ask(client, model=OLDER, temperature=3)


def unknown_parameter(client: OpenAI) -> None:
    ask(client, extra_body={"max_completion_token": 5})


def result_without_a_call(client: OpenAI) -> None:
    ask(client, messages=[user("Hi"), {"role": "tool", "tool_call_id": "call_1", "content": "18"}])


def call_without_a_result(client: OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    ask(client, messages=[user("Hi"), {"role": "assistant", "tool_calls": [call]}, user("And?")])


def schema_with_a_gap(client: OpenAI) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    ask(client, response_format={"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": schema}})


def old_limit_of_a_reasoning_model(client: OpenAI) -> None:
    ask(client, model="gpt-5.4", max_tokens=5)


def json_without_the_word(client: OpenAI) -> None:
    ask(client, response_format={"type": "json_object"})


def no_messages(client: OpenAI) -> None:
    ask(client, messages=[])


def loose_schema(client: OpenAI) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    ask(client, response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema}})


def other_endpoint(client: OpenAI) -> None:
    with suppress(APIStatusError):
        client.files.list()


def sound_without_its_modality(client: OpenAI) -> None:
    ask(client, model=OLDER, audio={"voice": "alloy", "format": "wav"})


def same_question_twice(client: OpenAI) -> None:
    ask(client)
    ask(client)


MISUSES: dict[Callable[[OpenAI], None], tuple[str, str]] = {
    deprecated_limit: ("deprecated_parameter", "`max_tokens`"),
    deprecated_functions: ("deprecated_parameter", "`functions`"),
    deprecated_user: ("deprecated_parameter", "`user`"),
    retired_model: ("deprecated_model", "`gpt-4-0314`, which was shut down on 2026-03-26"),
    misspelt_model: ("unknown_model", "`gpt4o-mini`"),
    result_never_sent: ("tool_result_missing", "no result of `get_weather`"),
    too_hot: ("refused", "400: Invalid 'temperature': decimal above maximum value."),
    unknown_parameter: ("refused", "400: Unknown parameter: 'max_completion_token'."),
    result_without_a_call: ("refused", "400: Invalid parameter: messages with role 'tool' must be a response to"),
    call_without_a_result: ("refused", "400: An assistant message with 'tool_calls' must be followed by tool messages"),
    schema_with_a_gap: ("refused", "400: Invalid schema for response_format 'a'"),
    old_limit_of_a_reasoning_model: ("refused", "400: Unsupported parameter: 'max_tokens' is not supported"),
    json_without_the_word: ("refused", "400: 'messages' must contain the word 'json' in some form"),
    no_messages: ("refused", "400: Invalid 'messages': empty array."),
    loose_schema: ("schema_not_strict", "the schema `a` of the response format is not strict"),
    other_endpoint: ("endpoint_not_doubled", "GET /v1/files"),
    sound_without_its_modality: ("ignored_parameter", "`audio`"),
    same_question_twice: ("repeated_request", "POST /v1/chat/completions with the same body"),
}


@pytest.mark.parametrize(("misuse", "kind", "found"), [(misuse, *rest) for misuse, rest in MISUSES.items()])
def test_a_misuse_brings_its_one_problem(
    server: RunningServer, key: str, client: OpenAI, misuse: Callable[[OpenAI], None], kind: str, found: str
) -> None:
    misuse(client)
    verdict = control(server, key, "GET", "verdict")
    assert [(problem["kind"], problem["found"][: len(found)]) for problem in verdict["problems"]] == [(kind, found)]


def test_a_clean_suite_has_no_problem(server: RunningServer, key: str, client: OpenAI) -> None:
    asked: list[Any] = [user("Weather in Paris?")]
    called = client.chat.completions.create(model=CURRENT, messages=asked, tools=[WEATHER])
    message = called.choices[0].message
    assert message.tool_calls
    asked.append(message.model_dump(exclude_none=True))
    asked += [{"role": "tool", "tool_call_id": call.id, "content": "18"} for call in message.tool_calls]
    ask(client, messages=asked, tools=[WEATHER])
    assert "".join(chunk.choices[0].delta.content or "" for chunk in ask(client, "Tell a story", stream=True))
    verdict = control(server, key, "GET", "verdict")
    assert (verdict["ok"], verdict["problems"], verdict["counts"]["requests"]) == (True, [], 3)


def test_two_runs_of_a_suite_give_the_same_bytes(serve: Callable[..., Any], client_of: Any, key: str) -> None:
    def judged() -> Any:
        with serve(clock="fixed:2026-11-26") as served:
            for misuse in MISUSES:
                misuse(client_of(served))
            return control(served, key, "GET", "verdict")

    assert judged() == judged()
