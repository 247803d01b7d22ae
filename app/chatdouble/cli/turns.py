"""The command that scripts a conversation of a running server."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Session, Url, parsed
from chatdouble.cli.stopping import stopped


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
        raise stopped("give turns, or --clear")
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
        raise stopped(f"{file} cannot be read: {unread}") from None
    except SourceError as wrong:
        raise stopped(f"{file}:{wrong.place.line}:{wrong.place.column}: {wrong.message}") from None
