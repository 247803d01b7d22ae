"""The examples of docs/responses.md work as printed, except for the address."""

import re
from pathlib import Path
from typing import Any, Final

from openai import OpenAI

from chatdouble.scripts.reading.load import parse
from chatdouble.testing.server import RunningServer
from conftest import Serve

PAGE: Final = "responses.md"
TEXT: Final = (Path(__file__).parents[2] / "docs" / PAGE).read_text("utf-8")
WEATHER: Final[Any] = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}


def blocks(language: str) -> list[str]:
    """Return the page's blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_client_continues_a_response(server: RunningServer) -> None:
    (block,) = blocks("python")
    exec(compile(block.replace("http://localhost:8000/v1", server.base_url), PAGE, "exec"), {})  # noqa: S102 - the page's own code


def test_every_script_loads() -> None:
    for block in blocks("yaml"):
        assert parse(block, PAGE).rules


def test_the_script_answers_both_apis(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "double.yaml"
    file.write_text(blocks("yaml")[0])
    with serve(scripts=(file,)) as served, OpenAI(base_url=served.base_url, api_key="sk-test") as client:
        first = client.responses.create(model="gpt-4o", input="The weather?", tools=[WEATHER])
        call = first.output[0]
        assert call.type == "function_call"
        output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
        second = client.responses.create(model="gpt-4o", input=[output], previous_response_id=first.id)
        assert second.output_text == "It is sunny in Paris."
        assert client.responses.create(model="gpt-4o", input="Hi").output_text == "This was a response."
        chat = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])
        assert chat.choices[0].message.content == "This was a chat completion."
