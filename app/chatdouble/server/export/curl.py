"""The journal as commands of curl, which send the same requests again."""

from collections.abc import Iterable, Iterator
from shlex import quote
from typing import Final

from chatdouble.recordings.secret_kinds import REDACTED
from chatdouble.server.entry import Entry
from chatdouble.server.export.har import body_of, url_of

_OF_THE_CLIENT: Final = frozenset(
    {"host", "content-length", "connection", "user-agent", "accept-encoding", "transfer-encoding", "expect"}
)
"""Headers that curl sets itself."""


def commands(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield a command for each request, with its key in `$OPENAI_API_KEY`."""
    for entry in entries:
        yield (" \\\n  ".join(_parts(entry)) + "\n").encode("utf-8", "replace")


def _parts(entry: Entry) -> Iterator[str]:
    yield f"# {entry['id']} {entry['status'] or '-'}\ncurl -sS -X {quote(entry['method'])} {quote(url_of(entry))}"
    for name, value in entry["headers"].items():
        if name == "authorization":
            yield '-H "Authorization: Bearer $OPENAI_API_KEY"'
        elif name == "api-key":
            yield '-H "api-key: $OPENAI_API_KEY"'
        elif name not in _OF_THE_CLIENT and not name.startswith("x-stainless") and REDACTED not in value:
            yield f"-H {quote(f'{name}: {value}')}"
    if body := body_of(entry):
        yield f"--data-raw {quote(body)}"
