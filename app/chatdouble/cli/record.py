"""`chatdouble record` and `replay`: a test command, run behind a double that records or replays."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from chatdouble.core.files import files

_DEFAULT: Final = Path("recordings")

Command = Annotated[list[str], typer.Argument(help="The command, best after --.", metavar="COMMAND [ARGS]...")]
Folder = Annotated[Path, typer.Option(metavar="FOLDER", envvar="CHATDOUBLE_RECORDINGS", help="Folder of recordings.")]
Url = Annotated[str | None, typer.Option(metavar="URL", envvar="CHATDOUBLE_UPSTREAM", help="Base URL of the real API.")]
Key = Annotated[
    str | None,
    typer.Option(metavar="KEY", envvar="CHATDOUBLE_UPSTREAM_KEY", help="Key sent there instead of the command's own."),
]
Rerecord = Annotated[
    bool, typer.Option("--rerecord", help="Call the real API for every request, and overwrite recordings.")
]

_AS_IT_IS: Final = {"allow_interspersed_args": False}
"""What comes after the command's name belongs to the command."""


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    cli.command(name="record", context_settings=_AS_IT_IS)(record)
    cli.command(name="replay", context_settings=_AS_IT_IS)(replay)


def record(
    run: Command,
    *,
    upstream: Url = None,
    upstream_key: Key = None,
    recordings: Folder = _DEFAULT,
    rerecord: Rerecord = False,
) -> None:
    """Run a command behind a recording double: what it asks and is not recorded yet goes to the real API.

    The command finds the double by OPENAI_BASE_URL and keeps its OPENAI_API_KEY; its exit code is this one's.
    """
    if upstream is None:
        raise _stopped("record needs --upstream URL, such as https://api.openai.com/v1")
    before = _contents(recordings)
    mode = "rerecord" if rerecord else "record"
    code = _behind(run, mode=mode, recordings=recordings, upstream=upstream, upstream_key=upstream_key)
    for line in _changes(before, _contents(recordings)):
        typer.echo(line, err=True)
    raise typer.Exit(code)


def replay(run: Command, *, recordings: Folder = _DEFAULT) -> None:
    """Run a command behind a double that answers from recordings alone; its exit code is this one's."""
    raise typer.Exit(_behind(run, mode="replay", recordings=recordings))


def _behind(run: list[str], **flags: str | Path | None) -> int:
    """Run a command behind the upstream backend, and return its exit code."""
    # Here, so that other commands need not import a server.
    from chatdouble.server import serving  # noqa: PLC0415
    from chatdouble.settings import SettingsError, load  # noqa: PLC0415
    from chatdouble.testing.behind import NotStartedError, run_behind  # noqa: PLC0415

    try:
        # Nobody needs a line for each request of a test run, unless it is asked for.
        settings = load({"log_level": os.environ.get("CHATDOUBLE_LOG_LEVEL", "warning"), **flags}, os.environ)
        settings = settings.model_copy(update={"backend": "upstream"})
        serving.configure_logs(settings)
        return run_behind(settings, run, os.environ)
    except SettingsError as wrong:
        raise _stopped(str(wrong)) from None
    except NotStartedError as wrong:
        raise _stopped(str(wrong), wrong.code) from None


def _contents(folder: Path) -> dict[Path, bytes]:
    """Return the recordings of a folder with what is in them."""
    return {file: file.read_bytes() for file in files(folder)}


def _changes(before: dict[Path, bytes], after: dict[Path, bytes]) -> Iterator[str]:
    """Return what was recorded, file by file, and how much it is."""
    new = [file for file in after if file not in before]
    changed = [file for file in after if file in before and before[file] != after[file]]
    for label, found in (("new", new), ("changed", changed)):
        for file in found:
            yield f"{label:<8} {file}"
    yield f"recorded: {len(new)} new, {len(changed)} changed, {len(after) - len(new) - len(changed)} unchanged"


def _stopped(why: str, code: int = 2) -> typer.Exit:
    """Say why the command is not run, and return what ends this one."""
    typer.echo(f"chatdouble: {why}", err=True)
    return typer.Exit(code)
