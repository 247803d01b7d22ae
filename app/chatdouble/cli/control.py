"""Commands that control a running server: its queue, journal, pace, faults, limits, mode and clock."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

Url = Annotated[str, typer.Option(envvar="CHATDOUBLE_URL", help="Where the server is.")]
Key = Annotated[str, typer.Option(envvar="OPENAI_API_KEY", help="The session's key, or the control key.")]
Session = Annotated[str | None, typer.Option(help="Another session; needs the control key.")]
Sessions = Annotated[str | None, typer.Option(help="Another session, or * for all; needs the control key.")]
Model = Annotated[str, typer.Option(help="The model's name or dated name; * for every model.")]

Query = Mapping[str, str | None]

_URL = "http://127.0.0.1:8000"
_KEY = "sk-test"


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    for run in (queue, requests, reset, pace, faults, limits, mode):
        cli.command(name=run.__name__)(run)
    clock = typer.Typer(help="Control a session's clock.", no_args_is_help=True)
    clock.command(name="advance")(advance)
    cli.add_typer(clock, name="clock")


def queue(
    reply: Annotated[str, typer.Argument(help="A reply as scripts have them, in JSON, a list of such, or plain text.")],
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Queue replies: they answer the session's next requests, before any rule."""
    waiting = _ask(url, key, {"session": session}, "POST", "queue", _value(reply))["waiting"]
    typer.echo(f"{waiting} waiting")


def requests(url: Url = _URL, key: Key = _KEY, session: Sessions = None) -> None:
    """Print the session's journal as JSON lines, oldest first."""
    for entry in _ask(url, key, {"session": session}, "GET", "requests")["data"]:
        typer.echo(json.dumps(entry, ensure_ascii=False))


def reset(url: Url = _URL, key: Key = _KEY, session: Sessions = None) -> None:
    """Forget everything of the session: journal, queue, sequences, states, counts, what it has of its own."""
    _ask(url, key, {"session": session}, "POST", "reset")


def pace(
    given: Annotated[str | None, typer.Argument(help="A pace as scripts have it, in JSON; none: take it away.")] = None,
    model: Model = "*",
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Give the session a pace of its own, or take it away."""
    _give(url, key, {"session": session, "model": model}, "pace", given)


def faults(
    given: Annotated[
        str | None, typer.Argument(help="A fault as scripts have it, in JSON, or a list; none: take them away.")
    ] = None,
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Give the session faults for all its requests, or take them away."""
    _give(url, key, {"session": session}, "faults", given)


def mode(
    given: Annotated[
        str | None, typer.Argument(help="replay, record, rerecord or passthrough; none: the server's.")
    ] = None,
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Choose how the session uses recordings, or leave that to the server."""
    _give(url, key, {"session": session}, "mode", given)


def limits(
    given: Annotated[str | None, typer.Argument(help="Limits in JSON, by setting; none: take them away.")] = None,
    model: Model = "*",
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Give the session rate limits of its own, or take them away."""
    _give(url, key, {"session": session, "model": model}, "limits", given)


def advance(
    seconds: Annotated[float, typer.Argument(help="By how many seconds.")],
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Move the session's clock on: its limits refill, its answers are dated later."""
    ahead = _ask(url, key, {"session": session}, "POST", "clock", {"advance": seconds})["ahead"]
    typer.echo(f"{ahead:g} seconds ahead")


def _give(url: str, key: str, query: Query, path: str, given: str | None) -> None:
    if given is None:
        _ask(url, key, query, "DELETE", path)
    else:
        _ask(url, key, query, "PUT", path, _value(given))


def _value(text: str) -> Any:
    """Return what a text is in JSON, or itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _ask(url: str, key: str, query: Query, method: str, path: str, *body: Any) -> dict[str, Any]:
    """Ask a server's control; what goes wrong is one line and exit code 2."""
    import httpx2  # noqa: PLC0415 - so that other commands start without it

    try:
        answer = httpx2.request(
            method,
            f"{url.rstrip('/')}/_double/{path}",
            params={name: value for name, value in query.items() if value is not None},
            headers={"Authorization": f"Bearer {key}"},
            **({"json": body[0]} if body else {}),
        )
        said: dict[str, Any] = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as failed:
        typer.echo(f"chatdouble: no answer from {url}: {failed}", err=True)
        raise typer.Exit(2) from None
    if answer.is_error:
        typer.echo(f"chatdouble: {said['error']['message']}", err=True)
        raise typer.Exit(2)
    return said
