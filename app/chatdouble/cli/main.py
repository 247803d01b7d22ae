"""The `chatdouble` command line, assembled from its commands."""

import sys
from collections.abc import Callable, Sequence
from typing import Final

import typer

from chatdouble.cli import serve
from chatdouble.cli.version import Version

_HELP: Final = "A test double for the OpenAI API: strict, complete, deterministic."


def _others() -> Sequence[Callable[[typer.Typer], None]]:
    """Return what adds the commands other than `serve`, which starts without them in less time."""
    from chatdouble.cli import (  # noqa: PLC0415 - as above
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
    from chatdouble.cli import import_ as importing  # noqa: PLC0415 - as above

    before = init.command, lint.command, models.command, schema.command, record.command, verify.command
    after = control.command, requests.command, turns.command, rules.command, gates.command, verdict.command
    return *before, importing.command, *after


def new_cli(*, only_serve: bool = False) -> typer.Typer:
    """Build the command line with all its commands, or with `serve` alone."""
    cli = typer.Typer(
        name="chatdouble",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(_options)
    for add in (serve.command, *(() if only_serve else _others())):
        add(cli)
    return cli


def _options(*, version: Version = False) -> None:
    """Take the options before a command."""


def main() -> None:
    """Run the command line with this process's arguments."""
    sys.exit(new_cli(only_serve=sys.argv[1:2] == ["serve"])())
