"""Commands that hold answers of a running server at gates, and let them go on."""

import json
from typing import Annotated, Any

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Session, Url, parsed, segment

Name = Annotated[str, typer.Argument(help="The gate's name.")]
Request = Annotated[str | None, typer.Option(help="The only answer, by the id of its request.")]


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    gate = typer.Typer(help="Hold answers at gates, and let them go on.", no_args_is_help=True)
    for run in (put, show, wait, release, abort, delete):
        gate.command(name=run.__name__)(run)
    cli.add_typer(gate, name="gate")


def put(
    name: Name,
    gate: Annotated[
        str, typer.Argument(help='Which answers stop, and where, in JSON: {"when": {...}, "after_chunks": 2}.')
    ] = "{}",
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
) -> None:
    """Set a gate, at which matching answers of the session stop."""
    _print(Server(url, key, session).ask("PUT", _path(name), parsed(gate)))


def show(
    name: Annotated[str | None, typer.Argument(help="The gate's name; omit it to list all.")] = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
) -> None:
    """Show who waits at a gate, or list all gates of the session."""
    server = Server(url, key, session)
    for one in [server.ask("GET", _path(name))] if name is not None else server.ask("GET", "gates")["data"]:
        _print(one)


def wait(
    name: Name,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds after which the command fails.")] = 5.0,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    client_left: Annotated[bool, typer.Option("--client-left", help="Wait until its client has left.")] = False,
) -> None:
    """Wait until an answer has arrived at a gate."""
    given = {"timeout": timeout, "client_left": client_left}
    _print(Server(url, key, session).ask("POST", _path(name, "wait"), given, wait=timeout))


def release(
    name: Name,
    chunks: Annotated[int | None, typer.Option(min=1, help="Chunks that each sends before it waits again.")] = None,
    request: Request = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
) -> None:
    """Let answers at a gate go on; all of them by default."""
    given = {"chunks": chunks, "request": request}
    _print(Server(url, key, session).ask("POST", _path(name, "release"), given))


def abort(
    name: Name,
    how: Annotated[str, typer.Option(metavar="disconnect|reset|error", help="The way they end.")] = "disconnect",
    request: Request = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
) -> None:
    """End answers at a gate; all of them by default."""
    given = {"how": how, "request": request}
    _print(Server(url, key, session).ask("POST", _path(name, "abort"), given))


def delete(name: Name, url: Url = URL, key: Key = KEY, session: Session = None) -> None:
    """Remove a gate; what waits at it goes on."""
    Server(url, key, session).ask("DELETE", _path(name))


def _path(name: str, verb: str = "") -> str:

    return f"gates/{segment(name)}{f'/{verb}' if verb else ''}"


def _print(gate: dict[str, Any]) -> None:
    typer.echo(json.dumps(gate, ensure_ascii=False))
