"""docs/echo.md has a row for each field of the request and for each directive."""

import re
from pathlib import Path

from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.texts import DIRECTIVES
from chatdouble_backends.echo.tool_selection import HEADER

PAGE = (Path(__file__).parents[2] / "docs" / "echo.md").read_text()
_, FIELDS = PAGE.split("## Request fields")


def test_every_field_of_the_request_has_a_row_in_the_order_of_the_model() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", FIELDS, re.MULTILINE)
    assert [name for name, _ in rows] == list(ChatCompletionRequest.model_fields)
    assert all(effect.endswith(".") for _, effect in rows)


def test_every_directive_has_a_row() -> None:
    assert set(re.findall(r"^\| `\[\[(\w+)", PAGE, re.MULTILINE)) == set(DIRECTIVES)


def test_the_header_is_named() -> None:
    assert HEADER in PAGE.lower()
