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
    turns,
    verdict,
    verify,
)
from chatdouble.cli import import_ as importing
from chatdouble.cli.version import Version

_HELP: Final = "A test double for the OpenAI API: strict, complete, deterministic."


_COMMANDS: Final = (
    *(init.command, lint.command, models.command, schema.command, record.command, verify.command, importing.command),
    *(control.command, requests.command, turns.command, rules.command, gates.command, verdict.command),
)
"""The functions that add the commands after `serve`, in the order of the help."""


def new_cli(*, serves: bool = True) -> typer.Typer:
    """Build the command line with all its commands.

    Args:
        serves: Whether `serve` has its flags. They are made of the settings, whose import takes longer than all else
            that other commands do.
    """
    cli = typer.Typer(
        name="chatdouble",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(_options)
    command = cli.command(name="serve", help="Serve the API.")
    if serves:
        from chatdouble.cli.serve import serve_with_flags  # noqa: PLC0415 - as above

        command(serve_with_flags())
    else:
        command(_options)
    for add in _COMMANDS:
        add(cli)
    return cli


def _options(*, version: Version = False) -> None:
    """Take the options before a command."""


def main() -> None:
    """Run the command line with this process's arguments."""
    sys.exit(new_cli(serves="serve" in sys.argv)())
