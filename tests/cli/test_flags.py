"""The flags of `serve`, which are read without typer where they have no mistakes."""

from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from chatdouble.cli import serve
from chatdouble.cli.flags import REPEATED, SWITCHES, flag, read
from chatdouble.cli.main import new_cli
from chatdouble.settings import TABLES, Settings

VALUED: Final = [flag(name) for name in Settings.model_fields if name not in TABLES and name not in SWITCHES]


def by_typer(monkeypatch: pytest.MonkeyPatch, arguments: list[str], **environ: str) -> Any:
    """Return what typer gives to the server."""
    given: list[Any] = []

    def start(settings: dict[str, Any], config: Path | None) -> int:
        given.append((settings, config))
        return 0

    monkeypatch.setattr(serve, "start", start)
    CliRunner().invoke(new_cli(), ["serve", *arguments], env=environ)
    return given[0]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [part for name in [*VALUED, "--config"] for part in (name, "1")],
        [f"{name}=-1" for name in [*VALUED, "--config"]],
        [form for both in SWITCHES.values() for form in both.split("/")],
        [form for both in SWITCHES.values() for form in reversed(both.split("/"))],
        [part for name in [*REPEATED.values(), "--port"] for value in ("one", "a=b", "") for part in (name, value)],
    ],
)
def test_flags_are_read_as_typer_reads_them(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert read(arguments, {}) == by_typer(monkeypatch, arguments)


def test_a_variable_names_the_file_of_settings_unless_a_flag_does(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"CHATDOUBLE_CONFIG": "of-variable.toml"}
    assert read([], named) == by_typer(monkeypatch, [], **named) == ({}, Path("of-variable.toml"))
    flagged = ["--config", "of-flag.toml"]
    assert read(flagged, named) == by_typer(monkeypatch, flagged, **named) == ({}, Path("of-flag.toml"))


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["--prot", "1"], ["--port"], ["more"], ["--"], ["--auth=yes"], ["--port", "--auth"]],
)
def test_what_is_no_setting_is_left_to_typer(arguments: list[str]) -> None:
    assert read(arguments, {}) is None
