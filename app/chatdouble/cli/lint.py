"""`chatdouble lint`: what in a script cannot be read, and what cannot happen."""

from pathlib import Path
from typing import Annotated

import typer


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="lint")(lint)


def lint(
    paths: Annotated[list[Path], typer.Argument(help="Script files or folders.", metavar="PATH...")],
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
) -> None:
    """Find what cannot be read and what cannot happen in scripts; exit code 1 where something is wrong."""
    from chatdouble.scripts.lint import lint_paths  # noqa: PLC0415 - so that other commands start without it

    findings = lint_paths(paths)
    for finding in findings:
        typer.echo(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    typer.echo(f"{errors} errors, {len(findings) - errors} warnings", err=True)
    if errors or (strict and findings):
        raise typer.Exit(1)
