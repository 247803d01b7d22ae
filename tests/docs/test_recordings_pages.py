"""The pages on recordings: commands, tables, workflow."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatdouble.importers.importer import KINDS
from chatdouble.verify.comparison import EQUAL_HEADERS, PRESENT_HEADERS
from commands import run

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("verify.md", "ci-recordings.md", "importing.md")


def commands(page: str) -> list[list[str]]:
    """Return the command lines of a page, without the command that they run."""
    blocks = re.findall(r"```(?:sh|yaml)\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    joined = "\n".join(blocks).replace("${{ github.run_id }}", "7")
    lines = re.findall(r"^ *(?:- run: )?(chatdouble .*(?:\n +--.*)*)", joined, re.MULTILINE)
    return [shlex.split(line.split(" -- ")[0]) for line in lines]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_has_the_flags_that_the_page_gives_it(page: str) -> None:
    found = commands(page)
    assert found
    for _, name, *arguments in found:
        shown = run(name, "--help").stdout
        assert [flag for flag in arguments if flag.startswith("--") and flag not in shown] == []


def test_every_flag_of_verify_is_explained() -> None:
    flags = set(re.findall(r"^ +(--[\w-]+)", run("verify", "--help").stdout, re.MULTILINE))
    page = (DOCS / "verify.md").read_text()
    assert {flag for flag in flags - {"--help"} if flag not in page} == set()


def test_every_compared_header_is_named() -> None:
    page = (DOCS / "verify.md").read_text()
    assert [name for name in (*EQUAL_HEADERS, *PRESENT_HEADERS) if f"`{name}`" not in page] == []


def test_every_kind_of_file_is_named() -> None:
    assert re.findall(r"^\| `(\w+)` \|", (DOCS / "importing.md").read_text(), re.MULTILINE) == [
        "vcr",
        "har",
        "aimock",
        "llmock",
    ]
    assert {*KINDS} == {"vcr", "har", "aimock", "llmock"}


def test_the_workflow_replays_on_push_without_the_key() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "ci-recordings.md").read_text(), re.DOTALL)
    workflow: dict[Any, Any] = yaml.safe_load(text)
    crons = [one["cron"] for one in workflow[True]["schedule"]]  # YAML 1.1 reads `on` as true
    assert workflow["jobs"].keys() == {"replay", "record", "verify"}
    assert [workflow["jobs"][job]["if"] for job in ("record", "verify")] == [
        f"github.event.schedule == '{cron}'" for cron in crons
    ]
    assert "OPENAI_API_KEY" not in str(workflow["jobs"]["replay"])
