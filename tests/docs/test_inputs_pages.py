"""The blocks of the pages about embeddings and moderations work as printed, except for the address."""

import contextlib
import io
from pathlib import Path

import pytest

from chatdouble.scripts.lint import lint
from chatdouble.scripts.reading.load import parse
from chatdouble.testing.server import RunningServer
from pages import blocks

PAGES = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("page", "printed"), [("embeddings.md", "True\n"), ("moderations.md", "False True True\n")])
def test_the_first_block_prints_what_the_page_says(server: RunningServer, page: str, printed: str) -> None:
    (code,) = blocks(page, "python")
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(code.replace("http://localhost:8000", server.origin), {})  # noqa: S102 - the documentation's own code
    assert told.getvalue() == printed


@pytest.mark.parametrize("page", ["embeddings.md", "moderations.md"])
def test_the_script_is_without_findings(page: str) -> None:
    (script,) = blocks(page, "yaml")
    assert lint(parse(script)) == []
