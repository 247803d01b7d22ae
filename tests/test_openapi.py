"""The contract at /openapi.json: it is kept for whatever schemathesis makes of it, and it is the official one."""

# schemathesis leaves its generics open
# pyright: reportUnknownMemberType=false

import json
from collections.abc import Iterator
from typing import Any, Final

import openapi_spec_validator
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks as general
from schemathesis.specs.openapi import checks as openapi

from chatdouble.core.json import as_array, as_object, is_object
from chatdouble.scripts.format.rule import json_schema
from chatdouble.server.selection import AwaitedSelection
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from corpus.contract import distilled_contract
from raw import ask

KEPT: Final[list[Any]] = [
    general.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]
"""Checks of every answer. Valid requests need not be accepted: rules that the schema cannot express
refuse many of them, as the real API does."""

_NO_CHECKS: Final = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
MANY: Final = settings(derandomize=True, suppress_health_check=_NO_CHECKS)


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    """Return a server."""
    with running(Settings(log_level="error")) as one:
        yield one


def test_every_answer_keeps_the_contract(served: RunningServer, pytestconfig: pytest.Config) -> None:
    many = settings(MANY, max_examples=int(str(pytestconfig.getoption("--fuzz"))) // 4)
    contract: Any = schemathesis.openapi.from_url(  # its generics are open, which pyright does not like
        f"{served.origin}/openapi.json"
    )
    operations: list[Any] = [found.ok() for found in contract.get_all_operations()]

    def keep(case: Any) -> None:
        if case.path.endswith("/wait") and is_object(case.body):
            case.body = {**case.body, "timeout": 0}
        headers = {"Authorization": "Bearer sk-schemathesis"}
        base_url = served.origin if case.path.startswith("/_double") else f"{served.origin}/v1"
        case.call_and_validate(base_url=base_url, headers=headers, checks=KEPT)

    for operation in operations:
        if operation.path == "/_double/events":  # it has no end; tests/server/test_events.py reads it
            continue

        @many
        @given(operation.as_strategy())
        def keeps(case: Any) -> None:
            keep(case)

        keeps()
    assert len(operations) >= 12


def test_every_schema_has_a_name_of_its_own_whatever_a_generator_does_to_its_case(served: RunningServer) -> None:
    names = [*json.loads(ask(served.origin, "GET", "/openapi.json").body)["components"]["schemas"]]
    assert {name for name in names if not name.isalnum()} == set()
    assert sorted({name.lower() for name in names}) == sorted(map(str.lower, names))


def test_the_contract_has_every_official_operation(served: RunningServer) -> None:
    ours = json.loads(ask(served.origin, "GET", "/openapi.json").body)
    for path, operations in distilled_contract()["operations"].items():
        for method, official in operations.items():
            operation = ours["paths"][path][method]
            assert operation["operationId"] == official["operationId"]
            named = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert named >= set(official["parameters"]), path
            assert set(operation["responses"]) >= set(official["responses"]), path


def test_the_contract_is_valid_openapi_and_every_reference_resolves(served: RunningServer) -> None:
    contract = json.loads(ask(served.origin, "GET", "/openapi.json").body)
    openapi_spec_validator.validate(contract)
    references = [*_references(contract)]
    assert "#/components/schemas/Chunk" in references
    assert [reference for reference in references if not _resolves(contract, reference)] == []


def test_every_answer_is_described(served: RunningServer) -> None:
    contract = json.loads(ask(served.origin, "GET", "/openapi.json").body)
    answers = {
        f"{operation['operationId']} {status} {kind}": content["schema"]
        for operations in contract["paths"].values()
        for operation in operations.values()
        if "operationId" in operation
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {}).items()
    }
    assert len(answers) > 100
    assert [name for name, schema in answers.items() if not schema] == []
    shown = {"showFaults", "setFaults", "showPace", "setPace", "showLimits", "setLimits"}
    for name in shown:
        spec = name.removeprefix("show").removeprefix("set").removesuffix("s")
        assert any(one.endswith(f"/{spec}Spec") for one in _references(answers[f"{name} 200 application/json"])), name


def test_the_bodies_of_the_control_are_those_of_script_files(served: RunningServer) -> None:
    contract = json.loads(ask(served.origin, "GET", "/openapi.json").body)
    schemas, script = contract["components"]["schemas"], json_schema()["$defs"]
    for name in ("When", "Rule", "Matcher", "FaultSpec", "PaceSpec", "Scenario"):
        assert {**schemas[name], "title": name} == json.loads(
            json.dumps({**script[name], "title": name}).replace("#/$defs/", "#/components/schemas/")
        )
    bodies = {
        operation["operationId"]: next(iter(operation["requestBody"]["content"].values()))["schema"]
        for path, operations in contract["paths"].items()
        for operation in operations.values()
        if path.startswith("/_double") and "requestBody" in operation
    }
    referred = {name: {one.rpartition("/")[2] for one in _references(schema)} for name, schema in bodies.items()}
    assert {name for name, models in referred.items() if not models} == {"setMode", "importRules"}
    assert bodies["importRules"] == {"type": "string", "format": "binary"}  # a file of any kind
    assert bodies["setMode"]["enum"] == ["replay", "record", "rerecord", "passthrough"]
    assert referred["queueReplies"] == {"QueuedSpec", "ReplySpec"}
    assert schemas["TurnSpec"]["properties"]["when"]["$ref"].endswith("/When")
    assert schemas["TurnSpec"]["properties"]["reply"]["$ref"].endswith("/ReplySpec")
    assert schemas["RuleToAdd"]["properties"]["rule"]["$ref"].endswith("/Rule")
    assert {*AwaitedSelection.keys()} == {*schemas["AwaitedSelection"]["properties"]}
    assert {*schemas["WrittenChunk"]["properties"]} >= {"at", "bytes"}
    # What a test writes has no unknown keys; what the API answers may have.
    assert schemas["TokenLogprobInput"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["TokenLogprob"]


def _references(value: object) -> Iterator[str]:
    for key, held in value.items() if is_object(value) else ():
        if key == "$ref" and isinstance(held, str):
            yield held
        yield from _references(held)
    for held in as_array(value):
        yield from _references(held)


def _resolves(contract: Any, reference: str) -> bool:
    found = contract
    for part in reference.removeprefix("#/").split("/"):
        found = as_object(found).get(part)
    return found is not None
