"""`chatdouble verdict`: the verdict on a session of a running server."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chatdouble.cli.asking import KEY, URL, Key, Server, Sessions, Url
from chatdouble.cli.stopping import stopped
from chatdouble.core.files import bytes_of

Format = Annotated[str, typer.Option("--format", metavar="text|json|junit|github|sarif", help="Format of the report.")]
Strict = Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND[: PATTERN]", help="A problem that does not count; may be repeated."),
]
Baseline = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="An earlier verdict as JSON; its problems do not count."),
]


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="verdict")(verdict)


def verdict(  # noqa: PLR0913 - a parameter for each option
    report: Format = "text",
    baseline: Baseline = None,
    allow: Allow = None,
    url: Url = URL,
    key: Key = KEY,
    session: Sessions = None,
    *,
    strict: Strict = False,
) -> None:
    """Report what is wrong with the session's requests: unmatched, refused, deprecated, unused and so on.

    Exits with 1 if there are errors, and with 2 if there is no verdict.
    """
    from chatdouble.verdict.reports.formats import FORMATS  # noqa: PLC0415 - other commands start faster without it
    from chatdouble.verdict.verdict import without  # noqa: PLC0415 - as above

    if report not in FORMATS:
        raise stopped(f"--format {report}: choose one of {', '.join(FORMATS)}")
    known = _known(baseline) if baseline else set[str]()
    query = {"strict": "true" if strict else None, "allow": allow or []}
    given: Any = Server(url, key, session).ask("GET", "verdict", query=query)
    judged = without(given, known)
    typer.echo(FORMATS[report](judged), nl=False)
    raise typer.Exit(0 if judged["ok"] else 1)


def _known(baseline: Path) -> set[str]:
    """Return the ids of the problems in an earlier verdict."""
    try:
        return {problem["id"] for problem in json.loads(bytes_of(baseline))["problems"]}
    except OSError as missing:
        raise stopped(f"--baseline {baseline}: {missing.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise stopped(f"--baseline {baseline}: is not a verdict; write one with --format json") from None
