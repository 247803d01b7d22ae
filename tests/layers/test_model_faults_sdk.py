"""Faults of the model through the official client: the same whole and streamed, and valid all the way."""

import json
from collections.abc import Callable
from typing import Any, Final

import openai
import pytest
from jsonschema import Draft202012Validator
from openai import OpenAI
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion

from chatdouble.layers.faults.model import REFUSAL
from chatdouble.scripts.format.faults import FAULT_OPTIONS
from chatdouble.testing.server import RunningServer
from raw import control

Suffer = Callable[..., None]
PARAMETERS: Final = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "at": {"type": "object"}},
    "required": ["city"],
}
TOOLS: Final[Any] = [
    {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}},
    {"type": "function", "function": {"name": "get_weather_v2"}},
    {"type": "function", "function": {"name": "ping"}},
]
CALLS: Final[dict[str, Any]] = {"text": "Let me look.", "tool_calls": [{"get_weather": {"city": "Oslo"}}, {"ping": {}}]}
TEXT: Final = "One two three four five six"
MODEL_FAULTS: Final = (
    *("invalid_tool_arguments", "unoffered_tool", "truncated_tool_arguments", "repeated_tool_call"),
    *("wrong_tool_call_id", "empty_answer", "reasoning_only", "content_filter", "refusal"),
)


class Model:
    """Asks for an answer, whole and streamed, and checks that both are the same."""

    def __init__(self, client: OpenAI, server: RunningServer, key: str, suffer: Suffer) -> None:
        self.client, self.suffer = client, suffer
        self.queue: Callable[[Any], Any] = lambda reply: control(server, key, "POST", "queue", reply)

    def answer(self, fault: str, reply: Any, **request: Any) -> ChatCompletion:
        """Return the answer under a fault for which the backend gives this reply."""
        asked: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Go on"}], **request}
        self.suffer({"name": fault})
        self.queue([reply, reply])
        create: Any = self.client.chat.completions.create
        whole: ChatCompletion = create(**asked)
        state = ChatCompletionStreamState()
        for chunk in create(**asked, stream=True, stream_options={"include_usage": True}):
            state.handle_chunk(chunk)
        streamed = state.current_completion_snapshot
        assert _comparable(whole) == _comparable(streamed)
        assert whole.usage is not None
        assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
        return whole


def _comparable(answer: Any) -> Any:
    """Return an answer without ids, which differ between requests, and without what only one form has."""
    choices: list[Any] = []
    for choice in answer.choices:
        message = choice.message
        calls = [(call.function.name, call.function.arguments) for call in message.tool_calls or ()]
        choices.append((choice.finish_reason, message.content, message.refusal, calls))
    return choices, answer.usage.model_dump()


@pytest.fixture
def model(client: OpenAI, server: RunningServer, key: str, suffer: Suffer) -> Model:
    return Model(client, server, key, suffer)


def calls_of(answer: ChatCompletion) -> list[tuple[str, str, str]]:
    made: Any = answer.choices[0].message.tool_calls or ()
    return [(call.id, call.function.name, call.function.arguments) for call in made]


def valid(parameters: Any, arguments: str) -> bool:
    validator: Any = Draft202012Validator(parameters)
    return bool(validator.is_valid(json.loads(arguments)))


def completion_tokens(answer: ChatCompletion) -> int:
    assert answer.usage is not None
    return answer.usage.completion_tokens


def test_every_fault_of_the_model_is_declared() -> None:
    assert {*MODEL_FAULTS} <= {*FAULT_OPTIONS}


def test_arguments_violate_the_parameters_and_are_json(model: Model) -> None:
    answer = model.answer("invalid_tool_arguments", CALLS, tools=TOOLS)
    (_, _, weather), (_, _, ping) = calls_of(answer)
    assert not valid(PARAMETERS, weather)
    assert {*json.loads(weather)} == {"city", "days", "at"}
    assert json.loads(ping) == {"unexpected_argument": True}
    assert answer.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "object", "properties": {}, "required": ["a"]},
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        {"type": "object", "properties": {"a": {"enum": ["x"]}}},
        {"type": "object", "properties": {"a": {"type": ["string", "number", "null"]}}},
    ],
)
def test_arguments_violate_any_parameters_that_can_be_violated(model: Model, parameters: dict[str, Any]) -> None:
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": parameters}}]
    ((_, _, arguments),) = calls_of(model.answer("invalid_tool_arguments", {"tool_calls": ["f"]}, tools=tools))
    assert not valid(parameters, arguments)


def test_a_tool_is_called_that_was_not_offered(model: Model) -> None:
    names = [name for _, name, _ in calls_of(model.answer("unoffered_tool", CALLS, tools=TOOLS))]
    assert names == ["get_weather_v3", "ping_v2"]


