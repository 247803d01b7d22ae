"""Exports of responses give the same responses again, as rules, as turns and as recordings."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from openai import OpenAI

from chatdouble.importers.importer import KINDS, SkippedPart, import_files
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.rule import When
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, control

WEATHER: Final[Any] = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}
SEARCH: Final[Any] = {"type": "web_search"}
REPLIES: Final[Any] = [
    {"tool_calls": [{"get_weather": {}}], "reasoning_content": "Hm."},
    {"text": "Braces: {% raw %}{{ kept }}{% endraw %}", "finish_reason": "length"},
    {"refusal": "No."},
    {"tool_calls": [{"name": "web_search", "arguments": {"query": "news"}}], "text": "Nothing."},
]


def converse(client: OpenAI) -> list[Any]:
    """Ask in every way that the replies need, and return what was answered."""
    create: Any = client.responses.create
    first = create(model="gpt-4o", input="Go", tools=[WEATHER])
    call = next(item for item in first.output if item.type == "function_call")
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "ok 'quoted' *"}
    cut = create(model="gpt-4o", input=[output], previous_response_id=first.id)
    refused = create(model="gpt-4o", input="Harm?")
    found = create(model="gpt-4o", input="News?", tools=[SEARCH])
    streamed = [*create(model="gpt-4o", input="Say this", stream=True)]
    return [
        [(item.type, getattr(item, "arguments", None)) for item in first.output],
        (cut.output_text, cut.status, cut.incomplete_details.reason),
        refused.output[0].content[0].refusal,
        (found.output[0].action.query, found.output_text),
        [event.type for event in streamed],
        streamed[-1].response.output_text,
    ]


@pytest.fixture
def said(server: RunningServer, client: OpenAI, key: str) -> list[Any]:
    """Hold conversations, and return what was answered."""
    control(server, key, "POST", "queue", REPLIES)
    return converse(client)


def exported(server: RunningServer, key: str, name: str) -> str:
    """Return an export."""
    path = f"/_double/requests/export?format={name}"
    answer = ask(server.origin, "GET", path, headers={"Authorization": f"Bearer {key}"})
    assert answer.status == 200, answer.body
    return answer.body.decode()


@pytest.mark.parametrize("form", ["rule", "har"])
def test_an_export_gives_the_same_responses_again(
    server: RunningServer, serve: Serve, key: str, said: list[Any], tmp_path: Path, form: str
) -> None:
    file, folder = tmp_path / f"again.{'har' if form == 'har' else 'yaml'}", tmp_path / "recordings"
    file.write_text(exported(server, key, form))
    settings: dict[str, Any] = {"scripts": (file,)}
    if form == "har":
        assert not [part for part in import_files(KINDS["har"], [file], folder) if isinstance(part, SkippedPart)]
        settings = {"recordings": folder}
    with serve(**settings) as again, OpenAI(base_url=again.base_url, api_key=key, max_retries=0) as client:
        assert converse(client) == said


@pytest.mark.usefixtures("said")
def test_turns_are_read_as_scripts_read_them(server: RunningServer, key: str) -> None:
    lines = [json.loads(line) for line in exported(server, key, "turns").splitlines()]
    assert sum(len(line["turns"]) for line in lines) == 5
    for turn in [turn for line in lines for turn in line["turns"]]:
        When.model_validate(turn["when"])
        ReplySpec.model_validate(turn["reply"])
    assert lines[0]["turns"][0]["reply"]["reasoning_content"] == "Hm."
