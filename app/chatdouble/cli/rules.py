"""Commands for the rules of a running server."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Sessions, Url, segment
from chatdouble.cli.stopping import stopped
from chatdouble.cli.turns import given
from chatdouble.core.files import bytes_of
from chatdouble.core.legible import escaped

Rule = Annotated[str, typer.Argument(help="A rule as in scripts: JSON, or a YAML or JSON file of it as @FILE.")]
Name = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, or its name.")]


def command(cli: typer.Typer) -> None:
    """Add the commands to a command line."""
    rules = typer.Typer(help="List and change the rules of a running server.", no_args_is_help=True)
    for run in (list_, add, replace, enable, disable, delete, import_, save, lint):
        rules.command(name=run.__name__.rstrip("_"))(run)
    cli.add_typer(rules, name="rules")


def list_(
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON per rule.")] = False,
) -> None:
    """List the rules in the order in which they are tried."""
    for rule in Server(url, key, session).ask("GET", "rules")["data"]:
        typer.echo(json.dumps(rule, ensure_ascii=False) if as_json else _line(rule))


def _line(rule: dict[str, Any]) -> str:
    place = (
        f"{rule['source']}:{rule['line']}"
        if rule["source"]
        else f"added for {rule['scope'].replace('all', 'all sessions')}"
    )
    notes = [f"{rule['hits']} hits"]
    if rule["sequence"]:
        notes.append(f"next reply {rule['sequence']['next'] or 'none'} of {rule['sequence']['of']}")
    if rule["disabled"]:
        notes.append("disabled")
    named = "" if rule["name"] == rule["id"] else f"  {rule['name']}"
    return escaped(f"{rule['id']}{named}  ({place})  {', '.join(notes)}")


def add(
    rule: Rule,
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
    *,
    position: Annotated[Literal["first", "last"], typer.Option(help="Try it before or after all others.")] = "first",
) -> None:
    """Add a rule, and print its id."""
    body = {"rule": given(rule), "position": position}
    typer.echo(Server(url, key, session).ask("POST", "rules", body)["id"])


def replace(name: Name, rule: Rule, url: Url = URL, key: Key = KEY, session: Sessions = None) -> None:
    """Replace a rule that was added."""
    Server(url, key, session).ask("PUT", _path(name), {"rule": given(rule)})


def enable(name: Name, url: Url = URL, key: Key = KEY, session: Sessions = None) -> None:
    """Enable a rule again."""
    Server(url, key, session).ask("PATCH", _path(name), {"disabled": False})


def disable(name: Name, url: Url = URL, key: Key = KEY, session: Sessions = None) -> None:
    """Disable a rule, that of a file too."""
    Server(url, key, session).ask("PATCH", _path(name), {"disabled": True})


def delete(name: Name, url: Url = URL, key: Key = KEY, session: Sessions = None) -> None:
    """Delete a rule that was added."""
    Server(url, key, session).ask("DELETE", _path(name))


def import_(
    file: Annotated[Path, typer.Argument(help="A script, a recording, an export, or a file of another tool.")],
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
) -> None:
    """Add the rules in a file before all others, and print their ids."""
    try:
        content = bytes_of(file)
    except OSError as unread:
        raise stopped(f"{file} cannot be read: {unread}") from None
    imported = Server(url, key, session).ask("POST", "rules/import", content, query={"name": file.name})
    for rule in imported["rules"]:
        typer.echo(rule)
    for one in imported["skipped"]:
        typer.echo(escaped(f"chatdouble: {one['where']}: skipped: {one['reason']}"), err=True)


def save(
    name: Annotated[str | None, typer.Argument(help="Name of the file; by default that of the session.")] = None,
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
) -> None:
    """Save the rules that were added as a script file in the server's folder for them."""
    saved = Server(url, key, session).ask("POST", "rules/save", {} if name is None else {"name": name})
    typer.echo(f"{saved['rules']} rules saved in {saved['file']}")


def lint(
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
) -> None:
    """Check the rules that are in force, added ones included, as `chatdouble lint` checks files."""
    found = Server(url, key, session).ask("GET", "lint")["data"]
    for one in found:
        place = f"{one['source']}:{one['line']}:{one['column']}" if one["source"] else "added"
        typer.echo(escaped(f"{place}: {one['severity']}: {one['name']}: {one['message']}"))
        if one["hint"]:
            typer.echo(escaped(f"    {one['hint']}"))
    errors = sum(one["severity"] == "error" for one in found)
    typer.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    if errors or (strict and found):
        raise typer.Exit(1)


def _path(name: str) -> str:
    return f"rules/{segment(name)}"
