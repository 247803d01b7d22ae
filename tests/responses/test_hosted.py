"""Tools that are the API's own: echo calls them on request, and scripts write their calls."""

import base64
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from openai import OpenAI

from conftest import Serve

MCP: Final = {"type": "mcp", "server_label": "dice", "server_url": "https://dice.example.com/sse"}
TOOLS: Final[dict[str, dict[str, Any]]] = {
    "web_search": {"type": "web_search"},
    "file_search": {"type": "file_search", "vector_store_ids": ["vs_1"]},
    "code_interpreter": {"type": "code_interpreter", "container": {"type": "auto"}},
    "image_generation": {"type": "image_generation", "size": "1024x1536"},
    "mcp": {**MCP, "require_approval": "never"},
    "shell": {"type": "shell"},
    "local_shell": {"type": "local_shell"},
    "apply_patch": {"type": "apply_patch"},
}
MODELS: Final = {"shell": "gpt-5.1", "local_shell": "codex-mini-latest", "apply_patch": "gpt-5.1"}


def ask(client: OpenAI, kind: str, text: str, **fields: Any) -> Any:
    """Ask for a response that may call a tool; the stream must make the same response as the whole answer."""
    asked: Any = {"model": MODELS.get(kind, "gpt-4o"), "input": text, "tools": [TOOLS[kind]], **fields}
    create: Any = client.responses.create
    whole = create(**asked)
    events: list[Any] = [*create(**asked, stream=True)]
    last = events[-1]
    assert [item.to_dict().keys() for item in last.response.output] == [item.to_dict().keys() for item in whole.output]
    ended: list[Any] = [event for event in events if event.type == "response.output_item.done"]
    assert [event.item for event in ended] == last.response.output
    return whole, [event.type.removeprefix("response.") for event in events]


@pytest.mark.parametrize(
    ("kind", "field", "value", "events"),
    [
        ("web_search", ("action", "query"), "big news", ["web_search_call.searching"]),
        ("file_search", ("queries", 0), "big news", ["file_search_call.searching"]),
        (
            "code_interpreter",
            ("code",),
            "big news",
            [
                "code_interpreter_call_code.delta",
                "code_interpreter_call_code.done",
                "code_interpreter_call.interpreting",
            ],
        ),
        ("image_generation", ("revised_prompt",), "big news", ["image_generation_call.generating"]),
        ("shell", ("action", "commands", 0), "big news", ["shell_call_command.added", "shell_call_command.done"]),
        ("local_shell", ("action", "command"), ["big", "news"], []),
        ("apply_patch", ("operation", "diff"), "+big news\n", ["apply_patch_call_operation_diff.done"]),
    ],
)
def test_a_directive_calls_a_hosted_tool(
    client: OpenAI, kind: str, field: tuple[Any, ...], value: Any, events: list[str]
) -> None:
    answer, seen = ask(client, kind, f"Then say this. [[call:{kind} big news]]")
    item = next(item.to_dict() for item in answer.output if item.type == f"{kind}_call")
    assert item["status"] == "completed"
    found: Any = item
    for part in field:
        found = found[part]
    assert found == value
    assert set(events) <= set(seen)
    if kind in MODELS:  # the client answers these
        assert answer.output_text == ""
    else:
        assert answer.output_text.startswith("Then say this.")


def test_without_a_value_the_users_text_is_what_is_searched(client: OpenAI) -> None:
    answer, _ = ask(client, "web_search", "Latest news [[call:web_search]]", include=["web_search_call.action.sources"])
    search, message = (item.to_dict() for item in answer.output)
    assert search["action"]["query"] == "Latest news"
    assert search["action"]["sources"][0]["type"] == "url"
    assert message["content"][0]["annotations"][0]["type"] == "url_citation"
    assert answer.to_dict()["tool_usage"]["web_search"]["num_requests"] == 1


def test_a_tool_choice_calls_a_hosted_tool_without_a_directive(client: OpenAI) -> None:
    for choice in ({"type": "file_search"}, "required"):
        answer, _ = ask(client, "file_search", "Find it", tool_choice=choice, include=["file_search_call.results"])
        assert [item.type for item in answer.output] == ["file_search_call", "message"]
        assert answer.output[0].results[0].text == "Find it"
    assert [item.type for item in ask(client, "file_search", "Find it")[0].output] == ["message"]


def test_a_request_limits_the_calls_of_hosted_tools(client: OpenAI) -> None:
    text = "[[call:web_search one]] [[call:web_search two]] Done."
    for most, expected in ((None, ["one", "two"]), (1, ["one"])):
        answer, _ = ask(client, "web_search", text, max_tool_calls=most)
        searches = [item for item in answer.output if item.type == "web_search_call"]
        assert [item.action.query for item in searches] == expected


