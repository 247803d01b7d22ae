"""The API's sentences about schemas; tests/json_schema/test_strict.py has one for each rule."""

import pytest

from chatdouble.json_schema.strict import Rule, SchemaFault, find_fault
from chatdouble.validation.wording.schemas import invalid_schema


def test_the_error_names_the_subject_the_path_and_the_code() -> None:
    fault = find_fault({"type": "object", "properties": {}}, of_function=True, strict=True)
    assert fault is not None
    error = invalid_schema(
        fault, "function 'get_weather'", "tools[0].function.parameters", "invalid_function_parameters"
    )
    assert error.status == 400
    assert error.envelope()["error"] == {
        "message": (
            "Invalid schema for function 'get_weather': In context=(), "
            "'additionalProperties' is required to be supplied and to be false."
        ),
        "type": "invalid_request_error",
        "param": "tools[0].function.parameters",
        "code": "invalid_function_parameters",
    }


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_a_sentence(rule: Rule) -> None:
    message = invalid_schema(SchemaFault(rule, ("properties", "a"), ("x", "string")), "function 'f'", "p").message
    assert message.startswith("Invalid schema for function 'f'")
    assert message.endswith(".")
    assert len(message) > len("Invalid schema for function 'f': x")
