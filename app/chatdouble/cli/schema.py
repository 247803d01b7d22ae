"""`chatdouble schema`: JSON Schemas of the files people write."""

import json
from enum import StrEnum
from typing import Annotated

import typer


class Kind(StrEnum):
    """The files that have a schema."""

    SCRIPT = "script"


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="schema")(schema)


def schema(kind: Annotated[Kind, typer.Argument(help="Which file's schema.")]) -> None:
    """Print the JSON Schema of a kind of file, for editors to complete and check with."""
    from chatdouble.scripts.format.rule import json_schema  # noqa: PLC0415 - so that other commands start without it

    typer.echo(json.dumps({Kind.SCRIPT: json_schema}[kind](), indent=2))
