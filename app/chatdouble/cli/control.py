"""Commands that control a running server: its queue, journal, faults, pace, limits, mode and clock."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple

import typer

Url = Annotated[str, typer.Option(envvar="CHATDOUBLE_URL", help="Address of the server.")]
Key = Annotated[str, typer.Option(envvar="OPENAI_API_KEY", help="API key of the session, or the control key.")]
Session = Annotated[str | None, typer.Option(help="Another session; needs the control key.")]
Sessions = Annotated[str | None, typer.Option(help="Another session, or * for all; needs the control key.")]
Model = Annotated[str | None, typer.Option(help="Model name or dated name; all models by default.")]
Clear = Annotated[bool, typer.Option("--clear", help="Return to the server's setting.")]

Query = Mapping[str, str | None]

_URL: Final = "http://127.0.0.1:8000"
_KEY: Final = "sk-test"


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    for run in (queue, requests, reset, faults, pace, limits, mode):
        cli.command(name=run.__name__)(run)
    clock = typer.Typer(help="Control the session's clock.", no_args_is_help=True)
    clock.command(name="advance")(advance)
    cli.add_typer(clock, name="clock")


def queue(
    reply: Annotated[str, typer.Argument(help="A reply as in scripts: JSON, a JSON list of replies, or plain text.")],
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Queue replies for the session's next requests.

    Each is used once, before any rule.
    """
    from chatdouble.server.auth import session_of  # noqa: PLC0415 - other commands start faster without it

    waiting = _ask(url, key, {"session": session}, "POST", "queue", _parsed(reply))["waiting"]
    typer.echo(f"{waiting} waiting in session {session or session_of({}, key)}")


def requests(url: Url = _URL, key: Key = _KEY, session: Sessions = None) -> None:
    """Print the session's journal as JSON lines, oldest request first."""
    for entry in _ask(url, key, {"session": session}, "GET", "requests")["data"]:
        typer.echo(json.dumps(entry, ensure_ascii=False))


def reset(url: Url = _URL, key: Key = _KEY, session: Sessions = None) -> None:
    """Clear everything of the session.

    That is its journal, queue, counters, scenarios, stored completions and clock, and its faults, pace, limits and
    mode.
    """
    _ask(url, key, {"session": session}, "POST", "reset")


def faults(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[FAULTS]", help="A fault as in scripts, in JSON, or a list; omit to show what is set."),
    ] = None,
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the faults of all requests of the session."""
    _override(_Server(url, key, {"session": session}), "faults", given, clear=clear)


def pace(
    given: Annotated[
        str | None, typer.Argument(metavar="[PACE]", help="A pace as in scripts, in JSON; omit to show what is set.")
    ] = None,
    model: Model = None,
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the session's pace."""
    _override(_Server(url, key, {"session": session, "model": model}), "pace", given, clear=clear)


def limits(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[LIMITS]", help="Rate limits by setting, in JSON; omit to show them."),
    ] = None,
    model: Model = None,
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the session's rate limits."""
    _override(_Server(url, key, {"session": session, "model": model}), "limits", given, clear=clear)


def mode(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[MODE]", help="replay, record, rerecord or passthrough; omit to show what is set."),
    ] = None,
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
    *,
    clear: Clear = False,
) -> None:
    """Show, set or clear the session's mode of using recordings."""
    _override(_Server(url, key, {"session": session}), "mode", given, clear=clear)


def advance(
    seconds: Annotated[float, typer.Argument(help="Seconds to add.")],
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Advance the session's clock.

    Rate limits refill, and new answers have later dates.
    """
    ahead = _ask(url, key, {"session": session}, "POST", "clock", {"advance": seconds})["ahead"]
    typer.echo(f"{ahead:g} seconds ahead")


class _Server(NamedTuple):
    """The server to ask, and for whom.

    Attributes:
        url: Its address.
        key: The key to ask with.
        query: The session and the model.
    """

    url: str
    key: str
    query: Query


def _override(server: _Server, path: str, given: str | None, *, clear: bool) -> None:
    """Set, clear or print one of the session's overrides."""
    if clear and given is not None:
        typer.echo("chatdouble: give a value, or --clear", err=True)
        raise typer.Exit(2)
    if clear:
        _ask(*server, "DELETE", path)
    elif given is not None:
        _ask(*server, "PUT", path, _parsed(given))
    else:
        typer.echo(json.dumps(_ask(*server, "GET", path)[path], ensure_ascii=False))


def _parsed(text: str) -> Any:
    """Parse JSON; text that is not JSON stands for itself, unless it begins as an object or a list does."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        if not text.lstrip().startswith(("{", "[")):
            return text
        hint = "to send it as a text, write it as a JSON string"
        typer.echo(f"chatdouble: not JSON: {wrong.msg} at column {wrong.pos + 1}; {hint}", err=True)
        raise typer.Exit(2) from None


def _ask(url: str, key: str, query: Query, method: str, path: str, *body: Any) -> dict[str, Any]:
    """Send a control request and return its JSON; on failure print one line and exit with code 2."""
    import httpx2  # noqa: PLC0415 - other commands start faster without it

    try:
        response = httpx2.request(
            method,
            f"{url.rstrip('/')}/_double/{path}",
            params={name: value for name, value in query.items() if value is not None},
            headers={"Authorization": f"Bearer {key}"},
            **({"json": body[0]} if body else {}),
        )
        answer: dict[str, Any] = response.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as failed:
        typer.echo(f"chatdouble: no answer from {url}: {failed}", err=True)
        raise typer.Exit(2) from None
    if response.is_error:
        for line in answer["error"]["message"].splitlines():
            typer.echo(f"chatdouble: {line}", err=True)
        raise typer.Exit(2)
    return answer
