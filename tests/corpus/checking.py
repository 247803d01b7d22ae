"""The distilled corpus held against the recorded one: `python -m corpus.checking`, or `scripts/check-corpus`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from corpora import REFERENCE
from corpus.contract import distilled_contract, facts
from corpus.distilled import ErrorCase, HeaderCase, Rows, answers, errors, headers, left_out
from corpus.normal import same
from corpus.shapes import chunks_in, of_answer, of_stream

ERRORS: Final = ("errors", "errors-2")
EXCHANGES: Final = ("exchanges", "exchanges-2")
FRAMING: Final = {"connection", "content-length", "content-encoding", "transfer-encoding"}
"""Headers of HTTP itself, which depend on the connection."""

Row = dict[str, Any]
Place = tuple[str, int]


@cache
def recorded(name: str) -> list[Row]:
    """Return the rows of a recorded corpus."""
    return [json.loads(line) for line in (REFERENCE / f"{name}.jsonl").read_text().splitlines()]


def places(rows: Rows) -> list[Place]:
    """Return rows as pairs of a corpus and a number."""
    return [(name, number) for name, numbers in rows.items() for number in numbers]


def problems() -> Iterator[str]:
    """Yield a line for each way in which the distilled corpus is not the recorded one."""
    distilled = errors()
    yield from coverage(ERRORS, (place for case in distilled for place in places(case.rows)))
    for case in distilled:
        yield from _wrong_errors(case)
    listed = [place for case in answers() for place in places(case.rows)]
    yield from coverage(EXCHANGES, listed + [place for _, rows in left_out() for place in places(rows)])
    yield from wrong_shapes()
    for kind in headers():
        yield from _wrong_headers(kind)
    if distilled_contract() != facts(json.loads((REFERENCE / "chat-completions.openapi.json").read_text())):
        yield "contract.json: not the facts of the official contract; write it with `--write-contract`"


def coverage(corpora: Iterable[str], listed: Iterable[Place]) -> Iterator[str]:
    """Yield the rows that are not listed exactly once."""
    counted = Counter(listed)
    there = [(name, number) for name in corpora for number in range(len(recorded(name)))]
    yield from (f"{name} {number}: in no case" for name, number in there if counted[name, number] == 0)
    yield from (f"{name} {number}: in {times} cases" for (name, number), times in counted.items() if times > 1)
    yield from (f"{name} {number}: no such row" for name, number in sorted(counted.keys() - set(there)))


def _wrong_errors(case: ErrorCase) -> Iterator[str]:
    for name, number in places(case.rows):
        row = recorded(name)[number]
        if row["status"] != case.status or not same(case.error, row["error"]):
            yield f"{name} {number}: {case.name!r} has another error: {row['error']}"


def wrong_shapes() -> Iterator[str]:
    """Yield the exchanges whose answers have another shape than their case."""
    for case in answers():
        models: set[str] = set()
        for name, number in places(case.rows):
            row = recorded(name)[number]
            streamed = "response_sse" in row
            chunks = chunks_in(row["response_sse"]) if streamed else []
            shape = of_stream(chunks) if streamed else of_answer(row["response_body"])
            models.add(chunks[0]["model"] if streamed else row["response_body"]["model"])
            if streamed != case.streamed or shape != case.shape:
                yield f"{name} {number}: {case.name!r} has another shape"
        if models != set(case.models):
            yield f"{case.name!r}: recorded of {sorted(models)}"


def _wrong_headers(case: HeaderCase) -> Iterator[str]:
    seen = {header for name, number in places(case.rows) for header in recorded(name)[number]["response_headers"]}
    listed = {*case.names, *case.missing, *case.edge}
    yield from (f"{case.name!r}: header {name} differs" for name in sorted((seen - FRAMING) ^ listed))


def main(arguments: list[str]) -> int:
    """Print the problems; return the exit status."""
    if not REFERENCE.exists():
        print(f"check-corpus: the recorded corpora are not at {REFERENCE}", file=sys.stderr)  # noqa: T201 - a command
        return 2
    if arguments == ["--write-contract"]:
        official = json.loads((REFERENCE / "chat-completions.openapi.json").read_text())
        path = Path(__file__).with_name("contract.json")
        path.write_text(json.dumps(facts(official), indent=1) + "\n")
    found = [*problems()]
    print(*found or ["The distilled corpus is what was recorded."], sep="\n")  # noqa: T201 - a command
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
