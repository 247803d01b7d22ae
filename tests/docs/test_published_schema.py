"""The published JSON Schema of scripts."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

from chatdouble.scripts.format.rule import json_schema, starter
from chatdouble.scripts.lint import lint
from chatdouble.scripts.reading.load import ScriptError, parse
from chatdouble.scripts.reading.source import Loader

DOCS: Final = Path(__file__).parents[2] / "docs"
SCHEMA: Final = json_schema()


def written_scripts() -> list[str]:
    pages = "\n".join((DOCS / name).read_text() for name in ("cookbook.md", "scripts.md"))
    found: list[str] = re.findall(r"^```yaml\n(.*?)^```", pages, re.MULTILINE | re.DOTALL)
    return [text for text in found if text.startswith(("rules:", "version:"))]


def errors(value: Any) -> list[str]:
    validator: Any = Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(value)]


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_starter_loads_and_has_nothing_to_find_fault_with() -> None:
    assert lint(parse(starter())) == []
    assert errors(yaml.load(starter(), Loader)) == []  # noqa: S506 - a safe loader of our own


@pytest.mark.parametrize("text", written_scripts())
def test_editors_accept_every_script_of_the_documentation(text: str) -> None:
    assert errors(yaml.load(text, Loader)) == []  # noqa: S506 - a safe loader of our own
    assert parse(text).rules


@pytest.mark.parametrize(
    "value",
    [
        {"rule": []},
        {"rules": [{"nme": "x", "reply": "a"}]},
        {"rules": [{"reply": 5}]},
        {"rules": [{"reply": {"txt": "a"}}]},
        {"rules": [{"when": {"user": {"contain": "a"}}, "reply": "a"}]},
        {"rules": [{"reply": {"fault": "disconect"}}]},
        {"rules": [{"reply": {"error": "500"}}]},
        [{"then": "again"}],
        "words",
    ],
)
def test_editors_and_the_server_refuse_the_same_slips(value: Any) -> None:
    assert errors(value)
    with pytest.raises(ScriptError):
        parse(yaml.safe_dump(value))


def test_every_key_is_described() -> None:
    bare = [
        f"{model}.{key}"
        for model, schema in SCHEMA["$defs"].items()
        for option in (schema, *schema.get("anyOf", ()))
        for key, field in option.get("properties", {}).items()
        if not field.get("description") and model.endswith(("Spec", "Matcher", "When", "Rule", "Scenario"))
    ]
    assert bare == []
