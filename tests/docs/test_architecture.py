"""docs/architecture.md has a row for every package and names only files that exist."""

import re
from pathlib import Path
from typing import Final

import chatdouble

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text()
PACKAGE: Final = Path(chatdouble.__file__).parent


def test_every_package_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", PAGE, re.MULTILINE)
    packages = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert sorted(rows) == sorted({*packages, "settings"})


def test_every_module_that_it_names_exists() -> None:
    named = set(re.findall(r"\b([a-z_]+/[a-z_/]+\.py)\b", PAGE))
    roots = (PACKAGE, ROOT, ROOT / "backends")
    assert {name for name in named if not any((root / name).exists() for root in roots)} == set()


def test_the_undecided_questions_are_listed() -> None:
    assert "## Not settled in public" in PAGE
    assert "(reference/README.md)" in PAGE
