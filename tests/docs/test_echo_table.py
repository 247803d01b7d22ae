"""The page about echo has a row for each field of the request, and a mark for each that there is."""

import re
from pathlib import Path

from chatdouble.answer.directives import DIRECTIVES
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble_backends.echo.tool_selection import HEADER

PAGE = (Path(__file__).parents[2] / "docs" / "echo.md").read_text()
_, FIELDS = PAGE.split("## Every field of the request")


def test_every_field_of_the_request_has_its_row_in_the_models_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", FIELDS, re.MULTILINE)
    assert [name for name, _ in rows] == list(ChatCompletionRequest.model_fields)
    assert all(told.endswith(".") for _, told in rows)


def test_every_mark_has_its_row() -> None:
    assert set(re.findall(r"^\| `\[\[(\w+)", PAGE, re.MULTILINE)) == set(DIRECTIVES)


def test_the_header_is_told() -> None:
    assert HEADER in PAGE.lower()
