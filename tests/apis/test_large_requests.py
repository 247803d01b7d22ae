"""Large requests, whose work threads do."""

import sys
import threading
from importlib.abc import MetaPathFinder
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from openai import OpenAI

from calls import CATALOGUE, call, model
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft, apply_limits
from chatdouble.apis.embeddings import EMBEDDINGS
from chatdouble.backend import Original
from chatdouble.backend.call import LARGE
from chatdouble.core.json_in_steps import size_in_steps
from chatdouble.testing.server import running
from chatdouble.tokens.tokenizer import Tokenizer, Vocabulary
from raw import post
from threads import by_pool


async def test_the_work_on_a_large_request_is_done_by_another_thread() -> None:
    given = call()
    assert await given.apart(threading.get_ident) == threading.get_ident()
    given.raw = b"x" * (LARGE + 1)
    assert await given.apart(threading.get_ident) != threading.get_ident()


@pytest.mark.parametrize("key", [b"properties", b"file_data", b"image_url", b"input_audio"])
def test_a_short_request_with_a_long_schema_or_media_is_large(key: bytes) -> None:
    given = call()
    given.raw = b'{"%b":{"a":"%b"}}' % (key, b"a" * 13_000)
    assert given.is_large
    given.raw = given.raw.replace(key, b"messages")
    assert not given.is_large


async def test_a_short_request_of_a_long_conversation_is_large() -> None:
    given = call()
    item: dict[str, Any] = {}
    given.original = Original("responses", {}, None, items=[item], is_long=True)
    assert await given.apart(threading.get_ident) != threading.get_ident()


async def test_an_error_of_a_thread_is_raised() -> None:
    given = call()
    given.raw = b"x" * (LARGE + 1)
    with pytest.raises(ValueError, match="invalid literal"):
        await given.apart(int, "none")


@pytest.mark.parametrize(
    ("draft", "by_thread"),
    [
        (Draft(content="short"), False),
        (Draft(content="word " * 60_000), True),
        (
            Draft(tool_calls=[{"id": "", "type": "function", "function": {"name": "f", "arguments": "x" * 300_000}}]),
            True,
        ),
        (Draft(tool_calls=[{"id": "", "type": "custom", "custom": {"name": "f", "input": "short"}}]), False),
    ],
)
async def test_a_long_answer_of_a_short_request_is_counted_by_a_thread(
    monkeypatch: pytest.MonkeyPatch, draft: Draft, by_thread: bool
) -> None:
    threads: set[int] = set()

    def noting(*args: Any) -> Any:
        threads.add(threading.get_ident())
        return apply_limits(*args)

    monkeypatch.setattr("chatdouble.answer.compose.apply_limits", noting)
    given = call()
    await compose(given, [draft])
    assert (threads != {threading.get_ident()}) is by_thread
    assert given.delivery.is_long is by_thread


