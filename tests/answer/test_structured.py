"""Echo's answers in JSON."""

import json
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from openai import OpenAI
from pydantic import BaseModel

from echoed import TIME, answered, said, turn, user
from parts import portion
from random_schemas import faults, schemas


class Step(BaseModel):
    """A recursion."""

    explanation: str
    substeps: list["Step"]


class Report(BaseModel):
    """Fields of several kinds."""

    title: str
    day: date
    rating: Literal[1, 2, 3]
    steps: list[Step]


def schema_format(schema: Any, *, strict: bool = False) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "it", "schema": schema, "strict": strict}}


async def test_a_schema_gets_a_compact_instance_in_its_order() -> None:
    text = await said(response_format=schema_format(Report.model_json_schema()))
    assert Report.model_validate_json(text).title
    assert list(json.loads(text)) == ["title", "day", "rating", "steps"]
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


@settings(max_examples=portion(40))
@given(schemas())
async def test_any_schema_gets_a_valid_instance(schema: Any) -> None:
    value = json.loads(await said(response_format=schema_format(schema)))
    assert faults(schema, value) == []


async def test_a_schema_that_is_null_gets_an_object() -> None:
    assert await said(response_format=schema_format(None)) == "{}"


async def test_the_request_decides_the_instance() -> None:
    wanted = schema_format(Report.model_json_schema())
    first = await said(response_format=wanted)
    assert await said(response_format=wanted, stream=True) == first
    assert (await answered(response_format=wanted, session="other", ordinal=9))["choices"][0]["message"][
        "content"
    ] == first
    assert await said(response_format=wanted, seed=1) != first
    assert await said(response_format=wanted, messages="Other words") != first


async def test_the_choices_for_a_schema_differ_and_the_first_is_that_of_a_single_choice() -> None:
    wanted = schema_format(Report.model_json_schema())
    texts = [one["message"]["content"] for one in (await answered(response_format=wanted, n=4))["choices"]]
    assert len(set(texts)) == 4
    assert texts[0] == await said(response_format=wanted)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Say it in JSON", {"echo": "Say it in JSON"}),
        ('As JSON {no}: {"a": [1, {"b": "é"}]} please', {"a": [1, {"b": "é"}]}),
        ("{" * 500, {"echo": "{" * 500}),
    ],
)
async def test_json_object_gets_an_object(text: str, expected: Any) -> None:
    assert json.loads(await said(messages=text, response_format={"type": "json_object"})) == expected


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["A joke as JSON with 'setup' and 'punchline' keys."], ["setup", "punchline"]),
        (['JSON, keys: "a", `b c`, and "d"', "Go on"], ["a", "b c", "d"]),
        (["JSON with the keys 'a' or 'b'", "No, JSON with the key 'c'"], ["c"]),
        (["Keys in JSON are 'quoted'"], ["echo"]),
    ],
)
async def test_json_object_gets_the_keys_that_the_conversation_asks_for(texts: list[str], keys: list[str]) -> None:
    messages = [{"role": "system", "content": texts[0]}, *map(user, texts[1:] or ["JSON"])]
    made = json.loads(await said(messages=messages, response_format={"type": "json_object"}))
    assert list(made) == keys
    assert all(isinstance(value, str) for value in made.values())


async def test_an_answer_after_results_of_tools_follows_the_schema() -> None:
    schema = {"type": "object", "properties": {"temp": {"type": "integer"}}, "required": ["temp"]}
    history = [user("get_time"), *turn("get_time", "noon")]
    assert "temp" in json.loads(await said(messages=history, tools=[TIME], response_format=schema_format(schema)))


def test_the_official_client_parses_any_model(client: OpenAI) -> None:
    messages: list[Any] = [user("Report")]
    completion = client.chat.completions.parse(model="gpt-4o", messages=messages, response_format=Report)
    assert isinstance(completion.choices[0].message.parsed, Report)
