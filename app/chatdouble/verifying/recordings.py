"""The recordings of a folder, as they are checked."""

from collections.abc import Iterator
from pathlib import Path

from chatdouble.schema.json_values import is_object
from chatdouble.script.load import Placed, load
from chatdouble.script.recorded import RecordedSpec
from chatdouble.verifying.comparing import Answer
from chatdouble.verifying.verifier import Recorded


def recordings_of(folder: Path) -> list[Recorded]:
    """Return a folder's recordings in the order of their files; other rules are none.

    Args:
        folder: The folder, or one file.

    Raises:
        ScriptError: Files cannot be read.
    """
    return [recorded for placed in load([folder]).rules for recorded in _recorded(placed)]


def _recorded(placed: Placed) -> Iterator[Recorded]:
    rule = placed.rule
    asked = rule.when.request
    if asked is None or not is_object(asked.body):
        return
    for reply in rule.replies():
        if reply.recorded is not None:
            yield Recorded(placed.id, placed.source.name, asked.body, _answer(reply.recorded))


def _answer(spec: RecordedSpec) -> Answer:
    headers = {
        name.lower(): given if isinstance(given, str) else ", ".join(given) for name, given in spec.headers.items()
    }
    return Answer(spec.status, headers, b"".join(data for _, data in spec.pieces()))
