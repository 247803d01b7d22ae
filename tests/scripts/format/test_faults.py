"""Faults in scripts: names, options and defaults."""

import re

import pytest
from pydantic import ValidationError

from chatdouble.scripts.format.faults import FAULT_OPTIONS, ErrorFault, FaultSpec, PositionedFault, SlowBodyFault
from chatdouble.scripts.reading.mistakes import mistake_lines


@pytest.mark.parametrize("name", FAULT_OPTIONS)
def test_a_string_is_a_fault_without_options(name: str) -> None:
    assert FaultSpec.model_validate(name) == FaultSpec.model_validate({"name": name})
    assert isinstance(FaultSpec.model_validate(name), FAULT_OPTIONS[name])


@pytest.mark.parametrize("name", FAULT_OPTIONS)
def test_every_fault_takes_a_probability_and_a_number_of_times(name: str) -> None:
    fault = FaultSpec.model_validate({"name": name, "probability": 0.5, "times": 2})
    assert (fault.name, fault.probability, fault.times) == (name, 0.5, 2)


@pytest.mark.parametrize("name", FAULT_OPTIONS)
def test_a_fault_survives_being_stored(name: str) -> None:
    fault = FaultSpec.model_validate({"name": name, "times": 1})
    assert FaultSpec.model_validate(fault.model_dump(mode="json", exclude_unset=True)) == fault


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "reset", "after_chunks": 1}, "'reset' does not take after_chunks; it takes no options"),
        ({"name": "stall", "code": "x"}, "'stall' does not take code; it takes after_chunks, after_seconds"),
        ({"name": "stall", "probability": 2}, "less than or equal to 1"),
        ({"name": "stall", "times": 0}, "greater than 0"),
        ({"name": "error", "status": 200}, "greater than or equal to 400"),
        ({"status": 500}, "^fault.name: Field required$"),
        (5, "must be an object"),
    ],
)
def test_options_that_a_fault_does_not_take_are_mistakes(given: object, message: str) -> None:
    with pytest.raises(ValidationError):
        FaultSpec.model_validate(given)
    (line,) = mistake_lines(FaultSpec, given, "fault")
    assert re.search(message, line)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"name": "stal", "after_chunks": 1}, "did you mean 'stall'?"),
        ({"name": "stall", "after_chunk": 1}, "fault.after_chunk: unknown key; did you mean 'after_chunks'?"),
    ],
)
def test_a_misspelled_name_or_option_gets_a_suggestion(given: dict[str, object], line: str) -> None:
    (found,) = mistake_lines(FaultSpec, given, "fault")
    assert found.endswith(line)


def test_a_model_of_one_faults_options_refuses_the_names_of_others() -> None:
    with pytest.raises(ValidationError, match="Input should be 'slow_body'"):
        SlowBodyFault(name="stall")


@pytest.mark.parametrize(
    ("options", "chunks"),
    [({}, 1), ({"after_chunks": 0}, 0), ({"after_seconds": 1}, None), ({"after_seconds": 1, "after_chunks": 3}, 3)],
)
def test_a_fault_without_a_position_happens_after_the_first_chunk(options: dict[str, int], chunks: int | None) -> None:
    fault = FaultSpec.model_validate({"name": "stall", **options})
    assert isinstance(fault, PositionedFault)
    assert fault.chunks == chunks


def test_an_error_fault_is_an_error_with_the_same_options() -> None:
    error = ErrorFault(name="error", status=409, code=None).error()
    assert (error.status, error.model_fields_set) == (409, {"status", "code"})
