"""`chatdouble import`: conversion of other tools' recordings and fixtures to script files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chatdouble.cli.stopping import stopped
from chatdouble.core.legible import escaped


class Kind(StrEnum):
    """A tool whose files can be imported."""

    VCR = "vcr"
    AIMOCK = "aimock"
    LLMOCK = "llmock"
    HAR = "har"


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="import")(import_)


def import_(
    kind: Annotated[Kind, typer.Argument(help="Format of the files.")],
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", metavar="PATH...")],
    into: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder for the script files.", envvar="CHATDOUBLE_RECORDINGS")
    ],
) -> None:
    """Convert recordings and fixtures of other tools to scripts.

    Reads VCR cassettes, aimock and llmock fixtures, and HTTP archives, and removes secrets. Prints each file that
    cannot be imported with the reason. Exits with code 1 if nothing was imported.
    """
    from chatdouble.importers.importer import KINDS, SkippedPart, import_files  # noqa: PLC0415 - so that others start fast

    written: dict[Path, int] = {}
    try:
        for found in import_files(KINDS[kind], paths, into):
            if isinstance(found, SkippedPart):
                typer.echo(str(found), err=True)
            else:
                written[found.path] = written.get(found.path, 0) + found.rules
    except (OSError, ValueError) as wrong:
        raise stopped(str(wrong)) from None
    for path in sorted(written):
        typer.echo(escaped(str(path)))
    typer.echo(f"{sum(written.values())} rules in {len(written)} files", err=True)
    if not written:
        raise typer.Exit(1)
