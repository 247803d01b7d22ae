"""Conventions that linters do not check: short files, short functions, module docstrings."""

import ast
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
LONGEST_FILE: Final = 300
LONGEST_FUNCTION: Final = 40
UNWELCOME: Final = ("utils", "helpers", "misc", "common")


def _files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - git as it is found
    return [path for name in listed.split() if (path := ROOT / name).exists()]


FILES: Final = _files()


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=_named)
def test_a_file_is_short_and_has_a_docstring(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) <= LONGEST_FILE
    assert ast.get_docstring(tree)
    assert path.stem not in UNWELCOME
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions if node.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}
