"""`chatdouble say`, `requests` and `reset`: controlling a running server from a shell."""

import json
from typing import Annotated, Any

import typer

Url = Annotated[str, typer.Option(envvar="CHATDOUBLE_URL", help="Where the server is.")]
Key = Annotated[str, typer.Option(envvar="OPENAI_API_KEY", help="The session's key, or the control key.")]
Session = Annotated[str | None, typer.Option(help="Another session, or * for all; needs the control key.")]

_URL = "http://127.0.0.1:8000"
_KEY = "sk-test"


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    cli.command(name="say")(say)
    cli.command(name="requests")(requests)
    cli.command(name="reset")(reset)


def say(
    reply: Annotated[str, typer.Argument(help="A reply as scripts have them, in JSON, a list of such, or plain text.")],
    url: Url = _URL,
    key: Key = _KEY,
    session: Session = None,
) -> None:
    """Queue replies: they answer the session's next requests, before any rule."""
    try:
        given = json.loads(reply)
    except json.JSONDecodeError:
        given = reply
    queued = _ask(url, key, session, "POST", "replies", given)["queued"]
    typer.echo(f"{queued} waiting")


def requests(url: Url = _URL, key: Key = _KEY, session: Session = None) -> None:
    """Print the session's journal as JSON lines, oldest first."""
    for entry in _ask(url, key, session, "GET", "requests")["data"]:
        typer.echo(json.dumps(entry, ensure_ascii=False))


def reset(url: Url = _URL, key: Key = _KEY, session: Session = None) -> None:
    """Forget everything of the session: journal, queue, sequences, states, counts, stored completions."""
    _ask(url, key, session, "POST", "reset")


def _ask(url: str, key: str, session: str | None, method: str, path: str, *body: Any) -> dict[str, Any]:
    """Ask a server's control; what goes wrong is one line and exit code 2."""
    import httpx2  # noqa: PLC0415 - so that other commands start without it

    try:
        answer = httpx2.request(
            method,
            f"{url.rstrip('/')}/_double/{path}",
            params={"session": session} if session else None,
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
