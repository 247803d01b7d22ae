"""The official Python client's view of each fault, in streams and whole answers, and its retries."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageFunctionToolCall

from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.backend import Call, Reply
from chatdouble.layers.faults.layer import set_faults
from chatdouble.schema.completion import FunctionToolCall
from chatdouble.scripts.format.faults import PlainFault
from chatdouble.testing.server import RunningServer, running

Suffer = Callable[..., None]
SAID: Final = "Grüße my dear friend"
UNHARMED: Final = ("slow_body", "merged_frames", "split_frames", "missing_done", "wrong_content_type", "wrong_ids")


def whole(client: OpenAI, content: str = SAID) -> ChatCompletion:
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": content}])


def streamed(client: OpenAI, into: list[ChatCompletionChunk] | None = None) -> list[ChatCompletionChunk]:
    """Read a stream to its end; what came before an exception is in `into`."""
    chunks = [] if into is None else into
    messages: Any = [{"role": "user", "content": SAID}]
    chunks.extend(client.chat.completions.create(model="gpt-4o", messages=messages, stream=True))
    return chunks


def text(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


ASKS: Final = pytest.mark.parametrize("ask", [whole, streamed])


@ASKS
@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_an_error_is_the_exception_of_its_status(
    client: OpenAI, suffer: Suffer, ask: Callable[[OpenAI], Any], status: int, raised: type[openai.APIStatusError]
) -> None:
    suffer({"name": "error", "status": status})
    with pytest.raises(raised) as caught:
        ask(client)
    assert caught.value.status_code == status
    assert caught.value.request_id


@ASKS
@pytest.mark.parametrize(("status", "tries"), [(400, 1), (404, 1), (409, 3), (429, 3), (500, 3), (503, 3)])
def test_an_error_is_tried_again_if_trying_again_may_help(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int], ask: Callable[[OpenAI], Any], status: int, tries: int
) -> None:
    suffer({"name": "error", "status": status})
    with pytest.raises(openai.APIStatusError):
        ask(patient)
    assert seen() == tries


@ASKS
@pytest.mark.parametrize(
    "fault", [{"name": "error", "status": 429, "retry_after": 0.001}, {"name": "reset"}, {"name": "error"}]
)
def test_a_fault_of_the_first_two_answers_is_over_at_the_third_try(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int], ask: Callable[[OpenAI], Any], fault: dict[str, Any]
) -> None:
    suffer({**fault, "times": 2})
    assert ask(patient)
    assert seen() == 3


@ASKS
def test_a_reset_is_a_connection_error(client: OpenAI, suffer: Suffer, ask: Callable[[OpenAI], Any]) -> None:
    suffer({"name": "reset"})
    with pytest.raises(openai.APIConnectionError):
        ask(client)


@ASKS
def test_a_disconnect_before_any_byte_is_tried_again(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int], ask: Callable[[OpenAI], Any]
) -> None:
    suffer({"name": "disconnect", "after_chunks": 0})
    with pytest.raises(openai.APIConnectionError):
        ask(patient)
    assert seen() == 3


@pytest.mark.parametrize("chunks", [1, 3])
def test_a_disconnect_in_a_stream_comes_after_its_chunks_and_is_not_tried_again(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int], chunks: int
) -> None:
    suffer({"name": "disconnect", "after_chunks": chunks})
    came: list[ChatCompletionChunk] = []
    with pytest.raises(openai.APIConnectionError):
        streamed(patient, came)
    assert len(came) == chunks
    assert seen() == 1


def test_a_disconnect_in_a_whole_answer_is_tried_again(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int]
) -> None:
    suffer({"name": "disconnect"})
    with pytest.raises(openai.APIConnectionError):
        whole(patient)
    assert seen() == 3


def test_a_disconnect_once_does_no_harm_to_a_whole_answer(patient: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "disconnect", "times": 1})
    assert whole(patient).choices[0].message.content == SAID


@pytest.mark.parametrize("chunks", [1, 2])
def test_a_stream_that_stalls_times_out_after_its_chunks(client: OpenAI, suffer: Suffer, chunks: int) -> None:
    suffer({"name": "stall", "after_chunks": chunks})
    came: list[ChatCompletionChunk] = []
    with pytest.raises(openai.APITimeoutError):
        streamed(client.with_options(timeout=0.3), came)
    assert len(came) == chunks


@ASKS
def test_an_answer_that_never_begins_times_out(client: OpenAI, suffer: Suffer, ask: Callable[[OpenAI], Any]) -> None:
    suffer({"name": "stall", "after_chunks": 0})
    with pytest.raises(openai.APITimeoutError):
        ask(client.with_options(timeout=0.3))


def test_a_whole_answer_that_stalls_times_out_and_is_tried_again(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int]
) -> None:
    suffer({"name": "stall", "times": 1})
    assert whole(patient.with_options(timeout=0.5)).choices[0].message.content == SAID
    assert seen() == 2


@pytest.mark.parametrize("name", ["malformed_json", "broken_frame"])
def test_json_that_cannot_be_read_is_the_parsers_own_error(client: OpenAI, suffer: Suffer, name: str) -> None:
    suffer({"name": name, "after_chunks": 2})
    came: list[ChatCompletionChunk] = []
    with pytest.raises(json.JSONDecodeError):
        streamed(client, came)
    assert len(came) == 2
    with pytest.raises(json.JSONDecodeError):
        whole(client)


@pytest.mark.parametrize("name", UNHARMED)
def test_some_faults_of_a_stream_go_unnoticed(client: OpenAI, suffer: Suffer, name: str) -> None:
    options = {"bytes_per_second": 20_000} if name == "slow_body" else {}
    suffer({"name": name, **options})
    assert text(streamed(client)) == SAID


@pytest.mark.parametrize("name", [name for name in UNHARMED if name != "missing_done"])
def test_some_faults_of_a_whole_answer_go_unnoticed(client: OpenAI, suffer: Suffer, name: str) -> None:
    options = {"bytes_per_second": 20_000} if name == "slow_body" else {}
    suffer({"name": name, **options})
    assert whole(client).choices[0].message.content == SAID


@pytest.mark.parametrize("name", ["missing_done", "empty_body", "duplicate_chunk"])
def test_a_whole_answer_that_is_not_one_json_value_is_the_parsers_own_error(
    client: OpenAI, suffer: Suffer, name: str
) -> None:
    suffer({"name": name})
    with pytest.raises(json.JSONDecodeError):
        whole(client)


def test_an_empty_stream_has_no_chunks_and_no_error(client: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "empty_body"})
    assert streamed(client) == []


def test_an_error_inside_a_stream_is_an_api_error_without_a_status(
    patient: OpenAI, suffer: Suffer, seen: Callable[[], int]
) -> None:
    suffer({"name": "error_event", "after_chunks": 3, "type": "model_error", "message": "Invalid content."})
    came: list[ChatCompletionChunk] = []
    with pytest.raises(openai.APIError, match=r"Invalid content\.") as caught:
        streamed(patient, came)
    assert not isinstance(caught.value, openai.APIStatusError)
    assert caught.value.type == "model_error"
    assert (len(came), seen()) == (3, 1)


def test_an_error_in_place_of_a_whole_answer_is_a_completion_without_choices(client: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "error_event"})
    answer: Any = whole(client)
    assert answer.choices is None
    assert answer.error["type"] == "server_error"


def test_a_body_that_says_it_is_no_json_and_is_none_comes_back_as_text(client: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "malformed_json"}, {"name": "wrong_content_type"})
    answer: Any = whole(client)
    assert isinstance(answer, str)
    assert answer.startswith("{")


def test_a_chunk_that_comes_twice_is_said_twice(client: OpenAI, suffer: Suffer) -> None:
    whole_text = text(streamed(client))
    suffer({"name": "duplicate_chunk"})
    chunks = streamed(client)
    assert text(chunks) == (chunks[1].choices[0].delta.content or "") + whole_text


def test_chunks_out_of_order_are_said_out_of_order(client: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "out_of_order_chunks"})
    said = text(streamed(client))
    assert said != SAID
    assert sorted(said) == sorted(SAID)


def test_each_chunk_of_a_stream_with_wrong_ids_has_its_own(client: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "wrong_ids"})
    chunks = streamed(client)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


class Calls:
    """A backend that calls a tool."""

    async def reply(self, call: Call) -> Reply:
        """Answer with one call."""
        function: FunctionToolCall = {
            "id": "call_one",
            "type": "function",
            "function": {"name": "look", "arguments": '{"in": "Oslo"}'},
        }
        return await compose(call, [Draft(tool_calls=[function])])


def test_corrupt_arguments_of_tools_are_no_json(client_of: Callable[[RunningServer], OpenAI], key: str) -> None:
    tools: Any = [{"type": "function", "function": {"name": "look"}}]
    messages: Any = [{"role": "user", "content": "Where?"}]
    with running(backend=Calls()) as served, client_of(served) as client:
        asyncio.run(set_faults(served.app.services.sessions.named(key), [PlainFault(name="corrupt_tool_arguments")]))
        answer = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
        stream = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools, stream=True)
        deltas = [call for chunk in stream for call in chunk.choices[0].delta.tool_calls or ()]
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    (call,) = calls
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    pieces = [delta.function.arguments or "" for delta in deltas if delta.function]
    assert call.function.arguments == "".join(pieces) == '"in": "Oslo"}'
    with pytest.raises(json.JSONDecodeError):
        json.loads(call.function.arguments)


def test_parallel_sessions_suffer_alone(server: RunningServer, client: OpenAI, suffer: Suffer) -> None:
    suffer({"name": "reset"})
    with OpenAI(base_url=server.base_url, api_key="sk-of-another-test", max_retries=0) as other:
        assert whole(other).choices[0].message.content == SAID
    with pytest.raises(openai.APIConnectionError):
        whole(client)