def test_a_text_becomes_a_call_of_a_tool_that_was_not_offered(model: Model) -> None:
    answer = model.answer("unoffered_tool", TEXT)
    ((call_id, name, arguments),) = calls_of(answer)
    assert (call_id[:5], name, arguments) == ("call_", "tool_v2", "{}")
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (None, "tool_calls")


def test_arguments_are_cut_and_the_finish_reason_is_length(model: Model) -> None:
    reply = {"tool_calls": ["ping", {"get_weather": {"city": "Oslo"}}]}
    answer = model.answer("truncated_tool_arguments", reply, tools=TOOLS)
    assert [arguments for _, _, arguments in calls_of(answer)] == ["{}", '{"city"']
    assert answer.choices[0].finish_reason == "length"


def test_a_call_comes_twice_with_another_id(model: Model) -> None:
    made = calls_of(
        model.answer("repeated_tool_call", {"tool_calls": [{"get_weather": {"city": "Oslo"}}]}, tools=TOOLS)
    )
    assert [call[1:] for call in made] == [("get_weather", '{"city":"Oslo"}')] * 2
    assert made[0][0] != made[1][0]


def test_calls_have_the_id_of_an_earlier_call_or_none(model: Model) -> None:
    assert [call_id for call_id, _, _ in calls_of(model.answer("wrong_tool_call_id", CALLS, tools=TOOLS))] == ["", ""]
    called = {"id": "call_1", "type": "function", "function": {"name": "ping", "arguments": "{}"}}
    messages: Any = [
        {"role": "user", "content": "Ping!"},
        {"role": "assistant", "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "call_1", "content": "pong"},
    ]
    answer = model.answer("wrong_tool_call_id", CALLS, tools=TOOLS, messages=messages)
    assert [call_id for call_id, _, _ in calls_of(answer)] == ["call_1", "call_1"]


@pytest.mark.parametrize(
    ("fault", "content", "refusal", "finish"),
    [
        ("empty_answer", "", None, "stop"),
        ("reasoning_only", "", None, "length"),
        ("content_filter", "One two three", None, "content_filter"),
        ("refusal", None, REFUSAL, "stop"),
    ],
)
def test_a_text_is_replaced_or_cut(model: Model, fault: str, content: str, refusal: str, finish: str) -> None:
    answer = model.answer(fault, TEXT, logprobs=True)
    message = answer.choices[0].message
    assert (message.content, message.refusal, answer.choices[0].finish_reason) == (content, refusal, finish)
    assert answer.choices[0].logprobs is None


@pytest.mark.parametrize("fault", ["empty_answer", "reasoning_only", "refusal"])
def test_calls_are_replaced_too(model: Model, fault: str) -> None:
    assert calls_of(model.answer(fault, CALLS, tools=TOOLS)) == []


def test_the_usage_follows_the_answer(model: Model) -> None:
    model.suffer()
    model.queue(TEXT)
    unharmed = model.client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Go on"}])
    assert completion_tokens(model.answer("content_filter", TEXT)) == completion_tokens(unharmed) - 3
    reasoned = model.answer("reasoning_only", TEXT)
    assert reasoned.usage is not None
    assert reasoned.usage.completion_tokens_details is not None
    assert reasoned.usage.completion_tokens_details.reasoning_tokens == completion_tokens(unharmed)


def test_a_refusal_takes_the_place_of_structured_output(model: Model) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": schema}}
    answer = model.answer("refusal", {"json": {"a": "b"}}, response_format=wanted)
    assert (answer.choices[0].message.content, answer.choices[0].message.refusal) == (None, REFUSAL)


@pytest.mark.parametrize("fault", ["truncated_tool_arguments", "invalid_tool_arguments", "repeated_tool_call"])
def test_an_answer_without_calls_stays_as_it_is(model: Model, fault: str) -> None:
    answer = model.answer(fault, TEXT)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("truncated_tool_arguments", openai.LengthFinishReasonError),
        ("reasoning_only", openai.LengthFinishReasonError),
        ("content_filter", openai.ContentFilterFinishReasonError),
    ],
)
def test_the_clients_helpers_notice_an_answer_that_was_cut(model: Model, fault: str, raised: type[Exception]) -> None:
    parameters = {**PARAMETERS, "properties": {"city": {"type": "string"}}, "additionalProperties": False}
    tools: Any = [{"type": "function", "function": {"name": "get_weather", "parameters": parameters, "strict": True}}]
    model.suffer({"name": fault})
    model.queue({"tool_calls": [{"get_weather": {"city": "Oslo"}}]})
    messages: Any = [{"role": "user", "content": "Go on"}]
    with pytest.raises(raised):
        model.client.chat.completions.parse(model="gpt-4o", messages=messages, tools=tools)
