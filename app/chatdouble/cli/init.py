"""`chatdouble init`: a commented script to start from."""

from pathlib import Path
from typing import Annotated

import typer

from chatdouble.cli.stopping import stopped
from chatdouble.core.legible import escaped


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="init")(init)


def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("double.yaml"),
) -> None:
    """Write a commented script to start from. Does not overwrite an existing file."""
    from chatdouble.scripts.format.rule import starter  # noqa: PLC0415 - other commands start faster without it

    try:
        _write_new(path, starter())
    except OSError as refused:
        raise stopped(f"{path}: {refused.strerror}") from None
    shown = escaped(str(path))
    typer.echo(f"Wrote {shown}. Serve it with: chatdouble serve --scripts {shown}")


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet; if the disk is full, leave none."""
    with path.open("x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink()
            raise
