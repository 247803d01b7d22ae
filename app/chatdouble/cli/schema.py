"""`chatdouble schema`: JSON Schemas of the files that users write."""

import json
from enum import StrEnum
from typing import Annotated

import typer


class Kind(StrEnum):
    """A kind of file that has a schema."""

    SCRIPT = "script"


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="schema")(schema)


def schema(kind: Annotated[Kind, typer.Argument(help="Kind of file.")]) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from chatdouble.scripts.format.rule import json_schema  # noqa: PLC0415 - other commands start faster without it

    typer.echo(json.dumps({Kind.SCRIPT: json_schema}[kind](), indent=2))