class _Imports(MetaPathFinder):
    """Notes the threads that import a module.

    Args:
        name: The module.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.threads: list[str] = []

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002 - Python's interface
        """Find nothing, and note who looks for the module."""
        if fullname == self._name:
            self.threads.append(threading.current_thread().name)


def test_the_library_for_strict_schemas_is_imported_by_a_thread(
    monkeypatch: pytest.MonkeyPatch, client: OpenAI
) -> None:
    imports = _Imports("jsonschema")
    monkeypatch.delitem(sys.modules, "jsonschema", raising=False)
    monkeypatch.setattr(sys, "meta_path", [imports, *sys.meta_path])
    schema: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    shape: Any = {"type": "json_schema", "json_schema": {"name": "empty", "strict": True, "schema": schema}}
    client.chat.completions.create(model="gpt-4o", messages=[message("hi")], response_format=shape)
    assert len(imports.threads) == 1
    assert imports.threads[0].rpartition("_")[2].isdigit()  # one of a pool


LONG = "one two three " * 30_000


def message(text: str) -> Any:
    """Return a message of the user."""
    return {"role": "user", "content": text}


def test_a_large_chat_is_answered_as_a_small_one(client: OpenAI) -> None:
    made = client.chat.completions.create(model="gpt-4.1", messages=[message(LONG)], max_tokens=5)
    assert made.choices[0].message.content == "one two three one two"
    assert made.usage is not None
    assert made.usage.prompt_tokens == 90_008
    again = client.chat.completions.create(model="gpt-4.1", messages=[message(LONG)], max_tokens=5)
    assert again.usage is not None
    assert again.usage.prompt_tokens_details is not None
    assert again.usage.prompt_tokens_details.cached_tokens == 89_984


def test_a_large_response_is_answered_and_continued(client: OpenAI) -> None:
    items: Any = [{"role": "user", "content": "one two three " * 20}] * 1500
    made = client.responses.create(model="gpt-4.1", input=items, max_output_tokens=16)
    assert made.output_text.startswith("one two three")
    further = client.responses.create(model="gpt-4.1", input="And now?", previous_response_id=made.id)
    assert further.output_text == "And now?"
    assert further.usage is not None
    assert further.usage.input_tokens > 90_000


def test_many_required_parameters_are_counted(client: OpenAI) -> None:
    names = [f"parameter_{at}" for at in range(5000)]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": names,
    }
    tool: Any = {"type": "function", "function": {"name": "look", "parameters": schema}}
    made = client.chat.completions.create(model="gpt-4.1", messages=[message("Hello")], tools=[tool])
    assert made.usage is not None
    assert made.usage.prompt_tokens > 20_000


def test_the_parts_of_an_input_are_written_in_steps_to_see_whether_they_fit(
    monkeypatch: pytest.MonkeyPatch, client: OpenAI
) -> None:
    sizes: list[int] = []

    def noting(value: Any) -> int:
        sizes.append(size_in_steps(value))
        return sizes[-1]

    monkeypatch.setattr("chatdouble.apis.responses.state.size_in_steps", noting)
    parts: Any = [{"type": "input_text", "text": "one two " * 4}] * 5000
    made = client.responses.create(model="gpt-4.1", input=[{"role": "user", "content": parts}])
    assert made.usage is not None
    assert made.usage.input_tokens > 40_000
    assert max(sizes) > 5000 * len("one two " * 4)


def test_very_many_tools_are_not_written_to_be_recognised(monkeypatch: pytest.MonkeyPatch, client: OpenAI) -> None:
    lengths: list[int] = []

    def noting(value: Any) -> bytes:
        written = orjson.dumps(value)
        lengths.append(len(written))
        return written

    monkeypatch.setattr("chatdouble.schema.tools.orjson", SimpleNamespace(dumps=noting, loads=orjson.loads))
    tools: Any = [
        {"type": "function", "name": f"tool_{at}", "parameters": {"type": "object", "properties": {}}, "strict": False}
        for at in range(4000)
    ]
    made = client.responses.create(model="gpt-4.1", input="Hello", tools=tools)
    assert made.usage is not None
    assert made.usage.input_tokens > 30_000
    assert max(lengths, default=0) < 1000


def test_a_thread_counts_embedded_texts_until_the_vocabulary_counts_at_once(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    counted = by_pool(monkeypatch, "chatdouble.apis.embeddings.counts_of")
    asked = {"model": "text-embedding-3-small", "input": "Hello zqxjkvz"}
    with running() as served:
        tokens = served.app.services.tokens
        tokens["cl100k_base"] = Tokenizer(Vocabulary(tokens["cl100k_base"].vocabulary.bpe))
        assert post(served.origin, asked, key, "/v1/embeddings").status == 200
        tokens["cl100k_base"].vocabulary.make_table()
        assert post(served.origin, asked, key, "/v1/embeddings").status == 200
    assert counted == [True, False]


def test_every_model_of_embeddings_counts_by_the_vocabulary_of_its_api() -> None:
    names = [known.id for known in CATALOGUE.known() if known.endpoint == "embeddings"]
    assert len(names) > 2
    assert {model(name).encoding for name in names} == {EMBEDDINGS.counts_by}
