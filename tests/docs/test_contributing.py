"""CONTRIBUTING.md is short, and every file it names exists."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "CONTRIBUTING.md").read_text()
TASKS: Final = PAGE.partition("## Ten tasks")[2]
NAMES: Final = [
    *("request field", "rule", "fault", "matcher", "model", "control route", "command", "setting", "header", "backend")
]


def paths(text: str) -> list[str]:
    """Return the paths of files and folders in a text."""
    return re.findall(r"`((?:app|backends|docs|scripts|tests)/[\w./-]+|pyproject\.toml)`", text)


def test_it_has_at_most_80_lines() -> None:
    assert len(PAGE.splitlines()) <= 80


def test_it_has_the_ten_tasks() -> None:
    assert re.findall(r"^\*\*An? ([\w ]+):\*\*", TASKS, re.MULTILINE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_task_names_files_that_exist(name: str) -> None:
    (task,) = re.findall(rf"^\*\*An? {name}:\*\*(.*?)(?:\n\n|\Z)", TASKS, re.MULTILINE | re.DOTALL)
    named = paths(task)
    assert len(named) > 1
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_other_path_that_it_names_exists() -> None:
    assert [path for path in paths(PAGE) if not (ROOT / path).exists()] == []


def test_every_package_that_it_names_exists() -> None:
    named = set(re.findall(r"`(\w+)/", PAGE)) - {"app", "backends", "docs", "scripts", "tests"}
    assert {name for name in named if not (ROOT / "app" / "chatdouble" / name).is_dir()} == set()
