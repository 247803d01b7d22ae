"""The errors that scripts know by name, and the manual's table of them."""

from pathlib import Path
from typing import get_args

import pytest

from calls import call
from chatdouble.core.errors import APIError
from chatdouble.layers.faults.registry import FAULTS
from chatdouble.scripts.format.faults import ErrorName, ErrorSpec
from chatdouble.scripts.replying.default_errors import NAMED_ERRORS, error_of
from named_errors import named_errors

DOCS = Path(__file__).resolve().parents[3]
MANUAL = (DOCS / "docs" / "scripts.md").read_text()


def cell(value: str | None) -> str:
    return f"`{value}`" if value else "null"


def row_of(name: str, error: APIError) -> tuple[str, ...]:
    kind = cell(error.type)
    if error.param is not None:
        kind += f", param `{error.param}`"
    return f"`{name}`", str(error.status), kind, cell(error.code)


def test_every_name_has_an_error() -> None:
    assert {*NAMED_ERRORS} == {*get_args(ErrorName)}


@pytest.mark.parametrize("name", NAMED_ERRORS)
def test_the_manual_has_the_values_of_a_named_error(name: str) -> None:
    line = next(line for line in MANUAL.splitlines() if line.startswith(f"| `{name}` |"))
    cells = [part.strip() for part in line.strip("|").split(" | ")]
    for shown, value in zip(cells, row_of(name, named_errors()[name]), strict=True):
        assert shown.startswith(value)


def test_the_manual_lists_no_other_names() -> None:
    table = MANUAL.split("### Errors")[1].split("### Chunks")[0]
    assert sum(line.startswith("| `") for line in table.splitlines()) == len(NAMED_ERRORS)


def test_the_changelog_counts_the_faults() -> None:
    assert f"{len(FAULTS)} kinds of faults" in (DOCS / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            "gpt-5",
            "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 272001 ",
        ),
        ("nobody-knows-it", "This model's maximum context length is 128000 tokens."),
    ],
)
def test_a_context_that_is_exceeded_is_the_models_own(model: str, message: str) -> None:
    error = error_of(ErrorSpec(name="context_length_exceeded"), None, call(model=model), {})
    assert error.message.startswith(message)
    assert error.param == "messages"


def test_a_wrong_key_is_the_requests_own() -> None:
    asked = call(headers={"api-key": "sk-azure-key-0123"})
    error = error_of(ErrorSpec(status=401), None, asked, {})
    assert error.message.startswith("Incorrect API key provided: sk-azure*****0123.")
