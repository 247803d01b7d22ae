"""The facts of the official contract that a clone is held against: names, types, values, bounds, and no prose."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from chatdouble.core.json import is_array, is_object

Schema = dict[str, Any]

FILE: Final = Path(__file__).with_name("contract.json")
PROSE: Final = frozenset({"description", "title", "example", "examples", "default", "deprecated", "summary"})
ROOTS: Final = (
    "CreateChatCompletionRequest",
    "ModelIdsShared",
    "VoiceIdsShared",
    *(
        f"ChatCompletionRequest{role}Message"
        for role in ("Developer", "System", "User", "Assistant", "Tool", "Function")
    ),
    "CreateChatCompletionResponse",
    "CreateChatCompletionStreamResponse",
    "ChatCompletionList",
    "ChatCompletionMessageList",
    "ChatCompletionDeleted",
    "ListModelsResponse",
    "Model",
    "DeleteModelResponse",
    "ErrorResponse",
)
"""The schemas that tests compare; those they refer to come with them."""

METHODS: Final = ("get", "post", "delete")


def distilled_contract() -> Schema:
    """Return the facts as they are in `contract.json`."""
    facts_: Schema = json.loads(FILE.read_text())
    return facts_


def facts(official: Schema, roots: Sequence[str] = ROOTS) -> Schema:
    """Take the facts about some schemas, and all operations, out of an official OpenAPI document."""
    schemas: Schema = official["components"]["schemas"]
    needed: Schema = {}
    waiting = [*roots]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _bare(schemas[name])
            waiting += _named(needed[name])
    return {"operations": _operations(official["paths"]), "schemas": needed}


def _operations(paths: Schema) -> Schema:
    """Return each operation's id, parameters and statuses, by path and method."""
    return {
        path: {
            method: {
                "operationId": operation["operationId"],
                "parameters": sorted(parameter["name"] for parameter in operation.get("parameters", [])),
                "responses": sorted(operation["responses"]),
            }
            for method, operation in operations.items()
            if method in METHODS
        }
        for path, operations in paths.items()
    }


def _bare(schema: Any) -> Any:
    """Leave out prose and extensions; a property may have any name."""
    if is_array(schema):
        return [_bare(one) for one in schema]
    if not is_object(schema):
        return schema
    return {
        key: _each(value) if key == "properties" else _bare(value)
        for key, value in schema.items()
        if key not in PROSE and not key.startswith("x-")
    }


def _each(properties: Schema) -> Schema:
    return {name: _bare(schema) for name, schema in properties.items()}


def _named(schema: Any) -> list[str]:
    """Return the names of the schemas that one refers to."""
    if is_array(schema):
        return [name for one in schema for name in _named(one)]
    if not is_object(schema):
        return []
    if isinstance(reference := schema.get("$ref"), str):
        return [reference.rpartition("/")[2]]
    return [name for value in schema.values() for name in _named(value)]
