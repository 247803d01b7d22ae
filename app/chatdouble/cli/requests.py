"""Commands that read requests back from a running server: list, follow, show, wait for and export them."""

import json
from itertools import chain
from typing import Annotated, Any, Literal

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Session, Sessions, Url, parsed, segment

Status = Annotated[str | None, typer.Option(help="Status of the answer, or a class such as 4xx.")]
Model = Annotated[str | None, typer.Option(help="Model asked for; * stands for any characters.")]
Rule = Annotated[str | None, typer.Option(help="Rule that answered; with *.")]
Path = Annotated[str | None, typer.Option(help="Path; with *.")]
Since = Annotated[str | None, typer.Option(help="Earliest arrival: seconds since 1970, or ISO 8601.")]
Text = Annotated[str | None, typer.Option(help="Text in the request or its answer.")]
Problem = Annotated[str | None, typer.Option(help="Problem by its name; * for any.")]
When = Annotated[str | None, typer.Option(help="Conditions as in scripts, in JSON.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Most requests to print.")]
Format = Annotated[
    Literal["jsonl", "json", "har", "curl", "rule", "turns"],
    typer.Option("--format", help="Form of the output; rule and turns are scripts that answer the same again."),
]


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    group = typer.Typer(help="Print the session's requests: journal entries as JSON lines, oldest first.")
    group.callback(invoke_without_command=True)(requests)
    group.command(name="show")(show)
    group.command(name="wait")(wait)
    group.command(name="clear")(clear)
    cli.add_typer(group, name="requests")
    for run in (session, sessions):
        cli.command(name=run.__name__)(run)


def requests(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    status: Status = None,
    model: Model = None,
    rule: Rule = None,
    path: Path = None,
    since: Since = None,
    text: Text = None,
    problem: Problem = None,
    when: When = None,
    limit: Limit = None,
    form: Format = "jsonl",
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
    follow: Annotated[bool, typer.Option("--follow", help="Print further requests as they end.")] = False,
) -> None:
    """Print the session's requests: journal entries as JSON lines, oldest first."""
    if context.invoked_subcommand is not None:
        return
    server = Server(url, key, session)
    query = {
        "status": status,
        "model": model,
        "rule": rule,
        "path": path,
        "since": since,
        "text": text,
        "problem": problem,
        "when": when,
    }
    if follow:
        _follow(server, query)
    elif form == "jsonl":
        shown = {**query, "limit": None if limit is None else str(limit)}
        _print_lines(server.ask("GET", "requests", query=shown)["data"])
    else:
        typer.echo(server.text("requests/export", {**query, "format": form}), nl=False)


def show(
    request: Annotated[str, typer.Argument(help="Id of the request, as in x-request-id.")],
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
) -> None:
    """Print one request whole: its answer, the times of its chunks, and why other rules did not answer."""
    typer.echo(_indented(Server(url, key, session).ask("GET", f"requests/{segment(request)}")))


def wait(
    count: Annotated[int, typer.Option(min=1, help="Number of requests to wait for.")] = 1,
    when: When = None,
    timeout: Annotated[float, typer.Option(min=0, max=60, help="Most seconds to wait.")] = 5.0,
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
) -> None:
    """Wait for requests, those in flight included, and print them; fail if too few come in time."""
    body = {"count": count, "timeout": timeout, **({} if when is None else {"when": parsed(when)})}
    _print_lines(Server(url, key, session).ask("POST", "requests/wait", body, wait=timeout)["data"])


def clear(url: Url = URL, key: Key = KEY, session: Sessions = None) -> None:
    """Forget the session's requests, and nothing else."""
    Server(url, key, session).ask("DELETE", "requests")


def session(url: Url = URL, key: Key = KEY, session: Session = None) -> None:
    """Print everything that the session has: queue, counts, scenarios, settings, limits and what is left of them."""
    typer.echo(_indented(Server(url, key, session).ask("GET", "session")))


def sessions(url: Url = URL, key: Key = KEY) -> None:
    """Print all sessions as JSON lines; needs the control key."""
    _print_lines(Server(url, key, None).ask("GET", "sessions")["data"])


def _follow(server: Server, query: dict[str, str | None]) -> None:
    """Print the requests that have ended, and further ones until the server stops."""
    last: str | None = None
    with server.events("events") as kinds:
        for kind in chain(("entry",), kinds):  # first, what came before
            if kind == "entry":
                found = server.ask("GET", "requests", query={**query, "after": last})["data"]
                ended = [entry for entry in found if entry["ended"] != "in flight"]
                _print_lines(ended)
                last = ended[-1]["id"] if ended else last


def _print_lines(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        typer.echo(json.dumps(entry, ensure_ascii=False))


def _indented(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
