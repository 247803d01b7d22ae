"""`chatdouble import`: recordings and fixtures of other tools made into script files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """The tools whose files can be imported."""

    VCR = "vcr"
    AIMOCK = "aimock"
    LLMOCK = "llmock"
    HAR = "har"


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="import")(import_)


def import_(
    kind: Annotated[Kind, typer.Argument(help="What the files are.")],
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of them.", metavar="PATH...")],
    into: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder to write script files into.", envvar="CHATDOUBLE_RECORDINGS")
    ],
) -> None:
    """Make script files of VCR cassettes, aimock and llmock fixtures, or HTTP archives, without their secrets.

    What cannot be imported is said with its file and the reason; exit code 1 where nothing could be.
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
        typer.echo(f"chatdouble: {wrong}", err=True)
        raise typer.Exit(2) from None
    for path in sorted(written):
        typer.echo(str(path))
    typer.echo(f"{sum(written.values())} rules in {len(written)} files", err=True)
    if not written:
        raise typer.Exit(1)
