"""Tools and response formats cost what the sections cost that stand for them in the instructions."""

from typing import Any, Final

import pytest

from calls import TOKENIZERS, model
from chatdouble.tokens.overhead import format_text
from chatdouble.tokens.tools_as_text import functions_of, namespace
from chatdouble.tokens.usage import prompt_tokens

TOOLS: Final = {"tools": [{"type": "function", "function": {"name": "look_up", "description": "Looks a word up."}}]}
FORM: Final = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "Person", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
    }
}
TOOLS_TEXT: Final = f"# Tools\n\n## functions\n\n{namespace(functions_of(TOOLS), titles=True)}"
FORM_TEXT: Final = format_text(FORM["response_format"])


def count(body: dict[str, Any], name: str) -> int:
    asked = model(name)
    return prompt_tokens(body, asked, TOKENIZERS[asked.encoding]).total


def words(text: str) -> int:
    return TOKENIZERS["o200k_base"].count(text)


def system(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "system", "content": text}, {"role": "user", "content": "Hi"}]}


USER: Final[dict[str, Any]] = {"messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("name", "asked", "text", "more"),
    [
        ("gpt-4o", TOOLS, TOOLS_TEXT, -1),
        ("gpt-4o", FORM, FORM_TEXT, 3),
        ("gpt-4o", TOOLS | FORM, f"{TOOLS_TEXT}\n\n{FORM_TEXT}", -1),
        ("o4-mini", TOOLS, TOOLS_TEXT, 0),
        ("o4-mini", FORM, FORM_TEXT, 0),
        ("gpt-5", TOOLS, TOOLS_TEXT, 81),
        ("gpt-5", FORM, FORM_TEXT, 0),
        ("gpt-5", TOOLS | FORM, f"{FORM_TEXT}\n\n{TOOLS_TEXT}", 81),
    ],
)
def test_sections_follow_the_systems_text_or_are_a_message(
    name: str, asked: dict[str, Any], text: str, more: int
) -> None:
    assert count(USER | asked, name) == count(USER, name) + 4 + words(text) + more
    for said in ("You are kind.", "\n  You are kind, \n"):
        heading = "# Instructions\n\n" if name != "gpt-4o" else ""
        held = system(f"{heading}{said}\n\n{text}")
        assert count(system(said) | asked, name) == count(held, name) + more


def test_a_systems_parts_hold_sections_as_its_text_does() -> None:
    parts = [{"type": "text", "text": "You are "}, {"type": "text", "text": "kind."}]
    held: Any = {"messages": [{"role": "system", "content": parts}, {"role": "user", "content": "Hi"}]}
    assert count(held | TOOLS, "gpt-4o") == count(system("You are kind.") | TOOLS, "gpt-4o")


@pytest.mark.parametrize(
    ("choice", "name", "more"),
    [
        ("none", "gpt-4o", 1),
        ("auto", "gpt-4o", 0),
        ("required", "gpt-4o", 0),
        ("required", "gpt-4", 2),
        ("none", "gpt-5", 0),
    ],
)
def test_whether_to_call_costs_little(choice: str, name: str, more: int) -> None:
    assert count(USER | TOOLS | {"tool_choice": choice}, name) == count(USER | TOOLS, name) + more


@pytest.mark.parametrize("name", ["gpt-4o", "gpt-5"])
def test_each_earlier_answer_is_tagged_with_the_schemas_name(name: str) -> None:
    talk: dict[str, Any] = {"messages": [*USER["messages"], {"role": "assistant", "content": "Hello"}]}
    added = count(talk | FORM, name) - count(USER | FORM, name)
    assert added == count(talk, name) - count(USER, name) + 2 + words("Person")


@pytest.mark.parametrize(
    "nothing",
    [{"tools": []}, {"tools": None}, {"response_format": {"type": "json_object"}}, {"response_format": None}],
)
def test_no_tools_and_no_schema_cost_nothing(nothing: dict[str, Any]) -> None:
    assert count(USER | nothing, "gpt-4o") == count(USER, "gpt-4o")


def test_a_schema_is_compact_json_without_what_strict_ones_must_have() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"required": {"type": "array", "items": {"type": "object", "additionalProperties": False}}},
        "required": ["required"],
        "additionalProperties": False,
    }
    form = {"json_schema": {"name": "n", "description": "One.\nTwo.", "schema": schema, "strict": True}}
    assert format_text(form) == (
        "# Response Formats\n\n## n\n\n// One.\n// Two.\n"
        '{"type":"object","properties":{"required":{"type":"array","items":{"type":"object"}}}}'
    )
