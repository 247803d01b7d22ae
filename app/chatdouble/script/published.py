"""What the script format gives to others: its JSON Schema for editors, and a script to start from."""

from importlib.resources import files
from typing import Any

from chatdouble.script.rule import ScriptFile


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a script file, for editors (`# yaml-language-server: $schema=...`)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScriptFile.model_json_schema(),
        "title": "A script of chatdouble",
        "items": {"$ref": "#/$defs/Rule"},
    }


def starter() -> str:
    """Return a commented script to start from, as `chatdouble init` writes it."""
    return files("chatdouble.script").joinpath("starter.yaml").read_text("utf-8")
