"""Our request holds every property, enum, bound and requirement of the official contract."""

from typing import Any

import pytest

from chatdouble.schema.options import VOICES
from chatdouble.schema.request import ChatCompletionRequest
from corpus.contract import distilled_contract
from schema.contract import Contract, lacks

OURS: dict[str, Any] = ChatCompletionRequest.model_json_schema()
ROLES = ("Developer", "System", "User", "Assistant", "Tool", "Function")


def _schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = distilled_contract()["schemas"]
    return schemas


def _flat(schemas: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Merge what `allOf` puts together."""
    if "$ref" in schema:
        return _flat(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    flat: dict[str, Any] = {"properties": {}, "required": []}
    for part in [_flat(schemas, part) for part in schema.get("allOf", [])] or [schema]:
        flat["properties"] |= part.get("properties", {})
        flat["required"] += part.get("required", [])
    return flat


def test_no_field_of_the_official_request_is_missing_or_laxer() -> None:
    schemas = _schemas()
    official = _flat(schemas, schemas["CreateChatCompletionRequest"])
    assert set(official["required"]) <= set(OURS["required"])
    missing = [
        lack
        for name, schema in official["properties"].items()
        if name != "messages"
        for lack in lacks(Contract(schemas, schema), Contract(OURS["$defs"], OURS["properties"][name]), name)
    ]
    assert missing == [f"{name}: enum" for name in ("model", "audio.voice") if f"{name}: enum" in missing]


def _listed(schema: dict[str, Any]) -> set[str]:
    """Return the values of a string that may have others too."""
    return {value for member in schema["anyOf"] for value in member.get("enum", [])}


def test_the_open_lists_of_models_and_voices_have_all_that_the_official_ones_have() -> None:
    schemas = _schemas()
    assert _listed(schemas["ModelIdsShared"]) <= _listed(OURS["properties"]["model"])
    assert set(VOICES) == _listed(schemas["VoiceIdsShared"])


def test_the_messages_are_an_array_with_at_least_one_as_the_contract_has_it() -> None:
    schemas = _schemas()
    official = _flat(schemas, schemas["CreateChatCompletionRequest"])["properties"]["messages"]
    assert OURS["properties"]["messages"]["minItems"] == official["minItems"]
    held = [member["$ref"].rpartition("/")[2] for member in OURS["properties"]["messages"]["items"]["oneOf"]]
    assert sorted(held) == sorted(f"{role}Message" for role in ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_no_field_of_an_official_message_is_missing_or_laxer(role: str) -> None:
    schemas = _schemas()
    official = Contract(schemas, schemas[f"ChatCompletionRequest{role}Message"])
    assert list(lacks(official, Contract(OURS["$defs"], OURS["$defs"][f"{role}Message"]), role)) == []


def test_null_is_allowed_just_where_the_contract_allows_it() -> None:
    schemas = _schemas()
    official = _flat(schemas, schemas["CreateChatCompletionRequest"])["properties"]
    for name, schema in official.items():
        kinds = {member.json_type() for member in Contract(schemas, schema).members()}
        ours = {member.json_type() for member in Contract(OURS["$defs"], OURS["properties"][name]).members()}
        assert ("null" in ours) == ("null" in kinds), name
