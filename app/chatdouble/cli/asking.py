"""Asking a running server: the options that name it, and the request."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple
from urllib.parse import quote

import typer

from chatdouble.cli.stopping import stopped

if TYPE_CHECKING:
    from chatdouble.client.connection import Connection, Query

Url = Annotated[str, typer.Option(envvar="CHATDOUBLE_URL", help="Address of the server.")]
Key = Annotated[str, typer.Option(envvar="OPENAI_API_KEY", help="API key of the session, or the control key.")]
Session = Annotated[str | None, typer.Option(help="Another session; needs the control key.")]
Sessions = Annotated[str | None, typer.Option(help="Another session, or * for all; needs the control key.")]

URL: Final = "http://127.0.0.1:8000"
KEY: Final = "sk-test"


class Server(NamedTuple):
    """The server to ask, and for whom.

    Attributes:
        url: Its address.
        key: The key to ask with.
        session: The session; None: that of the key.
    """

    url: str
    key: str
    session: str | None

    def ask(
        self,
        method: str,
        path: str,
        *body: Any,
        query: "Query | None" = None,
        wait: float = 0.0,
    ) -> dict[str, Any]:
        """Send a control request and return its JSON; on failure print the reason and exit with code 2."""
        with _reporting():
            return _Answer(self._connection().ask(method, path, *body, query=query, wait=wait))

    def text(self, path: str, query: "Query") -> str:
        """Ask for a text and return it; on failure print the reason and exit with code 2."""
        with _reporting():
            return self._connection().text(path, query)

    @contextmanager
    def events(self, path: str) -> Generator[Iterator[str]]:
        """Listen to events, and yield the kind of each; on failure print the reason and exit with code 2."""
        with _reporting(), self._connection().events(path) as kinds:
            yield kinds

    def _connection(self) -> "Connection":
        from chatdouble.client.connection import Connection  # noqa: PLC0415 - other commands start faster without it

        return Connection(self.url, self.key, self.session)


class _Answer(dict[str, Any]):
    """The JSON of a server, which may be another's, or of another version."""

    def __missing__(self, key: str) -> Any:
        """Exit with code 2."""
        raise stopped(f"the server's answer has no {key!r}; is --url the address of a chatdouble of this version?")


@contextmanager
def _reporting() -> Generator[None]:
    """Print why a control request failed, and exit with code 2."""
    from chatdouble.client.connection import ControlError  # noqa: PLC0415 - as above

    try:
        yield
    except ControlError as failed:
        raise stopped(*str(failed).split("\n")) from None


def segment(name: str) -> str:
    """Return a name as a segment of a path; bytes of an argument that are not UTF-8 stay as they are."""
    return quote(name, safe="", errors="surrogateescape")


def parsed(text: str) -> Any:
    """Parse JSON; text that is not JSON stands for itself, unless it begins as an object or a list does."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        if not text.lstrip().startswith(("{", "[")):
            return text
        why = "nested too deeply, or an integer is too long"
        if isinstance(wrong, json.JSONDecodeError):
            why = f"{wrong.msg} at column {wrong.pos + 1}"
        hint = "to send it as a text, write it as a JSON string"
        raise stopped(f"not JSON: {why}; {hint}") from None
