"""`chatdouble lint`: mistakes in scripts."""

from pathlib import Path
from typing import Annotated

import typer


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="lint")(lint)


def lint(
    paths: Annotated[list[Path], typer.Argument(help="Script files or folders.", metavar="PATH...")],
    *,
    upstream: Annotated[
        str | None, typer.Option(envvar="CHATDOUBLE_UPSTREAM", help="Upstream that the server will have.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
) -> None:
    """Check scripts for mistakes.

    Reports syntax errors, unreachable rules and replies that the real API could not give. Exits with code 1 if there
    are errors.
    """
    from chatdouble.scripts.lint import lint_paths  # noqa: PLC0415 - other commands start faster without it

    findings = lint_paths(paths, has_upstream=upstream is not None)
    for finding in findings:
        typer.echo(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    typer.echo(f"{errors} errors, {len(findings) - errors} warnings", err=True)
    if errors or (strict and findings):
        raise typer.Exit(1)
