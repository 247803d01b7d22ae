"""`chatdouble record` and `chatdouble replay`: a test command run against a server that records or replays."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from chatdouble.cli.stopping import stopped
from chatdouble.core.files import files, why_unwritable
from chatdouble.core.legible import escaped

if TYPE_CHECKING:
    from chatdouble.testing.command import Finished

_DEFAULT: Final = Path("recordings")

Command = Annotated[list[str], typer.Argument(help="The command to run, after --.", metavar="COMMAND [ARGS]...")]
Folder = Annotated[Path, typer.Option(metavar="FOLDER", envvar="CHATDOUBLE_RECORDINGS", help="Folder of recordings.")]
Url = Annotated[str | None, typer.Option(metavar="URL", envvar="CHATDOUBLE_UPSTREAM", help="Base URL of the real API.")]
Key = Annotated[
    str | None,
    typer.Option(metavar="KEY", envvar="CHATDOUBLE_UPSTREAM_KEY", help="API key to send instead of the command's."),
]
Rerecord = Annotated[bool, typer.Option("--rerecord", help="Request everything again and replace existing recordings.")]

# Flags after the command's name are the command's own.
_CONTEXT: Final = {"allow_interspersed_args": False}


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    cli.command(name="record", context_settings=_CONTEXT)(record)
    cli.command(name="replay", context_settings=_CONTEXT)(replay)


def record(
    run: Command,
    *,
    upstream: Url = None,
    upstream_key: Key = None,
    recordings: Folder = _DEFAULT,
    rerecord: Rerecord = False,
) -> None:
    """Run a command and record its requests to the real API.

    Only requests without a recording reach the real API; repeated requests are recorded in order. Sets
    OPENAI_BASE_URL for the command, keeps its OPENAI_API_KEY, and exits with its exit code; with 1 if the command
    succeeded and an answer could not be written, and with 2 if nothing can be written to the folder, or if there is no
    key and the real API wants one.
    """
    if upstream is None:
        raise stopped("record needs --upstream URL, such as https://api.openai.com/v1")
    closed = why_unwritable(recordings)
    if closed is not None:
        raise stopped(f"recordings: cannot be written: {closed}")
    before = _read(recordings)
    mode = "rerecord" if rerecord else "record"
    finished = _run(run, mode=mode, recordings=recordings, upstream=upstream, upstream_key=upstream_key)
    _report(finished)
    for line in _changes(before, _read(recordings)):
        typer.echo(line, err=True)
    if finished.unwritten:
        raise stopped(f"recordings that could not be written: {finished.unwritten}", code=finished.code or 1)
    raise typer.Exit(finished.code)


def replay(run: Command, *, recordings: Folder = _DEFAULT) -> None:
    """Run a command with answers from recordings only.

    Prints the verdict on the command's requests. Exits with the command's exit code, or with 1 if the command
    succeeded and the verdict found errors: a request without a recording, a recording that was not replayed.
    """
    finished = _run(run, mode="replay", recordings=recordings)
    _report(finished)
    raise typer.Exit(finished.code or int(not finished.verdict["ok"]))


def _report(finished: "Finished") -> None:
    """Print the verdict on a command's requests."""
    from chatdouble.verdict.reports.text import text  # noqa: PLC0415 - other commands need no verdict

    typer.echo(text(finished.verdict), err=True, nl=False)


def _run(run: list[str], **flags: str | Path | None) -> "Finished":
    """Run a command against the upstream backend."""
    # Imported here because other commands need no server.
    from chatdouble.server.logs import configure_logs  # noqa: PLC0415
    from chatdouble.settings import SettingsError, load  # noqa: PLC0415
    from chatdouble.testing.command import NotStartedError, run_command  # noqa: PLC0415

    try:
        # A test run needs no log line per request unless the user asks for it.
        settings = load({"log_level": os.environ.get("CHATDOUBLE_LOG_LEVEL", "warning"), **flags}, os.environ)
        settings = settings.model_copy(update={"backend": "upstream"})
        configure_logs(settings)
        return run_command(settings, run, os.environ)
    except SettingsError as wrong:
        raise stopped(*str(wrong).split("\n")) from None
    except NotStartedError as wrong:
        raise stopped(str(wrong), code=wrong.code) from None


def _read(folder: Path) -> dict[Path, bytes]:
    """Read every recording in a folder."""
    try:
        return {file: file.read_bytes() for file in files(folder)}
    except OSError as unread:
        raise stopped(f"recordings: {unread}") from None


def _changes(before: dict[Path, bytes], after: dict[Path, bytes]) -> Iterator[str]:
    """Describe each new or changed file, then the totals."""
    new = [file for file in after if file not in before]
    changed = [file for file in after if file in before and before[file] != after[file]]
    for label, found in (("new", new), ("changed", changed)):
        for file in found:
            yield f"{label:<8} {escaped(str(file))}"
    yield f"recorded: {len(new)} new, {len(changed)} changed, {len(after) - len(new) - len(changed)} unchanged"
