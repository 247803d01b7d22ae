"""The page on the upstream is complete."""

import re
from pathlib import Path

import pytest

from calls import call
from chatdouble.backend import Relay
from chatdouble.recordings.cleaning import KEPT_HEADER_PREFIXES, KEPT_HEADERS, Configuration, configuration_of
from chatdouble.recordings.modes import MODES
from chatdouble.scripts.lint import lint
from chatdouble.scripts.matching.canonical import canonical
from chatdouble.scripts.reading.load import parse
from chatdouble_backends.upstream.errors import FAILURES
from scripting import scripted

PAGE = (Path(__file__).parents[2] / "docs" / "upstream.md").read_text()


def block(kind: str) -> str:
    """Return the first code block in a language."""
    found = re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_every_mode_is_explained() -> None:
    assert (
        tuple(re.findall(r"^\| `(\w+)`(?: \(default\))? \| (?:recordings|the upstream)", PAGE, re.MULTILINE)) == MODES
    )


async def test_the_example_recording_answers_its_request_and_passes_lint() -> None:
    script = parse(block("yaml"))
    assert lint(script) == []
    request = script.rules[0].rule.when.request
    assert request is not None
    reply = await scripted(block("yaml")).reply(call(**request.body))
    assert isinstance(reply, Relay)
    assert [data async for data in reply.body][1] == b"data: [DONE]\n\n"


def test_the_example_configuration_has_every_key(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text(block("toml"))
    assert configuration_of(tmp_path).model_fields_set == set(Configuration.model_fields)


def test_every_recorded_header_is_named() -> None:
    assert [name for name in (*KEPT_HEADERS, *KEPT_HEADER_PREFIXES) if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize(("status", "code"), sorted({(status, code) for status, code, _ in FAILURES.values()}))
def test_every_failure_is_in_the_table(status: int, code: str) -> None:
    assert f"| {status} | `{code}` |" in PAGE


def test_every_documented_form_is_normalised() -> None:
    table = PAGE.split("| name | parts of texts |")[1].split("\n\n")[0]
    forms = [form for form in re.findall(r"`([^`]+)`", table) if form not in ("dates", "uuids", "ids", "date", "May")]
    assert len(forms) > 25
    marks = {"call_": "<id>", "123e4567": "<uuid>", "01ARZ": "<uuid>"}
    assert {form: canonical(form, normalise=["dates", "uuids", "ids"]) for form in forms} == {
        form: next((mark for start, mark in marks.items() if form.startswith(start)), "<date>") for form in forms
    }
