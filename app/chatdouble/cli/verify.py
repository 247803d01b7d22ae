"""`chatdouble verify`: a check of recordings against the real API."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatdouble.cli.stopping import stopped

if TYPE_CHECKING:
    from chatdouble.verify.reports import Verdict
    from chatdouble.verify.verifier import Case, Verifier


class Format(StrEnum):
    """A format of the report."""

    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"


Folder = Annotated[
    Path, typer.Option(metavar="FOLDER", envvar="CHATDOUBLE_RECORDINGS", help="Folder of recordings, or one file.")
]
Url = Annotated[str, typer.Option(metavar="URL", envvar="CHATDOUBLE_UPSTREAM", help="Base URL of the real API.")]
Key = Annotated[
    str,
    typer.Option(metavar="KEY", envvar=["CHATDOUBLE_UPSTREAM_KEY", "OPENAI_API_KEY"], help="API key for the upstream."),
]
Sample = Annotated[int | None, typer.Option(metavar="N", min=1, help="Check a random sample of N recordings.")]
Seed = Annotated[str, typer.Option(metavar="TEXT", help="Seed for the sample.")]
Rate = Annotated[float | None, typer.Option(metavar="N", min=0.1, help="Maximum requests per minute.")]
MaxRequests = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Maximum number of requests, retries included.")
]
MaxTokens = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Maximum number of tokens, estimated before each request.")
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Field whose differences to ignore, such as model or headers.*; repeatable."),
]
Timeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.1, help="Seconds to wait for the upstream's next byte.")
]
Printed = Annotated[Format, typer.Option("--format", help="Format of the printed report.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Also write the report to FILE, as JSON.")
]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Also write the report to FILE, as JUnit XML.")
]


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="verify")(verify)


def verify(  # noqa: PLR0913 - each parameter is a flag
    recordings: Folder,
    upstream: Url,
    upstream_key: Key,
    *,
    sample: Sample = None,
    seed: Seed = "0",
    requests_per_minute: Rate = None,
    max_requests: MaxRequests = None,
    max_tokens: MaxTokens = None,
    ignore: Ignore = None,
    timeout: Timeout = 120.0,
    printed: Printed = Format.TABLE,
    json_file: JsonFile = None,
    junit_file: JunitFile = None,
) -> None:
    """Check recordings against the real API's present answers.

    Exit codes: 0 if everything checked still matches, 1 if something drifted, 2 if something could not be checked.
    """
    from chatdouble.verify.live_api import Budget  # noqa: PLC0415 - other commands start faster without these
    from chatdouble.verify.reports import REPORTS, exit_code  # noqa: PLC0415

    found = _load(recordings)
    with _verifier(upstream, upstream_key, timeout, requests_per_minute) as verifier:
        verifier.budget = Budget(max_requests, max_tokens)
        verifier.ignored = tuple(ignore or ())
        verdicts = _check(verifier, found, sample, seed)
    for path, name in ((json_file, Format.JSON), (junit_file, Format.JUNIT)):
        if path is not None:
            _write(path, REPORTS[name](verdicts))
    typer.echo(REPORTS[printed](verdicts), nl=False)
    raise typer.Exit(exit_code(verdicts))


def _load(folder: Path) -> "list[Case]":
    from chatdouble.scripts.reading.load import ScriptError  # noqa: PLC0415
    from chatdouble.verify.verifier import cases_in  # noqa: PLC0415

    try:
        found = cases_in(folder)
    except ScriptError as wrong:
        raise stopped(*str(wrong).split("\n")) from None
    if not found:
        raise stopped(f"{folder}: no recordings found")
    return found


@contextmanager
def _verifier(url: str, key: str, timeout: float, per_minute: float | None) -> "Generator[Verifier]":
    import time  # noqa: PLC0415

    import httpx2  # noqa: PLC0415

    from chatdouble.verify.live_api import LiveAPI, Throttle, base_url  # noqa: PLC0415
    from chatdouble.verify.verifier import Verifier  # noqa: PLC0415

    try:
        address = base_url(url)
    except ValueError as wrong:
        raise stopped(*str(wrong).split("\n")) from None
    with httpx2.Client(timeout=timeout) as client:
        yield Verifier(LiveAPI(client, address, key), Throttle(per_minute, time.monotonic, time.sleep))


def _check(verifier: "Verifier", found: "list[Case]", size: int | None, seed: str) -> "list[Verdict]":
    """Check a sample of recordings and show a progress bar."""
    from chatdouble.core.chance import Chance  # noqa: PLC0415
    from chatdouble.verify.verifier import sample  # noqa: PLC0415

    chosen = sample(found, size, Chance(seed).at("sample"))
    with typer.progressbar(verifier.verdicts(found, chosen), len(found), "Verifying", file=sys.stderr) as shown:
        return [*shown]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as refused:
        raise stopped(f"{path}: {refused.strerror}") from None
