"""Refusals of the Responses API in its own words."""

from typing import Any, Final

import httpx2
import openai
import pytest
from openai import OpenAI

Refusal = tuple[str, str | None, str | None]

CALL: Final = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT: Final = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
OPEN: Final = {"type": "object", "properties": {"a": {"type": "string"}}}
AUDIO: Final = "data:audio/wav;base64,AAAA"
REFERENCE: Final = "https://platform.openai.com/docs/api-reference/responses/create"

WRONG_FILE: Final = (
    "Invalid file data: 'input[0].content[0].file_data'. Expected a base64-encoded data URL with a valid file MIME "
    "type (e.g. 'data:text/plain;base64,SGVsbG8sIFdvcmxkIQ=='), but got unsupported MIME type 'audio/wav'. Please see "
    "https://platform.openai.com/docs/assistants/tools/file-search#supported-files for supported file types."
)
MISSING: Final = "missing_required_parameter"

REFUSALS: dict[str, tuple[dict[str, Any], Refusal]] = {
    "no input": ({"input": ...}, ("Missing required parameter: 'input'.", "input", MISSING)),
    "null input": (
        {"input": None},
        ("Invalid type for 'input': expected a string, but got an object instead.", "input", "invalid_type"),
    ),
    "empty input": (
        {"input": []},
        ("One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.", None, MISSING),
    ),
    "input of a wrong type": (
        {"input": {"a": 1}},
        (
            "Invalid type for 'input': expected one of a string or array of input items, but got an object instead.",
            "input",
            "invalid_type",
        ),
    ),
    "no model": ({"model": ...}, ("Missing required parameter: 'model'.", "model", MISSING)),
    "model of a wrong type": (
        {"model": 7},
        ("Invalid type for 'model': expected a string, but got an integer instead.", "model", "invalid_type"),
    ),
    "empty model": ({"model": ""}, ("The requested model '' does not exist.", "model", "model_not_found")),
    "unknown": ({"seed": 1}, ("Unknown parameter: 'seed'.", "seed", "unknown_parameter")),
    "misspelt": ({"sto": True}, ("Unknown parameter: 'sto'. Did you mean 'store'?", "sto", "unknown_parameter")),
    "unknown within": ({"text": {"zzz": 1}}, ("Unknown parameter: 'text.zzz'.", "text.zzz", "unknown_parameter")),
    "moved": (
        {"reasoning_effort": "low"},
        (
            (
                "Unsupported parameter: 'reasoning_effort'. In the Responses API, this parameter has moved to "
                "'reasoning.effort'. Try again with the new parameter. See the API documentation for more information: "
                f"{REFERENCE}."
            ),
            None,
            "unsupported_parameter",
        ),
    ),
    "no item": (
        {"input": [7]},
        (
            "Invalid type for 'input[0]': expected an input item, but got an integer instead.",
            "input[0]",
            "invalid_type",
        ),
    ),
    "unknown role": (
        {"input": [{"role": "bogus", "content": "x"}]},
        (
            "Invalid value: 'bogus'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
            "input[0]",
            "invalid_value",
        ),
    ),
    "no content": (
        {"input": [{"role": "user"}]},
        ("Missing required parameter: 'input[0].content'.", "input[0].content", MISSING),
    ),
    "part of another role": (
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
        (
            "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
            "input[0].content[0]",
            "invalid_value",
        ),
    ),
    "image of chat completions": (
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": {"url": "u"}}]}]},
        (
            "Invalid type for 'input[0].content[0].image_url': expected an image URL, but got an object instead.",
            "input[0].content[0].image_url",
            "invalid_type",
        ),
    ),
    "tool of chat completions": (
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        ("Missing required parameter: 'tools[0].name'.", "tools[0].name", MISSING),
    ),
    "too few tokens": (
        {"max_output_tokens": 3},
        (
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 3 instead.",
            "max_output_tokens",
            "integer_below_min_value",
        ),
    ),
    "wrong effort": (
        {"model": "o4-mini", "reasoning": {"effort": "minimal"}},
        (
            (
                "Unsupported value: 'minimal' is not supported with the 'o4-mini' model. "
                "Supported values are: 'low', 'medium', and 'high'."
            ),
            "reasoning.effort",
            "unsupported_value",
        ),
    ),
    "temperature of a reasoning model": (
        {"model": "gpt-5-mini", "temperature": 0.5},
        ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature", None),
    ),
    "logprobs of a reasoning model": (
        {"model": "gpt-5", "top_logprobs": 2},
        ("logprobs are not supported with reasoning models.", "top_logprobs", "unsupported_parameter"),
    ),
    "encrypted content of another model": (
        {"include": ["reasoning.encrypted_content"]},
        ("Encrypted content is not supported with this model.", "include", None),
    ),
    "open schema": (
        {"text": {"format": {"type": "json_schema", "name": "p", "schema": OPEN}}},
        (
            (
                "Invalid schema for response_format 'p': In context=(), 'additionalProperties' is required to be "
                "supplied and to be false."
            ),
            "text.format.schema",
            "invalid_json_schema",
        ),
    ),
    "open parameters": (
        {
            "tools": [
                {"type": "function", "name": "f", "parameters": {**OPEN, "additionalProperties": False}, "strict": True}
            ]
        },
        (
            (
                "Invalid schema for function 'f': In context=(), 'required' is required to be supplied and to be an "
                "array including every key in properties. Missing 'a'."
            ),
            "tools[0].parameters",
            "invalid_function_parameters",
        ),
    ),
    "JSON without the word": (
        {"text": {"format": {"type": "json_object"}}},
        (
            (
                "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
                "'json_object'."
            ),
            "input",
            None,
        ),
    ),
    "output without a call": (
        {"input": [OUTPUT]},
        ("No tool call found for function call output with call_id call_1.", "input", None),
    ),
    "call without an output": (
        {"input": [{"role": "user", "content": "x"}, CALL]},
        ("No tool output found for function call call_1.", "input", None),
    ),
    "item twice": (
        {"input": [{**CALL, "id": "fc_1"}, OUTPUT, {**CALL, "id": "fc_1"}, OUTPUT]},
        (
            "Duplicate item found with id fc_1. Remove duplicate items from your input and try again.",
            "input",
            None,
        ),
    ),
    "reasoning alone": (
        {
            "model": "gpt-5",
            "input": [{"type": "reasoning", "id": "rs_1", "summary": []}, {"role": "user", "content": "x"}],
        },
        ("Item 'rs_1' of type 'reasoning' was provided without its required following item.", "input", None),
    ),
    "id of something else": (
        {"input": [{**CALL, "id": "call_9"}, OUTPUT]},
        ("Invalid 'input[0].id': 'call_9'. Expected an ID that begins with 'fc'.", "input[0].id", "invalid_value"),
    ),
    "file of sound": (
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_data": AUDIO, "filename": "a.wav"}]}]},
        (WRONG_FILE, "input[0].content[0].file_data", "invalid_value"),
    ),
    "characters of an id": (
        {"previous_response_id": "@x"},
        (
            (
                "Invalid 'previous_response_id': '@x'. Expected an ID that contains letters, numbers, underscores, or "
                "dashes, but this value contained additional characters."
            ),
            "previous_response_id",
            "invalid_value",
        ),
    ),
    "both": (
        {"previous_response_id": "resp_1", "conversation": "conv_1"},
        (
            (
                "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'previous_response_id' or "
                "'conversation'."
            ),
            None,
            "mutually_exclusive_parameters",
        ),
    ),
    "cache retention": (
        {"model": "gpt-5.6-terra", "prompt_cache_retention": "in_memory"},
        (
            "This model is compatible only with 24h extended prompt caching",
            "prompt_cache_retention",
            "invalid_parameter",
        ),
    ),
    "unknown prompt": ({"prompt": {"id": "pmpt_x"}}, ("Prompt with id 'pmpt_x' not found.", None, None)),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_wrong_request_is_refused_in_the_words_of_the_api(client: OpenAI, name: str) -> None:
    change, wanted = REFUSALS[name]
    body = {"model": "gpt-4o", "input": "hi", **change}
    given = {key: value for key, value in body.items() if value is not ...}
    answer = httpx2.post(
        f"{client.base_url}responses", json=given, headers={"authorization": f"Bearer {client.api_key}"}
    )
    error = answer.json()["error"]
    assert (error["message"], error["param"], error["code"]) == wanted
    assert [*error] == ["message", "type", "param", "code"]
    assert answer.status_code == (404 if name == "unknown prompt" else 400)


def test_a_call_comes_back_with_the_reasoning_before_it(client: OpenAI) -> None:
    tool: Any = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
    made = client.responses.create(model="gpt-5", input="Call f", tools=[tool])
    reasoning, call = made.output
    assert call.type == "function_call"
    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "x"}
    with pytest.raises(openai.BadRequestError, match=f"without its required 'reasoning' item: '{reasoning.id}'"):
        client.responses.create(model="gpt-5", input=[call, output], tools=[tool])  # type: ignore[list-item] # an answer's item
    assert client.responses.create(model="gpt-5", input=[reasoning, call, output], tools=[tool]).output_text  # type: ignore[list-item] # likewise


def test_an_item_whose_type_is_an_object_is_refused(client: OpenAI) -> None:
    item: Any = {"type": {}}
    with pytest.raises(openai.BadRequestError, match=r"Invalid value: ''\. Supported values are: 'additional_tools'"):
        client.responses.create(model="gpt-4o", input=[item])
    with pytest.raises(openai.BadRequestError, match="item"):
        client.conversations.create(items=[item])


def test_a_tool_choice_whose_type_is_an_object_is_refused(client: OpenAI) -> None:
    choice: Any = {"type": {}}
    with pytest.raises(openai.BadRequestError, match=r"tool_choice"):
        client.responses.create(model="gpt-4o", input="hi", tool_choice=choice)
