"""The selection of journal entries: by status, model, rule, path, time, text, problem and script conditions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from pydantic import Field, PositiveInt, field_validator

from chatdouble.core.json import as_object, is_array, is_object, values_in
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.expressions import glob
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.compiled_rule import compile_when
from chatdouble.server.entry import Entry
from chatdouble.server.entry_view import EntryView, holds
from chatdouble.server.problems import Kinds

Test = Callable[[Entry], bool]

LONGEST_WAIT: Final = 60.0
"""The most seconds that a request may wait for others."""

_CLASS: Final = "xx"


class Selection(Spec):
    """Entries of the journal: those for which all that is given holds. `*` in a text stands for any characters.

    Attributes:
        id: The id of a single request.
        status: The status of the answer, or a class of them such as `4xx`; 0 while there is none.
        model: The model that was asked for.
        rule: The rule that answered, `queue` for a queued reply.
        path: The path.
        since: The earliest time of arrival, in seconds since 1970 or as ISO 8601.
        text: A text that the request or its answer contains, in any case.
        problem: A kind of problem that the verdict finds; `*` for any.
        when: Conditions on the request, as in scripts.
    """

    id: str | None = None
    status: int | str | None = None
    model: str | None = None
    rule: str | None = None
    path: str | None = None
    since: float | str | None = None
    text: str | None = None
    problem: str | None = None
    when: When | None = None

    @field_validator("status")
    @classmethod
    def _is_status(cls, given: int | str | None) -> int | str | None:
        if given is None or str(given).isdecimal() or (str(given)[:1].isdecimal() and str(given)[1:] == _CLASS):
            return given
        raise ValueError("must be a status such as 400, or a class of them such as 4xx")

    @field_validator("since")
    @classmethod
    def _is_time(cls, given: float | str | None) -> float | None:
        return None if given is None else seconds_of(given)

    @field_validator("when")
    @classmethod
    def _has_no_hits(cls, given: When | None) -> When | None:
        if given is not None and given.hits is not None:
            raise ValueError("`hits` counts the answers of a rule, and this is none")
        return given

    def test(self, kinds: Kinds) -> Test:
        """Return what tells whether an entry is selected.

        Args:
            kinds: Returns the kinds of an entry's problems.
        """
        tests = [*self._tests(kinds)]
        return lambda entry: all(test(entry) for test in tests)

    def _tests(self, kinds: Kinds) -> Iterator[Test]:
        if self.id is not None:
            yield lambda entry: entry["id"] == self.id
        if self.status is not None:
            yield _status(str(self.status))
        if self.since is not None:
            since = seconds_of(self.since)
            yield lambda entry: entry["at"] >= since
        if self.path is not None:
            yield _named(self.path, lambda entry: [entry["path"]])
        if self.rule is not None:
            yield _named(self.rule, lambda entry: [entry["rule"]] if "rule" in entry else [])
        if self.problem is not None:
            yield _named(self.problem, kinds)
        if self.model is not None:
            yield _named(self.model, lambda entry: [EntryView(entry).model])
        if self.text is not None:
            yield _containing(self.text)
        if self.when is not None:
            yield _meeting(self.when)


class AwaitedSelection(Selection):
    """A wait for requests, those in flight included.

    Attributes:
        count: The number of requests to wait for.
        timeout: The most seconds to wait.
    """

    count: PositiveInt = 1
    timeout: float = Field(default=5.0, ge=0, le=LONGEST_WAIT)


def asked_for(given: object) -> str:
    """Return what waits have in common that are for the same requests."""
    return repr({key: value for key, value in as_object(given).items() if key not in ("count", "timeout")})


def seconds_of(given: float | str) -> float:
    """Return a time in seconds since 1970, which is also the form of numbers; ISO 8601 is UTC where it names no zone.

    Raises:
        ValueError: It is neither.
    """
    try:
        return float(given)
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(str(given))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError("must be seconds since 1970, or a time such as 2026-01-02T03:04:05Z") from None


def _status(wanted: str) -> Test:
    if wanted.endswith(_CLASS):
        return lambda entry: str(entry["status"])[0] == wanted[0] and entry["status"] > 0
    return lambda entry: entry["status"] == int(wanted)


def _named(wanted: str, names: Callable[[Entry], Sequence[str]]) -> Test:
    fits = glob(wanted).match
    return lambda entry: any(map(fits, names(entry)))


def _containing(text: str) -> Test:
    wanted = text.casefold()

    def test(entry: Entry) -> bool:
        return any(wanted in found.casefold() for found in _texts([entry["request"], entry["response"]]))

    return test


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in a JSON value, however deep."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            yield one
        elif is_object(one) or is_array(one):
            rest += values_in(one)


def _meeting(when: When) -> Test:
    conditions, named = compile_when(when), when.endpoint is not None or when.api is not None

    def test(entry: Entry) -> bool:
        view = EntryView(entry)
        # As for rules: conditions that name no endpoint are about chat completions.
        return (named or not view.is_elsewhere) and holds(conditions, view)

    return test


def parsed_when(given: str | None) -> Any:
    """Return the conditions in a query, which are JSON; a text that is not JSON stays one, for the error."""
    if given is None:
        return None
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError:
        return given
