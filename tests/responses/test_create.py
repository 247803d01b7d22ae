"""Responses through the official client: text, tools, structured output, reasoning and limits."""

from typing import Any

import openai
import orjson
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import FunctionToolParam
from pydantic import BaseModel

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": None,
}


class Place(BaseModel):
    """A structured answer."""

    city: str
    inhabitants: int


def sent(client: OpenAI, **request: Any) -> dict[str, Any]:
    """Return the body that answers a request, its keys in the order in which they were sent."""
    create: Any = client.responses.with_raw_response.create
    body: dict[str, Any] = orjson.loads(create(**request).content)
    return body


def test_text_is_answered_with_a_message(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-4o", input="Tell me a joke.")
    assert answer.output_text == "Tell me a joke."
    assert (answer.status, answer.model) == ("completed", "gpt-4o-2024-08-06")
    assert answer.usage is not None
    assert answer.usage.input_tokens == 12


async def test_the_asynchronous_client_gets_the_same_text(async_client: AsyncOpenAI) -> None:
    answer = await async_client.responses.create(model="gpt-4o", input=[{"role": "user", "content": "Hello"}])
    assert answer.output_text == "Hello"


def test_keys_are_in_the_order_of_the_api(client: OpenAI) -> None:
    keys = [*sent(client, model="gpt-4o", input="Hi", user="u", metadata={"a": "b"})]
    middle = keys[4:-2]
    assert keys[:4] == ["id", "object", "created_at", "status"]
    assert middle == sorted(middle)
    assert keys[-2:] == ["user", "metadata"]


def test_ids_share_the_first_digits_and_encode_the_time(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-4o", input="Hi")
    shared, item = answer.id[5:21], answer.output[0]
    assert item.id is not None
    assert item.id.startswith(f"msg_{shared}00")
    assert int(answer.id[23:31], 16) == answer.created_at
    assert len(answer.id) == len("resp_") + 50


def test_a_function_is_called_and_its_output_answered_with_items(client: OpenAI) -> None:
    first = client.responses.create(model="gpt-4o", input="What is the weather in 'Paris'?", tools=[WEATHER])
    call = first.output[0]
    assert call.type == "function_call"
    assert (call.name, call.arguments, call.status) == ("get_weather", '{"city":"Paris"}', "completed")
    items: list[Any] = [{"role": "user", "content": "What is the weather in 'Paris'?"}, *first.output]
    items.append({"type": "function_call_output", "call_id": call.call_id, "output": "sunny"})
    assert client.responses.create(model="gpt-4o", input=items, tools=[WEATHER]).output_text == (
        "get_weather returned: sunny"
    )


def test_a_function_is_called_and_its_output_answered_with_the_previous_response(client: OpenAI) -> None:
    first = client.responses.create(model="gpt-5", input="What is the weather in 'Paris'?", tools=[WEATHER])
    assert [item.type for item in first.output] == ["reasoning", "function_call"]
    call = first.output[1]
    assert call.type == "function_call"
    second = client.responses.create(
        model="gpt-5",
        previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}],
        tools=[WEATHER],
    )
    assert second.output_text == "get_weather returned: sunny"
    assert second.previous_response_id == first.id
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.input_tokens > first.usage.input_tokens


def test_a_custom_tool_gets_text_of_its_grammar(client: OpenAI) -> None:
    answer = client.responses.create(
        model="gpt-5",
        input="Use code_exec",
        tools=[
            {
                "type": "custom",
                "name": "code_exec",
                "format": {"type": "grammar", "syntax": "regex", "definition": "[0-9]{3}"},
            }
        ],
    )
    call = answer.output[-1]
    assert call.type == "custom_tool_call"
    assert call.input.isdigit()
    assert call.id is not None
    assert call.id.startswith("ctc_")


def test_several_calls_are_several_items_unless_the_request_forbids_it(client: OpenAI) -> None:
    other: FunctionToolParam = {**WEATHER, "name": "get_news"}
    for parallel, count in ((True, 2), (False, 1)):
        answer = client.responses.create(
            model="gpt-4o", input="The weather and the news", tools=[WEATHER, other], parallel_tool_calls=parallel
        )
        assert len(answer.output) == count


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("none", []),
        ("required", ["get_weather"]),
        ({"type": "function", "name": "get_news"}, ["get_news"]),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "get_news"}]},
            ["get_news"],
        ),
        ({"type": "web_search_preview"}, []),
    ],
)
def test_tool_choice_is_followed(client: OpenAI, choice: Any, called: list[str]) -> None:
    tools: list[Any] = [WEATHER, {**WEATHER, "name": "get_news"}, {"type": "web_search_preview"}]
    answer = client.responses.create(model="gpt-4o", input="Hello", tools=tools, tool_choice=choice)
    assert [item.name for item in answer.output if item.type == "function_call"] == called


