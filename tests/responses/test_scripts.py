"""One script for both APIs: its conditions see items as messages, and its replies are answered as responses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve

SCRIPT = """
- when: {api: responses, user: which}
  reply: responses
- when: {api: chat, user: which}
  reply: chat
- when: {system: "*pirate*", turn: 1}
  reply: Arr!
- when: {turn: 2, user: again}
  reply: The second turn.
- when: {tool_result: {name: get_weather, text: {contains: sunny}}}
  reply: "It is {{ tool.text }}."
- when: {tools: {any: [get_weather]}, user: weather}
  reply: {tool_calls: [{name: get_weather, arguments: {city: Paris}}]}
- when: {images: {gte: 1}}
  reply: A picture.
- when: {files: {gte: 1}}
  reply: A file.
- when: {response_format: {type: json_schema, name: place}}
  reply: {json: {city: Paris}}
- when: {user: think}
  reply: {reasoning_content: Hm., text: Thought.}
- when: {user: refuse}
  reply: {refusal: No.}
- when: {user: long}
  reply: {text: cut, finish_reason: length}
- when: {user: usage}
  reply: {text: counted, usage: {prompt_tokens: 7, completion_tokens: 2}, id: resp_mine, metadata: {a: b}}
- when: {user: broken}
  reply: {error: {status: 503}}
- when: {user: search}
  reply: {tool_calls: [{name: web_search, arguments: {query: news}}], text: Found it.}
- when: {user: pieces}
  reply: {chunks: [One, " two"]}
- when: {body: {"reasoning.effort": high}}
  reply: The effort is high.
- when: {messages: [{role: assistant, tool_calls: [get_weather]}], message_count: 3}
  reply: Three messages.
"""

WEATHER: Any = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}
CALL: Any = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the script's file."""
    path = tmp_path_factory.mktemp("scripts") / "script.yaml"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def scripted(serve: Serve, script: Path, client_of: Callable[[RunningServer], OpenAI]) -> Any:
    """Return a client of a server with the script."""
    with serve(scripts=(script,)) as served, client_of(served) as client:
        yield client


def text(client: OpenAI, given: Any, **request: Any) -> str:
    """Return the text of the answer to an input."""
    create: Any = client.responses.create
    return str(create(model="gpt-4o", input=given, **request).output_text)


def test_a_rule_may_name_its_api(scripted: OpenAI) -> None:
    assert text(scripted, "which") == "responses"
    chat = scripted.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "which"}])
    assert chat.choices[0].message.content == "chat"


def test_instructions_and_system_items_are_the_system(scripted: OpenAI) -> None:
    assert text(scripted, "Hello", instructions="You are a pirate.") == "Arr!"
    items = [{"role": "system", "content": "Be a pirate"}, {"role": "user", "content": "Hello"}]
    assert text(scripted, items) == "Arr!"


def test_turns_are_counted_through_earlier_responses(scripted: OpenAI) -> None:
    first = scripted.responses.create(model="gpt-4o", input="which")
    assert text(scripted, "again", previous_response_id=first.id) == "The second turn."


def test_a_tool_is_called_and_its_result_is_seen_through_the_earlier_response(scripted: OpenAI) -> None:
    first = scripted.responses.create(model="gpt-4o", input="weather", tools=[WEATHER])
    call = first.output[0]
    assert call.type == "function_call"
    assert call.arguments == '{"city":"Paris"}'
    output = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    assert text(scripted, output, previous_response_id=first.id, tools=[WEATHER]) == "It is sunny."


def test_parts_and_formats_are_seen(scripted: OpenAI) -> None:
    image = {"type": "input_image", "image_url": "https://example.com/a.png"}
    assert text(scripted, [{"role": "user", "content": [image]}]) == "A picture."
    assert text(scripted, [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]) == "A file."
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    form = {"type": "json_schema", "name": "place", "schema": {**schema, "additionalProperties": False}}
    assert text(scripted, "a place", text={"format": form}) == '{"city":"Paris"}'


def test_the_body_is_matched_as_it_was_sent(scripted: OpenAI) -> None:
    answer = scripted.responses.create(model="gpt-5", input="Hello", reasoning={"effort": "high"})
    assert answer.output_text == "The effort is high."


def test_calls_and_messages_are_seen_as_messages(scripted: OpenAI) -> None:
    output = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
    assert text(scripted, [{"role": "user", "content": "x"}, CALL, output]) == "Three messages."


def test_reasoning_is_text_and_with_a_summary_the_summary(scripted: OpenAI) -> None:
    plain: Any = scripted.responses.create(model="gpt-5", input="think").output[0]
    assert [part.text for part in plain.content] == ["Hm."]
    summed: Any = scripted.responses.create(model="gpt-5", input="think", reasoning={"summary": "auto"}).output[0]
    assert [part.text for part in summed.summary] == ["Hm."]


def test_replies_set_what_they_set_in_completions(scripted: OpenAI) -> None:
    refused: Any = scripted.responses.create(model="gpt-4o", input="refuse").output[0]
    assert refused.content[0].refusal == "No."
    long = scripted.responses.create(model="gpt-4o", input="long")
    assert (long.status, long.output_text) == ("incomplete", "cut")
    answer = scripted.responses.create(model="gpt-4o", input="usage")
    assert answer.id == "resp_mine"
    assert answer.metadata == {"a": "b"}
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.total_tokens) == (7, 9)


def test_errors_are_those_of_the_script(scripted: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as raised:
        text(scripted, "broken")
    assert raised.value.status_code == 503


def test_a_hosted_tool_is_answered_by_the_api_itself(scripted: OpenAI) -> None:
    answer = scripted.responses.create(model="gpt-4o", input="search", tools=[{"type": "web_search"}])
    found = answer.output[0]
    assert found.type == "web_search_call"
    assert found.action.type == "search"
    assert found.action.query == "news"
    assert answer.output_text == "Found it."
    events = [
        event.type
        for event in scripted.responses.create(
            model="gpt-4o", input="search", tools=[{"type": "web_search"}], stream=True
        )
    ]
    assert "response.web_search_call.searching" in events


def test_chunks_of_text_are_folded_to_a_response(scripted: OpenAI) -> None:
    assert text(scripted, "pieces") == "One two"
    stream = scripted.responses.create(model="gpt-4o", input="pieces", stream=True)
    assert "".join(event.delta for event in stream if event.type == "response.output_text.delta") == "One two"


def test_a_request_that_no_rule_matches_gets_the_near_misses(scripted: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="No rule matched"):
        text(scripted, "nothing of the kind")
