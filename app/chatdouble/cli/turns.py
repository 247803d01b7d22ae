"""The command that scripts a conversation of a running server."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Session, Url, parsed


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="script")(script)


def script(
    turns: Annotated[
        str | None,
        typer.Argument(help="Turns in JSON, or a YAML or JSON file of them as @FILE; omit to show what waits."),
    ] = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Remove the session's conversations.")] = False,
) -> None:
    """Script a conversation of the session, show its conversations, or remove them.

    Each turn checks the next request and answers it.
    """
    server = Server(url, key, session)
    if clear and turns is not None:
        typer.echo("chatdouble: give turns, or --clear", err=True)
        raise typer.Exit(2)
    if clear:
        typer.echo(f"{server.ask('DELETE', 'script')['dropped']} turns dropped")
    elif turns is None:
        for conversation in server.ask("GET", "script")["data"]:
            typer.echo(json.dumps(conversation, ensure_ascii=False))
    else:
        added = server.ask("POST", "script", given(turns))
        typer.echo(f"{added['id']}: {added['waiting']} turns waiting")


def given(text: str) -> Any:
    """Return a value given as JSON, or as @FILE with YAML or JSON in the file; on a mistake exit with code 2."""
    if not text.startswith("@"):
        return parsed(text)
    from chatdouble.core.files import text_of  # noqa: PLC0415 - other commands start faster without it
    from chatdouble.scripts.reading.source import Source, SourceError  # noqa: PLC0415 - as above

    file = Path(text[1:])
    try:
        return Source(str(file), text_of(file), file.suffix == ".json").value
    except (OSError, UnicodeDecodeError) as unread:
        typer.echo(f"chatdouble: {file} cannot be read: {unread}", err=True)
    except SourceError as wrong:
        typer.echo(f"chatdouble: {file}:{wrong.place.line}:{wrong.place.column}: {wrong.message}", err=True)
    raise typer.Exit(2)