def test_the_clients_parser_gets_an_instance_of_its_schema(client: OpenAI) -> None:
    answer = client.responses.parse(model="gpt-4o", input="A place, please", text_format=Place)
    assert isinstance(answer.output_parsed, Place)
    form: Any = {"type": "json_schema", "name": "p", "schema": {"type": "object", "properties": {}}, "strict": False}
    body = sent(client, model="gpt-4o", input="A place", text={"format": form})
    assert [*body["text"]["format"]] == ["type", "description", "name", "schema", "strict"]


def test_json_mode_answers_with_an_object(client: OpenAI) -> None:
    answer = client.responses.create(
        model="gpt-4o", input="Some JSON with the keys 'a' and 'b'", text={"format": {"type": "json_object"}}
    )
    assert answer.output_text.startswith('{"a":')


def test_too_few_tokens_make_an_incomplete_response(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-4o", input="word " * 40, max_output_tokens=16)
    assert answer.status == "incomplete"
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.completed_at is None
    assert answer.output[0].type == "message"
    assert answer.output[0].status == "incomplete"
    assert answer.usage is not None
    assert answer.usage.output_tokens == 16


def test_a_model_that_only_reasons_has_no_message(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-5", input="Hello", max_output_tokens=16)
    assert [item.type for item in answer.output] == ["reasoning"]
    assert answer.status == "incomplete"


def test_reasoning_has_a_summary_and_encrypted_content_where_asked_for(client: OpenAI) -> None:
    answer = client.responses.create(
        model="gpt-5", input="Hi", reasoning={"summary": "auto"}, include=["reasoning.encrypted_content"], store=False
    )
    item = answer.output[0]
    assert item.type == "reasoning"
    assert item.summary[0].text
    assert item.encrypted_content is not None
    assert item.encrypted_content.startswith("gAAAAA")
    assert answer.usage is not None
    assert answer.usage.output_tokens_details.reasoning_tokens > 0
    again: list[Any] = [{"role": "user", "content": "Hi"}, *answer.output, {"role": "user", "content": "And?"}]
    assert client.responses.create(model="gpt-5", input=again, store=False).output_text == "And?"


def test_log_probabilities_are_in_the_text_where_asked_for(client: OpenAI) -> None:
    include = ["message.output_text.logprobs"]
    body = sent(client, model="gpt-4o", input="Hello there", include=include, top_logprobs=2)
    part = body["output"][0]["content"][0]
    assert "".join(one["token"] for one in part["logprobs"]) == "Hello there"
    assert all(len(one["top_logprobs"]) == 2 for one in part["logprobs"])


def test_instructions_count_as_a_message_and_are_repeated(client: OpenAI) -> None:
    bare = client.responses.create(model="gpt-4o", input="Hi")
    told = client.responses.create(model="gpt-4o", input="Hi", instructions="Be brief.")
    assert told.instructions == "Be brief."
    assert bare.usage is not None
    assert told.usage is not None
    assert told.usage.input_tokens == bare.usage.input_tokens + 4 + 3


def test_images_and_files_are_seen(client: OpenAI) -> None:
    answer = client.responses.create(
        model="gpt-4o",
        input=[
            {
                "role": "user",
                "content": [
                    {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
                    {"type": "input_file", "file_id": "file-1"},
                ],
            }
        ],
    )
    assert answer.output_text == "I received 1 image and 1 file."


def test_hosted_tools_are_accepted_and_repeated_with_their_defaults(client: OpenAI) -> None:
    tools: list[Any] = [
        {"type": "web_search"},
        {"type": "file_search", "vector_store_ids": ["vs_1"]},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "image_generation"},
        {"type": "mcp", "server_label": "m", "server_url": "https://example.com/secret", "headers": {"a": "key"}},
        {"type": "local_shell"},
    ]
    answer = sent(client, model="gpt-4o", input="Hello", tools=tools)
    assert answer["tools"][0]["search_context_size"] == "medium"
    assert answer["tools"][4]["server_url"] == "https://example.com/<redacted>"
    assert answer["tools"][4]["headers"] is None
    assert answer["output"][0]["content"][0]["text"] == "Hello"


def test_a_refusal_is_a_part_of_its_own(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-4o", input="[[refuse: No.]]")
    assert answer.output[0].type == "message"
    part = answer.output[0].content[0]
    assert part.type == "refusal"
    assert part.refusal == "No."


def test_azures_path_answers_too(client: OpenAI) -> None:
    azure = client.with_options(base_url=str(client.base_url).replace("/v1/", "/openai/v1/"))
    assert azure.responses.create(model="gpt-4o", input="Hello").output_text == "Hello"


def test_tools_with_reasoning_are_refused_on_chat_and_answered_here(client: OpenAI) -> None:
    function: Any = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER["parameters"]}}
    with pytest.raises(openai.BadRequestError, match="/v1/responses"):
        client.chat.completions.create(
            model="gpt-5.6-sol", messages=[{"role": "user", "content": "weather"}], tools=[function]
        )
    answer = client.responses.create(model="gpt-5.6-sol", input="weather", tools=[WEATHER])
    assert [item.type for item in answer.output] == ["reasoning", "function_call"]
