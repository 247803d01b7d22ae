"""Commands that control a running server: its queue, faults, pace, limits, mode and clock."""

import json
from typing import Annotated

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Session, Sessions, Url, parsed
from chatdouble.cli.stopping import stopped

Model = Annotated[str | None, typer.Option(help="Model name or dated name; all models by default.")]
Clear = Annotated[bool, typer.Option("--clear", help="Return to the server's setting.")]


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    for run in (queue, turned_away, reset, faults, pace, limits, mode):
        cli.command(name=run.__name__.replace("_", "-"))(run)
    clock = typer.Typer(help="Control the session's clock.", no_args_is_help=True)
    clock.command(name="advance")(advance)
    cli.add_typer(clock, name="clock")


def queue(
    reply: Annotated[
        str | None,
        typer.Argument(help="A reply as in scripts: JSON, a JSON list, or plain text; omit to show what waits."),
    ] = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Drop the replies that wait.")] = False,
) -> None:
    """Queue replies for the session's next requests, show the queue, or clear it.

    Each is used once, before any rule.
    """
    from chatdouble.server.auth import session_of  # noqa: PLC0415 - other commands start faster without it

    server = Server(url, key, session)
    if reply is None and not clear:
        for one in server.ask("GET", "queue")["data"]:
            typer.echo(json.dumps(one, ensure_ascii=False))
        return
    _refuse_both(reply, clear=clear)
    asked = server.ask("DELETE", "queue") if reply is None else server.ask("POST", "queue", parsed(reply))
    waiting = asked["waiting"]
    typer.echo(f"{waiting} waiting in session {session or session_of({}, key)}")


def turned_away(url: Url = URL, key: Key = KEY) -> None:
    """Print the requests that were not let in as JSON lines, oldest first.

    They need the control key, if the server has one.
    """
    for entry in Server(url, key, None).ask("GET", "turned-away")["data"]:
        typer.echo(json.dumps(entry, ensure_ascii=False))


def reset(url: Url = URL, key: Key = KEY, session: Sessions = None) -> None:
    """Clear everything of the session.

    That is its journal, queue, counters, scenarios, stored completions and clock, and its faults, pace, limits and
    mode.
    """
    Server(url, key, session).ask("POST", "reset")


def faults(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[FAULTS]", help="A fault as in scripts, in JSON, or a list; omit to show what is set."),
    ] = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the faults of all requests of the session."""
    _override(Server(url, key, session), "faults", given, clear=clear)


def pace(
    given: Annotated[
        str | None, typer.Argument(metavar="[PACE]", help="A pace as in scripts, in JSON; omit to show what is set.")
    ] = None,
    model: Model = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the session's pace."""
    _override(Server(url, key, session), "pace", given, clear=clear, model=model)


def limits(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[LIMITS]", help="Rate limits by setting, in JSON; omit to show them."),
    ] = None,
    model: Model = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the session's rate limits."""
    _override(Server(url, key, session), "limits", given, clear=clear, model=model)


def mode(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[MODE]", help="replay, record, rerecord or passthrough; omit to show what is set."),
    ] = None,
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the session's mode of using recordings."""
    _override(Server(url, key, session), "mode", given, clear=clear)


def advance(
    seconds: Annotated[float, typer.Argument(help="Seconds to add.")],
    url: Url = URL,
    key: Key = KEY,
    session: Session = None,
) -> None:
    """Advance the session's clock.

    Rate limits refill, and new answers have later dates.
    """
    ahead = Server(url, key, session).ask("POST", "clock", {"advance": seconds})["ahead"]
    typer.echo(f"{ahead:g} seconds ahead")


def _override(server: Server, path: str, given: str | None, *, clear: bool, model: str | None = None) -> None:
    """Set, clear or print one of the session's overrides."""
    _refuse_both(given, clear=clear)
    query = {"model": model}
    if clear:
        server.ask("DELETE", path, query=query)
    elif given is not None:
        server.ask("PUT", path, parsed(given), query=query)
    else:
        typer.echo(json.dumps(server.ask("GET", path, query=query)[path], ensure_ascii=False))


def _refuse_both(given: str | None, *, clear: bool) -> None:
    """Exit with code 2 if there are a value and --clear."""
    if clear and given is not None:
        raise stopped("give a value, or --clear")
