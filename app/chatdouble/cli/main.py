"""The `chatdouble` command line, assembled from its commands."""

import sys
from typing import Final

import typer

from chatdouble.cli import (
    control,
    gates,
    init,
    lint,
    models,
    record,
    requests,
    rules,
    schema,
    serve,
    turns,
    verdict,
    verify,
)
from chatdouble.cli import import_ as importing
from chatdouble.cli.version import Version

_HELP: Final = "A test double for the OpenAI API: strict, complete, deterministic."


_COMMANDS: Final = (
    *(serve.command, init.command, lint.command, models.command, schema.command, record.command, verify.command),
    *(importing.command, control.command, requests.command, turns.command, rules.command, gates.command),
    verdict.command,
)
"""The functions that add the commands, in the order of the help."""


def new_cli() -> typer.Typer:
    """Build the command line with all its commands."""
    cli = typer.Typer(
        name="chatdouble",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(_options)
    for add in _COMMANDS:
        add(cli)
    return cli


def _options(*, version: Version = False) -> None:
    """Take the options before a command."""


def main() -> None:
    """Run the command line with this process's arguments."""
    sys.exit(new_cli()())
