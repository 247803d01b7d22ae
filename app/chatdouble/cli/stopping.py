"""The end of a command that cannot go on."""

import typer

from chatdouble.core.legible import escaped


def stopped(*lines: str, code: int = 2) -> typer.Exit:
    """Print why a command stops, and return the exit.

    Args:
        lines: The reasons, each a line of its own. A name in one may have line breaks or escape sequences.
        code: The exit code.
    """
    for line in lines:
        typer.echo(f"chatdouble: {escaped(line)}", err=True)
    return typer.Exit(code)
