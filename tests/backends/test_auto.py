"""The default backend is the one that the other settings imply."""

from pathlib import Path
from typing import Any

import pytest

from chatdouble.backend import Backend, Options
from chatdouble_backends.auto import make
from chatdouble_backends.echo import Echo


def chosen(**options: Any) -> str:
    """Return the name of the backend that options imply."""
    names: list[str] = []

    def other(name: str) -> Backend:
        names.append(name)
        return Echo()

    make(Options(other=other, **options))
    (name,) = names
    return name


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "echo"),
        ({"scripts": (Path("a.yaml"),)}, "script"),
        ({"upstream": "http://127.0.0.1:9/v1"}, "upstream"),
        ({"recordings": Path("recordings")}, "upstream"),
        ({"scripts": (Path("a.yaml"),), "upstream": "http://127.0.0.1:9/v1"}, "script"),
    ],
)
def test_the_backend_follows_from_the_other_settings(options: dict[str, Any], name: str) -> None:
    assert chosen(**options) == name


def test_an_empty_folder_of_scripts_implies_nothing(tmp_path: Path) -> None:
    assert chosen(scripts=(tmp_path,)) == "echo"
    (tmp_path / "one.yaml").write_text("rules: []")
    assert chosen(scripts=(tmp_path,)) == "script"