def test_an_image_is_a_picture_of_the_size_asked_for(client: OpenAI) -> None:
    answer, _ = ask(client, "image_generation", "A cat [[call:image_generation]]")
    data = base64.b64decode(answer.output[0].result)
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1024, 1536)


def test_a_server_of_tools_lists_them_and_is_called(client: OpenAI) -> None:
    answer, seen = ask(client, "mcp", 'Roll [[call:mcp roll {"dice": 2}]]')
    listed, called, _ = (item.to_dict() for item in answer.output)
    assert [tool["name"] for tool in listed["tools"]] == ["roll"]
    assert (called["name"], called["arguments"], called["server_label"]) == ("roll", '{"dice": 2}', "dice")
    assert {"mcp_list_tools.completed", "mcp_call_arguments.done", "mcp_call.completed"} <= set(seen)


@pytest.mark.parametrize("approve", [True, False])
def test_a_call_waits_for_its_approval(client: OpenAI, *, approve: bool) -> None:
    asked: Any = {"model": "gpt-4o", "tools": [MCP]}
    create: Any = client.responses.create
    first = create(**asked, input="Roll [[call:mcp roll]]")
    request = first.output[-1]
    assert request.type == "mcp_approval_request"
    approval: Any = {"type": "mcp_approval_response", "approval_request_id": request.id, "approve": approve}
    second = create(**asked, input=[approval], previous_response_id=first.id)
    calls: list[Any] = [item for item in second.output if item.type == "mcp_call"]
    assert [call.approval_request_id for call in calls] == ([request.id] if approve else [])
    assert second.output_text == "Roll"


def test_an_agent_that_runs_a_shell_ends_in_words(client: OpenAI) -> None:
    asked: Any = {"model": "gpt-5.1", "tools": [TOOLS["shell"]]}
    create: Any = client.responses.create
    first = create(**asked, input="[[call:shell ls]]")
    (call,) = [item for item in first.output if item.type == "shell_call"]
    outcome = {"type": "exit", "exit_code": 0}
    output: Any = {
        "type": "shell_call_output",
        "call_id": call.call_id,
        "output": [{"stdout": "a.txt", "stderr": "", "outcome": outcome}],
    }
    second = create(**asked, input=[output], previous_response_id=first.id)
    assert "a.txt" in second.output_text


@pytest.fixture
def scripted(serve: Serve, tmp_path: Path) -> Iterator[OpenAI]:
    """Return a client of a server whose script calls hosted tools."""
    script = tmp_path / "script.yaml"
    script.write_text("""
- when: {user: run}
  reply:
    tool_calls: [{name: code_interpreter, arguments: {code: 1 + 1, outputs: [{type: logs, logs: "2"}]}}]
    text: Two.
- when: {user: roll}
  reply: {tool_calls: [{name: mcp, arguments: {name: roll, arguments: {dice: 2}, output: "7"}}], text: Seven.}
- when: {user: fail}
  reply: {tool_calls: [{name: mcp, arguments: {name: roll, error: {type: http_error, code: 424, message: No.}}}]}
- when: {user: cite}
  reply:
    text: One two three
    annotations:
    - {type: url_citation, url_citation: {url: "https://a.example", title: A, start_index: 0, end_index: 7}}
    - {type: url_citation, url_citation: {url: "https://b.example", title: B, start_index: 8, end_index: 13}}
""")
    with serve(scripts=(script,)) as served, OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as made:
        yield made


def test_scripts_give_what_matters_and_the_rest_is_made(scripted: OpenAI) -> None:
    ran, _ = ask(scripted, "code_interpreter", "run")
    assert (ran.output[0].code, ran.output[0].outputs[0].logs) == ("1 + 1", "2")
    assert ran.output[0].container_id.startswith("cntr_")
    rolled, _ = ask(scripted, "mcp", "roll")
    called = rolled.output[1]
    assert (called.name, called.arguments, called.output, called.server_label) == ("roll", '{"dice":2}', "7", "dice")
    failed, seen = ask(scripted, "mcp", "fail")
    assert failed.output[1].error is not None
    assert "mcp_call.failed" in seen


def test_an_annotation_follows_the_piece_with_which_its_text_ends(scripted: OpenAI) -> None:
    text, found = "", list[tuple[str, str]]()
    for event in scripted.responses.create(model="gpt-4o", input="cite", stream=True):
        if event.type == "response.output_text.delta":
            text += event.delta
        elif event.type == "response.output_text.annotation.added":
            note: Any = event.annotation
            found.append((note.title, text))
    assert found == [("A", "One two"), ("B", "One two three")]
