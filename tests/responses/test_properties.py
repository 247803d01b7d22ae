"""Properties of every request that the API answers: one answer whole, streamed, stored and replayed."""

import json
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chatdouble.core.json import is_array, is_object
from chatdouble.core.sse import read_frames
from chatdouble.schema.responses.answer import Response
from chatdouble.testing.server import RunningServer
from parts import portion
from raw import Answer, ask, post

PATH: Final = "/v1/responses"
SHAPE: Final = TypeAdapter[Any](Response)
TEXTS: Final = (
    "",
    "One two three",
    "Grüße, 你好 😀",
    "[[refuse: No.]]",
    "Use both tools",
    "line\n\nline",
    "word " * 60,
)
CLOSED: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "function", "name": "get_weather", "parameters": {}},
    {"type": "function", "name": "get_news", "parameters": CLOSED, "strict": False},
    {"type": "custom", "name": "run"},
    {"type": "web_search"},
    {"type": "code_interpreter", "container": {"type": "auto"}},
)
CALLED: Final[list[dict[str, Any]]] = [
    {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
]
DELTAS: Final = {"output_text": "text", "refusal": "refusal", "function_call_arguments": "arguments"}
"""The pieces of a text by the beginning of their event's type, and the name of the whole in the event that ends it."""


@st.composite
def items(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return a conversation that ends with the user's message or a tool's output."""
    said = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3))
    roles = draw(st.lists(st.sampled_from(["user", "assistant", "developer"]), min_size=3, max_size=3))
    made = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    parts = {"role": "user", "content": [{"type": "input_text", "text": draw(st.sampled_from(TEXTS))}]}
    return [*made, parts, *(CALLED if draw(st.booleans()) else [])]


REQUESTS: Final = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["gpt-4o", "gpt-4.1-mini", "gpt-5", "gpt-5.4", "gpt-5.6-terra", "o4-mini"]),
        "input": st.sampled_from(TEXTS[1:]) | items(),
    },
    optional={
        "instructions": st.sampled_from(TEXTS),
        "tools": st.lists(st.sampled_from(TOOLS), max_size=3, unique_by=lambda tool: tool.get("name", tool["type"])),
        "tool_choice": st.sampled_from(["auto", "none", "required"]),
        "parallel_tool_calls": st.booleans(),
        "max_output_tokens": st.sampled_from([16, 20, 500]),
        "max_tool_calls": st.sampled_from([1, 3]),
        "text": st.sampled_from([{"format": {"type": "text"}}, {"verbosity": "medium"}]),
        "reasoning": st.sampled_from([{"summary": "auto"}, {"summary": None}]),
        "metadata": st.just({"a": "b"}),
        "store": st.just(True),
        "truncation": st.sampled_from(["auto", "disabled"]),
    },
)


def events_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the events of a stream."""
    return [json.loads(frame.data or "{}") for frame in read_frames(answer.body)]


def same(value: Any) -> Any:
    """Return an answer without what differs from request to request."""
    drawn = {"id", "call_id", "encrypted_content", "container_id", "completed_at"}
    if is_object(value):
        return {name: same(one) for name, one in value.items() if name not in drawn}
    return [same(one) for one in value] if is_array(value) else value


def joined(events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what the deltas of each text make together, and the whole that the event after them has."""
    pieces = ""
    for event in events:
        name, _, kind = event["type"].removeprefix("response.").rpartition(".")
        if name in DELTAS and kind == "delta":
            pieces += event["delta"]
        elif name in DELTAS and kind == "done":
            yield pieces, event[DELTAS[name]]
            pieces = ""


def check(server: RunningServer, key: str, request: dict[str, Any]) -> None:
    """Ask for a request's answer in every way, and compare the answers."""
    answer = post(server.origin, request, key, PATH)
    assert answer.status == 200, (request, answer)
    whole: dict[str, Any] = json.loads(answer.body)
    SHAPE.validate_python(whole)
    usage = whole["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert 0 <= usage["output_tokens_details"]["reasoning_tokens"] <= usage["output_tokens"]
    assert whole["status"] == ("incomplete" if whole["incomplete_details"] else "completed")
    events = events_of(post(server.origin, request | {"stream": True}, key, PATH))
    last = events[-1]["response"]
    assert [event["sequence_number"] for event in events] == [*range(len(events))]
    assert events[-1]["type"] == f"response.{last['status']}"
    assert same(last["output"]) == same(whole["output"])
    assert last["usage"]["output_tokens"] == usage["output_tokens"]
    ended = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert ended == last["output"]
    assert all(pieces == text for pieces, text in joined(events))
    headers = {"Authorization": f"Bearer {key}"}
    stored = ask(server.origin, "GET", f"{PATH}/{whole['id']}", headers=headers)
    assert json.loads(stored.body) == whole
    replayed = events_of(
        ask(server.origin, "GET", f"{PATH}/{last['id']}?stream=true&starting_after=1", headers=headers)
    )
    unpadded = [[{**one, "obfuscation": ""} for one in seen] for seen in (events[2:], replayed)]
    assert unpadded[0] == unpadded[1]


def test_an_answer_is_the_same_in_every_way_it_can_be_asked_for(server: RunningServer, key: str) -> None:
    @settings(max_examples=portion(40), derandomize=True, database=None, suppress_health_check=(HealthCheck.too_slow,))
    @given(REQUESTS)
    def run(request: dict[str, Any]) -> None:
        check(server, key, request)

    run()
